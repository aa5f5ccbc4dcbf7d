"""Who is asked for a wish: the ranking of services.matching, one criterion a test, and how many are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity, Availability
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Partner
from stemportal.schools.models import Wish, WishMatch
from stemportal.schools.services import matching
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    CountyFactory,
    KindFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
    RoleModelFactory,
    SessionFactory,
    SubjectFactory,
    WishFactory,
    WishMatchFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def wish() -> Wish:
    return WishFactory(subject=SubjectFactory())


def partner_with_offer(name: str, *, place=None, **facts) -> Partner:
    """A partner with an owner and one published offer of the usual kind."""
    partner = PartnerFactory(display_name=name, **({"municipality": place} if place else {}))
    MembershipFactory(partner=partner, user__language="en")
    ActivityFactory(partner=partner, **facts)
    return partner


def order(wish: Wish) -> list[str]:
    return [partner.display_name for partner in matching.ranked(wish)]


def tromso():
    return MunicipalityFactory(
        number="5501", name="Tromsø", county=CountyFactory(number="55", name="Troms"), latitude=69.65, longitude=18.96
    )


def oslo():
    return MunicipalityFactory(
        number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"), latitude=59.91, longitude=10.75
    )


def test_matching_nearer_partner_comes_first(wish):
    partner_with_offer("Tromsø", place=tromso())
    partner_with_offer("Alta")

    assert order(wish) == ["Alta", "Tromsø"]


def test_matching_leaves_out_who_is_too_far_away(wish):
    partner_with_offer("Oslo", place=oslo())

    assert order(wish) == []


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"format": Activity.Format.DIGITAL}, True),
        ({"format": Activity.Format.AT_SCHOOL, "reach": Activity.Reach.NATIONAL}, True),
        ({"format": Activity.Format.AT_SCHOOL, "reach": Activity.Reach.COUNTY}, False),
    ],
)
def test_matching_reaches_far_where_the_partner_does(wish, facts, found):
    partner_with_offer("Oslo", place=oslo(), **facts)

    assert order(wish) == (["Oslo"] if found else [])


def test_matching_county_that_is_served_is_reached(wish):
    partner = partner_with_offer("Oslo", place=oslo(), format="at_school", reach="county")
    partner.activities.get().serves.add(wish.school.municipality.county)

    assert order(wish) == ["Oslo"]


def test_matching_video_is_for_those_who_meet_online(wish):
    wish.where = Wish.Where.VIDEO
    partner_with_offer("Alta")
    partner_with_offer("Oslo", place=oslo(), format="digital")

    assert order(wish) == ["Oslo"]


def test_matching_subject_counts_more_than_the_kind(wish):
    other_kind = KindFactory(code="film", name_nb="Film", name_nn="Film", name_en="Film")
    partner_with_offer("Kind")
    with_subject = partner_with_offer("Subject", kind=other_kind)
    with_subject.activities.get().subjects.add(wish.subject)
    partner_with_offer("Neither", kind=other_kind)

    assert order(wish) == ["Subject", "Kind"]


def test_matching_partner_without_offers_is_asked_when_it_is_near(wish):
    for name, place in (("Near", None), ("Far", oslo())):
        MembershipFactory(partner=PartnerFactory(display_name=name, **({"municipality": place} if place else {})))

    assert order(wish) == ["Near"]


def test_matching_free_date_in_those_weeks_comes_first(wish):
    partner_with_offer("None")
    on_request = partner_with_offer("On request", policy="on_request")
    Availability.objects.create(activity=on_request.activities.get(), weekday=1, begins="09:00", ends="14:00")
    dated = partner_with_offer("Dated")
    SessionFactory(activity=dated.activities.get())
    full = partner_with_offer("Full")
    SessionFactory(activity=full.activities.get(), capacity=1, places_taken=1)

    assert order(wish)[:2] == ["Dated", "On request"]


def test_matching_pupils_count_where_the_kind_counts_them(wish):
    wish.kind = KindFactory(code="job_shadow", unit="pupils")
    wish.pupils = 6
    for name, capacity in (("Small", 5), ("Large", 6)):
        partner = partner_with_offer(name, kind=wish.kind)
        SessionFactory(activity=partner.activities.get(), capacity=capacity)

    assert order(wish) == ["Large", "Small"]


def test_matching_grade_and_size_count(wish):
    partner_with_offer("Upper secondary", grade_from=11, grade_to=13)
    partner_with_offer("Small group", group_max=10)
    partner_with_offer("Fits")

    assert order(wish)[0] == "Fits"


def test_matching_who_was_asked_least_comes_first(wish):
    often, booked, never = (partner_with_offer(name) for name in ("Often", "Booked", "Never"))
    WishMatchFactory.create_batch(2, partner=often)
    BookingFactory(session=None, proposed_at=timezone.now(), activity=booked.activities.get())

    assert order(wish) == ["Never", "Booked", "Often"]


def test_matching_forgets_what_was_asked_long_ago(wish):
    often, never = partner_with_offer("Often"), partner_with_offer("Never")
    WishMatchFactory(partner=often, told_at=timezone.now() - timedelta(days=400))
    WishMatchFactory(partner=never, told_at=timezone.now() - timedelta(days=10))

    assert order(wish) == ["Often", "Never"]


def test_matching_shares_the_asking_among_alike_partners(settings):
    """Six wishes for two partners each, of four alike: everybody is asked as often as the others."""
    settings.WISH_TELL_PARTNERS = 2
    for number in range(4):
        partner_with_offer(f"Alike {number}")

    for number in range(6):
        matching.ask_first(WishFactory(group_name=f"9{number}").pk)

    assert [partner.asked for partner in matching.ranked(WishFactory())] == [3, 3, 3, 3]


@pytest.mark.parametrize("reason", ["paused", "nobody answers", "reader only", "asked before"])
def test_matching_asks_only_who_can_answer(wish, reason):
    partner = partner_with_offer("Alta")
    if reason == "paused":
        Partner.objects.update(status=Partner.Status.PAUSED)
    elif reason == "nobody answers":
        partner.memberships.get().user.__class__.objects.update(is_active=False)
    elif reason == "reader only":
        MembershipFactory(partner=partner, role=Membership.Role.OWNER, user__is_active=False)
        partner.memberships.filter(user__is_active=True).update(role=Membership.Role.READER)
    else:
        WishMatchFactory(wish=wish, partner=partner)

    assert order(wish) == []


def test_matching_names_a_role_model_that_is_shown(wish):
    partner = partner_with_offer("Alta")
    hidden = RoleModelFactory(partner=partner, meets_online=True)
    hidden.subjects.add(wish.subject)
    RoleModelFactory(partner=partner, shown=True, meets_online=True)
    of_subject = RoleModelFactory(partner=partner, shown=True, meets_online=True)
    of_subject.subjects.add(wish.subject)

    (chosen,) = matching.best_partners(wish, limit=5)

    assert chosen.role_model_id == of_subject.pk


def test_matching_role_model_without_consent_is_no_reason_to_ask(wish):
    """The role model's subject is the only thing that fits, and the person has not said yes."""
    other_kind = KindFactory(code="film", name_nb="Film", name_nn="Film", name_en="Film")
    partner = partner_with_offer("Alta", kind=other_kind)
    role_model = RoleModelFactory(partner=partner, meets_online=True)
    role_model.subjects.add(wish.subject)
    assert order(wish) == []

    shown = RoleModelFactory(partner=partner, meets_online=True, shown=True)
    shown.subjects.add(wish.subject)

    assert order(wish) == ["Alta"]


