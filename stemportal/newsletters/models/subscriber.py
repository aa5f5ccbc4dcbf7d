"""Who wants the newsletter, on what consent, and what came back."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.model_texts import Named
from stemportal.lib.tokens import new_token
from stemportal.places.models import County


class Interest(Named):
    """Something that a subscriber may want to read about. The secretariat keeps the list."""

    slug = models.SlugField(_("code"), max_length=40, unique=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("can be chosen"), default=True)

    class Meta:
        verbose_name = _("interest")
        verbose_name_plural = _("interests")
        ordering = ["order", "slug"]


class ConsentText(models.Model):
    """The words a subscriber says yes to. A new wording is a new version; what was agreed to stays as it was."""

    version = models.PositiveSmallIntegerField(_("version"), unique=True)
    text_nb = models.TextField(_("text, bokmål"), max_length=1000)
    text_nn = models.TextField(_("text, nynorsk"), max_length=1000)
    text_en = models.TextField(_("text, English"), max_length=1000)
    in_force_from = models.DateTimeField(_("in force from"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("written by"),
    )

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"{self.version}"

    @classmethod
    def next_version(cls) -> int:
        """Return the number that a new wording gets."""
        return 1 + (cls.objects.aggregate(last=Max("version"))["last"] or 0)


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    """Phrases about subscribers."""

    def active(self) -> Self:
        """Those who confirmed and have not left."""
        return self.filter(status=Subscriber.Status.ACTIVE)

    def of_address(self, address: str) -> Self:
        """The one row of an address, in whatever case it is told. ``iexact`` would read the table: it has no index."""
        return self.alias(small=Lower("email")).filter(small=address.strip().lower())


class Subscriber(models.Model):
    """One address with the consent it gave: the text, its version, when and where (markedsføringsloven § 15).

    ``consents`` is the whole story of the address; the fields here are its last yes.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for confirmation")
        ACTIVE = "active", _("Subscribes")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        STOPPED = "stopped", _("Stopped: mail came back, or was reported as spam")

    # Off the list, by the owner's wish or ours.
    LEFT = (Status.UNSUBSCRIBED, Status.STOPPED)

    email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="nb")
    county = models.ForeignKey(
        County,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("county"),
    )
    interests = models.ManyToManyField(Interest, blank=True, related_name="subscribers", verbose_name=_("interests"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    consent_text = models.TextField(_("consent text"))
    consent_version = models.PositiveSmallIntegerField(_("version of the consent text"), default=1)
    consent_source = models.CharField(_("where the consent was given"), max_length=200)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    # When a mail about signing up last went to the address: a stranger gets no more than one a day.
    asked_mail_at = models.DateTimeField(null=True, blank=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, blank=True)
    # Temporary failures in a row; a mail that arrives sets it back.
    soft_bounces = models.PositiveSmallIntegerField(_("came back for a while, times in a row"), default=0)
    confirm_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    unsubscribe_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="newsletters_subscriber_email_unique")]
        indexes = [
            models.Index(fields=["asked_at"], name="newsletters_sub_unconfirmed", condition=Q(status="pending")),
            models.Index(
                fields=["unsubscribed_at"],
                name="newsletters_sub_left",
                condition=Q(status__in=["unsubscribed", "stopped"]),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def has_left(self) -> bool:
        """Whether the address was on the list, or asked for it, and is off it now."""
        return self.status in self.LEFT


class ConsentEvent(models.Model):
    """One step in the story of an address: asked, said yes, changed what it wants, left, or was stopped."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("Asked for the newsletter")
        CONFIRMED = "confirmed", _("Said yes")
        CHANGED = "changed", _("Changed the choices")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        STOPPED = "stopped", _("Stopped")

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="consents", verbose_name=_("subscriber")
    )
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    at = models.DateTimeField(_("when"), default=timezone.now)
    # The words that were shown, for a yes; else empty.
    text = models.TextField(_("consent text"), blank=True)
    version = models.PositiveSmallIntegerField(_("version of the consent text"), null=True, blank=True)
    source = models.CharField(_("where"), max_length=200)
    newsletter = models.ForeignKey(
        "newsletters.Newsletter",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="consent_events",
        verbose_name=_("newsletter"),
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class NotNow(models.Model):
    """A person who was offered the newsletter on its pages and said no: it is not offered again."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("no to the offer of a newsletter")
        verbose_name_plural = _("nos to the offer of a newsletter")

    def __str__(self) -> str:
        return str(self.user)
