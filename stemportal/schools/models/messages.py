"""What school and partner write to each other about a booking."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.schools.models.booking import Booking


class Message(models.Model):
    """A line from one side to the other. Deleted when the time for keeping it is over (``MESSAGE_RETENTION_DAYS``)."""

    class Side(models.TextChoices):
        SCHOOL = "school", _("The school")
        PARTNER = "partner", _("The partner")
        STAFF = "staff", _("The secretariat")

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="messages", verbose_name=_("booking"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    side = models.CharField(_("from"), max_length=10, choices=Side)
    text = models.TextField(_("message"), max_length=4000)
    at = models.DateTimeField(_("when"), default=timezone.now)
    # When the other side first opened the booking after it.
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    # When the other side's mail about it was written; several lines in a short time give one mail.
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    # The same form sent twice carries the same key and gives one message.
    request_key = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["booking", "at"], name="schools_message_booking"),
            models.Index(fields=["at"], name="schools_message_untold", condition=Q(told_at=None)),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Attachment(models.Model):
    """A file that came with a message. Served as an attachment to those who may read the booking, to nobody else."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="files", verbose_name=_("message"))
    name = models.CharField(_("name"), max_length=120)
    file = models.FileField(_("file"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
