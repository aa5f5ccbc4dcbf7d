"""What lists show in tests: a partner with its people, and one more row of anything asked for."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from stemportal.activities.models import (
    Activity,
    ActivityTemplate,
    RoleModel,
)
from stemportal.activities.search_index import refresh_availability, refresh_search
from stemportal.lib.periods import Period, PeriodKind
from stemportal.lib.school_year import current_school_year
from stemportal.partners.models import (
    BrandMaterial,
    DataExport,
    Partner,
)
from stemportal.places.models import Municipality
from stemportal.reports.models import PartnerReport
from stemportal.schools.models import Booking
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    CountyFactory,
    DeclarationFactory,
    KindFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
    RoleModelFactory,
    SchoolFactory,
    SessionFactory,
    SubjectFactory,
    TeacherFactory,
    UserFactory,
)
from stemportal.testing.papers import published

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
        """Published, of a year for itself."""
        return published(self.partner, period=Period(PeriodKind.SCHOOL, YEAR - next(self.number)))


def brand_material(scene: Scene) -> None:
    BrandMaterial.objects.create(
        title_nb="Kort tekst", text_nb="Vi er partner.", text_nn="Vi er partnar.", text_en="We"
    )


def role_model(scene: Scene) -> RoleModel:
    """Shown, with a photo, subjects and counties of its own."""
    number = next(scene.number)
    role_model = RoleModelFactory(
        partner=scene.partner, shown=True, meets_online=True, photo=f"role_models/{number:022x}-300x200.png"
    )
    role_model.subjects.add(SubjectFactory(code=f"S{number}"))
    role_model.counties.add(scene.place().county)
    return role_model


def template(scene: Scene) -> None:
    """A kind with a template, and an offer to copy."""
    kind = KindFactory(code=f"kind-{next(scene.number)}")
    ActivityTemplate.objects.create(kind=kind, code=f"t{next(scene.number)}", name_nb="Halv dag", name_en="Half a day")
    scene.offer(partner=scene.partner, kind=kind)
