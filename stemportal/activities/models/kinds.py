"""Kinds of offer with their rules, and the subjects offers are sorted under."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.Model):
    """A kind of offer and its rules as data: the fields it asks for and the guards that stop publishing.

    ``guards`` knows ``min_grade`` (number), ``risk_assessment`` and ``police_certificate`` (true or absent).
    ``fields`` names the optional Activity fields that the editor shows for this kind, ``required`` those of them that
    must be filled in before publishing, ``formats`` where it may take place (empty: anywhere; the first is suggested).
    """

    class Unit(models.TextChoices):
        GROUPS = "groups", _("groups")
        PUPILS = "pupils", _("pupils")

    class PledgeUnit(models.TextChoices):
        """What a partner pledges of this kind in a year, and what its progress is counted in."""

        VISITS = "visits", _("visits")
        PLACES = "places", _("places")
        KRONER = "kroner", _("kroner")
        PUBLISHED = "published", _("published offers")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_nb = models.CharField(_("name, bokmål"), max_length=80)
    name_nn = models.CharField(_("name, nynorsk"), max_length=80)
    name_en = models.CharField(_("name, English"), max_length=80)
    help_nb = models.CharField(_("explanation, bokmål"), max_length=250, blank=True)
    help_nn = models.CharField(_("explanation, nynorsk"), max_length=250, blank=True)
    help_en = models.CharField(_("explanation, English"), max_length=250, blank=True)
    icon = models.CharField(_("icon"), max_length=40, blank=True)
    unit = models.CharField(_("places are counted in"), max_length=10, choices=Unit, default=Unit.GROUPS)
    pledge_unit = models.CharField(
        _("pledges are counted in"), max_length=10, choices=PledgeUnit, default=PledgeUnit.VISITS
    )
    # Who comes to training for teachers is no pupil that was reached.
    for_pupils = models.BooleanField(_("those who come are pupils"), default=True, db_default=True)
    fields = models.JSONField(_("fields asked for"), default=list, blank=True)
    required = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("fields required to publish")
    )
    formats = ArrayField(
        models.CharField(max_length=10), default=list, blank=True, verbose_name=_("where it may take place")
    )
    guards = models.JSONField(_("guards"), default=dict, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("kind of activity")
        verbose_name_plural = _("kinds of activity")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name_nb

    @property
    def travels(self) -> bool:
        """Whether it comes to schools and never takes place at the partner's, as a role model does."""
        return "at_school" in self.formats and "on_site" not in self.formats


class Subject(models.Model):
    """A school subject that activities are sorted under."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    name_nb = models.CharField(_("name, bokmål"), max_length=80)
    name_nn = models.CharField(_("name, nynorsk"), max_length=80)
    name_en = models.CharField(_("name, English"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name_nb
