"""The world that a person finds after `make run`: complete, believable, the same every time."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.test import Client
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Goal, Kind, Pledge, RoleModel, RoleModelConsent, Session, Subject
from stemportal.activities.rules import missing_for_publishing
from stemportal.demo.seed import world
from stemportal.demo.seed.offers import school_days
from stemportal.lib.organisation_numbers import clean
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.network.models import (
    Ecosystem,
    EcosystemMember,
    Hearing,
    Input,
    InputEvent,
    InputSupport,
    Recommendation,
    Story,
    StoryPhoto,
)
from stemportal.newsletters.models import Newsletter, Subscriber
from stemportal.outbox.models import Mail
from stemportal.partners.models import Engagement, Level, Membership, Partner, Signature
from stemportal.places.models import County, Municipality, PostalCode
from stemportal.reports.models import PartnerReport, Target
from stemportal.schools.models import (
    Attendance,
    Booking,
    BookingEvent,
    Feedback,
    OwnerDomain,
    PulseCount,
    School,
    SchoolClass,
    Teacher,
)
from stemportal.schools.progress import pledge_progress
from stemportal.schools.services.places_taken import count_places
from stemportal.schools.services.teachers import domain_owns

# One process loads the world for all of them.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("demo_world"),
    pytest.mark.xdist_group("demo_world"),
]

COUNTED = (
    User, County, Municipality, PostalCode, School, SchoolClass, Teacher, OwnerDomain, Partner, Membership, Signature,
    Level, Engagement, Pledge,
    RoleModel, RoleModelConsent,
    Kind, Subject, Goal, Activity, Session, Booking, BookingEvent, Attendance,
    Ecosystem, EcosystemMember, Story, StoryPhoto,
    Feedback, PulseCount, Subscriber, Newsletter, PartnerReport, Target, Mail,
    Hearing, Input, InputEvent, InputSupport, Recommendation,
)  # fmt: skip
MAIL_DOMAIN = re.compile(r"@([\w-]+\.)*example\.(no|org)$")


def counts() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in COUNTED}


def words() -> str:
    """A fingerprint of everything a person reads."""
    rows = [
        *Partner.objects.values_list("slug", "display_name", "organisation_number", "about"),
        *Activity.objects.values_list("partner__slug", "title", "summary", "views_count", "policy"),
        *Teacher.objects.values_list("user__email", "user__full_name", "school__number", "status"),
        *SchoolClass.objects.values_list("school__number", "name", "pupils"),
        *Session.objects.values_list("activity__title", "starts_at", "capacity", "places_taken"),
        *Booking.objects.values_list(
            "activity__title", "school__number", "group_name", "pupils", "status", "message", "attendance__girls"
        ),
    ]
    return hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()


# --- What there is


def test_world_has_the_registers():
    assert County.objects.count() == 15
    assert Municipality.objects.count() == 357
    assert PostalCode.objects.count() == 5121
    assert School.objects.active().count() == 1738
    assert Goal.objects.count() > 150


def test_world_has_partners_of_all_kinds_with_made_up_numbers():
    partners = Partner.objects.all()

    assert partners.approved().count() >= 60
    assert set(partners.values_list("kind", flat=True)) == set(Partner.Kind.values)
    for number in partners.values_list("organisation_number", flat=True):
        assert clean(number) == number, "passes mod 11"
        assert number.startswith("3"), "belongs to no real organisation"
    assert not partners.approved().filter(signatures=None).exists(), "who is in has signed"
    assert not partners.filter(memberships=None).exists()
    assert partners.waiting().count() >= 2, "the secretariat has something to decide"


def test_world_has_activities_of_all_kinds_in_all_counties():
    activities = Activity.objects.published()

    assert activities.count() >= 300
    assert set(activities.values_list("kind__code", flat=True)) == set(Kind.objects.values_list("code", flat=True))
    assert set(activities.values_list("format", flat=True)) >= {"on_site", "at_school", "digital"}
    covered = set(activities.exclude(municipality=None).values_list("municipality__county__number", flat=True))
    assert covered == set(County.objects.values_list("number", flat=True))
    assert set(activities.values_list("policy", flat=True)) == set(Activity.Policy.values)
    assert Subject.objects.filter(activities__in=activities).distinct().count() > 10
    assert activities.filter(goals__isnull=False).distinct().count() > 150


def test_world_reads_as_if_companies_had_written_it():
    texts = list(Activity.objects.values_list("title", "summary", "description"))

    assert len({title for title, _s, _d in texts}) > 0.97 * len(texts), "hardly a title twice"
    assert len({summary for _t, summary, _d in texts}) > 0.97 * len(texts)
    everything = " ".join(" ".join(text) for text in texts)
    assert not re.search(r"lorem|ipsum|TODO|test\d|Activity \d|Aktivitet \d", everything, re.IGNORECASE)
    assert all(len(description) > 150 for _t, _s, description in texts)


def test_world_keeps_the_rules_for_publishing():
    wrong = {
        activity.title: [str(item.what) for item in missing]
        for activity in Activity.objects.published().select_related("kind", "partner")
        if (missing := missing_for_publishing(activity))
    }
    assert wrong == {}


def test_world_can_be_found():
    bookable = Activity.objects.published().filter(next_free_at__isnull=False)
    assert bookable.count() > 200


def test_world_has_sessions_for_four_months():
    coming = Session.objects.open()
    today = timezone.now()

    assert coming.count() > 1000
    for months in range(4):
        first = today + timedelta(days=30 * months)
        last = first + timedelta(days=30)
        in_month = coming.filter(starts_at__gte=first, starts_at__lt=last)
        # In the summer schools are closed for longer than a month.
        assert in_month.exists() or len(school_days(first.date(), last.date())) < 10, f"nothing in month {months}"
    weekdays = {timezone.localtime(start).isoweekday() for start in coming.values_list("starts_at", flat=True)}
    assert weekdays <= {1, 2, 3, 4, 5}
    hours = Counter(timezone.localtime(start).hour for start in coming.values_list("starts_at", flat=True))
    assert set(hours) <= set(range(6, 22)), "the early shift begins at half past six"


def test_world_has_150_teachers_whom_their_domain_verifies():
    verified = Teacher.objects.filter(status=Teacher.Status.VERIFIED).select_related("user", "school__municipality")

    assert verified.count() == 150
    assert verified.values("school__municipality__county").distinct().count() == 15
    for teacher in verified:
        assert domain_owns(teacher.user.email.partition("@")[2], teacher.school), teacher
    assert Teacher.objects.filter(status=Teacher.Status.PENDING).exists(), "the secretariat has somebody to approve"


def test_world_has_two_school_years_of_visits_to_report_on():
    completed = Booking.objects.completed()
    year = current_school_year()

    assert completed.count() >= 3000
    for past in (year - 2, year - 1):
        start, end = bounds(past)
        assert completed.filter(session__starts_at__gte=start, session__starts_at__lt=end).count() > 1000
    assert not completed.filter(attendance=None).exists()
    assert not completed.filter(session__starts_at__gt=timezone.now()).exists()
    assert not Attendance.objects.filter(girls__gt=F("pupils")).exists()
    assert Attendance.objects.filter(girls=None).exists(), "girls are not always told"


def test_world_counts_its_places_truly():
    holding = Q(bookings__status__in=Booking.HOLDING)
    held = Session.objects.annotate(held=Coalesce(Sum("bookings__places", filter=holding), 0))

    assert held.filter(held__gt=0).count() > 3000
    assert not held.exclude(held=F("places_taken")).exists()
    assert not Session.objects.filter(places_taken__gt=F("capacity")).exists()


def test_world_has_levels_and_pledges():
    """Some are behind, some ahead, a few neither picked nor pledged; transport is promised in kroner."""
    year = current_school_year()
    assert set(Level.objects.values_list("school_year", flat=True)) == {year - 1, year, year + 1}
    assert not Level.objects.filter(Q(name_nn="") | Q(description_en="") | Q(expects_nn="") | Q(offers_en="")).exists()
    partners = Partner.objects.approved()
    assert 0 < partners.filter(engagements=None).count() < partners.count() / 3
    lines = [line for partner in partners for line in pledge_progress(partner, year - 1) if line.pledged]
    assert [line for line in lines if line.is_behind]
    assert [line for line in lines if line.delivered > line.pledged]
    assert not Activity.objects.filter(kind__code="transport_grant", grant_amount=None).exists()
    demo = Partner.objects.get(memberships__user__email=world.PARTNER_EMAIL)
    assert {line.kind.code for line in pledge_progress(demo, year) if line.pledged} >= {"company_visit", "job_shadow"}


def test_world_has_role_models_who_said_yes():
    shown = RoleModel.objects.published()

    assert shown.count() >= 8
    assert not shown.filter(Q(photo="") | Q(photo_alt="") | Q(intro="") | Q(steps=[])).exists()
    assert not shown.exclude(offer__status=Activity.Status.PUBLISHED).exists(), "each can be booked"
    consents = RoleModelConsent.objects
    assert consents.filter(given_at__isnull=False, withdrawn_at__isnull=True).count() == shown.count()
    assert consents.filter(given_at__isnull=True).exists(), "one is waiting"
    assert consents.filter(withdrawn_at__isnull=False).exists(), "one was taken back"


def test_world_history_ends_where_the_booking_stands():
    last = {}
    for booking, status in BookingEvent.objects.order_by("at", "id").values_list("booking_id", "to_status"):
        last[booking] = status

    assert last == dict(Booking.objects.values_list("pk", "status"))


def test_world_groups_fit_what_they_booked():
    misfits = Booking.objects.filter(
        Q(grade__lt=F("activity__grade_from"))
        | Q(grade__gt=F("activity__grade_to"))
        | Q(pupils__gt=F("activity__group_max"))
    )
    assert not misfits.exists()


def test_world_writes_to_nobody_real():
    addresses = [
        *User.objects.values_list("email", flat=True),
        *Partner.objects.values_list("contact_email", flat=True),
        *Subscriber.objects.values_list("email", flat=True),
        *RoleModel.objects.values_list("email", flat=True),
    ]
    assert [address for address in addresses if not MAIL_DOMAIN.search(address)] == []
    sites = Partner.objects.exclude(website="").values_list("website", flat=True)
    assert [site for site in sites if not re.search(r"\.example\.(no|org)(/|$)", site)] == []
    assert not Mail.objects.exists(), "loading the world mails nobody"


def test_world_has_published_reports_with_their_files_and_words():
    reports = PartnerReport.objects.published().annotate(number=Count("files"))

    assert sorted(reports.values_list("partner__slug", "number")) == [("nordlys-robotikk", 7), ("skavl-sensor", 7)]
    assert reports.get(partner__slug="nordlys-robotikk").foreword


def test_world_has_work_in_every_room():
    teacher = User.objects.get(email=world.TEACHER_EMAIL)
    partner = Partner.objects.of_member(User.objects.get(email=world.PARTNER_EMAIL)).get()
    own = Booking.objects.filter(teacher=teacher)
    theirs = Booking.objects.filter(activity__partner=partner)

    assert own.upcoming().exists()
    assert own.waiting_for_partner().exists()
    assert own.missing_attendance().exists()
    assert theirs.waiting_for_partner().exists()
    assert theirs.completed().exists()
    assert Booking.objects.filter(status="requested", reply_by__lt=timezone.localdate()).exists(), "one is late"


# --- Who one can be


@pytest.mark.parametrize(
    ("email", "rooms"),
    [
        (world.TEACHER_EMAIL, ["/en/me/"]),
        (world.PARTNER_EMAIL, ["/en/partner/"]),
        (world.STAFF_EMAIL, ["/en/admin/"]),
    ],
)
def test_account_of_the_demo_opens_its_room(own_corner, email, rooms):
    client = Client()

    client.post("/en/account/login/", {"login": email, "password": world.PASSWORD})
    response = client.get("/en/start/", follow=True)

    assert response.status_code == 200
    assert response.redirect_chain[-1][0].startswith(rooms[0])


def test_accounts_are_printed_with_where_to_go(settings):
    out = StringIO()

    call_command("demo_accounts", stdout=out)

    text = out.getvalue()
    for email in (world.TEACHER_EMAIL, world.PARTNER_EMAIL, world.STAFF_EMAIL):
        assert email in text
        assert User.objects.get(email=email).check_password(world.PASSWORD)
    assert world.PASSWORD in text
    assert f"{settings.PORTAL_BASE_URL}/demo/mail/" in text


# --- Again


def test_seeding_again_adds_nothing():
    before, read = counts(), words()

    call_command("seed_demo", stdout=StringIO())

    assert counts() == before
    assert words() == read


def test_seeding_if_empty_leaves_a_portal_alone(django_assert_num_queries):
    Partner.objects.filter(slug="nordlys-robotikk").update(display_name="Et annet navn")

    with django_assert_num_queries(1):
        call_command("seed_demo", "--if-empty", stdout=StringIO())

    assert Partner.objects.filter(display_name="Et annet navn").exists()


def test_seeding_repairs_what_was_taken_away_and_keeps_what_staff_changed():
    before = counts()
    Newsletter.objects.all().delete()
    Target.objects.all().delete()
    Partner.objects.filter(slug="nordlys-robotikk").update(display_name="Et annet navn")

    call_command("seed_demo", stdout=StringIO())

    assert counts() == before
    assert Partner.objects.get(slug="nordlys-robotikk").display_name == "Et annet navn"


def test_seeding_a_second_portal_says_the_same():
    """Two people who try the portal on the same day see the same world."""
    first = words()
    with connection.cursor() as cursor:  # the ledger lets nobody delete a row
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        tables = ", ".join(model._meta.db_table for model in (School, Partner, User))
        cursor.execute(f"TRUNCATE {tables} CASCADE")

    call_command("seed_demo", stdout=StringIO())

    assert words() == first


# --- Larger


def test_scale_adds_what_was_asked_for():
    before = counts()
    out = StringIO()

    call_command("seed_scale", partners=7, activities=40, bookings=30, stdout=out)

    after = counts()
    added = {label: after[label] - before[label] for label in after if after[label] != before[label]}
    assert added == {
        "partners.Partner": 7,
        "activities.Activity": 40,
        "activities.Session": 40 * 4 + 30,
        "schools.Booking": 30,
        "schools.Attendance": 30,
    }
    assert "40 activities in" in out.getvalue()
    new = Activity.objects.order_by("-pk")[:40]
    assert all(activity.next_free_at and activity.subjects.exists() for activity in new)
    assert all(clean(n) == n for n in Partner.objects.order_by("-pk").values_list("organisation_number", flat=True)[:7])
    session = Session.objects.filter(bookings__isnull=False).order_by("-pk").first()
    assert session.places_taken == count_places(session) == 1


def test_scale_twice_adds_twice():
    for _ in range(2):
        call_command("seed_scale", partners=3, stdout=StringIO())

    assert Partner.objects.filter(slug__startswith="skala-").count() == 6


def test_scale_of_nothing_adds_nothing():
    before = counts()

    call_command("seed_scale", stdout=StringIO())

    assert counts() == before


def test_input_stands_as_partners_and_the_secretariat_left_it():
    """One hearing is open; every step is told, so that loading the world mails nobody; what is decided says why."""
    assert Hearing.objects.open().count() == 1
    assert not Hearing.objects.announced().filter(told_at=None).exists()
    assert not InputEvent.objects.filter(told_at=None).exists()
    assert {found.status for found in Input.objects.all()} == {"received", "in_work", "taken_up", "not_taken_up"}
    for found in Input.objects.with_supporters():
        assert found.events.order_by("-at").first().to_status == found.status
        assert found.is_shared or not found.supporters
    recommendation = Recommendation.objects.published().get()
    assert {found.status for found in recommendation.inputs.all()} == {"taken_up"}


def test_every_county_has_an_ecosystem_and_stories_stand_everywhere():
    assert not County.objects.filter(valid_to=None, ecosystem_area=None).exists()
    assert set(Story.objects.published().values_list("language", flat=True)) == {"nb", "nn", "en"}
    assert Story.objects.waiting().count() == 1, "the secretariat has something to read"
    assert Story.objects.published().exclude(school=None).filter(author__email=world.TEACHER_EMAIL).exists()
    assert not StoryPhoto.objects.filter(alt_text="").exists()
