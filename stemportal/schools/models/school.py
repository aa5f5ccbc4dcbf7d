"""Schools of the national register, and the mail domains of those who own them."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.activity import grades_in_words
from stemportal.places.models import LanguageForm, Municipality

# Degrees north from which land is Svalbard.
SVALBARD = 74


class SchoolQuerySet(models.QuerySet["School"]):
    """Phrases about schools."""

    def active(self) -> Self:
        """Schools that still teach."""
        return self.filter(is_active=True)


class School(models.Model):
    """A lower or upper secondary school of the National School Register.

    ``number`` is text: schools abroad have numbers such as U00000001. The point is in degrees WGS84; where the
    register has none it is the municipality's point and ``point_is_exact`` is false. A closed school keeps everything
    that happened there; only nobody signs up or books there any more.
    """

    class Ownership(models.TextChoices):
        PUBLIC = "public", _("Public")
        PRIVATE = "private", _("Private")

    number = models.CharField(_("organisation number"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=160)
    # Empty on Svalbard, which has schools but no municipality.
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="schools",
        verbose_name=_("municipality"),
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    ownership = models.CharField(_("ownership"), max_length=10, choices=Ownership, default=Ownership.PUBLIC)
    language_form = models.CharField(
        _("language form"), max_length=8, choices=LanguageForm, default=LanguageForm.NEUTRAL
    )
    grade_from = models.PositiveSmallIntegerField(_("from grade"))
    grade_to = models.PositiveSmallIntegerField(_("to grade"))
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    point_is_exact = models.BooleanField(_("exact point"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # The register does not tell of every school how many pupils it has.
    pupils = models.PositiveIntegerField(_("number of pupils"), null=True, blank=True)
    closed_on = models.DateField(_("closed"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("carried on by"),
    )
    # When the register last changed the school; empty while only the snapshot that the project carries is known.
    register_changed_at = models.DateTimeField(_("changed in the register"), null=True, blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("schools")
        ordering = ["name", "number"]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="schools_school_name_like"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place_name(self) -> str:
        """Name of the municipality, or Svalbard; Norwegian schools abroad are nowhere near it."""
        if self.municipality:
            return self.municipality.name
        return "Svalbard" if self.latitude >= SVALBARD else gettext("Abroad")

    @property
    def grades_label(self) -> str:
        """The grades as people say them: "8th to 10th grade"."""
        return grades_in_words(self.grade_from, self.grade_to)

    @property
    def mail_language(self) -> str:
        """Language of mail to the school: its målform (språklova), bokmål where it is neutral."""
        return "nn" if self.language_form == LanguageForm.NYNORSK else "nb"


class OwnerDomain(models.Model):
    """A mail domain that belongs to the owner of schools: addresses under it verify a teacher at once.

    A municipality owns its public lower secondary schools, a county its public upper secondary schools; a private
    school or an exception is named itself.
    """

    domain = models.CharField(_("mail domain"), max_length=120)
    county = models.ForeignKey(
        "places.County", on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("county")
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("municipality")
    )
    school = models.ForeignKey(School, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("school"))

    class Meta:
        verbose_name = _("school owner's mail domain")
        verbose_name_plural = _("school owners' mail domains")
        ordering = ["domain"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(county__isnull=False, municipality__isnull=True, school__isnull=True)
                    | Q(county__isnull=True, municipality__isnull=False, school__isnull=True)
                    | Q(county__isnull=True, municipality__isnull=True, school__isnull=False)
                ),
                name="schools_ownerdomain_one_owner",
            ),
            models.UniqueConstraint(
                fields=["domain", "county", "municipality", "school"],
                name="schools_ownerdomain_unique",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.domain
