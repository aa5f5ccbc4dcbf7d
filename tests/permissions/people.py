"""A small world with one person in each role, and one of everything that an address may name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import (
    Activity,
    ActivityFile,
    ActivityImage,
    OwnWord,
    PendingEdit,
    RoleModel,
    SavedSearch,
    SessionSeries,
)
from stemportal.activities.services.consent_links import link_token
from stemportal.activities.services.files import add_file
from stemportal.activities.services.pictures import add_picture
from stemportal.lib import images
from stemportal.partners.models import BrandMaterial, DataExport, Invitation, Membership, Partner, Signature, token_hash
from stemportal.partners.services.brand import keep_material
from stemportal.partners.services.drafts import save_draft
from stemportal.partners.services.organisation import set_logo
from stemportal.reports.models import PartnerReport, ProgrammeReport
from stemportal.schools.models import (
    Attachment,
    Booking,
    GrantPot,
    Message,
    Offer,
    Pulse,
    TransportGrant,
    Wish,
)
from stemportal.schools.services.grants import claim_grant
from stemportal.schools.services.pulse import open_pulse
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    DeclarationFactory,
    GrantPotFactory,
    KindFactory,
    MembershipFactory,
    OfferFactory,
    PartnerFactory,
    RoleModelFactory,
    SchoolClassFactory,
    SchoolFactory,
    SessionFactory,
    StaffFactory,
    SubjectFactory,
    TeacherFactory,
    TransportGrantFactory,
    TransportRateFactory,
    UserFactory,
    WishFactory,
    WishMatchFactory,
)
from stemportal.testing.papers import PERIOD, published, report_of
from stemportal.testing.programme_reports import programme_report
from tests.permissions.files import small_png
from tests.permissions.network_things import NetworkThings, NewsletterThings

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
DAY = timedelta(days=1)


@dataclass
class World(NetworkThings, NewsletterThings):
    """The people are made at once, all other objects when a test asks for them."""

    def __post_init__(self) -> None:
        self.declaration = DeclarationFactory()
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
    def pending(self) -> PendingEdit:
        """A change of a published offer that waits."""
        return PendingEdit.objects.create(activity=self.activity, data={"values": {"title": ["Se dronene"]}})

    @cached_property
    def picture(self) -> ActivityImage:
        """Of the published offer."""
        return add_picture(activity=self.activity, picture=images.prepare(BytesIO(small_png())), alt_text="En robot")

    @cached_property
    def own_word(self) -> OwnWord:
        """Told by the partner."""
        facts = {"title": "Stand", "kind": self.activity.kind, "pupils": 120, "hours": 6}
        return OwnWord.objects.create(partner=self.partner, held_on=timezone.localdate() - 9 * DAY, **facts)

    @cached_property
    def offer_file(self) -> ActivityFile:
        """Of the published offer."""
        return add_file(activity=self.activity, purpose="risk", title="Risiko", content=b"%PDF-1.7", extension="pdf")

    @cached_property
    def archived(self) -> Activity:
        return ActivityFactory(partner=self.partner, status=Activity.Status.ARCHIVED)

    @cached_property
    def on_request(self) -> Activity:
        return ActivityFactory(partner=self.partner, policy=Activity.Policy.ON_REQUEST)

    @cached_property
    def session(self):
        return SessionFactory(activity=self.activity, capacity=5, places_taken=1)

    @cached_property
    def series(self) -> SessionSeries:
        """One Tuesday in July, when no public holiday is in the way of another one."""
        tuesday = date.fromisocalendar(timezone.localdate().year + 1, 28, 2)
        facts = {"first_day": tuesday, "last_day": tuesday, "begins": time(9), "minutes": 120}
        return SessionSeries.objects.create(
            activity=self.activity, rule=f"FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;UNTIL={tuesday:%Y%m%d}", **facts
        )

    @cached_property
    def role_model(self) -> RoleModel:
        """Shown, with a photo and a consent whose link is known."""
        role_model = RoleModelFactory(
            partner=self.partner,
            shown=True,
            visits_schools=False,
            meets_online=True,
            photo=default_storage.save(
                f"role_models/{images.prepare(BytesIO(small_png())).random_name()}", ContentFile(small_png())
            ),
            photo_alt="Rolf",
        )
        role_model.subjects.add(SubjectFactory())
        return role_model

    @cached_property
    def hidden_role_model(self) -> RoleModel:
        RoleModel.objects.filter(pk=self.role_model.pk).update(status=RoleModel.Status.HIDDEN)
        return self.role_model

    @cached_property
    def consent_token(self) -> str:
        return link_token(self.role_model.consents.get())

    def _booking(self, **facts) -> Booking:
        facts.setdefault("session", self.session)
        return BookingFactory(teacher=self.people["teacher"], school=self.school, **facts)

    @cached_property
    def requested(self) -> Booking:
        return self._booking()

    @cached_property
    def offered(self) -> Booking:
        """The partner has offered another time."""
        return self._booking(status=Booking.Status.OFFERED)

    @cached_property
    def full_session(self):
        return SessionFactory(activity=self.activity, capacity=1, places_taken=1)

    @cached_property
    def confirmed(self) -> Booking:
        return self._booking(status=Booking.Status.CONFIRMED)

    @cached_property
    def talked_about(self) -> Booking:
        """Each side wrote a line that the other has not read."""
        for side in ("school", "partner"):
            Message.objects.create(booking=self.requested, side=side, text="Hei", request_key=uuid4())
        return self.requested

    @cached_property
    def message_file(self) -> Attachment:
        """A file that the partner sent."""
        message = self.talked_about.messages.get(side="partner")
        file = Attachment(message=message, name="Kart.pdf", size=8)
        file.file.save("messages/kart.pdf", ContentFile(b"%PDF-1.7"), save=True)
        return file

    @cached_property
    def held(self) -> Booking:
        """Confirmed, and the day has passed."""
        start = timezone.now() - timedelta(days=2)
        session = SessionFactory(activity=self.activity, starts_at=start, places_taken=1)
        return self._booking(status=Booking.Status.CONFIRMED, session=session)

    @cached_property
    def pot(self) -> GrantPot:
        """The partner's own."""
        return GrantPotFactory(partner=self.partner)

    def _grant(self, booking: Booking, **facts) -> TransportGrant:
        return TransportGrantFactory(booking=booking, pot=self.pot, people=20, **facts)

    @cached_property
    def grant(self) -> TransportGrant:
        """Asked for out of the partner's pot, by the teacher."""
        TransportRateFactory()
        return self._grant(self.confirmed)

    @cached_property
    def other_grant(self) -> TransportGrant:
        """Of another school, which goes the same way."""
        booking = BookingFactory(session=self.session, status=Booking.Status.CONFIRMED)
        return self._grant(booking)

    @cached_property
    def claimed_grant(self) -> TransportGrant:
        """With a receipt, for a visit that was held."""
        facts = {"status": TransportGrant.Status.APPROVED, "approved_ore": 300_000}
        grant = self._grant(self.held, **facts)
        return claim_grant(booking=grant.booking, ore=200_000, content=b"%PDF-1.7", extension="pdf")

    @cached_property
    def work_week(self) -> Activity:
        """Pupils are at work, a week at a time."""
        kind = KindFactory(
            code="work_week", name_en="Work week", unit="pupils", guards={"min_grade": 9, "risk_assessment": True}
        )
        risk = timezone.localdate() - timedelta(days=30)
        return ActivityFactory(partner=self.partner, kind=kind, duration_minutes=5 * 450, risk_assessed_on=risk)

    @cached_property
    def placement(self) -> Booking:
        """An agreed work week."""
        session = SessionFactory(activity=self.work_week, capacity=10, places_taken=4)
        return self._booking(session=session, status=Booking.Status.CONFIRMED, pupils=4, places=4)

    @cached_property
    def wish(self) -> Wish:
        """The teacher's own; the partner was asked."""
        wish = WishFactory(school=self.school, teacher=self.people["teacher"])
        WishMatchFactory(wish=wish, partner=self.partner)
        return wish

    @cached_property
    def wish_offer(self) -> Offer:
        """The partner's, at a date of its own."""
        return OfferFactory(wish=self.wish, session=SessionFactory(activity=self.activity))

    @cached_property
    def completed(self) -> Booking:
        session = SessionFactory(activity=self.activity, starts_at=timezone.now() - timedelta(days=3), places_taken=1)
        return self._booking(status=Booking.Status.COMPLETED, session=session)

    @cached_property
    def pulse(self) -> Pulse:
        """Of the visit that was held; it asks about afterwards."""
        return open_pulse(booking=self.held)

    @property
    def record(self):
        """What the teacher is at the school."""
        return self.people["teacher"].teacher_records.get()

    @cached_property
    def school_colleague(self):
        """One more teacher at the school, who can take a booking over."""
        return TeacherFactory(school=self.school)

    @cached_property
    def new_school(self):
        """Where nobody teaches yet."""
        return SchoolFactory()

    @cached_property
    def classes_to_carry(self) -> list[int]:
        """A class at each teacher's school that has a next year."""
        schools = [self.people[who].teacher_records.get().school for who in ("teacher", "other_teacher")]
        return [SchoolClassFactory(school=school, name="8K", grade=8).pk for school in schools]

    @cached_property
    def school_class(self):
        return SchoolClassFactory(school=self.school)

    @cached_property
    def saved_search(self) -> SavedSearch:
        """The teacher's own."""
        return SavedSearch.objects.create(user=self.people["teacher"], name="Roboter", query="q=robot")

    @cached_property
    def draft_token(self) -> str:
        """The link of a registration that somebody has begun."""
        save_draft(token="begun", data={"legal_name": "Nordlys AS"}, email="ny@example.org", language="nb")
        return "begun"

    @cached_property
    def application(self) -> Partner:
        return PartnerFactory(status=Partner.Status.UNCONFIRMED)

    @cached_property
    def logo_name(self) -> str:
        """The file name of the partner's logo."""
        name = set_logo(partner_id=self.partner.pk, picture=images.prepare(BytesIO(small_png())))
        return name.removeprefix("logos/")

    @cached_property
    def material(self) -> BrandMaterial:
        """A logo of the programme that partners may use."""
        material = BrandMaterial(title_nb="Logo", title_nn="Logo", title_en="Logo")
        keep_material(material=material, upload=SimpleUploadedFile("logo.png", small_png()))
        return material

    @cached_property
    def report(self) -> PartnerReport:
        """Published."""
        return published(self.partner)

    @cached_property
    def programme_report(self) -> ProgrammeReport:
        """Published."""
        return programme_report()

    @cached_property
    def report_in_the_making(self) -> PartnerReport:
        return report_of(self.partner, period=PERIOD.following, status=PartnerReport.Status.DRAFT)

    @cached_property
    def invitation(self) -> Invitation:
        """For the member of another partner."""
        return Invitation.objects.create(
            partner=self.partner, email=self.people["other_member"].email, token_hash=token_hash("hemmelig")
        )

    @cached_property
    def invitation_token(self) -> str:
        return "hemmelig" if self.invitation else ""

    @cached_property
    def colleague(self) -> Membership:
        """One more editor, so that somebody can be changed and removed."""
        return MembershipFactory(partner=self.partner, role=Membership.Role.EDITOR)

    @cached_property
    def signature(self) -> Signature:
        return Signature.objects.create(
            partner=self.partner, declaration=self.declaration, signed_by=self.people["owner"], signed_name="Ola Sjef"
        )

    @cached_property
    def data_copy(self) -> DataExport:
        copy = DataExport(partner=self.partner, status=DataExport.Status.READY, expires_at=timezone.now() + DAY)
        copy.file.save("exports/copy.zip", ContentFile(b"PK"), save=True)
        return copy

    @cached_property
    def mail_name(self) -> str:
        folder = Path(settings.DEMO_MAIL_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MAIL_NAME).write_bytes(b"Subject: Hei\r\nTo: kari@example.org\r\n\r\nHei\r\n")
        return MAIL_NAME
