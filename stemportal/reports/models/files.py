"""Files of reports: what they are, and the fingerprint by which a copy is known again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportFile(models.Model):
    """A file that belongs to one version of a report and never changes. ``sha256`` is of its bytes, in hexadecimal."""

    class Format(models.TextChoices):
        PDF = "pdf", _("PDF")
        XLSX = "xlsx", _("spreadsheet")
        JSON = "json", _("JSON")

    format = models.CharField(_("format"), max_length=5, choices=Format)
    language = models.CharField(_("language"), max_length=5, blank=True)
    file = models.FileField(_("file"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)

    class Meta:
        abstract = True
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        ordering = ["format", "language"]

    def __str__(self) -> str:
        return f"{self.format} {self.language}".strip()
