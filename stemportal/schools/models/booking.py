"""Bookings: an agreement, the times that were proposed, and its history."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import GRADES, Activity, Session
from stemportal.schools.models.classes import MAX_PUPILS, SchoolClass
from stemportal.schools.models.school import School


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

    def waiting_for_school(self) -> Self:
        """Times that the partner proposed, and freed places: the school is to answer, the most pressing first."""
        return self.filter(status=Booking.Status.OFFERED).order_by("offer_until", "id")

    def in_line(self) -> Self:
        """Groups on a waiting list, in the order in which a freed place is offered."""
        return self.filter(status=Booking.Status.WAITLISTED).order_by("waitlisted_at", "id")

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

    def without_teacher(self) -> Self:
        """Bookings still to answer or to take place that nobody at the school has any more."""
        open_states = ["requested", "offered", "waitlisted", "confirmed"]
        return self.filter(teacher=None, status__in=open_states)

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
    """A class's place in a session, or a proposal of a date (``session`` empty, ``proposed_at`` set).

    While a time is proposed to and fro, ``session`` or ``proposed_at`` is the newest proposal; the earlier ones stand
    in ``proposals``. Requested is the partner's turn, offered the school's, until ``offer_until``.
    The group's name and size are kept as they were agreed, so that a later change of the class changes no agreement.
    ``places`` is what the booking takes of the session's capacity, in the unit of the activity's kind.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Waiting for an answer")
        OFFERED = "offered", _("Another time is offered")
        WAITLISTED = "waitlisted", _("On the waiting list")
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        CANCELLED_BY_SCHOOL = "school_cancel", _("Cancelled by the school")
        CANCELLED_BY_PARTNER = "partner_cancel", _("Cancelled by the partner")
        COMPLETED = "completed", _("Completed")
        NO_SHOW = "no_show", _("The class did not come")
        EXPIRED = "expired", _("Not answered in time")

    class Travel(models.TextChoices):
        WALK = "walk", _("On foot or by bicycle")
        PUBLIC = "public", _("By bus, tram, train or boat in traffic")
        HIRED = "hired", _("By a bus that the school hires")
        UNKNOWN = "unknown", _("Not decided yet")

    # A class that did not come has used its place up.
    HOLDING = (Status.REQUESTED, Status.OFFERED, Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)

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
    adults = models.PositiveSmallIntegerField(
        _("adults who come along"), default=0, validators=[MaxValueValidator(MAX_PUPILS)]
    )
    travel = models.CharField(_("how the group travels"), max_length=10, choices=Travel, default=Travel.UNKNOWN)
    # Work week and job shadow: what the pupils would like, as counts: [{"interest": "robots", "pupils": 3}].
    pupil_wishes = models.JSONField(_("what the pupils would like"), default=list, blank=True)
    # The class has another visit at that time, and this is why both are wanted.
    same_time_reason = models.CharField(_("why twice at the same time"), max_length=200, blank=True)
    # Somebody else than the teacher made it: a coordinator, or the secretariat on behalf of the school.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    waitlisted_at = models.DateTimeField(_("on the waiting list since"), null=True, blank=True)
    offer_until = models.DateTimeField(_("the school answers by"), null=True, blank=True)
    # The needs are deleted some time after the visit, the messages a longer time after it.
    needs_deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    messages_deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
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
                condition=Q(
                    status__in=["requested", "offered", "waitlisted", "confirmed", "completed", "no_show"],
                    session__isnull=False,
                ),
                name="schools_booking_group_in_session",
            ),
        ]
        indexes = [
            models.Index(fields=["activity", "status"], name="schools_booking_activity"),
            models.Index(fields=["teacher", "status"], name="schools_booking_teacher"),
            models.Index(fields=["school", "status"], name="schools_booking_school"),
            models.Index("school", Upper("group_name"), name="schools_booking_group"),
            models.Index(fields=["reply_by"], name="schools_booking_to_answer", condition=Q(status="requested")),
            models.Index(fields=["offer_until"], name="schools_booking_offered", condition=Q(status="offered")),
            models.Index(
                fields=["session", "waitlisted_at"], name="schools_booking_in_line", condition=Q(status="waitlisted")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_name}, {self.school} · {self.activity}"

    def get_absolute_url(self) -> str:
        return reverse("schools:booking", args=[self.pk])

    @property
    def starts_at(self):  # noqa: ANN201  # datetime; a property so that templates need not know the two cases
        """The agreed start, or the proposed one while none is agreed."""
        return self.session.starts_at if self.session else self.proposed_at

    @property
    def terms(self) -> str:
        """The time and the size of the group, which whoever says yes has seen: with others it is another question."""
        return f"{self.starts_at.isoformat()} {self.pupils}"

    @property
    def is_freed_place(self) -> bool:
        """Whether the school is offered a place that became free in the session it waited for."""
        return self.status == self.Status.OFFERED and self.waitlisted_at is not None


class Proposal(models.Model):
    """A time that one side proposed to the other before a booking was agreed; the open one waits for an answer."""

    class Side(models.TextChoices):
        SCHOOL = "school", _("The school")
        PARTNER = "partner", _("The partner")

    class Status(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        OVERTAKEN = "overtaken", _("Replaced by another")

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="proposals", verbose_name=_("booking"))
    side = models.CharField(_("proposed by"), max_length=10, choices=Side)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("session")
    )
    starts_at = models.DateTimeField(_("proposed time"))
    note = models.TextField(_("note"), max_length=1000, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    made_at = models.DateTimeField(_("proposed"), default=timezone.now)

    class Meta:
        verbose_name = _("proposed time")
        verbose_name_plural = _("proposed times")
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["booking"], condition=Q(status="open"), name="schools_proposal_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"


class BookingEvent(models.Model):
    """One move of a booking: who, when, from, to and the line that was written.

    It is also what mails are made from: the move is written with the booking, and a worker tells everybody whom it
    concerns (``told_at``), so that a booking costs the teacher who makes it no wait for mails.
    """

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
    # Name of the move in ``states``.
    move = models.CharField(_("move"), max_length=20, blank=True)
    # What else the mails of the move say, such as the time before a change: JSON values by name.
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("history")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["booking", "at"], name="schools_event_booking"),
            models.Index(fields=["at"], name="schools_event_untold", condition=Q(told_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
