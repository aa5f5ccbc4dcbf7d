"""A registration that somebody has begun and wants to go on with later."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DRAFT_DAYS = 30


def draft_ends() -> datetime:
    """Return until when a draft that is written now is kept."""
    return timezone.now() + timedelta(days=DRAFT_DAYS)


class RegistrationDraft(models.Model):
    """What was typed so far, kept for 30 days and opened with a mailed link. It has no account and no partner yet."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=5, default="nb")
    # The form's values by field name; never a personal identity number, proof of work or signature.
    data = models.JSONField(_("what was typed"), default=dict)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    updated_at = models.DateTimeField(_("saved"), default=timezone.now)
    expires_at = models.DateTimeField(_("kept until"), default=draft_ends)

    class Meta:
        verbose_name = _("begun registration")
        verbose_name_plural = _("begun registrations")
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["expires_at"], name="partners_draft_expires")]

    def __str__(self) -> str:
        return self.email
