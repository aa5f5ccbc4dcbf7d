"""Pots of money, and the only place where what is reserved and paid is written: lock the pot, check, write both.

Each movement is a line of the ledger, which the database lets nobody change. A pot's ``reserved_ore`` is always what
was reserved less what was released and paid, and ``paid_ore`` what was paid. Locks are taken in this order: sessions,
bookings, grants by their ids, then the pot.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.money import kroner_words
from stemportal.lib.school_year import current_school_year, school_year_of
from stemportal.partners.models import Partner
from stemportal.schools.emails import transport as mails
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking, GrantPot, LedgerEntry, TransportGrant

Kind = LedgerEntry.Kind
# Above this a pot is a slip of the finger: 100 million kroner.
MOST_ORE = 10_000_000_000
# A partner's pots in one school year.
MOST_POTS = 5


class PotEmpty(BookingError):
    """There is less left in the pot than is asked for."""

    field = "ore"

    def __init__(self, left_ore: int) -> None:
        self.left_ore = left_ore
        super().__init__(_("There is only %(amount)s left in this pot.") % {"amount": kroner_words(left_ore)})


class TooManyPots(BookingError):
    """A partner has pledged enough pots for the year."""

    def __init__(self) -> None:
        super().__init__(_("You have pledged several pots for this school year already. Write to us to change one."))


def lock_pot(pot_id: int) -> GrantPot:
    """Return the pot with its row locked until the transaction ends. Call inside ``atomic``."""
    return GrantPot.objects.select_for_update(no_key=True).get(pk=pot_id)


def reserve(pot: GrantPot, grant: TransportGrant, ore: int, *, by: User | None) -> None:
    """Set money of a locked pot aside for a grant. Raises PotEmpty; nothing is written then."""
    if ore > pot.left_ore:
        raise PotEmpty(pot.left_ore)
    _write(pot, grant, Kind.RESERVE, ore, by, reserved=ore)


def release(pot: GrantPot, grant: TransportGrant, ore: int, *, by: User | None) -> None:
    """Give back to a locked pot what was set aside; 0 writes nothing."""
    if ore:
        _write(pot, grant, Kind.RELEASE, ore, by, reserved=-ore)


def pay(pot: GrantPot, grant: TransportGrant, ore: int, *, by: User | None) -> None:
    """Note that what was set aside in a locked pot is paid out."""
    _write(pot, grant, Kind.PAY, ore, by, reserved=-ore, paid=ore)


def _write(
    pot: GrantPot, grant: TransportGrant, kind: str, ore: int, by: User | None, *, reserved: int, paid: int = 0
) -> None:
    pot.reserved_ore += reserved
    pot.paid_ore += paid
    pot.save(update_fields=["reserved_ore", "paid_ore"])
    LedgerEntry.objects.create(pot=pot, grant=grant, kind=kind, ore=ore, by=by)


def sums_of(pot: GrantPot) -> tuple[int, int]:
    """Return what the ledger says is (reserved, paid), in øre."""
    sums = pot.entries.order_by().aggregate(**{kind: Sum("ore", filter=Q(kind=kind), default=0) for kind in Kind})
    return sums[Kind.RESERVE] - sums[Kind.RELEASE] - sums[Kind.PAY], sums[Kind.PAY]


def adds_up(pot: GrantPot) -> bool:
    """Say whether the pot's numbers are the sums of its ledger, and what is reserved is what its grants hold."""
    held = TransportGrant.objects.filter(pot=pot).holding_money().aggregate(n=Sum("approved_ore", default=0))["n"]
    return sums_of(pot) == (pot.reserved_ore, pot.paid_ore) and held == pot.reserved_ore


def visit_year(booking: Booking) -> int:
    """Return the school year in which the visit is."""
    return school_year_of(timezone.localtime(booking.starts_at).date())


def fitting_pots(booking: Booking) -> QuerySet[GrantPot]:
    """Return the open pots for this visit: of its school year, and for the school's county or for all."""
    municipality = booking.school.municipality
    place = Q(county=None) | Q(county_id=municipality.county_id) if municipality else Q(county=None)
    pots = GrantPot.objects.filter(place, is_open=True, school_year=visit_year(booking))
    return pots.select_related("partner", "county")


def suggest_pot(booking: Booking, ore: int) -> GrantPot | None:
    """Return the pot that should pay: the visited partner's own, else one for the county, else the programme's.

    What other partners pledged for the whole country comes last. One with enough left comes before one without.
    """

    def rank(pot: GrantPot) -> tuple[bool, bool, bool, bool, int, int]:
        is_own = pot.partner_id == booking.activity.partner_id
        return (
            pot.left_ore < ore,
            not is_own,
            pot.county_id is None,
            pot.partner_id is not None,
            -pot.left_ore,
            pot.pk,
        )

    return min(fitting_pots(booking), key=rank, default=None)


@transaction.atomic
def pledge_pot(*, partner: Partner, name: str, school_year: int, county_id: int | None, ore: int) -> GrantPot:
    """Add a partner's pledge, which the secretariat is asked to open. Raises TooManyPots."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if GrantPot.objects.filter(partner=partner, school_year=school_year).count() >= MOST_POTS:
        raise TooManyPots
    pot = GrantPot.objects.create(
        partner=partner, name=name, school_year=school_year, county_id=county_id, amount_ore=ore, is_open=False
    )
    mails.pot_pledged(pot)
    return pot


@transaction.atomic
def open_pot(*, pot_id: int) -> bool:
    """Let grants be given out of a pot; tell its partner the first time. Returns whether it was closed before."""
    pot = lock_pot(pot_id)
    if pot.is_open:
        return False
    is_new = pot.opened_at is None
    pot.is_open, pot.opened_at = True, pot.opened_at or timezone.now()
    pot.save(update_fields=["is_open", "opened_at"])
    if is_new and pot.partner_id:
        mails.pot_opened(pot)
    return True


def close_pot(*, pot_id: int) -> bool:
    """Give nothing new out of a pot; what is approved stays approved. Returns whether it was open."""
    return bool(GrantPot.objects.filter(pk=pot_id, is_open=True).update(is_open=False))


def pledge_years() -> list[int]:
    """Return the school years for which a pot can be pledged: this one and the next."""
    this = current_school_year()
    return [this, this + 1]
