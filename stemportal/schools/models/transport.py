"""Money for the bus: rates, pots, grants, and a ledger that always adds up. Amounts are whole øre."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.history import keep_history
from stemportal.partners.models import Partner
from stemportal.schools.models.booking import Booking


class TransportRate(models.Model):
    """What a way of travelling costs at most; the cheapest reasonable one for a group is what a grant may cover."""

    class Mode(models.TextChoices):
        PUBLIC = "public", _("Bus, tram, train or boat in traffic")
        MINIBUS = "minibus", _("Hired minibus")
        COACH = "coach", _("Hired coach")
        BOAT = "boat", _("Hired boat")

    mode = models.CharField(_("way of travelling"), max_length=10, choices=Mode)
    seats = models.PositiveSmallIntegerField(_("seats"), default=50)
    start_ore = models.PositiveIntegerField(_("start, øre"), default=0)
    per_km_ore = models.PositiveIntegerField(_("a kilometre, øre"), default=0)
    per_person_ore = models.PositiveIntegerField(_("a person, øre"), default=0)
    longest_km = models.PositiveSmallIntegerField(_("reasonable up to, km one way"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    # The portal comes with plausible figures; the programme is to put its own in their place.
    is_example = models.BooleanField(_("example, not decided by the programme"), default=False)

    class Meta:
        verbose_name = _("transport rate")
        verbose_name_plural = _("transport rates")
        ordering = ["-valid_from", "mode"]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} {self.valid_from}"


class GrantPotQuerySet(models.QuerySet["GrantPot"]):
    """Phrases about pots."""

    def pledged(self) -> Self:
        """What partners pledged and the secretariat has not opened yet."""
        return self.filter(partner__isnull=False, opened_at=None)


@keep_history("GrantPotChange")
class GrantPot(models.Model):
    """A budget for one school year: the programme's, or a partner's pledge; maybe for a county only.

    ``reserved_ore`` and ``paid_ore`` are written by services.pots only, under a lock on this row, and always equal
    the sums of the ledger; the check constraint is the net: nothing is approved beyond the pot.
    """

    name = models.CharField(_("name"), max_length=120)
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="grant_pots", verbose_name=_("partner")
    )
    county = models.ForeignKey(
        "places.County", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("county")
    )
    school_year = models.PositiveSmallIntegerField(_("school year starts in"))
    amount_ore = models.PositiveBigIntegerField(_("amount, øre"))
    reserved_ore = models.PositiveBigIntegerField(_("reserved, øre"), default=0, editable=False)
    paid_ore = models.PositiveBigIntegerField(_("paid, øre"), default=0, editable=False)
    is_open = models.BooleanField(_("open"), default=True)
    # Empty while the secretariat has not looked at what a partner pledged.
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)

    objects = GrantPotQuerySet.as_manager()

    class Meta:
        verbose_name = _("pot for transport")
        verbose_name_plural = _("pots for transport")
        ordering = ["-school_year", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_ore__gte=F("reserved_ore") + F("paid_ore")), name="schools_pot_never_overdrawn"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left_ore(self) -> int:
        """What can still be approved, in øre."""
        return self.amount_ore - self.reserved_ore - self.paid_ore


class TransportGrantQuerySet(models.QuerySet["TransportGrant"]):
    """Phrases about grants."""

    def with_facts(self) -> Self:
        """Everything a list or a page says about a grant, in one query."""
        return self.select_related(
            "pot__partner",
            "pot__county",
            "booking__activity__partner",
            "booking__activity__municipality",
            "booking__session",
            "booking__school__municipality",
            "booking__teacher",
            "shares_with__booking__school",
        )

    def holding_money(self) -> Self:
        """Grants for which money is set aside in a pot."""
        return self.filter(status__in=TransportGrant.HOLDING)


class TransportGrant(models.Model):
    """An application for money for the way to a visit, inside its booking."""

    class Status(models.TextChoices):
        APPLIED = "applied", _("Applied for")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        CLAIMED = "claimed", _("Receipt sent in")
        SETTLED = "settled", _("Settled")
        RELEASED = "released", _("Not needed")

    HOLDING = (Status.APPROVED, Status.CLAIMED)

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="grant", verbose_name=_("booking"))
    pot = models.ForeignKey(
        GrantPot, on_delete=models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("pot")
    )
    km = models.PositiveIntegerField(_("kilometres one way"))
    people = models.PositiveSmallIntegerField(_("people who travel"))
    mode = models.CharField(_("way of travelling"), max_length=10, choices=TransportRate.Mode)
    vehicles = models.PositiveSmallIntegerField(_("vehicles"), default=1)
    reasonable_ore = models.PositiveIntegerField(_("reasonable cost, øre"))
    applied_ore = models.PositiveIntegerField(_("applied for, øre"))
    approved_ore = models.PositiveIntegerField(_("approved, øre"), null=True, blank=True)
    # What the receipt says that the journey cost.
    claimed_ore = models.PositiveIntegerField(_("claimed, øre"), null=True, blank=True)
    settled_ore = models.PositiveIntegerField(_("settled, øre"), null=True, blank=True)
    why = models.CharField(_("why it costs more"), max_length=500, blank=True)
    reply = models.CharField(_("answer"), max_length=500, blank=True)
    # Another school's grant whose bus this group shares.
    shares_with = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="shared_by",
        verbose_name=_("shares a bus with"),
    )
    receipt = models.FileField(_("receipt"), max_length=120, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.APPLIED)
    applied_at = models.DateTimeField(_("applied"), default=timezone.now)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("applied by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    claimed_at = models.DateTimeField(_("receipt sent in"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    # When the school was last reminded of the receipt.
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TransportGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("transport grant")
        verbose_name_plural = _("transport grants")
        ordering = ["-applied_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_ore__isnull=True) | Q(settled_ore__lte=F("approved_ore")),
                name="schools_grant_settled_within",
            )
        ]
        indexes = [
            models.Index(
                fields=["applied_at"], name="schools_grant_waiting", condition=Q(status__in=["applied", "claimed"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.booking}"


# What a pot's sums are made of stays as it was written; only the account of who wrote it may go.
LEDGER_CHANGE = """
    OLD.id IS DISTINCT FROM NEW.id OR OLD.pot_id IS DISTINCT FROM NEW.pot_id
    OR OLD.grant_id IS DISTINCT FROM NEW.grant_id OR OLD.kind IS DISTINCT FROM NEW.kind
    OR OLD.ore IS DISTINCT FROM NEW.ore OR OLD.at IS DISTINCT FROM NEW.at
    OR (NEW.by_id IS NOT NULL AND OLD.by_id IS DISTINCT FROM NEW.by_id)
"""


class LedgerEntry(models.Model):
    """One movement of a pot: never changed, never deleted, and the database sees to it.

    A pot's ``reserved_ore`` is what was reserved less what was released and paid; ``paid_ore`` is what was paid.
    """

    class Kind(models.TextChoices):
        RESERVE = "reserve", _("Reserved")
        RELEASE = "release", _("Released")
        PAY = "pay", _("Paid")

    pot = models.ForeignKey(GrantPot, on_delete=models.PROTECT, related_name="entries", verbose_name=_("pot"))
    grant = models.ForeignKey(TransportGrant, on_delete=models.PROTECT, related_name="entries", verbose_name=_("grant"))
    kind = models.CharField(_("movement"), max_length=10, choices=Kind)
    ore = models.PositiveIntegerField(_("øre"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("entry in the ledger")
        verbose_name_plural = _("ledger")
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=Q(ore__gte=1), name="schools_ledger_amount")]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="as_written", operation=pgtrigger.Update, condition=pgtrigger.Condition(LEDGER_CHANGE)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ore}"
