"""What the secretariat keeps an eye on: how the country stood each day, who reads of it, and who was asked to act."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models import Partner
from stemportal.schools.models import School


class RadarDay(models.Model):
    """How much of each matter stood on the radar on one day; what the trend charts are drawn from.

    ``counts`` is {code of the matter: how many}. The weekly mail is sent once a week's row: ``mailed_at``.
    """

    day = models.DateField(_("day"), unique=True)
    counts = models.JSONField(_("counts"), default=dict)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("day of the radar")
        verbose_name_plural = _("days of the radar")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class RadarReader(models.Model):
    """Somebody in the secretariat who gets the weekly mail of the radar, or has said no to it."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="radar_reader", verbose_name=_("person")
    )
    wants_mail = models.BooleanField(_("gets the weekly mail"), default=True)
    # The Monday of the last week that was mailed: nobody gets two.
    mailed_week = models.DateField(_("last mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("reader of the radar")
        verbose_name_plural = _("readers of the radar")
        ordering = ["person__email"]

    def __str__(self) -> str:
        return str(self.person)


class NudgeQuerySet(models.QuerySet["Nudge"]):
    """Phrases about nudges."""

    def since(self, moment: datetime) -> Self:
        """Those sent from then on."""
        return self.filter(sent_at__gte=moment)


class Nudge(models.Model):
    """A school that was invited, or a partner that was asked for something, because the figures said so."""

    class Kind(models.TextChoices):
        INVITE_SCHOOL = "invite_school", _("School invited")
        OFFER_ONLINE = "offer_online", _("Partner asked to offer it online")
        WAKE_PARTNER = "wake_partner", _("Silent partner asked how it goes")

    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    school = models.ForeignKey(
        School, on_delete=models.CASCADE, null=True, blank=True, related_name="nudges", verbose_name=_("school")
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, null=True, blank=True, related_name="nudges", verbose_name=_("partner")
    )
    text = models.TextField(_("what was written"), max_length=2000, blank=True)
    # How many mails it became: a school without a teacher in the portal has nobody to write to.
    mails = models.PositiveSmallIntegerField(_("mails"), default=0)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by")
    )

    objects = NudgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to act")
        verbose_name_plural = _("invitations to act")
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(school__isnull=False, partner__isnull=True) | Q(school__isnull=True, partner__isnull=False),
                name="reports_nudge_one_receiver",
            )
        ]
        indexes = [models.Index(fields=["kind", "-sent_at"], name="reports_nudge_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.school or self.partner}"
