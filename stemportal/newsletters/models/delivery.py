"""One delivery per newsletter and receiver, the batches in which workers send them, and what came back."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.newsletters.models.newsletter import Newsletter
from stemportal.newsletters.models.subscriber import Subscriber


class Batch(models.Model):
    """Deliveries that one worker sends over one connection, in the order of their ids.

    What has become of each is known from two numbers, so that sending needs one small write a mail and a crash leaves
    no doubt but about the mail that was being handed over:

    * before ``begun_id``: handed over (or failed, which is noted at once);
    * ``begun_id`` itself: being handed over when the worker died, so **unknown**, and never repeated blindly;
    * after it: the server has been given no text of it.

    ``begun_id`` is written without waiting for the disk, so a crash of the *database server* can lose the last of it;
    ``horizon_id`` is written durably before any delivery up to it is begun. After such a crash (the server started
    or recovered later than the batch was taken) everything from ``begun_id`` to ``horizon_id`` is unknown.
    """

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.CASCADE, related_name="batches", verbose_name=_("newsletter")
    )
    taken_at = models.DateTimeField(_("taken"), default=timezone.now)
    begun_id = models.BigIntegerField(default=0)
    horizon_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.newsletter} {self.pk}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Phrases about deliveries."""

    def unsure(self) -> Self:
        """Those of which nobody knows whether they arrived, and nobody has decided what to do."""
        return self.filter(status=Delivery.Status.UNKNOWN, left_at=None)


class Delivery(models.Model):
    """One newsletter to one subscriber; the unique pair makes sure that nobody gets it twice."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        TAKEN = "taken", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Refused")
        UNKNOWN = "unknown", _("Unknown: cut off while it was handed over")
        SKIPPED = "skipped", _("Not sent: left meanwhile")
        BOUNCED = "bounced", _("Came back")

    # Still to be sent.
    OPEN = (Status.QUEUED, Status.TAKEN)

    newsletter = models.ForeignKey(
        Newsletter, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("newsletter")
    )
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("subscriber")
    )
    # Held by a worker in this batch. Let go when it is known what became of it, so that the index stays small.
    batch = models.ForeignKey(
        Batch,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        db_index=False,
        verbose_name=_("batch"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, db_default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), db_default=0)
    # Empty: at once.
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    error = models.CharField(_("what the mail server said"), max_length=300, blank=True, db_default="")
    # Of an unknown one: when the secretariat decided not to send it again.
    left_at = models.DateTimeField(_("left as it is"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["newsletter", "subscriber"], name="newsletters_delivery_once")]
        indexes = [
            models.Index(
                fields=["newsletter", "next_try_at"], name="newsletters_delivery_queued", condition=Q(status="queued")
            ),
            # Also for the deletion of batches: each asks whether a delivery still points at it.
            models.Index(fields=["batch", "id"], name="newsletters_delivery_held", condition=Q(batch__isnull=False)),
            models.Index(
                fields=["newsletter", "status"],
                name="newsletters_delivery_trouble",
                condition=Q(status__in=["failed", "unknown", "bounced"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.newsletter} → {self.subscriber}"


class Bounce(models.Model):
    """A mail that came back, or that its receiver reported as spam, as a mail server or a mail provider told it."""

    class Kind(models.TextChoices):
        HARD = "hard", _("The address does not exist or refuses mail")
        SOFT = "soft", _("Could not be delivered for now")
        COMPLAINT = "complaint", _("Reported as spam")
        REPLY = "reply", _("Asked to leave by mail")

    class Source(models.TextChoices):
        SMTP = "smtp", _("While sending")
        MAILBOX = "mailbox", _("Mailbox for returned mail")
        PROVIDER = "provider", _("Mail provider")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    source = models.CharField(_("told by"), max_length=10, choices=Source)
    email = models.EmailField(_("e-mail address"), max_length=254)
    subscriber = models.ForeignKey(
        Subscriber,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bounces",
        verbose_name=_("subscriber"),
    )
    newsletter = models.ForeignKey(
        Newsletter,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bounces",
        verbose_name=_("newsletter"),
    )
    code = models.CharField(_("status code"), max_length=20, blank=True)
    diagnosis = models.CharField(_("what the mail server said"), max_length=500, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    # Of the message or event: the same one told twice counts once.
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        verbose_name = _("returned mail")
        verbose_name_plural = _("returned mail")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["at"], name="newsletters_bounce_at")]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_kind_display()}"
