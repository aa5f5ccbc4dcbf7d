"""A session: one time an activity is held."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.activity import Activity
from stemportal.activities.models.series import SessionSeries

# Where an activity of this format takes place. One that is "on site or digital" settles it date by date.
WHERE_OF_FORMAT: dict[str, str] = {
    Activity.Format.ON_SITE: "partner",
    Activity.Format.AT_SCHOOL: "school",
    Activity.Format.DIGITAL: "video",
}


# What ``Session.places_left`` says, for the database.
FREE_PLACES = Case(
    When(pupils_taken__gte=F("pupil_capacity"), then=Value(0)),
    default=F("capacity") - F("places_taken"),
    output_field=models.IntegerField(),
)


class SessionQuerySet(models.QuerySet["Session"]):
    """Phrases about sessions."""

    def open(self, *, after: datetime | None = None) -> Self:
        """Sessions still to come that are not cancelled."""
        return self.filter(status=Session.Status.OPEN, starts_at__gt=after or timezone.now())

    def with_places_left(self) -> Self:
        """Sessions that are not full, neither in groups nor in pupils."""
        room = Q(pupil_capacity=None) | Q(pupils_taken__lt=F("pupil_capacity"))
        return self.filter(room, places_taken__lt=F("capacity"))


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
        """Free places in the unit of the activity's kind; none when no more pupils may come."""
        return 0 if self.pupils_left == 0 else max(self.capacity - self.places_taken, 0)

    @property
    def pupils_left(self) -> int | None:
        """How many more pupils may come, where that is limited besides the groups; else None."""
        return None if self.pupil_capacity is None else max(self.pupil_capacity - self.pupils_taken, 0)

    @property
    def takes_place(self) -> str:
        """Where it takes place (a ``Where``): as the session says, else as its activity does; empty: not settled."""
        return self.where or WHERE_OF_FORMAT.get(self.activity.format, "")

    @property
    def lasts_days(self) -> bool:
        """Whether it ends on another day than it begins."""
        return timezone.localtime(self.starts_at).date() != timezone.localtime(self.ends_at).date()

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN and self.starts_at > timezone.now()
