"""Every list asks the database the same number of questions for one row as for three.

The numbers are literal on purpose: a page that asks one more is to be looked at. Some lists are tested once more in
their own apps; here all of them stand together. A new list: add a Listing.
Lists of the admin: test_admin_query_counts.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import (
    Activity,
    ActivityFile,
    ActivityImage,
    Availability,
    CurriculumPlan,
    Favourite,
    Goal,
    OwnWord,
    SavedSearch,
    Session,
    SessionSeries,
)
from stemportal.activities.search_index import refresh_search
from stemportal.lib.memo import forget_all
from stemportal.lib.periods import Period, PeriodKind
from stemportal.network.models import MeetingFile, ProgrammeItem
from stemportal.partners.models import (
    Declaration,
    Engagement,
    Invitation,
    Signature,
)
from stemportal.schools.models import BookingEvent, Teacher, WishMatch
from stemportal.testing.factories import (
    ActivityFactory,
    DeclarationFactory,
    GrantPotFactory,
    KindFactory,
    LevelFactory,
    MembershipFactory,
    OfferFactory,
    PartnerFactory,
    PledgeFactory,
    SchoolClassFactory,
    SchoolFactory,
    SessionFactory,
    SubjectFactory,
    TeacherFactory,
    TransportGrantFactory,
    TransportRateFactory,
    UserFactory,
    WishFactory,
    WishMatchFactory,
)
from stemportal.testing.network_factories import (
    EcosystemFactory,
    MeetingFactory,
    RecommendationFactory,
    RsvpFactory,
)
from stemportal.testing.programme_reports import programme_report
from tests import network_rows as of_network
from tests.scene import YEAR, Scene, brand_material, role_model, template

NOW = Period(PeriodKind.SCHOOL, YEAR)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_corner", "english")]


@dataclass(frozen=True)
class Listing:
    """A list: its page, how one more row comes about, who looks, and how many questions it may ask."""

    name: str
    queries: int
    row: Callable[[Scene], Any]
    args: Callable[[Scene], list[Any]] = lambda scene: []
    who: Callable[[Scene], User | None] = lambda scene: None
    query: str = ""
    note: str = ""


def _partner(scene: Scene) -> list[Any]:
    return [scene.partner.pk]


def _owner(scene: Scene) -> User:
    return scene.owner


def _teacher(scene: Scene) -> User:
    return scene.teacher.user


def _in_the_directory(scene: Scene) -> None:
    """With a level, an offer, a sector and a logo."""
    facts = {"sector_code": "28.990", "logo": f"logos/{next(scene.number):022x}-300x200.png"}
    partner = PartnerFactory(municipality=scene.place(), **facts)
    Engagement.objects.create(partner=partner, school_year=YEAR, level=LevelFactory(code=f"l{next(scene.number)}"))
    ActivityFactory(partner=partner)


def _signed(scene: Scene) -> None:
    partner = PartnerFactory(municipality=scene.place())
    Signature.objects.create(partner=partner, declaration=Declaration.objects.get(), signed_name="Ola Sjef")


def _pledged(scene: Scene) -> None:
    """A level to pick from, and a kind that is pledged, published and held."""
    LevelFactory()
    for status in ("requested", "confirmed", "completed"):
        booking = scene.booking(status, days=0)
        PledgeFactory(partner=scene.partner, kind=booking.activity.kind)


def _school_class(scene: Scene) -> None:
    """In three school years, with subjects."""
    for year in (YEAR - 1, YEAR, YEAR + 1):
        made = SchoolClassFactory(school=scene.teacher.school, name=f"8{next(scene.number)}", grade=8, school_year=year)
        made.subjects.add(SubjectFactory(code=f"S{next(scene.number)}"))


def _booked_at_the_school(scene: Scene) -> None:
    """A colleague, a class and a visit; seen by a coordinator."""
    Teacher.objects.filter(pk=scene.teacher.pk).update(role=Teacher.Role.COORDINATOR)
    _school_class(scene)
    TeacherFactory(school=scene.teacher.school)
    scene.booking("confirmed", school=scene.teacher.school)


def _wished(scene: Scene) -> None:
    """A wish of the teacher's with somebody who was asked and something that was offered."""
    wish = WishFactory(school=scene.teacher.school, teacher=scene.teacher.user, subject=SubjectFactory())
    WishMatchFactory(wish=wish)
    OfferFactory(wish=wish)


