"""What the programme wants to reach, and how far it has come."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.model_texts import Titled
from stemportal.lib.periods import PeriodKind


class TargetQuerySet(models.QuerySet["Target"]):
    """Phrases about targets."""

    def public(self) -> Self:
        """What everybody may see, in order."""
        return self.filter(is_public=True).order_by("order", "pk")


class Target(Titled):
    """A goal of the programme: a measure, where it began, where it is to be, and by when.

    Measured by the portal itself (``Measure``), or entered with its source (``TargetValue``). ``goal`` is the value of
    one year (of ``period_kind``), to be reached in ``due_year`` at the latest: 1,000,000 participants a year by 2030.
    """

    class Measure(models.TextChoices):
        PUPILS = "pupils", _("Pupils reached")
        VISITS = "visits", _("Visits held")
        SCHOOLS = "schools", _("Schools reached")
        MUNICIPALITIES = "municipalities", _("Municipalities reached")
        PARTNERS = "partners", _("Partners engaged")
        COMPANIES = "companies", _("Companies engaged")
        GIRLS_SHARE = "girls_share", _("Share of girls, percent")
        REMOTE_SHARE = "remote_share", _("Share of remote municipalities reached, percent")
        ENTERED = "entered", _("Entered by the secretariat, with its source")

    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    period_kind = models.CharField(_("kind of year"), max_length=10, choices=PeriodKind, default=PeriodKind.SCHOOL)
    # What an entered value counts, such as "%" or "students"; the portal's own measures know theirs.
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    baseline = models.DecimalField(_("value at the start"), max_digits=14, decimal_places=2, null=True, blank=True)
    baseline_year = models.PositiveSmallIntegerField(_("year of the start"), null=True, blank=True)
    goal = models.DecimalField(_("goal"), max_digits=14, decimal_places=2)
    due_year = models.PositiveSmallIntegerField(_("to be reached in"))
    source = models.CharField(_("where the goal is decided"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_public = models.BooleanField(_("shown to everybody"), default=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(baseline__isnull=True, baseline_year__isnull=True)
                | Q(baseline__isnull=False, baseline_year__isnull=False, baseline_year__lte=F("due_year")),
                name="reports_target_baseline",
            )
        ]


class TargetValue(models.Model):
    """What a target's measure was in one year, entered by the secretariat with its source."""

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="values", verbose_name=_("target"))
    year = models.PositiveSmallIntegerField(_("year in which it begins"))
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)
    source = models.CharField(_("source"), max_length=300)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)

    class Meta:
        verbose_name = _("value of a target")
        verbose_name_plural = _("values of targets")
        ordering = ["year"]
        constraints = [models.UniqueConstraint(fields=["target", "year"], name="reports_targetvalue_once")]

    def __str__(self) -> str:
        return f"{self.year}: {self.value}"
