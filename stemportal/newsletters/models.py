"""Subscribers with their consent, newsletters, and one delivery per subscriber and newsletter."""

from __future__ import annotations

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.outbox.models import Mail


def new_token() -> str:
    """Return a link token that cannot be guessed (192 bits)."""
    return secrets.token_urlsafe(24)


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    """Phrases about subscribers."""

    def active(self) -> Self:
        """Those who confirmed and have not left."""
        return self.filter(status=Subscriber.Status.ACTIVE)


class Subscriber(models.Model):
    """One address with the consent it gave: the text, when and where (markedsføringsloven § 15)."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for confirmation")
        ACTIVE = "active", _("Subscribes")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")

    email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="nb")
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    consent_text = models.TextField(_("consent text"))
    consent_source = models.CharField(_("where the consent was given"), max_length=200)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, blank=True)
    confirm_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    unsubscribe_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="newsletters_subscriber_email_unique")]

    def __str__(self) -> str:
        return self.email


class Newsletter(models.Model):
    """One issue, in bokmål and as far as translated in nynorsk and English; an empty language falls back to bokmål."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")

    subject_nb = models.CharField(_("subject, bokmål"), max_length=160)
    body_nb = models.TextField(_("text, bokmål (Markdown)"))
    subject_nn = models.CharField(_("subject, nynorsk"), max_length=160, blank=True)
    body_nn = models.TextField(_("text, nynorsk (Markdown)"), blank=True)
    subject_en = models.CharField(_("subject, English"), max_length=160, blank=True)
    body_en = models.TextField(_("text, English (Markdown)"), blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent by"),
    )

    class Meta:
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.subject_nb


class Delivery(models.Model):
    """One newsletter to one subscriber; the unique pair makes sure that nobody gets it twice."""

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("newsletter")
    )
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("subscriber")
    )
    mail = models.OneToOneField(
        Mail, on_delete=models.SET_NULL, null=True, blank=True, related_name="delivery", verbose_name=_("mail")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["newsletter", "subscriber"], name="newsletters_delivery_once")]
        indexes = [
            models.Index(fields=["newsletter"], name="newsletters_delivery_todo", condition=Q(mail__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.newsletter} → {self.subscriber}"
