"""What the white spots count, show and hide; whom they say to invite and to ask, and what happens then."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity
from stemportal.lib.periods import Period
from stemportal.outbox.models import Mail
from stemportal.places.models import County, Municipality
from stemportal.reports.models import Nudge
from stemportal.reports.partner_ties import asked
from stemportal.reports.services.nudges import ask_to_offer_online, invite_school
from stemportal.reports.tests.visits import visit
from stemportal.reports.white_spots import choosing, shapes, spots
from stemportal.reports.white_spots.reach import Reach, offers_for
from stemportal.schools.models import Booking, School
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    KindFactory,
    MembershipFactory,
    SchoolFactory,
    StaffFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

YEAR = Period("school", 2024)
ALTA = (69.97, 23.27)
OSLO = (59.91, 10.75)


@pytest.fixture
def boss() -> User:
    return StaffFactory(email="boss@example.org", full_name="Berit Boss")


@pytest.fixture
def finnmark() -> County:
    return County.objects.get_or_create(number="56", country="NO", valid_to=None, defaults={"name": "Finnmark"})[0]


@pytest.fixture
def alta(finnmark: County) -> Municipality:
    return _kommune("5601", "Alta", finnmark)


@pytest.fixture
def oslo() -> Municipality:
    county, _made = County.objects.get_or_create(number="03", country="NO", valid_to=None, defaults={"name": "Oslo"})
    return _kommune("0301", "Oslo", county)


def _kommune(number: str, name: str, county: County) -> Municipality:
    facts = {"name": name, "official_name": name, "county": county, "latitude": ALTA[0], "longitude": ALTA[1]}
    return Municipality.objects.get_or_create(number=number, valid_to=None, defaults=facts)[0]


def school(place: Municipality, name: str = "Skole", *, at: tuple[float, float] = ALTA, **facts) -> School:
    facts = {"grade_from": 8, "grade_to": 10, **facts}
    return SchoolFactory(municipality=place, name=name, latitude=at[0], longitude=at[1], **facts)


def offer(*, at: tuple[float, float] = ALTA, **facts) -> Activity:
    facts = {"policy": "on_request", "format": "on_site", "published_at": timezone.now(), **facts}
    return ActivityFactory(latitude=at[0], longitude=at[1], **facts)


def staff_with(*codes: str) -> User:
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return User.objects.get(pk=person.pk)


# What is counted


def test_school_and_its_grades_count_as_met_in_the_year_of_the_visit(alta, finnmark):
    met, _white = school(alta, "Møtt"), school(alta, "Hvit")
    visit(school=met, grade=9, pupils=30)
    visit(school=met, grade=9, pupils=30, at="2024-11-01 09:00", group_name="9B")
    visit(school=met, grade=10, at="2023-05-01 09:00")

    place = spots.find_place("56")
    found = spots.county_map(place, YEAR)

    [spot] = [part for part in found.parts if part.number == "5601"]
    assert (spot.met, spot.schools, spot.grades_met, spot.grades, spot.visits) == (1, 2, 1, 6, 2)
    assert (found.whole.met, found.whole.schools) == (1, 2)
    assert str(spot.pupils) == "50–99"
    assert (spot.shade("schools"), spot.shade("grades")) == (3, 1)


def test_closed_school_counts_only_where_somebody_met_it(alta):
    visit(school=school(alta, is_active=False))
    school(alta, is_active=False)

    whole, listed = spots.school_list(spots.find_place("5601"), YEAR)

    assert (whole.schools, whole.met, len(listed)) == (1, 1, 1)


def test_kind_narrows_what_counts_as_met(alta):
    one, other = KindFactory(code="besok"), KindFactory(code="film")
    visit(school=school(alta), activity=ActivityFactory(kind=one))
    place = spots.find_place("5601")

    assert spots.school_list(place, YEAR, one.pk)[0].met == 1
    assert spots.school_list(place, YEAR, other.pk)[0].met == 0


def test_schools_come_with_the_grades_nobody_met_and_the_white_ones_first(alta):
    visit(school=school(alta, "A møtt"), grade=8)
    school(alta, "B hvit", grade_from=1, grade_to=10)

    _whole, [white, met] = spots.school_list(spots.find_place("5601"), YEAR)

    assert (white.name, white.last_met, white.unmet_in_words) == ("B hvit", None, "8th grade, 9th grade, 10th grade")
    assert (met.name, met.met_in_words) == ("A møtt", "8th grade")


def test_country_sums_its_counties_and_schools_abroad(alta, finnmark):
    visit(school=school(alta))
    abroad = SchoolFactory(municipality=None, latitude=28.0, longitude=-16.0)

    found = spots.country(YEAR)

    by_number = {spot.number: spot for spot in found.parts}
    assert (by_number["56"].met, by_number[spots.NOWHERE].schools) == (1, 1)
    assert found.whole.schools == sum(spot.schools for spot in found.parts)
    assert [listed.pk for listed in spots.school_list(spots.find_place("00"), YEAR)[1]] == [abroad.pk]


def test_every_kommune_of_today_has_a_shape():
    assert len(shapes.shapes()) == 357
    box = shapes.frame(["0301"])
    assert 0 < box.width < shapes.whole().width / 10


# What a school can have


def test_school_reaches_offers_near_it_that_come_or_are_digital(alta, oslo):
    oslo = _kommune(
        "0301", "Oslo", County.objects.get_or_create(number="03", country="NO", defaults={"name": "Oslo"})[0]
    )
    here, there = school(alta), school(oslo, at=OSLO)
    assert not Reach().of(here).anything

    offer()
    assert (round(Reach().of(here).km), Reach().of(here).is_near, Reach().of(there).is_near) == (0, True, False)

    offer(format="at_school", reach="county", municipality=alta)
    assert (Reach().of(here).comes, Reach().of(there).comes) == (True, False)

    offer(format="digital", grade_from=11, grade_to=13)
    assert not Reach().of(there).digital
    offer(format="digital", grade_from=8, grade_to=10)
    assert (Reach().of(there).digital, Reach().of(there).in_person) == (True, False)


def test_offers_named_in_a_mail_are_the_nearest_then_what_comes_then_digital(alta):
    digital = offer(format="digital", at=OSLO)
    comes = offer(format="at_school", reach="national", at=OSLO)
    near = offer(at=(69.9, 23.3))
    nearest = offer(at=ALTA)
    offer(at=OSLO)
    offer(at=ALTA, grade_from=11, grade_to=13)
    offer(at=ALTA, policy="confirm")  # no free date

    assert offers_for(school(alta), 9) == [nearest, near, comes, digital]


def test_school_abroad_can_have_what_comes_everywhere_and_no_offer_without_a_place(alta):
    abroad = SchoolFactory(municipality=None, latitude=28.0, longitude=-16.0, grade_from=8, grade_to=10)
    offer(format="at_school", reach="county", municipality=None)
    everywhere = offer(format="at_school", reach="national")

    assert offers_for(abroad, 9) == [everywhere]
    assert Reach().of(abroad).comes


# Whom to invite


def test_schools_to_invite_are_unmet_can_have_something_and_wait_for_nothing(alta, finnmark):
    offer(format="digital", grade_from=8, grade_to=10)
    white = school(alta, "Hvit")
    this_year = timezone.localtime() - timedelta(days=10)
    visit(school=school(alta, "Møtt"), at=f"{this_year:%Y-%m-%d} 09:00")
    school(alta, "Videregående", grade_from=11, grade_to=13)
    BookingFactory(school=school(alta, "Venter"), status=Booking.Status.REQUESTED)
    invited = school(alta, "Invitert")
    Nudge.objects.create(kind="invite_school", school=invited)
    long_ago = school(alta, "Invitert før")
    Nudge.objects.create(kind="invite_school", school=long_ago, sent_at=timezone.now() - timedelta(days=61))

    chosen = choosing.schools_to_invite(spots.find_place("5601"))

    assert {row.school for row in chosen} == {white, long_ago}


def test_schools_of_white_kommuner_come_first_then_the_nearest_and_twelve_at_most(alta, finnmark):
    offer(at=ALTA)
    hammerfest = _kommune("5603", "Hammerfest", finnmark)
    visit(school=school(alta, "Møtt"), at=f"{timezone.localdate():%Y-%m-%d} 00:00")
    near = school(alta, "Nær")
    far = [school(hammerfest, f"Hvit {n}", at=(ALTA[0] + 0.02 * n, ALTA[1])) for n in (3, 1, 2)]

    chosen = [row.school for row in choosing.schools_to_invite(spots.find_place("56"))]
    assert chosen == [far[1], far[2], far[0], near]

    for number in range(12):
        school(hammerfest, f"Flere {number}")
    assert len(choosing.schools_to_invite()) == 12


def test_invitation_goes_to_teachers_of_the_school_in_their_language_once(alta, boss):
    offer(title="Se nordlyset", at=ALTA, grade_from=8, grade_to=10)
    white = school(alta, "Hvit skole")
    for number, role in zip(range(4), ("teacher", "teacher", "teacher", "coordinator"), strict=True):
        person = UserFactory(email=f"l{number}@example.org", language="en")
        TeacherFactory(school=white, user=person, role=role, status="verified")
    TeacherFactory(school=white, status="pending")

    nudge = invite_school(school=white, text="Kom gjerne!\n\nVi hjelper.", by=boss)

    assert (nudge.mails, nudge.text) == (3, "Kom gjerne!\n\nVi hjelper.")
    mails = Mail.objects.filter(template="school_invite")
    assert {mail.to_email for mail in mails} == {"l3@example.org", "l0@example.org", "l1@example.org"}
    for words in ("Hvit skole", "Se nordlyset", "Kom gjerne!", "Berit Boss", "you are a teacher at"):
        assert words in mails[0].text
    assert invite_school(school=white, text="", by=boss) is None
    with time_machine.travel(timezone.now() + timedelta(days=61)):
        assert invite_school(school=white, text="", by=boss)


def test_school_that_closed_meanwhile_is_not_invited(alta, boss):
    assert invite_school(school=school(alta, is_active=False), text="", by=boss) is None


# Whom to ask


def partner_offer(**facts) -> Activity:
    made = offer(**{"kind": KindFactory(code=f"kind-{next(numbers)}", formats=[]), **facts})
    MembershipFactory(partner=made.partner, user=UserFactory(language="en"))
    return made


numbers = count()


def test_partners_to_ask_have_fitting_offers_on_site_only(alta, finnmark):
    school(alta)
    fits = partner_offer(enquiries_count=3)
    partner_offer(grade_from=11, grade_to=13)
    partner_offer(format="digital")
    partner_offer(kind=KindFactory(code="bare-her", formats=["on_site"]))
    both = partner_offer()
    offer(partner=both.partner, format="hybrid")
    offer(kind=fits.kind)  # nobody owns it
    shown = partner_offer()
    Nudge.objects.create(kind="offer_online", partner=shown.partner)

    assert [row.offer for row in choosing.partners_to_ask(spots.find_place("5601"))] == [fits]


def test_partners_of_the_county_come_first_then_those_most_asked_for(alta, oslo):
    school(alta)
    oslo = _kommune(
        "0301", "Oslo", County.objects.get_or_create(number="03", country="NO", defaults={"name": "Oslo"})[0]
    )
    away = partner_offer(municipality=oslo, at=OSLO, enquiries_count=50)
    few = partner_offer(municipality=alta, enquiries_count=1)
    many = partner_offer(municipality=alta, enquiries_count=9)

    there = choosing.partners_to_ask(spots.find_place("5601"))

    assert [row.offer for row in there] == [many, few, away]
    assert (round(there[0].km), there[2].km > 1000) == (0, True)
    assert [row.offer for row in choosing.partners_to_ask()] == [away, many, few]


def test_partner_is_asked_once_and_led_to_its_offer(boss):
    shown = partner_offer(title="Se fabrikken")

    nudge = ask_to_offer_online(offer=shown, text="Si fra om vi kan hjelpe.", by=boss)

    assert (nudge.partner, nudge.mails) == (shown.partner, 1)
    [mail] = Mail.objects.filter(template="partner_ask_online")
    for words in ("Se fabrikken", "Si fra om vi kan hjelpe.", reverse("activities:edit", args=[shown.pk])):
        assert words in mail.text
    assert ask_to_offer_online(offer=shown, text="", by=boss) is None


def test_partners_copy_of_its_data_has_what_it_was_asked(boss):
    offered = partner_offer()
    ask_to_offer_online(offer=offered, text="Si fra.", by=boss)

    assert [(row["what"], row["text"]) for row in asked(offered.partner)] == [("offer_online", "Si fra.")]


# The pages


def page(client, name: str, *args, **query) -> str:
    answer = client.get(reverse(f"admin:reports_nudge_{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_map_and_table_lead_from_country_to_county_to_kommune(client, boss, alta):
    visit(school=school(alta, "Møtt"), grade=8, at=f"{timezone.localdate():%Y-%m-%d} 00:00")
    school(alta, "Hvit")
    client.force_login(boss)

    country = page(client, "whitespots")
    assert country.count(f'href="{reverse("admin:reports_nudge_place", args=["56"])}"') == 2
    assert 'aria-label="Finnmark: 1 of 2 schools met"' in country
    assert "© Kartverket, CC BY 4.0" in country

    county = page(client, "place", "56", by="grades")
    assert 'aria-label="Alta: 1 of 6 grades met"' in county
    assert f"{reverse('admin:reports_nudge_place', args=['5601'])}?by=grades" in county

    kommune = page(client, "place", "5601")
    assert kommune.index("Hvit") < kommune.index("Møtt")
    assert client.get(reverse("admin:reports_nudge_place", args=["9999"])).status_code == 404
    assert client.get(reverse("admin:reports_nudge_unmet"), {"place": "\x00x"}).status_code == 404


@pytest.mark.parametrize("query", ["year=1750&kind=nothing&by=weather", "page=99999&year=%00"])
def test_nonsense_in_the_address_counts_as_not_asked(client, boss, alta, query):
    client.force_login(boss)
    for name, args in (("whitespots", []), ("place", ["5601"])):
        url = reverse(f"admin:reports_nudge_{name}", args=args)
        assert client.get(f"{url}?{query}").status_code == 200


def test_no_small_count_of_pupils_stands_on_any_page(client, boss, alta):
    visit(school=school(alta), pupils=3, girls=2, at=f"{timezone.localdate():%Y-%m-%d} 00:00")
    client.force_login(boss)
    for name, args in (("whitespots", []), ("place", ["56"]), ("place", ["5601"])):
        assert "under 25" in page(client, name, *args)


def test_unmet_schools_are_listed_with_what_they_can_have(client, boss, alta):
    offer(at=(70.15, 23.27), grade_from=8, grade_to=10)
    school(alta, "Hvit skole")
    client.force_login(boss)

    listed = page(client, "unmet", place="5601")

    assert "Hvit skole" in listed
    assert "never met" in listed
    assert "an offer 20 km away" in listed


def test_schools_are_invited_after_a_preview_and_unknown_ones_listed_for_a_letter(client, boss, alta):
    offer(grade_from=8, grade_to=10, title="Se nordlyset")
    known, unknown = school(alta, "Kjent skole"), school(alta, "Ukjent skole", address="Storgata 1")
    TeacherFactory(school=known, status="verified", user=UserFactory(language="en", email="laerer@example.org"))
    client.force_login(boss)
    url = reverse("admin:reports_nudge_invite") + "?place=5601"
    words = {"schools": [known.pk, unknown.pk], "text": "Vi hjelper gjerne."}

    preview = client.post(url, words).content.decode()
    for text in ("1 mail will be sent", "Vi hjelper gjerne.", "Se nordlyset", "At 1 school the portal knows nobody"):
        assert text in preview
    assert not Nudge.objects.exists()

    answer = client.post(url, {**words, "send": "1"}, follow=True).content.decode()

    assert "1 school was invited by mail." in answer
    assert "Storgata 1" in answer
    assert "Vi hjelper gjerne." in answer
    assert "Kjent skole" not in answer
    assert Mail.objects.get(template="school_invite").to_email == "laerer@example.org"
    assert "There is nobody to invite" in page(client, "invite", place="5601")


def test_thirteen_schools_at_once_are_too_many(client, boss, alta):
    offer(format="digital")
    schools = [school(alta, f"Skole {number}").pk for number in range(13)]
    client.force_login(boss)
    answer = client.post(reverse("admin:reports_nudge_invite"), {"schools": schools, "text": "", "send": "1"})
    assert "Choose 12 schools at most." in answer.content.decode()
    assert not Nudge.objects.exists()


def test_partners_are_asked_after_a_preview(client, boss, alta):
    school(alta)
    shown = partner_offer(title="Se fabrikken")
    client.force_login(boss)
    url = reverse("admin:reports_nudge_ask") + "?place=5601"

    preview = client.post(url, {"offers": [shown.pk], "text": ""}).content.decode()
    assert "This goes to the owners of 1 partner" in preview
    assert "Could “Se fabrikken” be held on screen too?" in preview
    assert not Nudge.objects.exists()

    answer = client.post(url, {"offers": [shown.pk], "text": "", "send": "1"}, follow=True).content.decode()
    assert "1 partner was written to." in answer
    assert Nudge.objects.get().partner == shown.partner


def test_sending_is_limited_by_the_hour(client, boss, alta, monkeypatch):
    monkeypatch.setattr("stemportal.reports.admin.white_spots.allowed", lambda *_a, **_k: False)
    shown = partner_offer()
    client.force_login(boss)
    answer = client.post(
        reverse("admin:reports_nudge_ask"), {"offers": [shown.pk], "text": "", "send": "1"}, follow=True
    )
    assert "Go on a little later" in answer.content.decode()
    assert not Nudge.objects.exists()


def test_looking_and_acting_need_rights_of_their_own(client, alta):
    client.force_login(staff_with("view_nudge"))
    assert "Invite schools" not in page(client, "whitespots")
    for name in ("invite", "ask"):
        assert client.get(reverse(f"admin:reports_nudge_{name}")).status_code == 403
    client.force_login(staff_with())
    for name, args in (("whitespots", []), ("place", ["5601"]), ("unmet", []), ("by_hand", [])):
        assert client.get(reverse(f"admin:reports_nudge_{name}", args=args)).status_code == 403


def test_pages_ask_as_many_questions_for_one_school_as_for_three(client, boss, alta, finnmark):
    client.force_login(boss)
    pages = [("whitespots", [], {}), ("place", ["56"], {}), ("place", ["5601"], {}), ("unmet", [], {}),
             ("invite", [], {}), ("ask", [], {}), ("by_hand", [], {})]  # fmt: skip

    def add(number: int) -> None:
        white = school(_kommune(f"56{60 + number}", f"Sted {number}", finnmark), f"Hvit {number}")
        TeacherFactory(school=white, status="verified")
        visit(school=school(alta, f"Møtt {number}"), at=f"{timezone.localdate():%Y-%m-%d} 0{number}:00")
        partner_offer(municipality=alta)
        Nudge.objects.create(kind="invite_school", school=school(alta, f"Invitert {number}"), sent_by=boss)

    def questions() -> list[int]:
        counts = []
        for name, args, query in pages:
            with CaptureQueriesContext(connection) as asked:
                page(client, name, *args, **query)
            counts.append(len(asked))
        return counts

    add(1)
    questions()
    one = questions()
    add(2)
    add(3)
    assert questions() == one
    assert max(one) <= 25
