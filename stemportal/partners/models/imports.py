"""Importing partners from a spreadsheet: what a file would change, row by row, before anything is changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models.partner import Partner


class PartnerImport(models.Model):
    """One uploaded file. It is read by a worker, shown row by row, and applied in one transaction, or thrown away."""

    class Status(models.TextChoices):
        READING = "reading", _("Being read")
        READY = "ready", _("Ready to apply")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        FAILED = "failed", _("Could not be read")
        DISCARDED = "discarded", _("Thrown away")

    class NewStatus(models.TextChoices):
        APPROVED = Partner.Status.APPROVED.value, _("Approved at once")
        APPLIED = Partner.Status.APPLIED.value, _("Applications that wait for an answer")

    file = models.FileField(_("file"), max_length=120)
    # The file itself is deleted once it has been read: it may hold what its uploader did not mean to hand over.
    file_name = models.CharField(_("file name"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.READING)
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    new_status = models.CharField(
        _("new partners become"), max_length=12, choices=NewStatus, default=NewStatus.APPROVED
    )
    # Of the page on which it was uploaded: reasons are written down in it.
    language = models.CharField(max_length=5, default="nb", editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    total = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("rows read"), default=0)
    error = models.TextField(_("error"), blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("applied by"),
    )

    class Meta:
        verbose_name = _("import of partners")
        verbose_name_plural = _("imports of partners")
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """What one line of the file would do. ``changes`` is ``{field: [old, new]}``, ``errors`` a list of column, reason.

    A personal identity number in a cell is never kept: the row is bad and its value is left out.
    """

    class Action(models.TextChoices):
        NEW = "new", _("New partner")
        CHANGE = "change", _("Changes")
        SAME = "same", _("No change")
        BAD = "bad", _("Cannot be used")

    partner_import = models.ForeignKey(
        PartnerImport, on_delete=models.CASCADE, related_name="rows", verbose_name=_("import")
    )
    line = models.PositiveIntegerField(_("line"))
    action = models.CharField(_("what would happen"), max_length=6, choices=Action)
    partner = models.ForeignKey(
        Partner, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("partner")
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    values = models.JSONField(_("values"), default=dict)
    changes = models.JSONField(_("changes"), default=dict)
    errors = models.JSONField(_("errors"), default=list)

    class Meta:
        verbose_name = _("row")
        verbose_name_plural = _("rows")
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["partner_import", "line"], name="partners_importrow_unique")]
        indexes = [
            models.Index(fields=["partner_import", "line"], name="partners_importrow_bad", condition=Q(action="bad"))
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.name}"
