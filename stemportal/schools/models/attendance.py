"""How many came."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.schools.models.booking import Booking
from stemportal.schools.models.classes import MAX_PUPILS


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