def _asked_for(scene: Scene) -> WishMatch:
    school = SchoolFactory(municipality=scene.place())
    return WishMatchFactory(partner=scene.partner, wish__school=school, wish__subject=SubjectFactory())


def _answered_wish(scene: Scene) -> None:
    """One wish of the teacher's; one more that was asked, and one more offer."""
    scene.one = scene.one or WishFactory(school=scene.teacher.school, teacher=scene.teacher.user)
    WishMatchFactory(wish=scene.one, rank=next(scene.number))
    OfferFactory(wish=scene.one, session__activity__municipality=scene.place())


def _wish_to_answer(scene: Scene) -> None:
    """One wish that the partner was asked for; one more date to offer, and one more offer of its own."""
    scene.one = scene.one or _asked_for(scene).wish
    session = SessionFactory(activity__partner=scene.partner)
    OfferFactory(wish=scene.one, session=session)


def _colleague(scene: Scene) -> None:
    """A member, an invitation that waits and one that was used."""
    MembershipFactory(partner=scene.partner, role="reader", user__full_name="Kollega med et langt navn")
    for used in (None, timezone.now()):
        number = next(scene.number)
        Invitation.objects.create(
            partner=scene.partner,
            email=f"invitert{number}@example.org",
            token_hash=f"{number}",
            invited_by=UserFactory(),
            accepted_at=used,
            accepted_by=UserFactory() if used else None,
        )


def _one_more_version(scene: Scene) -> None:
    declaration = DeclarationFactory(version=10 + next(scene.number))
    Signature.objects.create(
        partner=scene.partner, declaration=declaration, signed_by=UserFactory(), signed_name="Ola Sjef"
    )


def _announced(scene: Scene) -> None:
    """A meeting of an ecosystem to which the owner is invited."""
    RsvpFactory(user=scene.owner, meeting__ecosystem=EcosystemFactory())


def _programme(scene: Scene) -> None:
    """One meeting; one more line of its programme, one more file, one more person who waits."""
    scene.one = scene.one or MeetingFactory(ecosystem=EcosystemFactory())
    ProgrammeItem.objects.create(meeting=scene.one, title="Velkommen")
    MeetingFile.objects.create(meeting=scene.one, title="Lysark", file="meetings/a.pdf", name="a.pdf", size=1)
    RsvpFactory(meeting=scene.one, status="waiting", waiting_since=timezone.now())
    MembershipFactory(user=scene.owner)


def _visits_of_teacher(scene: Scene) -> None:
    for status, days in (("requested", 14), ("confirmed", 14), ("confirmed", -3), ("declined", 14)):
        scene.booking(status, days=days, teacher=scene.teacher.user)
    SchoolClassFactory(school=scene.teacher.school, name=f"9-{next(scene.number)}")


def _visits_of_partner(scene: Scene) -> None:
    for status, days in (("requested", 14), ("confirmed", 14), ("completed", 0)):
        scene.booking(status, days=days)
    ActivityFactory(partner=scene.partner, views_count=0, published_at=timezone.now() - timedelta(days=30))
    PledgeFactory(partner=scene.partner, kind=KindFactory(code=f"kind-{next(scene.number)}"))


def _told_of(scene: Scene) -> None:
    facts = {"kind": KindFactory(code=f"kind-{next(scene.number)}"), "held_on": timezone.localdate(), "pupils": 20}
    OwnWord.objects.create(partner=scene.partner, title="Stand", hours=2, **facts)


def _programme_report(scene: Scene) -> None:
    programme_report(year=YEAR - next(scene.number))


def _held_lately(scene: Scene) -> None:
    scene.booking("completed", days=-2, teacher=scene.teacher.user)


def _history(scene: Scene) -> None:
    scene.one = scene.one or scene.booking("confirmed", teacher=scene.teacher.user)
    BookingEvent.objects.create(booking=scene.one, by=UserFactory(), to_status="confirmed", note="Hei")


def _asked_for_money(scene: Scene) -> None:
    """A pot of the partner, and a school that asks for money out of it."""
    pot = GrantPotFactory(partner=scene.partner, county=scene.place().county)
    TransportGrantFactory(booking=scene.booking("confirmed"), pot=pot)


