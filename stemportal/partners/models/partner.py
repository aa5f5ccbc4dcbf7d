"""Organisations in the programme and the moves of their status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.history import keep_history
from stemportal.lib.tokens import new_token
from stemportal.partners.names import plain_name
from stemportal.places.models import Municipality

if TYPE_CHECKING:
    from stemportal.accounts.models import User


# What a partner's members write about it on one page (services.organisation).
PAGE_FIELDS = (
    "display_name",
    "about",
    "website",
    "address",
    "postal_code",
    "postal_place",
    "municipality",
    "contact_name",
    "contact_role",
    "contact_email",
    "kind",
    "answers",
)


class PartnerQuerySet(models.QuerySet["Partner"]):
    """Phrases about partners."""

    def approved(self) -> Self:
        """Partners whose offers may be seen and booked."""
        return self.filter(status=Partner.Status.APPROVED)

    def waiting(self) -> Self:
        """Applications for the secretariat to decide, oldest first."""
        return self.filter(status=Partner.Status.APPLIED).order_by("applied_at")

    def of_member(self, user: User) -> Self:
        """Partners that this person acts for."""
        return self.filter(memberships__user=user)


@keep_history(
    "PartnerChange",
    exclude=["confirm_token", "revision"],
    # Written every night for every partner, whether the register says something new or not.
    quiet=["register_checked_at"],
)
class Partner(models.Model):
    """An organisation in the programme, from the moment it applies."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        PUBLIC_BODY = "public_body", _("Public body")
        ORGANISATION = "organisation", _("Organisation")
        CLUSTER = "cluster", _("Business cluster")
        MUNICIPALITY = "municipality", _("Municipality")
        COUNTY_COUNCIL = "county_council", _("County council")
        SCHOOL_OWNER = "school_owner", _("School owner")
        UNIVERSITY = "university", _("University or university college")
        UNION = "union", _("Trade union")

    class Status(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("E-mail not confirmed")
        APPLIED = "applied", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    country = models.CharField(_("country"), max_length=2, default="NO")
    organisation_number = models.CharField(_("organisation number"), max_length=12)
    legal_name = models.CharField(_("registered name"), max_length=200)
    display_name = models.CharField(_("name shown to schools"), max_length=120)
    slug = models.SlugField(_("address of the page"), max_length=140, unique=True)
    kind = models.CharField(_("kind of organisation"), max_length=20, choices=Kind, default=Kind.COMPANY)
    sector_code = models.CharField(_("sector code (NACE)"), max_length=10, blank=True)
    sector_revision = models.CharField(_("sector code revision"), max_length=10, blank=True, default="SN2007")
    sector_name = models.CharField(_("sector"), max_length=160, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    address = models.CharField(_("street address"), max_length=160, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    postal_place = models.CharField(_("place"), max_length=80, blank=True)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="partners",
        verbose_name=_("municipality"),
    )
    website = models.URLField(_("web site"), max_length=200, blank=True)
    about = models.TextField(_("about the organisation"), max_length=3000, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=120)
    contact_email = models.EmailField(_("e-mail of the contact person"), max_length=254)
    contact_role = models.CharField(_("what the contact person does there"), max_length=80, blank=True)
    register_status = models.CharField(_("what the register said"), max_length=20, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.APPLIED)
    decline_reason = models.TextField(_("reason for declining"), max_length=1000, blank=True)
    applied_at = models.DateTimeField(_("applied"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    confirm_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    # Answers to the questions that belong to the kind of organisation, by the question's code (partners.questions).
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    # A branch (underenhet) names the organisation it belongs to.
    parent_number = models.CharField(_("number of the parent organisation"), max_length=12, blank=True)
    parent_name = models.CharField(_("parent organisation"), max_length=200, blank=True)
    register_checked_at = models.DateTimeField(_("compared with the register"), null=True, blank=True)
    logo = models.FileField(_("logo"), max_length=120, blank=True)
    # Counts up with every change of PAGE_FIELDS, whoever makes it; who edits an older page is told
    # (services.organisation). The database counts, so that no way to change a partner can forget it.
    revision = models.PositiveIntegerField(default=0, editable=False)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="partners_looked_after",
        db_index=False,
        verbose_name=_("responsible in the secretariat"),
        limit_choices_to={"is_staff": True},
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="merged",
        db_index=False,
        verbose_name=_("merged into"),
    )
    personal_data_deleted_at = models.DateTimeField(_("personal data deleted"), null=True, blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["display_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "organisation_number"],
                # A declined application may be followed by a new one.
                condition=~Q(status__in=["declined", "unconfirmed"]),
                name="partners_partner_number_unique",
            )
        ]
        indexes = [
            models.Index(fields=["applied_at"], name="partners_partner_waiting", condition=Q(status="applied")),
            models.Index(fields=["status", "display_name"], name="partners_partner_directory"),
            # For names that are nearly equal (queries.applications).
            GinIndex(OpClass(plain_name("legal_name"), name="gin_trgm_ops"), name="partners_partner_legal_alike"),
            GinIndex(OpClass(plain_name("display_name"), name="gin_trgm_ops"), name="partners_partner_shown_alike"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="counts_changes",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*PAGE_FIELDS),
                func="NEW.revision = OLD.revision + 1; RETURN NEW;",
            )
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_absolute_url(self) -> str:
        return reverse("partners:detail", args=[self.slug])

    @property
    def is_approved(self) -> bool:
        return self.status == self.Status.APPROVED


class PartnerEvent(models.Model):
    """One move of a partner's status: who, when, from, to and why."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="events", verbose_name=_("partner"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    from_status = models.CharField(_("from"), max_length=12, choices=Partner.Status, blank=True)
    to_status = models.CharField(_("to"), max_length=12, choices=Partner.Status)
    note = models.TextField(_("note"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("history")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
