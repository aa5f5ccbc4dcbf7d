"""Regional, cross-sector networks: schools, higher education, companies and municipalities of some counties."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.model_texts import Described, Named
from stemportal.partners.models import Partner
from stemportal.places.models import County
from stemportal.schools.models import School


class EcosystemQuerySet(models.QuerySet["Ecosystem"]):
    """Phrases about ecosystems."""

    def active(self) -> Self:
        """Those that have a public page."""
        return self.filter(is_active=True)

    def of_partners(self, *partners: Partner) -> Self:
        """Those that partners belong to: their counties' from their approval on, and any that took one in by name."""
        places = [one.municipality_id for one in partners if one.is_approved and one.municipality_id]
        by_region = Q(areas__county__municipalities__in=places)
        return self.filter(by_region | Q(members__partner__in=partners)).distinct()


class Ecosystem(Named, Described):
    """A regional network. Approved partners in its counties belong to it without anybody adding them.

    That membership is not stored: it follows from the partner's status and municipality, so it is right on the day a
    partner is approved, moves or leaves. ``members`` are all the others.
    """

    slug = models.SlugField(_("address of the page"), max_length=80, unique=True)
    counties = models.ManyToManyField(
        County, through="EcosystemArea", related_name="ecosystems", verbose_name=_("counties")
    )
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="coordinated_ecosystems",
        verbose_name=_("coordinator"),
        help_text=_("Answers questions from members, holds its meetings and writes its news."),
    )
    contact_email = models.EmailField(_("public e-mail address"), max_length=254, blank=True)
    is_active = models.BooleanField(_("has a public page"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = EcosystemQuerySet.as_manager()

    class Meta:
        verbose_name = _("ecosystem")
        verbose_name_plural = _("ecosystems")
        ordering = ["order", "name_nb"]

    def get_absolute_url(self) -> str:
        return reverse("network:ecosystem", args=[self.slug])


class EcosystemArea(models.Model):
    """A county of an ecosystem. A county belongs to one at most, so that each partner knows which is its own."""

    ecosystem = models.ForeignKey(
        Ecosystem, on_delete=models.CASCADE, related_name="areas", verbose_name=_("ecosystem")
    )
    county = models.OneToOneField(
        County,
        on_delete=models.PROTECT,
        related_name="ecosystem_area",
        verbose_name=_("county"),
        error_messages={"unique": _("This county belongs to another ecosystem already.")},
    )

    class Meta:
        verbose_name = _("county of an ecosystem")
        verbose_name_plural = _("counties of ecosystems")
        ordering = ["county__number"]

    def __str__(self) -> str:
        return str(self.county)


class EcosystemMember(models.Model):
    """A member beside the partners of the region: a school, an organisation by its name, or a partner from outside."""

    class Sector(models.TextChoices):
        SCHOOL = "school", _("School")
        HIGHER_EDUCATION = "higher_education", _("Higher education and research")
        COMPANY = "company", _("Company")
        PUBLIC = "public", _("Municipality, county or other public body")
        ORGANISATION = "organisation", _("Organisation")

    ecosystem = models.ForeignKey(
        Ecosystem, on_delete=models.CASCADE, related_name="members", verbose_name=_("ecosystem")
    )
    sector = models.CharField(_("sector"), max_length=20, choices=Sector)
    partner = models.ForeignKey(
        Partner,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="ecosystem_memberships",
        verbose_name=_("partner"),
    )
    school = models.ForeignKey(
        School,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="ecosystem_memberships",
        verbose_name=_("school"),
    )
    name = models.CharField(
        _("name"), max_length=160, blank=True, help_text=_("For members that are neither partner nor school here.")
    )
    website = models.URLField(_("web site"), max_length=200, blank=True)
    since = models.DateField(_("member since"), default=timezone.localdate)

    class Meta:
        verbose_name = _("member of an ecosystem")
        verbose_name_plural = _("members of ecosystems")
        ordering = ["sector", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["ecosystem", "partner"], name="network_ecosystem_partner_once"),
            models.UniqueConstraint(fields=["ecosystem", "school"], name="network_ecosystem_school_once"),
            models.CheckConstraint(
                condition=Q(partner__isnull=False, school__isnull=True, name="")
                | Q(partner__isnull=True, school__isnull=False, name="")
                | (Q(partner__isnull=True, school__isnull=True) & ~Q(name="")),
                name="network_ecosystem_member_is_one",
                violation_error_message=_("Choose a partner or a school, or write a name: one of the three."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.partner or self.school or self.name)
