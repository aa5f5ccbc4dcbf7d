"""Schools, teachers, classes and bookings: an agreement, its history and what took place."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import GRADES, Activity, Session
from stemportal.places.models import LanguageForm, Municipality

if TYPE_CHECKING:
    pass

MAX_PUPILS = 500


class SchoolQuerySet(models.QuerySet["School"]):
    """Phrases about schools."""

    def active(self) -> Self:
        """Schools that still teach."""
        return self.filter(is_active=True)


class School(models.Model):
    """A lower or upper secondary school of the National School Register.

    ``number`` is text: schools abroad have numbers such as U00000001. The point is in degrees WGS84; where the
    register has none it is the municipality's point and ``point_is_exact`` is false.
    """

    class Ownership(models.TextChoices):
        PUBLIC = "public", _("Public")
        PRIVATE = "private", _("Private")

    number = models.CharField(_("organisation number"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=160)
    # Empty on Svalbard, which has schools but no municipality.
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="schools",
        verbose_name=_("municipality"),
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    ownership = models.CharField(_("ownership"), max_length=10, choices=Ownership, default=Ownership.PUBLIC)
    language_form = models.CharField(
        _("language form"), max_length=8, choices=LanguageForm, default=LanguageForm.NEUTRAL
    )
    grade_from = models.PositiveSmallIntegerField(_("from grade"))
    grade_to = models.PositiveSmallIntegerField(_("to grade"))
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    point_is_exact = models.BooleanField(_("exact point"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("schools")
        ordering = ["name", "number"]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="schools_school_name_like"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place_name(self) -> str:
        """Name of the municipality, or Svalbard."""
        return self.municipality.name if self.municipality else "Svalbard"

    @property
    def mail_language(self) -> str:
        """Language of mail to the school: its målform (språklova), bokmål where it is neutral."""
        return "nn" if self.language_form == LanguageForm.NYNORSK else "nb"


class OwnerDomain(models.Model):
    """A mail domain that belongs to the owner of schools: addresses under it verify a teacher at once.

    A municipality owns its public lower secondary schools, a county its public upper secondary schools; a private
    school or an exception is named itself.
    """

    domain = models.CharField(_("mail domain"), max_length=120)
    county = models.ForeignKey(
        "places.County", on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("county")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("municipality")
    )
    school = models.ForeignKey(School, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("school"))

    class Meta:
        verbose_name = _("school owner's mail domain")
        verbose_name_plural = _("school owners' mail domains")
        ordering = ["domain"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(county__isnull=False, municipality__isnull=True, school__isnull=True)
                    | Q(county__isnull=True, municipality__isnull=False, school__isnull=True)
                    | Q(county__isnull=True, municipality__isnull=True, school__isnull=False)
                ),
                name="schools_ownerdomain_one_owner",
            ),
            models.UniqueConstraint(
                fields=["domain", "county", "municipality", "school"],
                name="schools_ownerdomain_unique",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.domain


class Teacher(models.Model):
    """A person at a school. Only a verified teacher may book."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for approval")
        VERIFIED = "verified", _("Verified")
        DECLINED = "declined", _("Declined")

    class VerifiedHow(models.TextChoices):
        DOMAIN = "domain", _("Mail domain of the school's owner")
        STAFF = "staff", _("The secretariat")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="teacher_records", verbose_name=_("person")
    )
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="teachers", verbose_name=_("school"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    verified_how = models.CharField(_("verified by"), max_length=10, choices=VerifiedHow, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    created_at = models.DateTimeField(_("signed up"), default=timezone.now)

    class Meta:
        verbose_name = _("teacher")
        verbose_name_plural = _("teachers")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["user", "school"], name="schools_teacher_unique")]
        indexes = [models.Index(fields=["created_at"], name="schools_teacher_waiting", condition=Q(status="pending"))]

    def __str__(self) -> str:
        return f"{self.user}, {self.school}"

    @property
    def is_verified(self) -> bool:
        return self.status == self.Status.VERIFIED


