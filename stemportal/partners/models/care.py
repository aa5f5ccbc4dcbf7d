"""What the secretariat keeps about partners: notes with a date to come back to, and reasons to say no."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models.partner import Partner


class NoteQuerySet(models.QuerySet["Note"]):
    """Phrases about notes."""

    def due(self) -> Self:
        """Notes to come back to today or earlier, the oldest first."""
        return self.filter(done_at__isnull=True, follow_up_on__lte=timezone.localdate()).order_by("follow_up_on", "id")


class Note(models.Model):
    """What somebody in the secretariat wants remembered about a partner. Members never see it."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="notes", verbose_name=_("partner"))
    text = models.TextField(_("note"), max_length=4000)
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    follow_up_on = models.DateField(_("come back to it on"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(
                fields=["follow_up_on"],
                name="partners_note_due",
                condition=Q(done_at__isnull=True, follow_up_on__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class DeclineReason(models.Model):
    """A ready sentence for saying no to an application; its text goes into the mail in the contact's language."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)
    title_nb = models.CharField(_("title, bokmål"), max_length=120)
    title_nn = models.CharField(_("title, nynorsk"), max_length=120)
    title_en = models.CharField(_("title, English"), max_length=120)
    text_nb = models.TextField(_("text, bokmål"), max_length=1000)
    text_nn = models.TextField(_("text, nynorsk"), max_length=1000)
    text_en = models.TextField(_("text, English"), max_length=1000)

    class Meta:
        verbose_name = _("reason for declining")
        verbose_name_plural = _("reasons for declining")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.title_nb
