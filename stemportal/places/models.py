"""Countries, counties (fylker), municipalities (kommuner) and postal codes, with the years they are valid."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LanguageForm(models.TextChoices):
    """Målform: the written Norwegian that a municipality or school has chosen."""

    BOKMAAL = "nb", _("bokmål")
    NYNORSK = "nn", _("nynorsk")
    NEUTRAL = "neutral", _("neutral")


class County(models.Model):
    """A fylke; ``number`` is the official two-digit number as text."""

    country = models.CharField(_("country"), max_length=2, default="NO")
    number = models.CharField(_("number"), max_length=4)
    name = models.CharField(_("name"), max_length=80)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("county")
        verbose_name_plural = _("counties")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "number", "valid_from"], name="places_county_unique", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A kommune. The point lies inside its area, in degrees WGS84; it is not the town centre."""

    number = models.CharField(_("number"), max_length=4)
    name = models.CharField(_("name"), max_length=80)
    official_name = models.CharField(_("official name"), max_length=160)
    county = models.ForeignKey(
        County, on_delete=models.PROTECT, related_name="municipalities", verbose_name=_("county")
    )
    language_form = models.CharField(
        _("language form"), max_length=8, choices=LanguageForm, default=LanguageForm.NEUTRAL
    )
    centre = models.CharField(_("administrative centre"), max_length=80, blank=True)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["number", "valid_from"], name="places_municipality_unique", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class PostalCode(models.Model):
    """A postal code and its municipality; none for Svalbard and Jan Mayen, which are not municipalities."""

    code = models.CharField(_("postal code"), max_length=10, unique=True)
    place = models.CharField(_("place"), max_length=80)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="postal_codes",
        verbose_name=_("municipality"),
    )

    class Meta:
        verbose_name = _("postal code")
        verbose_name_plural = _("postal codes")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.place}"
