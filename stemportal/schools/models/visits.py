"""Visits that took place: the one place that says what every figure counts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import Activity, Kind, Session
from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.places.models import County, Municipality
from stemportal.schools.models.booking import Booking
from stemportal.schools.models.school import School


class VisitQuerySet(models.QuerySet["Visit"]):
    """Phrases about visits."""

    def in_period(self, period: Period) -> VisitQuerySet:
        """Visits whose session began in the year."""
        return self.filter(starts_at__gte=period.start, starts_at__lt=period.end)


class Visit(models.Model):
    """A completed booking of which the school has told how many came; a row of the view ``schools_visit``.

    ``pupils`` and ``girls`` are who came, as the school told it; none where the kind is not for pupils. ``hours`` is
    the length of the session, of one over several days the hours of each day together (Monday 9:00 to Friday 15:00 is
    30). A pupil who came twice counts twice: nobody's name is kept. Read only: made of bookings, attendances, sessions.
    """

    booking = models.OneToOneField(
        Booking, on_delete=models.DO_NOTHING, primary_key=True, related_name="visit", verbose_name=_("booking")
    )
    school = models.ForeignKey(School, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("school"))
    municipality = models.ForeignKey(
        Municipality, on_delete=models.DO_NOTHING, null=True, related_name="+", verbose_name=_("municipality")
    )
    county = models.ForeignKey(
        County, on_delete=models.DO_NOTHING, null=True, related_name="+", verbose_name=_("county")
    )
    group_name = models.CharField(_("class or group"), max_length=30)
    grade = models.PositiveSmallIntegerField(_("grade"))
    places = models.PositiveSmallIntegerField(_("places"))
    pupils = models.PositiveSmallIntegerField(_("pupils who came"))
    girls = models.PositiveSmallIntegerField(_("of whom girls"), null=True)
    session = models.ForeignKey(Session, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("session"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    hours = models.FloatField(_("hours"))
    activity = models.ForeignKey(Activity, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("activity"))
    kind = models.ForeignKey(Kind, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("kind"))
    partner = models.ForeignKey(Partner, on_delete=models.DO_NOTHING, related_name="+", verbose_name=_("partner"))

    objects = VisitQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "schools_visit"
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["starts_at", "booking"]

    def __str__(self) -> str:
        return f"{self.group_name} {self.starts_at:%Y-%m-%d}"
