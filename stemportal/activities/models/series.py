"""Sessions that repeat, and when a partner can be asked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.activity import Activity

WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class SessionSeries(models.Model):
    """A rule by which sessions were made (RFC 5545 RRULE without DTSTART), and what was left out.

    The sessions are rows of their own, so each can be moved or called off; the rule says what belongs together.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="series", verbose_name=_("activity"))
    rule = models.CharField(_("rule"), max_length=300)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    begins = models.TimeField(_("begins"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    school_weeks_only = models.BooleanField(_("only in school weeks"), default=True)
    left_out = models.JSONField(_("days left out, with the reason"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("series of sessions")
        verbose_name_plural = _("series of sessions")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="activities_series_has_an_end")
        ]

    def __str__(self) -> str:
        return f"{self.activity}: {self.rule}"


class Availability(models.Model):
    """When a partner can be asked for a visit on request: a weekday and hours, maybe for a part of the year."""

    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="availability", verbose_name=_("activity")
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS)
    begins = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    first_day = models.DateField(_("first day"), null=True, blank=True)
    last_day = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("time that can be asked for")
        verbose_name_plural = _("times that can be asked for")
        ordering = ["weekday", "begins", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="activities_availability_hours"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="activities_availability_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.begins:%H:%M}-{self.ends:%H:%M}"
