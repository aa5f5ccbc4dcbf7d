"""Every list asks the database the same number of questions for one row as for three.

The numbers are literal on purpose: a page that asks one more is to be looked at. Some lists are tested once more in
their own apps; here all of them stand together. A new list: add a Listing, or a number for its model in ``ADMIN``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, CurriculumPlan, Goal, Kind, Pledge, Session, Subject
from stemportal.activities.search_index import refresh_availability, refresh_search
from stemportal.lib.school_year import current_school_year
from stemportal.newsletters.models import Newsletter, Subscriber
from stemportal.outbox.models import Mail
from stemportal.partners.models import (
    BrandMaterial,
    DataExport,
    Declaration,
    DeclineReason,
    Engagement,
    Invitation,
    Level,
    Note,
    Partner,
    PartnerImport,
    RegisterProposal,
    RegisterRun,
    Signature,
)
from stemportal.places.models import County, Municipality, PostalCode
from stemportal.reports.models import PartnerReport, ReportRun, Target
from stemportal.schools.models import Booking, BookingEvent, OwnerDomain, School, Teacher
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    CountyFactory,
    DeclarationFactory,
    KindFactory,
    LevelFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
    PledgeFactory,
    PostalCodeFactory,
    SchoolClassFactory,
    SchoolFactory,
    SessionFactory,
    StaffFactory,
    SubjectFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_corner", "english")]

YEAR = current_school_year()


class Scene:
    """A partner with an owner, a teacher, and rows of whatever a list shows. Each row differs from the others."""

    def __init__(self) -> None:
        DeclarationFactory()
        self.number = count(1)
        self.owner = MembershipFactory(partner__display_name="Nordlys").user
        self.partner = Partner.objects.get()
        self.teacher = TeacherFactory()
        self.activity = ActivityFactory(partner=self.partner)
        self.one = None

    def place(self) -> Municipality:
        number = next(self.number)
        county = CountyFactory(number=f"{number + 60}", name=f"Fylke {number}")
        return MunicipalityFactory(number=f"{6000 + number}", name=f"Kommune {number}", county=county)

    def offer(self, **facts: Any) -> Activity:
        """Published, with a session, by a partner of its own unless one is named."""
        facts.setdefault("partner", PartnerFactory(municipality=self.place()))
        facts.setdefault("kind", KindFactory(code=f"kind-{next(self.number)}"))
        activity = ActivityFactory(**facts)
        activity.subjects.add(SubjectFactory(code=f"S{next(self.number)}"))
        SessionFactory(activity=activity)
        refresh_search([activity.pk])
        refresh_availability([activity.pk])
        return activity

    def booking(self, status: str = "requested", *, days: int = 14, **facts: Any) -> Booking:
        """With an activity of the partner and a school of its own."""
        start = timezone.now() + timedelta(days=days)
        activity = ActivityFactory(partner=self.partner, kind=KindFactory(code=f"kind-{next(self.number)}"))
        facts.setdefault("school", SchoolFactory(municipality=self.place()))
        facts.setdefault("session", SessionFactory(activity=activity, starts_at=start))
        facts.setdefault("reply_by", timezone.localdate())
        booking = BookingFactory(status=status, **facts)
        if status == Booking.Status.COMPLETED:
            AttendanceFactory(booking=booking)
        return booking

    def data_copy(self) -> DataExport:
        """Ready to fetch."""
        days = {"built_at": timezone.now(), "expires_at": timezone.now() + timedelta(days=next(self.number))}
        return DataExport.objects.create(partner=self.partner, status="ready", requested_by=UserFactory(), **days)

    def report(self) -> PartnerReport:
        year = YEAR - next(self.number)
        run = ReportRun.objects.create(school_year=year, status=ReportRun.Status.DONE, started_by=UserFactory())
        return PartnerReport.objects.create(run=run, partner=self.partner, school_year=year, status="ready")


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


def _brand_material(scene: Scene) -> None:
    BrandMaterial.objects.create(
        title_nb="Kort tekst", text_nb="Vi er partner.", text_nn="Vi er partnar.", text_en="We"
    )


def _signed(scene: Scene) -> None:
    partner = PartnerFactory(municipality=scene.place())
    Signature.objects.create(partner=partner, declaration=Declaration.objects.get(), signed_name="Ola Sjef")


def _pledged(scene: Scene) -> None:
    """A level to pick from, and a kind that is pledged, published and held."""
    LevelFactory()
    for status in ("requested", "confirmed", "completed"):
        booking = scene.booking(status, days=0)
        PledgeFactory(partner=scene.partner, kind=booking.activity.kind)


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


def _visits_of_teacher(scene: Scene) -> None:
    for status, days in (("requested", 14), ("confirmed", 14), ("confirmed", -3), ("declined", 14)):
        scene.booking(status, days=days, teacher=scene.teacher.user)
    SchoolClassFactory(school=scene.teacher.school, name=f"9-{next(scene.number)}")


def _visits_of_partner(scene: Scene) -> None:
    for status, days in (("requested", 14), ("confirmed", 14), ("completed", 0)):
        scene.booking(status, days=days)
    ActivityFactory(partner=scene.partner, views_count=0, published_at=timezone.now() - timedelta(days=30))
    PledgeFactory(partner=scene.partner, kind=KindFactory(code=f"kind-{next(scene.number)}"))


def _history(scene: Scene) -> None:
    scene.one = scene.one or scene.booking("confirmed", teacher=scene.teacher.user)
    BookingEvent.objects.create(booking=scene.one, by=UserFactory(), to_status="confirmed", note="Hei")


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


# fmt: off
LISTINGS = [
    Listing("home", 1, Scene.offer),
    Listing("activities:search", 1, Scene.offer),
    Listing("activities:search", 1, Scene.offer, query="?q=robot&place=Alta&grade=9", note="filtered"),
    Listing("activities:detail", 5, _later, lambda s: [s.activity.pk, s.activity.slug]),
    Listing("activities:listings", 8, lambda s: s.offer(partner=s.partner), _partner, _owner),
    Listing("activities:session_add", 7, _later, lambda s: [s.activity.pk], _owner),
    Listing("partners:directory", 6, _in_the_directory),
    Listing("partners:directory", 6, _in_the_directory, query="?kind=company&sector=C&q=n", note="filtered"),
    Listing("partners:signatories", 3, _signed),
    Listing("partners:members", 9, _colleague, _partner, _owner),
    Listing("partners:hand_over", 6, _colleague, _partner, _owner),
    Listing("partners:declaration", 7, _one_more_version, _partner, _owner),
    Listing("partners:become", 3, lambda s: PartnerFactory(municipality=s.place(), about="Vi bygger roboter.")),
    Listing("partners:organisation", 7, lambda s: s.place(), _partner, _owner),
    Listing("partners:brand", 6, _brand_material, _partner, _owner),
    Listing("partners:detail", 5, lambda s: s.offer(partner=s.partner), lambda s: [s.partner.slug]),
    Listing("schools:school_suggest", 1, lambda s: SchoolFactory(municipality=s.place()), query="?school_text=skole"),
    Listing("schools:my_page", 10, _visits_of_teacher, who=_teacher),
    Listing("schools:my_page", 12, Scene.offer, who=_teacher, note="nothing booked"),
    Listing("schools:book", 9, _to_choose, lambda s: [s.one.pk], _teacher),
    Listing("schools:booking", 8, _history, lambda s: [s.one.pk], _teacher, note="teacher"),
    Listing("schools:booking", 8, _history, lambda s: [s.one.pk], _owner, note="partner"),
    Listing("schools:partner_today", 19, _visits_of_partner, _partner, _owner),
    Listing("schools:partner_bookings", 8, _visits_of_partner, _partner, _owner),
    Listing("schools:engagement", 13, _pledged, _partner, _owner),
    Listing("schools:published_places", 9, _later, lambda s: [s.partner.pk, YEAR, s.activity.kind.code], _owner),
    Listing("schools:session_cancel", 7, _in_one_session, lambda s: [s.one.pk], _owner),
    Listing("partners:data", 7, Scene.data_copy, _partner, _owner),
    Listing("reports:partner_reports", 8, Scene.report, _partner, _owner),
    Listing("reports:partner_visits", 8, _visits_of_partner, lambda s: [s.partner.pk, YEAR], _owner),
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


# --- The secretariat's lists


def _delivered_mail(scene: Scene) -> None:
    Mail.objects.create(template="test", to_email=f"k{next(scene.number)}@example.org", subject="Hei", text="", html="")


def _newsletter(scene: Scene) -> None:
    Newsletter.objects.create(subject_nb=f"Nytt {next(scene.number)}", body_nb="Hei", sent_by=UserFactory())


def _subscriber(scene: Scene) -> None:
    Subscriber.objects.create(email=f"k{next(scene.number)}@example.org", consent_text="Ja", consent_source="/")


def _picked(scene: Scene) -> None:
    partner = PartnerFactory(municipality=scene.place())
    Engagement.objects.create(partner=partner, school_year=YEAR, level=LevelFactory(), chosen_by=UserFactory())


def _plan(scene: Scene) -> CurriculumPlan:
    number = next(scene.number)
    successor = CurriculumPlan.objects.create(code=f"NAT02-{number}", title=f"Naturfag {number}, ny")
    return CurriculumPlan.objects.create(code=f"NAT01-{number}", title=f"Naturfag {number}", successor=successor)


def _goal(scene: Scene) -> None:
    Goal.objects.create(plan=_plan(scene), code=f"KM{next(scene.number)}", text_nb="utforske")


def _domain(scene: Scene) -> None:
    number, place = next(scene.number), scene.place()
    OwnerDomain.objects.create(domain=f"d{number}.example.no", municipality=place)
    OwnerDomain.objects.create(domain=f"e{number}.example.no", county=place.county)
    OwnerDomain.objects.create(domain=f"f{number}.example.no", school=SchoolFactory(municipality=place))


def _note(scene: Scene) -> None:
    Note.objects.create(partner=PartnerFactory(municipality=scene.place()), text="Ring", by=UserFactory())


def _reason(scene: Scene) -> None:
    DeclineReason.objects.create(code=f"r{next(scene.number)}", title_nb="Salg", text_nb="Ikke salg.")


def _comparison(scene: Scene) -> RegisterRun:
    return RegisterRun.objects.create(status=RegisterRun.Status.DONE, started_by=UserFactory())


def _proposal(scene: Scene) -> None:
    partner = PartnerFactory(municipality=scene.place())
    old, new = scene.place(), scene.place()
    RegisterProposal.objects.create(partner=partner, field="municipality", ours=old.number, theirs=new.number)


def _import(scene: Scene) -> None:
    PartnerImport.objects.create(file_name="partnere.csv", uploaded_by=UserFactory(), applied_by=UserFactory())


@dataclass(frozen=True)
class Changelist:
    """A list of the admin: how many questions, and how one more row comes about."""

    queries: int
    row: Callable[[Scene], Any]
    query: str = ""


ADMIN: dict[Any, Changelist] = {
    Mail: Changelist(5, _delivered_mail),
    Group: Changelist(5, lambda s: Group.objects.create(name=f"Gruppe {next(s.number)}")),
    User: Changelist(5, lambda s: UserFactory()),
    County: Changelist(5, Scene.place),
    Municipality: Changelist(6, Scene.place),
    PostalCode: Changelist(5, lambda s: PostalCodeFactory(code=f"{next(s.number):04d}", municipality=s.place())),
    Partner: Changelist(7, lambda s: PartnerFactory(municipality=s.place()), "?status__exact=all"),
    DataExport: Changelist(5, Scene.data_copy),
    Note: Changelist(5, _note),
    RegisterRun: Changelist(5, _comparison),
    RegisterProposal: Changelist(4, _proposal),
    PartnerImport: Changelist(5, _import),
    DeclineReason: Changelist(5, _reason),
    BrandMaterial: Changelist(5, _brand_material),
    Declaration: Changelist(5, lambda s: DeclarationFactory(version=10 + next(s.number))),
    Level: Changelist(6, _picked),
    Engagement: Changelist(7, _picked),
    Pledge: Changelist(7, lambda s: PledgeFactory(partner__municipality=s.place(), pledged_by=UserFactory())),
    Kind: Changelist(5, lambda s: KindFactory(code=f"kind-{next(s.number)}")),
    Subject: Changelist(5, lambda s: SubjectFactory(code=f"S{next(s.number)}")),
    CurriculumPlan: Changelist(6, _plan),
    Goal: Changelist(7, _goal),
    Activity: Changelist(8, Scene.offer),
    School: Changelist(6, lambda s: SchoolFactory(municipality=s.place())),
    OwnerDomain: Changelist(5, _domain),
    Teacher: Changelist(5, lambda s: TeacherFactory(school__municipality=s.place())),
    Booking: Changelist(5, Scene.booking),
    Newsletter: Changelist(5, _newsletter),
    Subscriber: Changelist(4, _subscriber),
    ReportRun: Changelist(5, Scene.report),
    PartnerReport: Changelist(6, Scene.report),
    Target: Changelist(
        6, lambda s: Target.objects.create(school_year=2000 + next(s.number), measure="pupils", value=9)
    ),
}


def own_models() -> list[Any]:
    """Models of the portal that the admin lists, and groups."""
    return [model for model in admin.site._registry if model.__module__.startswith("stemportal.") or model is Group]


def test_every_list_of_the_admin_has_a_number():
    missing = [model._meta.label for model in own_models() if model not in ADMIN]
    assert not missing, f"Add to ADMIN in tests/test_query_counts.py: {missing}"


@pytest.mark.parametrize("model", ADMIN, ids=lambda model: model._meta.label)
def test_admin_asks_as_much_for_three_rows_as_for_one(model, django_assert_num_queries):
    scene, client, listed = Scene(), Client(), ADMIN[model]
    client.force_login(StaffFactory())
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + listed.query
    shown = []

    for rows in (1, 2):
        for _ in range(rows):
            listed.row(scene)
        client.get(address)  # what a process looks up once
        with django_assert_num_queries(listed.queries):
            response = client.get(address)
        assert response.status_code == 200
        shown.append(len(response.context["cl"].result_list))

    assert shown[1] >= shown[0] + 2, "the rows are not in the list"
