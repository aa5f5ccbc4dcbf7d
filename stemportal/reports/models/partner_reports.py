"""Yearly reports to partners, the run that builds them, and the programme's targets."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models import Partner


class ReportRun(models.Model):
    """One press on "Build annual reports": how many there are, how many are done."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Building")
        DONE = "done", _("Done")

    school_year = models.PositiveSmallIntegerField(_("school year starts in"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )

    class Meta:
        verbose_name = _("report run")
        verbose_name_plural = _("report runs")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_year"], condition=Q(status="running"), name="reports_run_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_year}/{(self.school_year + 1) % 100:02d}"


class PartnerReport(models.Model):
    """One partner's report on one school year: the figures as they were counted, and the PDF made from them."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        BUILDING = "building", _("Building")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey(ReportRun, on_delete=models.CASCADE, related_name="reports", verbose_name=_("run"))
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="reports", verbose_name=_("partner"))
    school_year = models.PositiveSmallIntegerField(_("school year starts in"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    figures = models.JSONField(_("figures"), default=dict, blank=True)
    file = models.FileField(_("PDF"), upload_to="reports/", blank=True)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    built_at = models.DateTimeField(_("built"), null=True, blank=True)
    fetched_at = models.DateTimeField(_("first fetched by the partner"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("partner report")
        verbose_name_plural = _("partner reports")
        ordering = ["-school_year", "partner__display_name"]
        constraints = [models.UniqueConstraint(fields=["run", "partner"], name="reports_partnerreport_unique")]
        indexes = [models.Index(fields=["partner", "-school_year"], name="reports_partnerreport_partner")]

    def __str__(self) -> str:
        return f"{self.partner} {self.school_year}/{(self.school_year + 1) % 100:02d}"
