"""Engagement levels of each programme year, and which one a partner has picked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.history import keep_history
from stemportal.lib.school_year import label
from stemportal.partners.models.partner import Partner


class Level(models.Model):
    """How much a partner wants to do in a programme year: what is expected of it, and what it gets.

    A programme year is a school year, named by the year in which it begins. Texts are Markdown.
    """

    school_year = models.PositiveSmallIntegerField(_("programme year starts in"))
    code = models.SlugField(_("code"), max_length=40)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    name_nb = models.CharField(_("name, bokmål"), max_length=80)
    name_nn = models.CharField(_("name, nynorsk"), max_length=80)
    name_en = models.CharField(_("name, English"), max_length=80)
    description_nb = models.TextField(_("description, bokmål"), max_length=1500, blank=True)
    description_nn = models.TextField(_("description, nynorsk"), max_length=1500, blank=True)
    description_en = models.TextField(_("description, English"), max_length=1500, blank=True)
    expects_nb = models.TextField(_("what is expected, bokmål"), max_length=1500, blank=True)
    expects_nn = models.TextField(_("what is expected, nynorsk"), max_length=1500, blank=True)
    expects_en = models.TextField(_("what is expected, English"), max_length=1500, blank=True)
    offers_nb = models.TextField(_("what is offered, bokmål"), max_length=1500, blank=True)
    offers_nn = models.TextField(_("what is offered, nynorsk"), max_length=1500, blank=True)
    offers_en = models.TextField(_("what is offered, English"), max_length=1500, blank=True)

    class Meta:
        verbose_name = _("engagement level")
        verbose_name_plural = _("engagement levels")
        ordering = ["-school_year", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["school_year", "code"], name="partners_level_unique")]

    def __str__(self) -> str:
        return f"{self.name_nb} {label(self.school_year)}"


@keep_history("EngagementChange")
class Engagement(models.Model):
    """The level that a partner has picked for a programme year."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="engagements", verbose_name=_("partner")
    )
    school_year = models.PositiveSmallIntegerField(_("programme year starts in"))
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="engagements", verbose_name=_("level"))
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picked by"),
    )
    chosen_at = models.DateTimeField(_("picked"), default=timezone.now)

    class Meta:
        verbose_name = _("picked level")
        verbose_name_plural = _("picked levels")
        ordering = ["-school_year"]
        constraints = [models.UniqueConstraint(fields=["partner", "school_year"], name="partners_engagement_unique")]

    def __str__(self) -> str:
        return f"{self.partner} · {self.level}"
