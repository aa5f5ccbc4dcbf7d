"""A partner's copy of all its data."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models.partner import Partner


class DataExport(models.Model):
    """A ZIP of everything the portal knows about a partner (JSON, CSV, files), built by a worker, kept a few days."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        BUILDING = "building", _("Being built")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Deleted")

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="data_exports", verbose_name=_("partner")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    requested_at = models.DateTimeField(_("asked for"), default=timezone.now)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    # Steps of the work, for the progress bar.
    total = models.PositiveIntegerField(_("steps"), default=0)
    done = models.PositiveIntegerField(_("steps done"), default=0)
    file = models.FileField(_("file"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    built_at = models.DateTimeField(_("ready"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("copy of a partner's data")
        verbose_name_plural = _("copies of partners' data")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner"],
                condition=Q(status__in=["waiting", "building"]),
                name="partners_dataexport_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner} {timezone.localtime(self.requested_at):%Y-%m-%d %H:%M}"
