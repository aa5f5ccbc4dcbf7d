"""Exports: tables for those who calculate further, and the whole installation for the one that comes after it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """A ZIP that somebody in the secretariat asked for, built by a worker and kept a few days."""

    class What(models.TextChoices):
        TABLES = "tables", _("Tables with a data dictionary")
        INSTALLATION = "installation", _("The whole installation, data and files")

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("spreadsheet (XLSX)")
        PARQUET = "parquet", _("Parquet")
        ARCHIVE = "archive", _("archive of an installation")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        BUILDING = "building", _("Being built")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Deleted")

    what = models.CharField(_("what"), max_length=15, choices=What, default=What.TABLES)
    format = models.CharField(_("format"), max_length=10, choices=Format, default=Format.CSV)
    # Codes of the tables; empty means all of them.
    tables = models.JSONField(_("tables"), default=list, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    claim = models.CharField(max_length=32, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    # Steps of the work, for the progress bar.
    total = models.PositiveIntegerField(_("steps"), default=0)
    done = models.PositiveIntegerField(_("steps done"), default=0)
    file = models.FileField(_("file"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    sha256 = models.CharField(_("fingerprint"), max_length=64, blank=True)
    built_at = models.DateTimeField(_("ready"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["what"],
                condition=Q(what="installation", status__in=["waiting", "building"]),
                name="reports_export_one_installation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}"
