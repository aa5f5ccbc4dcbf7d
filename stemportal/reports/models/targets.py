"""The programme's targets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Target(models.Model):
    """A goal of the programme for one school year, for example 1,000,000 participants."""

    class Measure(models.TextChoices):
        PUPILS = "pupils", _("Pupils reached")
        PARTNERS = "partners", _("Partners engaged")
        SCHOOLS = "schools", _("Schools reached")
        VISITS = "visits", _("Visits held")

    school_year = models.PositiveSmallIntegerField(_("school year starts in"))
    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    value = models.PositiveIntegerField(_("target"))

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["school_year", "measure"]
        constraints = [models.UniqueConstraint(fields=["school_year", "measure"], name="reports_target_unique")]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.school_year}"
