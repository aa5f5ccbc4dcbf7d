"""Counties (fylker), municipalities (kommuner) and postal codes with the years they are valid; school holidays."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
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


class SchoolHoliday(models.Model):
    """Days on which the schools of a county are closed; staff keep them. Public holidays are known by themselves."""

    county = models.ForeignKey(
        County, on_delete=models.CASCADE, related_name="school_holidays", verbose_name=_("county")
    )
    school_year = models.PositiveSmallIntegerField(_("school year starts in"))
    code = models.SlugField(_("code"), max_length=20)
    name_nb = models.CharField(_("name, bokmål"), max_length=60)
    name_nn = models.CharField(_("name, nynorsk"), max_length=60)
    name_en = models.CharField(_("name, English"), max_length=60)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    # False for what was worked out from the usual weeks and nobody has compared with the county's own calendar yet.
    is_checked = models.BooleanField(_("compared with the county's calendar"), default=False)

    class Meta:
        verbose_name = _("school holiday")
        verbose_name_plural = _("school holidays")
        ordering = ["first_day", "county__number"]
        constraints = [
            models.UniqueConstraint(fields=["county", "school_year", "code"], name="places_schoolholiday_unique"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="places_schoolholiday_days"),
        ]

    def __str__(self) -> str:
        return f"{self.name_nb} {self.county}"
