"""Money for the bus: rates, pots, grants, and a ledger that always adds up. Amounts are whole øre."""

from __future__ import annotations

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

    class Meta:
        verbose_name = _("transport rate")
        verbose_name_plural = _("transport rates")
        ordering = ["-valid_from", "mode"]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} {self.valid_from}"


@keep_history("GrantPotChange")
class GrantPot(models.Model):
    """A budget for one school year: the programme's, or a partner's pledge; maybe for a county only.

    ``reserved_ore`` and ``paid_ore`` are written by services.transport only, under a lock on this row, and always equal
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


class TransportGrant(models.Model):
    """An application for money for the way to a visit, inside its booking."""

    class Status(models.TextChoices):
        APPLIED = "applied", _("Applied for")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        CLAIMED = "claimed", _("Receipt sent in")
        SETTLED = "settled", _("Settled")
        RELEASED = "released", _("Not needed")

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="grant", verbose_name=_("booking"))
    pot = models.ForeignKey(
        GrantPot, on_delete=models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("pot")
    )
    km = models.PositiveIntegerField(_("kilometres one way"))
    people = models.PositiveSmallIntegerField(_("people who travel"))
    mode = models.CharField(_("way of travelling"), max_length=10, choices=TransportRate.Mode)
    reasonable_ore = models.PositiveIntegerField(_("reasonable cost, øre"))
    applied_ore = models.PositiveIntegerField(_("applied for, øre"))
    approved_ore = models.PositiveIntegerField(_("approved, øre"), null=True, blank=True)
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
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

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


class LedgerEntry(models.Model):
    """One movement of a pot: never changed, never deleted. The sums of a pot are the sums of its entries."""

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

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ore}"
