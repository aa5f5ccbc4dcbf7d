"""A small world with one person in each role, and one of everything that an address may name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity
from stemportal.lib.school_year import current_school_year
from stemportal.newsletters.models import Subscriber
from stemportal.partners.models import Membership, Partner
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.schools.models import Booking
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    DeclarationFactory,
    MembershipFactory,
    PartnerFactory,
    SchoolClassFactory,
    SchoolFactory,
    SessionFactory,
    StaffFactory,
    SubjectFactory,
    TeacherFactory,
    UserFactory,
)

ROLES = (
    "visitor",
    "teacher",
    "pending",
    "other_teacher",
    "owner",
    "editor",
    "reader",
    "other_member",
    "staff",
    "rightless",
)
MAIL_NAME = "20260101-000000-permissions.eml"


@dataclass
class World:
    """Made anew for each test. Objects are made when they are asked for, people in ``person``."""

    def __post_init__(self) -> None:
        DeclarationFactory()
        self.partner = PartnerFactory(slug="nordlys")
        self.school = SchoolFactory()
        self.people: dict[str, User | None] = {
            "visitor": None,
            "teacher": TeacherFactory(school=self.school).user,
            "pending": TeacherFactory(school=self.school, status="pending", verified_how="", verified_at=None).user,
            "other_teacher": TeacherFactory().user,
            "owner": self._member(Membership.Role.OWNER),
            "editor": self._member(Membership.Role.EDITOR),
            "reader": self._member(Membership.Role.READER),
            "other_member": MembershipFactory().user,
            "staff": StaffFactory(),
            "rightless": UserFactory(is_staff=True),
        }

    def _member(self, role: str) -> User:
        return MembershipFactory(partner=self.partner, role=role).user

    @cached_property
    def activity(self) -> Activity:
        return ActivityFactory(partner=self.partner, title="Se robotene")

    @cached_property
    def draft(self) -> Activity:
        """Complete, so that it may be published."""
        activity = ActivityFactory(
            partner=self.partner, status=Activity.Status.DRAFT, published_at=None, place="Porten"
        )
        activity.subjects.add(SubjectFactory())
        return activity

    @cached_property
    def archived(self) -> Activity:
        return ActivityFactory(partner=self.partner, status=Activity.Status.ARCHIVED)

    @cached_property
    def on_request(self) -> Activity:
        return ActivityFactory(partner=self.partner, policy=Activity.Policy.ON_REQUEST)

    @cached_property
    def session(self):
        return SessionFactory(activity=self.activity, capacity=5, places_taken=1)

    def _booking(self, **facts) -> Booking:
        facts.setdefault("session", self.session)
        return BookingFactory(teacher=self.people["teacher"], school=self.school, **facts)

    @cached_property
    def requested(self) -> Booking:
        return self._booking()

    @cached_property
    def confirmed(self) -> Booking:
        return self._booking(status=Booking.Status.CONFIRMED)

    @cached_property
    def held(self) -> Booking:
        """Confirmed, and the day has passed."""
        start = timezone.now() - timedelta(days=2)
        session = SessionFactory(activity=self.activity, starts_at=start, places_taken=1)
        return self._booking(status=Booking.Status.CONFIRMED, session=session)

    @cached_property
    def new_school(self):
        """Where nobody teaches yet."""
        return SchoolFactory()

    @cached_property
    def school_class(self):
        return SchoolClassFactory(school=self.school)

    @cached_property
    def subscriber(self) -> Subscriber:
        return Subscriber.objects.create(
            email="leser@example.org", status=Subscriber.Status.ACTIVE, consent_text="Ja", consent_source="/"
        )

    @cached_property
    def asking(self) -> Subscriber:
        return Subscriber.objects.create(email="ny@example.org", consent_text="Ja", consent_source="/")

    @cached_property
    def application(self) -> Partner:
        return PartnerFactory(status=Partner.Status.UNCONFIRMED)

    @cached_property
    def report(self) -> PartnerReport:
        run = ReportRun.objects.create(school_year=current_school_year() - 1, status=ReportRun.Status.DONE)
        report = PartnerReport(run=run, partner=self.partner, school_year=run.school_year, status="ready")
        report.file.save("report.pdf", ContentFile(b"%PDF-1.7"), save=True)
        return report

    @cached_property
    def mail_name(self) -> str:
        folder = Path(settings.DEMO_MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MAIL_NAME).write_bytes(b"Subject: Hei\r\nTo: kari@example.org\r\n\r\nHei\r\n")
        return MAIL_NAME
