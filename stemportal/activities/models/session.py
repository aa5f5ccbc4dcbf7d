"""A session: one time an activity is held."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.activity import Activity
from stemportal.activities.models.series import SessionSeries


class SessionQuerySet(models.QuerySet["Session"]):
    """Phrases about sessions."""

    def open(self, *, after: datetime | None = None) -> Self:
        """Sessions still to come that are not cancelled."""
        return self.filter(status=Session.Status.OPEN, starts_at__gt=after or timezone.now())

    def with_places_left(self) -> Self:
        """Sessions that are not full."""
        return self.filter(places_taken__lt=F("capacity"))


class Session(models.Model):
    """One time an activity is held. ``capacity`` and ``places_taken`` count in the unit of the activity's kind.

    ``places_taken`` and ``pupils_taken`` are written by schools.services only, under a lock on this row; the check
    constraints are the net.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CANCELLED = "cancelled", _("Cancelled")

    class Where(models.TextChoices):
        PARTNER = "partner", _("At the partner's place")
        SCHOOL = "school", _("At the school")
        VIDEO = "video", _("By video link")

    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="sessions", verbose_name=_("activity")
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    series = models.ForeignKey(
        SessionSeries,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("series"),
    )
    # Empty: where the activity says. A hybrid activity, or one that travels, may differ from date to date.
    where = models.CharField(_("where"), max_length=10, choices=Where, blank=True)
    capacity = models.PositiveIntegerField(_("places"), default=1)
    # Where places are groups, also how many pupils they may bring in all; empty: as many as the groups hold.
    pupil_capacity = models.PositiveIntegerField(_("pupils at most"), null=True, blank=True)
    pupils_taken = models.PositiveIntegerField(_("pupils booked"), default=0)
    places_taken = models.PositiveIntegerField(_("places taken"), default=0)
    place = models.CharField(_("meeting place"), max_length=200, blank=True)
    link = models.URLField(_("video link"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="activities_session_ends_after_start"),
            models.CheckConstraint(
                condition=Q(places_taken__lte=F("capacity")), name="activities_session_never_oversold"
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="activities_session_has_places"),
            models.CheckConstraint(
                condition=Q(pupils_taken__lte=F("pupil_capacity")), name="activities_session_pupils_fit"
            ),
        ]
        indexes = [
            models.Index(fields=["activity", "starts_at"], name="activities_session_coming"),
            models.Index(
                fields=["starts_at", "activity"], name="activities_session_calendar", condition=Q(status="open")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} {timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"

    @property
    def places_left(self) -> int:
        """Free places in the unit of the activity's kind."""
        return max(self.capacity - self.places_taken, 0)

    @property
    def lasts_days(self) -> bool:
        """Whether it ends on another day than it begins."""
        return timezone.localtime(self.starts_at).date() != timezone.localtime(self.ends_at).date()

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN and self.starts_at > timezone.now()