def test_ask_first_tells_the_best_and_only_once(wish, settings):
    settings.WISH_TELL_PARTNERS = 2
    for name in ("A", "B", "C"):
        partner_with_offer(name)

    assert matching.ask_first(wish.pk) == 2
    assert matching.ask_first(wish.pk) == 0

    assert [match.partner.display_name for match in wish.matches.all()] == ["A", "B"]
    assert Mail.objects.filter(template="wish_to_partner").count() == 2


def test_ask_first_mail_names_the_school_but_never_the_teacher(wish):
    wish.teacher.full_name = "Mari Lærer"
    wish.teacher.save()
    Wish.objects.filter(pk=wish.pk).update(pupils=3)
    partner = partner_with_offer("Alta")

    matching.ask_first(wish.pk)

    mail = Mail.objects.get(template="wish_to_partner")
    assert mail.language == "en"
    assert wish.school.name in mail.text
    assert "Vi vil møte noen som bygger roboter." in mail.text
    assert f"/partner/{partner.pk}/wishes/{wish.pk}/" in mail.text
    assert "fewer than five pupils" in mail.text
    assert "Mari" not in mail.text
    assert wish.teacher.email not in mail.text


def test_ask_more_stops_at_the_number_that_is_enough(wish, settings):
    settings.WISH_TELL_PARTNERS, settings.WISH_TELL_AT_MOST = 2, 3
    for name in "ABCDE":
        partner_with_offer(name)
    matching.ask_first(wish.pk)

    assert matching.ask_more(wish_id=wish.pk, count=5) == 1
    assert matching.ask_more(wish_id=wish.pk, count=5) == 0

    assert [match.rank for match in wish.matches.all()] == [1, 2, 3]


def test_matching_asks_the_same_number_of_questions_for_more_partners(wish, django_assert_num_queries):
    partner_with_offer("A")
    with django_assert_num_queries(2):
        matching.best_partners(wish, limit=10)
    for name in "BCD":
        SessionFactory(activity=partner_with_offer(name).activities.get())
    with django_assert_num_queries(2):
        assert len(matching.best_partners(wish, limit=10)) == 4


def test_ask_first_does_nothing_for_a_wish_that_was_withdrawn(wish):
    partner_with_offer("Alta")
    Wish.objects.filter(pk=wish.pk).update(status=Wish.Status.WITHDRAWN)

    assert matching.ask_first(wish.pk) == 0

    assert not WishMatch.objects.exists()