def _same_bus(scene: Scene) -> None:
    """The teacher's application, and another school that goes the same way."""
    if scene.one is None:
        TransportRateFactory()
        session = SessionFactory(activity=scene.activity, capacity=9)
        scene.one = scene.booking("confirmed", session=session, teacher=scene.teacher.user)
        TransportGrantFactory(booking=scene.one, people=20)
    TransportGrantFactory(booking=scene.booking("confirmed", session=scene.one.session), people=20)


def _next_one(scene: Scene) -> None:
    scene.one = scene.one or scene.booking("completed", days=-2, teacher=scene.teacher.user)
    scene.offer(grade_from=8, grade_to=10)


def _in_one_session(scene: Scene) -> None:
    scene.one = scene.one or SessionFactory(activity=scene.activity, capacity=9)
    scene.booking("confirmed", session=scene.one)


def _to_choose(scene: Scene) -> None:
    number = next(scene.number)
    start = timezone.now() + timedelta(days=20 + number)
    scene.one = SessionFactory(activity=scene.activity, starts_at=start)
    SchoolClassFactory(school=scene.teacher.school, name=f"9-{number}")


def _later(scene: Scene) -> Session:
    return SessionFactory(activity=scene.activity, starts_at=timezone.now() + timedelta(days=30 + next(scene.number)))


def _series(scene: Scene) -> SessionSeries:
    day = timezone.localdate() + timedelta(days=20 + next(scene.number))
    series = SessionSeries.objects.create(
        activity=scene.activity, rule="FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;UNTIL=20991231", first_day=day, last_day=day,
        begins=time(9), minutes=120, left_out=[{"day": day.isoformat(), "reason": "chosen"}],
    )  # fmt: skip
    Session.objects.filter(pk=_later(scene).pk).update(series=series)
    return series


def _in_one_series(scene: Scene) -> None:
    if scene.one is None:
        scene.one = _series(scene)
    Session.objects.filter(pk=_later(scene).pk).update(series=scene.one)


def _following(scene: Scene) -> None:
    """One more date of a series, with a group in it."""
    _in_one_series(scene)
    scene.booking("confirmed", session=scene.one.sessions.last())


def _hours(scene: Scene) -> None:
    Availability.objects.create(activity=scene.activity, weekday=next(scene.number) % 7, begins=time(9), ends=time(14))


def _on_the_map(scene: Scene) -> None:
    place = scene.place()
    scene.offer(partner=PartnerFactory(municipality=place), municipality=place)
    forget_all()  # municipalities that are new to this process


def _kept(scene: Scene) -> None:
    """An offer that is still there and one that is not."""
    Favourite.objects.create(user=scene.teacher.user, activity=scene.offer())
    Favourite.objects.create(user=scene.teacher.user, activity=scene.offer(status=Activity.Status.ARCHIVED))


def _saved(scene: Scene) -> None:
    number = next(scene.number)
    SavedSearch.objects.create(user=scene.teacher.user, name=f"Roboter {number}", query=f"q=robot+{number}")


def _takes_part(scene: Scene) -> None:
    scene.one = scene.one or role_model(scene)
    scene.offer(partner=scene.partner).role_models.add(scene.one)


def _picture(scene: Scene) -> None:
    """Where there are pictures there are files."""
    number = next(scene.number)
    facts = {"file": f"offers/{number:022x}-40x30.png", "alt_text": f"En robot {number}", "width": 40, "height": 30}
    ActivityImage.objects.create(activity=scene.activity, **facts)
    ActivityFile.objects.create(activity=scene.activity, title=f"Oppgaver {number}", file=f"offer_files/{number}.pdf")


def _taught(scene: Scene) -> None:
    """An offer with the goal that is asked for, one of the same subject, and one more goal to choose."""
    subject = SubjectFactory(code="NAT")
    plan, _new = CurriculumPlan.objects.get_or_create(code="NAT01-05", title="Naturfag", subject=subject)
    goal, _new = Goal.objects.get_or_create(plan=plan, code="KM1", text_nb="utforske")
    Goal.objects.create(plan=plan, code=f"KM{10 + next(scene.number)}", text_nb="utforske mer")
    for goals in ([goal], []):
        offer = scene.offer()
        offer.goals.set(goals)
        offer.subjects.add(subject)
        refresh_search([offer.pk])