class SchoolClass(models.Model):
    """A class or teaching group in one school year: a name and counts, never pupils' names."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="classes", verbose_name=_("school"))
    name = models.CharField(_("class"), max_length=30)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=GRADES)
    pupils = models.PositiveSmallIntegerField(
        _("number of pupils"), validators=[MinValueValidator(1), MaxValueValidator(MAX_PUPILS)]
    )
    school_year = models.PositiveSmallIntegerField(_("school year starts in"))

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering = ["grade", "name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "school_year", "name"], name="schools_schoolclass_unique")
        ]

    def __str__(self) -> str:
        return self.name


class BookingQuerySet(models.QuerySet["Booking"]):
    """Phrases about bookings."""

    def holding_places(self) -> Self:
        """Bookings that take up places in their session."""
        return self.filter(status__in=Booking.HOLDING)

    def completed(self) -> Self:
        """Visits that took place; what every figure counts."""
        return self.filter(status=Booking.Status.COMPLETED)

    def waiting_for_partner(self) -> Self:
        """Requests to answer, the most pressing first."""
        return self.filter(status=Booking.Status.REQUESTED).order_by("reply_by", "id")

    def upcoming(self) -> Self:
        """Confirmed visits still to come, in order of time."""
        return self.filter(status=Booking.Status.CONFIRMED, session__ends_at__gte=timezone.now()).order_by(
            "session__starts_at"
        )

    def missing_attendance(self) -> Self:
        """Confirmed visits whose day has passed and that nobody has confirmed."""
        return self.filter(status=Booking.Status.CONFIRMED, session__ends_at__lt=timezone.now()).order_by(
            "session__starts_at"
        )

    def with_facts(self) -> Self:
        """Everything a list or a page says about a booking, in one query."""
        return self.select_related(
            "activity__partner",
            "activity__kind",
            "activity__municipality",
            "session",
            "school__municipality",
            "teacher",
        )


class Booking(models.Model):
    """A class's place in a session, or a teacher's proposal of a date (``session`` empty, ``proposed_at`` set).

    The group's name and size are kept as they were agreed, so that a later change of the class changes no agreement.
    ``places`` is what the booking takes of the session's capacity, in the unit of the activity's kind.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for an answer")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CANCELLED_BY_SCHOOL = "school_cancel", _("Cancelled by the school")
        CANCELLED_BY_PARTNER = "partner_cancel", _("Cancelled by the partner")
        COMPLETED = "completed", _("Completed")

    HOLDING = (Status.REQUESTED, Status.CONFIRMED, Status.COMPLETED)

    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("activity")
    )
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings", verbose_name=_("session")
    )
    proposed_at = models.DateTimeField(_("proposed time"), null=True, blank=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("school"))
    # The agreement outlives its teacher's account.
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="bookings",
        verbose_name=_("teacher"),
    )
    school_class = models.ForeignKey(
        SchoolClass,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bookings",
        verbose_name=_("class"),
    )
    group_name = models.CharField(_("class or group"), max_length=30)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=GRADES)
    pupils = models.PositiveSmallIntegerField(
        _("number of pupils"), validators=[MinValueValidator(1), MaxValueValidator(MAX_PUPILS)]
    )
    places = models.PositiveSmallIntegerField(_("places"), default=1)
    needs = models.TextField(_("needs of the group"), max_length=1000, blank=True)
    message = models.TextField(_("message to the partner"), max_length=2000, blank=True)
    reply = models.TextField(_("answer from the partner"), max_length=2000, blank=True)
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.REQUESTED)
    reply_by = models.DateField(_("answer by"), null=True, blank=True)
    created_at = models.DateTimeField(_("booked"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # The same form sent twice carries the same key and gives one booking.
    request_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(pupils__gte=1, pupils__lte=MAX_PUPILS), name="schools_booking_pupils"),
            models.CheckConstraint(condition=Q(places__gte=1), name="schools_booking_places"),
            models.CheckConstraint(
                condition=Q(session__isnull=False) | Q(proposed_at__isnull=False), name="schools_booking_has_a_time"
            ),
            models.UniqueConstraint(
                fields=["session", "school", "group_name"],
                condition=Q(status__in=["requested", "confirmed", "completed"], session__isnull=False),
                name="schools_booking_group_once",
            ),
        ]
        indexes = [
            models.Index(fields=["activity", "status"], name="schools_booking_activity"),
            models.Index(fields=["teacher", "status"], name="schools_booking_teacher"),
            models.Index(fields=["school", "status"], name="schools_booking_school"),
            models.Index(fields=["reply_by"], name="schools_booking_to_answer", condition=Q(status="requested")),
        ]

    def __str__(self) -> str:
        return f"{self.group_name}, {self.school} · {self.activity}"

    def get_absolute_url(self) -> str:
        return reverse("schools:booking", args=[self.pk])

    @property
    def starts_at(self):  # noqa: ANN201  # datetime; a property so that templates need not know the two cases
        """The agreed start, or the proposed one while none is agreed."""
        return self.session.starts_at if self.session else self.proposed_at


class BookingEvent(models.Model):
    """One move of a booking: who, when, from, to and the line that was written."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="events", verbose_name=_("booking"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    from_status = models.CharField(_("from"), max_length=15, choices=Booking.Status, blank=True)
    to_status = models.CharField(_("to"), max_length=15, choices=Booking.Status)
    note = models.TextField(_("note"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("history")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["booking", "at"], name="schools_event_booking")]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class Attendance(models.Model):
    """How many came, told by the teacher: counts only. Girls are optional and never shown when under 5."""

    booking = models.OneToOneField(
        Booking, on_delete=models.CASCADE, related_name="attendance", verbose_name=_("booking")
    )
    pupils = models.PositiveSmallIntegerField(_("pupils who came"), validators=[MaxValueValidator(MAX_PUPILS)])
    girls = models.PositiveSmallIntegerField(
        _("of whom girls"), null=True, blank=True, validators=[MaxValueValidator(MAX_PUPILS)]
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), default=timezone.now)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.CheckConstraint(
                condition=Q(girls__isnull=True) | Q(girls__lte=F("pupils")), name="schools_attendance_girls"
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.pupils}"
