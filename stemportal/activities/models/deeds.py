"""What partners give besides visits that are booked: by their own word, and films that are played."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.activity import Activity
from stemportal.activities.models.kinds import Kind
from stemportal.partners.models import Partner

MOST_PUPILS = 10_000
MOST_HOURS = 1_000


class OwnWord(models.Model):
    """Something a partner did for pupils outside the portal, by its own word.

    No school has confirmed it: figures keep it apart from visits, always. ``held_on`` is the day (the first one of
    several); counts are of people, ``hours`` how long it lasted in all.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="own_words", verbose_name=_("partner"))
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="+", verbose_name=_("kind"))
    title = models.CharField(_("what it was"), max_length=120)
    held_on = models.DateField(_("when"))
    pupils = models.PositiveIntegerField(_("pupils"), validators=[MinValueValidator(1), MaxValueValidator(MOST_PUPILS)])
    girls = models.PositiveIntegerField(
        _("of whom girls"), null=True, blank=True, validators=[MaxValueValidator(MOST_PUPILS)]
    )
    hours = models.DecimalField(
        _("hours"), max_digits=6, decimal_places=1, validators=[MinValueValidator(0), MaxValueValidator(MOST_HOURS)]
    )
    note = models.CharField(_("where, and with whom"), max_length=300, blank=True)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("told by")
    )
    said_at = models.DateTimeField(_("told"), default=timezone.now)

    class Meta:
        verbose_name = _("what a partner did outside the portal")
        verbose_name_plural = _("what partners did outside the portal")
        ordering = ["-held_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(girls__isnull=True) | Q(girls__lte=F("pupils")), name="activities_ownword_girls"
            ),
            models.CheckConstraint(condition=Q(pupils__gte=1), name="activities_ownword_pupils"),
        ]
        indexes = [models.Index(fields=["partner", "held_on"], name="activities_ownword_partner")]

    def __str__(self) -> str:
        return f"{self.partner}: {self.title}"


class FilmPlays(models.Model):
    """How often a film was started in the portal on one day. Nothing about who played it."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="plays", verbose_name=_("film"))
    day = models.DateField(_("day"))
    number = models.PositiveIntegerField(_("how often"), default=0)

    class Meta:
        verbose_name = _("plays of a film")
        verbose_name_plural = _("plays of films")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["activity", "day"], name="activities_filmplays_once")]

    def __str__(self) -> str:
        return f"{self.activity} {self.day}: {self.number}"
