"""A mail is a row: written in the same transaction as the fact it tells of, then sent by a worker."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MailQuerySet(models.QuerySet["Mail"]):
    """Phrases about the outbox."""

    def due(self) -> Self:
        """Mails that wait and whose time has come."""
        return self.filter(status=Mail.Status.QUEUED, next_try_at__lte=timezone.now())

    def about(self, subject: str) -> Self:
        """Mails about one thing, for example ``booking:12``."""
        return self.filter(about=subject)


class Mail(models.Model):
    """One mail to one person. ``template`` names the fact (booking_confirmed), ``about`` the thing (booking:12)."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    template = models.CharField(_("template"), max_length=60)
    about = models.CharField(_("about"), max_length=80, blank=True)
    to_email = models.EmailField(_("to"), max_length=254)
    language = models.CharField(_("language"), max_length=5, default="nb")
    subject = models.CharField(pgettext_lazy("mail", "subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"))
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    calendar = models.TextField(_("calendar entry"), blank=True, help_text=_("The .ics attachment, if any."))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_try_at"], name="outbox_mail_due", condition=Q(status="queued")),
            models.Index(fields=["claimed_at"], name="outbox_mail_sending", condition=Q(status="sending")),
            models.Index(fields=["about"], name="outbox_mail_about"),
            models.Index(fields=["to_email"], name="outbox_mail_to"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to_email}"