LISTINGS = [
    Listing("home", 3, Scene.offer),
    Listing("activities:search", 1, Scene.offer),
    Listing("activities:search", 1, Scene.offer, query="?q=robot&place=Alta&grade=9", note="filtered"),
    Listing("activities:search", 8, Scene.offer, who=_teacher, note="teacher"),
    Listing("activities:search", 0, _on_the_map, query="?view=map", note="map"),
    Listing("activities:favourites", 7, _kept, who=_teacher),
    Listing("activities:saved_searches", 5, _saved, who=_teacher),
    Listing("activities:teach", 7, _taught, query="?goal=KM1&week=2026-W99", note="goal"),
    Listing("activities:detail", 10, _later, lambda s: [s.activity.pk, s.activity.slug]),
    Listing("activities:listings", 8, lambda s: s.offer(partner=s.partner), _partner, _owner),
    Listing("activities:teach", 7, _taught, query="?goal=KM1&week=2026-W99", note="goal"),
    Listing("activities:detail", 10, _picture, lambda s: [s.activity.pk, s.activity.slug], note="pictures"),
    Listing("activities:create", 8, template, _partner, _owner),
    Listing("activities:images", 7, _picture, lambda s: [s.activity.pk], _owner),
    Listing("activities:files", 7, _picture, lambda s: [s.activity.pk], _owner),
    Listing("activities:session_add", 8, _later, lambda s: [s.activity.pk], _owner),
    Listing("activities:session_add", 8, _series, lambda s: [s.activity.pk], _owner, note="series"),
    Listing("activities:series", 8, _in_one_series, lambda s: [s.one.pk], _owner),
    Listing("activities:availability", 7, _hours, lambda s: [s.activity.pk], _owner),
    Listing("activities:role_models", 6, role_model),
    Listing("activities:role_models", 6, role_model, query="?q=rolf&grade=9&way=online", note="filtered"),
    Listing("activities:partner_role_models", 8, role_model, _partner, _owner),
    Listing("activities:role_model", 5, _takes_part, lambda s: [s.one.pk, s.one.slug]),
    Listing("partners:directory", 6, _in_the_directory),
    Listing("partners:directory", 6, _in_the_directory, query="?kind=company&sector=C&q=n", note="filtered"),
    Listing("partners:signatories", 3, _signed),
    Listing("partners:members", 9, _colleague, _partner, _owner),
    Listing("partners:hand_over", 6, _colleague, _partner, _owner),
    Listing("partners:declaration", 7, _one_more_version, _partner, _owner),
    Listing("partners:become", 3, lambda s: PartnerFactory(municipality=s.place(), about="Vi bygger roboter.")),
    Listing("partners:organisation", 7, lambda s: s.place(), _partner, _owner),
    Listing("partners:brand", 6, brand_material, _partner, _owner),
    Listing("partners:detail", 8, lambda s: s.offer(partner=s.partner), lambda s: [s.partner.slug]),
    Listing("schools:school_suggest", 1, lambda s: SchoolFactory(municipality=s.place()), query="?school_text=skole"),
    Listing("schools:my_page", 17, _visits_of_teacher, who=_teacher),
    Listing("schools:my_page", 19, Scene.offer, who=_teacher, note="nothing booked"),
    Listing("schools:classes", 7, _school_class, who=_teacher),
    Listing("schools:school", 11, _booked_at_the_school, who=_teacher),
    Listing("schools:book", 9, _to_choose, lambda s: [s.one.pk], _teacher),
    Listing("schools:booking", 13, _history, lambda s: [s.one.pk], _teacher, note="teacher"),
    Listing("schools:booking", 13, _history, lambda s: [s.one.pk], _owner, note="partner"),
    Listing("schools:thanks", 13, _next_one, lambda s: [s.one.pk], _teacher),
    Listing("schools:partner_today", 34, _visits_of_partner, _partner, _owner),
    Listing("schools:partner_bookings", 8, _visits_of_partner, _partner, _owner),
    Listing("schools:wishes", 8, _wished, who=_teacher),
    Listing("schools:wish", 8, _answered_wish, lambda s: [s.one.pk], _teacher),
    Listing("schools:partner_wishes", 7, _asked_for, _partner, _owner),
    Listing("schools:wish_offer", 10, _wish_to_answer, lambda s: [s.partner.pk, s.one.pk], _owner),
    Listing("schools:partner_pots", 9, _asked_for_money, _partner, _owner),
    Listing("schools:grant", 10, _same_bus, lambda s: [s.one.pk], _teacher),
    Listing("schools:engagement", 13, _pledged, _partner, _owner),
    Listing("schools:published_places", 9, _later, lambda s: [s.partner.pk, YEAR, s.activity.kind.code], _owner),
    Listing("schools:session_cancel", 7, _in_one_session, lambda s: [s.one.pk], _owner),
    Listing("schools:session_cancel", 8, _following, lambda s: [s.one.sessions.first().pk], _owner, note="series"),
    Listing("partners:data", 7, Scene.data_copy, _partner, _owner),
    Listing("activities:own_words", 8, _told_of, _partner, _owner),
    Listing("reports:programme", 4, _programme_report),
    Listing("reports:figure_rows", 9, _visits_of_partner, lambda s: [s.partner.pk, NOW.slug, "visits"], _owner),
    Listing("reports:partner_figures", 22, _visits_of_partner, lambda s: [s.partner.pk, NOW.slug], _owner),
    Listing("reports:partner_reports", 26, Scene.report, _partner, _owner),
    Listing("reports:partner_visits", 9, _visits_of_partner, lambda s: [s.partner.pk, NOW.slug], _owner),
    Listing("network:hub", 18, of_network.in_the_network, who=_owner),
    Listing("network:partner_network", 16, of_network.in_the_network, _partner, _owner),
    Listing("network:ecosystems", 5, of_network.region),
    Listing("network:ecosystem", 8, of_network.in_the_region, lambda s: [s.one.slug]),
    Listing("network:news", 3, of_network.story),
    Listing("network:story", 4, of_network.story, lambda s: [s.one.slug]),
    Listing("network:my_stories", 10, of_network.story, who=_owner),
    Listing("network:inputs", 10, of_network.sent_in, who=_owner),
    Listing("network:hearing", 8, of_network.sent_in, lambda s: [s.one.pk], _owner),
    Listing("network:input", 7, of_network.supported, lambda s: [s.one.pk], _owner),
    Listing("network:recommendations", 2, lambda s: RecommendationFactory(published_at=timezone.now())),
    Listing("network:recommendation", 2, of_network.recommended, lambda s: [s.one.pk]),
    Listing("network:meetings", 2, _announced),
    Listing("network:meetings", 8, _announced, who=_owner, note="owner"),
    Listing("network:meeting", 14, _programme, lambda s: [s.one.pk], _owner),
    Listing("network:groups", 8, of_network.group, who=_owner),
    Listing("network:group", 14, of_network.in_a_group, lambda s: [s.one.slug], _owner),
    Listing("network:group_members", 13, of_network.in_a_group, lambda s: [s.one.slug], _owner),
    Listing("network:posts", 11, of_network.in_a_group, lambda s: [s.one.slug], _owner),
    Listing("network:thread", 12, of_network.in_a_group, lambda s: [s.one.slug, s.one.posts.earliest("pk").pk], _owner),
    Listing("network:documents", 11, of_network.in_a_group, lambda s: [s.one.slug], _owner),
    Listing(
        "network:document", 11, of_network.in_a_group, lambda s: [s.one.slug, s.one.documents.earliest("pk").pk], _owner
    ),
    Listing("my_start", 7, lambda s: MembershipFactory(user=s.owner), who=_owner, note="rooms"),
]
# fmt: on


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: f"{listing.name} {listing.note}".strip())
def test_list_asks_as_much_for_three_rows_as_for_one(listing, django_assert_num_queries):
    scene, client, shown = Scene(), Client(), []
    if person := listing.who(scene):
        client.force_login(person)
    if listing.note == "rooms":
        listing.row(scene)  # one room is entered without a choice

    for rows in (1, 2):
        for _ in range(rows):
            listing.row(scene)
        address = reverse(listing.name, args=listing.args(scene)) + listing.query
        client.get(address)  # what a process looks up once
        with django_assert_num_queries(listing.queries):
            response = client.get(address)
        assert response.status_code == 200
        shown.append(len(response.content))

    assert shown[1] > shown[0] + 100, "the rows are not in the list"
