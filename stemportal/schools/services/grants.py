"""Money for the way to a visit: applying, deciding, the receipt, settling, and giving back what is not needed.

One grant a booking. A grant is locked before the pot that pays it, and grants in the order of their ids; each step
begins from a status and is refused when somebody else was faster.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.money import kroner_words
from stemportal.schools import journeys
from stemportal.schools.emails import transport as mails
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking, GrantPot, TransportGrant
from stemportal.schools.services import pots, rates
from stemportal.schools.states import Move

Status = TransportGrant.Status
# A class trip that costs more is talked about first: 100,000 kroner.
MOST_ORE = 10_000_000
MOST_KM = 3000
MOST_PEOPLE = 1000
# While a booking is one of these and its day has not come, the school may ask for money.
MAY_ASK = {Booking.Status.REQUESTED, Booking.Status.OFFERED, Booking.Status.CONFIRMED}
# Moves to these end the journey: no class travels.
NO_JOURNEY = {
    Booking.Status.DECLINED,
    Booking.Status.WITHDRAWN,
    Booking.Status.CANCELLED_BY_SCHOOL,
    Booking.Status.CANCELLED_BY_PARTNER,
    Booking.Status.EXPIRED,
    Booking.Status.NO_SHOW,
}
# The school can change what it asks for, or ask again.
MAY_CHANGE = {Status.APPLIED, Status.DECLINED, Status.RELEASED}
OPEN = {Status.APPLIED, Status.APPROVED, Status.CLAIMED}
FOLDER = "receipts"


class GrantMoved(BookingError):
    """Somebody else did something with the grant since the page was opened."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has answered or changed this application meanwhile. Here is how it stands now."))


class CannotAsk(BookingError):
    """This booking is none for which money can be asked (any more)."""

    def __init__(self) -> None:
        super().__init__(_("You can ask for money for the journey only before a visit that you travel to."))


class WrongAmount(BookingError):
    """An amount or number that cannot be; the words say why."""

    def __init__(self, words: str, field: str = "ore") -> None:
        self.field = field
        super().__init__(words)


class NeedsReason(BookingError):
    """More than the rates say is asked for, and nothing says why."""

    field = "why"

    def __init__(self, words: str) -> None:
        super().__init__(words)


@dataclass(frozen=True, kw_only=True)
class Application:
    """What a school asks for. ``ore`` None: what the rates say about the way of travelling (``mode``)."""

    km: int
    people: int
    mode: str
    ore: int | None = None
    why: str = ""


def may_apply(booking: Booking) -> bool:
    """Say whether the school may ask for money now, as far as the booking goes."""
    return booking.status in MAY_ASK and not journeys.has_begun(booking) and journeys.travels(booking)


@transaction.atomic
def apply_for_grant(*, booking: Booking, by: User, application: Application) -> TransportGrant:
    """Ask for money for a booking's journey, or change what was asked while nobody has answered.

    A school may ask again after a no, and after it gave a grant back. Raises CannotAsk, WrongAmount, NeedsReason, or
    GrantMoved when the application is answered already; nothing is written then.
    """
    Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)
    booking = Booking.objects.with_facts().get(pk=booking.pk)
    grant = TransportGrant.objects.select_for_update(no_key=True).filter(booking=booking).first()
    if grant is not None and (grant.status not in MAY_CHANGE or grant.shares_with_id):
        raise GrantMoved
    if not may_apply(booking):
        raise CannotAsk
    facts = _facts(booking, application)
    if grant is not None and grant.status == Status.APPLIED and all(getattr(grant, n) == v for n, v in facts.items()):
        return grant
    asked = {
        **facts,
        "pot": pots.suggest_pot(booking, facts["applied_ore"]),
        "status": Status.APPLIED,
        "applied_at": timezone.now(),
        "applied_by": by,
        "approved_ore": None,
        "claimed_ore": None,
        "claimed_at": None,
        "decided_at": None,
        "decided_by": None,
        "reply": "",
    }
    grant, _made = TransportGrant.objects.update_or_create(booking=booking, defaults=asked)
    grant.booking = booking
    mails.applied(grant)
    return grant


def _facts(booking: Booking, application: Application) -> dict[str, Any]:
    """What is asked for, as it is kept. Raises WrongAmount and NeedsReason."""
    km, people, why = application.km, application.people, application.why.strip()
    if not 1 <= km <= MOST_KM:
        raise WrongAmount(_("Write how many kilometres it is one way, from 1 to %(most)s.") % {"most": MOST_KM}, "km")
    if not 1 <= people <= MOST_PEOPLE:
        raise WrongAmount(_("Write how many of you travel, from 1 to %(most)s.") % {"most": MOST_PEOPLE}, "people")
    found = rates.quotes(km=km, people=people, on=journeys.visit_day(booking))
    chosen = next((quote for quote in found if quote.mode == application.mode), None)
    ore = application.ore if application.ore is not None else chosen.ore if chosen else None
    if ore is None:
        raise WrongAmount(_("The rates do not say what this costs, so write the amount yourself."))
    if not 1 <= ore <= MOST_ORE:
        raise WrongAmount(_("The amount can be at most %(amount)s.") % {"amount": kroner_words(MOST_ORE)})
    reasonable = 0 if journeys.is_walk(km) or not found else min(found[0].ore, MOST_ORE)
    if not why:
        _ask_why(booking, km=km, people=people, ore=ore, reasonable=reasonable)
    vehicles = chosen.vehicles if chosen else 1
    return {
        "km": km, "people": people, "mode": application.mode, "vehicles": vehicles, "reasonable_ore": reasonable,
        "applied_ore": ore, "why": why,
    }  # fmt: skip


def _ask_why(booking: Booking, *, km: int, people: int, ore: int, reasonable: int) -> None:
    """Raise NeedsReason for what is more than the portal would propose."""
    if ore > reasonable:
        if journeys.is_walk(km):
            raise NeedsReason(_("For a way as short as this, say why you need money for it."))
        if reasonable:
            words = _("The cheapest reasonable way costs %(amount)s. Say why you need more.")
            raise NeedsReason(words % {"amount": kroner_words(reasonable)})
        raise NeedsReason(_("No rate is meant for a journey like this. Say how you travel and what the amount is."))
    proposed = journeys.distance(booking)
    if proposed is not None and km > proposed * 3 // 2 + 10:
        words = _("We reckon that it is about %(km)s km. Say why it is so much farther.")
        raise NeedsReason(words % {"km": proposed})
    group = booking.pupils + booking.adults
    if people > group * 3 // 2 + 5:
        words = _("There are %(count)s in the booking. Say why so many more travel.")
        raise NeedsReason(words % {"count": group})


def locked(pk: int, *origins: str) -> TransportGrant:
    """Return the grant with its row locked until the transaction ends. Raises GrantMoved unless its status is one."""
    return lock_grants([pk], *origins)[0]


def lock_grants(pks: list[int], *origins: str) -> list[TransportGrant]:
    """Return grants with their rows locked, in the order of their ids. Raises GrantMoved, as ``locked`` does."""
    rows = TransportGrant.objects.with_facts().select_for_update(no_key=True, of=("self",))
    found = list(rows.filter(pk__in=pks).order_by("pk"))
    if len(found) < len(set(pks)) or any(grant.status not in origins for grant in found):
        raise GrantMoved
    return found


class PairChanged(Exception):
    """Two schools found one bus, or left it, between the look and the lock."""


def lock_pair(pk: int) -> TransportGrant | None:
    """Return the grant with its row locked, and that of the grant whose bus it shares; None where there is no grant.

    Raises GrantMoved when its companion changes all the time.
    """
    for _try in range(3):
        try:
            # Going back to the savepoint gives the locks back, so that they are always taken in one order.
            with transaction.atomic():
                pair = TransportGrant.objects.filter(pk=pk).values_list("pk", "shares_with")
                ids = [one for row in pair for one in row if one is not None]
                rows = TransportGrant.objects.with_facts().select_for_update(no_key=True, of=("self",))
                grant = {found.pk: found for found in rows.filter(pk__in=ids).order_by("pk")}.get(pk)
                if grant is not None and grant.shares_with_id not in {None, *ids}:
                    raise PairChanged
                return grant
        except PairChanged:
            continue
    raise GrantMoved


def set_facts(grant: TransportGrant, **facts: Any) -> None:
    """Write these fields of a locked grant, and no others."""
    for name, value in facts.items():
        setattr(grant, name, value)
    grant.save(update_fields=list(facts))


@transaction.atomic
def approve_grant(*, grant_id: int, pot_id: int, ore: int, by: User, reply: str = "") -> TransportGrant:
    """Set money aside for a journey and tell the school.

    Raises GrantMoved when somebody was faster, PotEmpty when the pot has less left, WrongAmount for more than is asked
    for or a pot that is closed or for others; nothing is written then.
    """
    grant = locked(grant_id, Status.APPLIED)
    if not 1 <= ore <= grant.applied_ore:
        words = _("Approve at most what is asked for, %(amount)s.") % {"amount": kroner_words(grant.applied_ore)}
        raise WrongAmount(words)
    if not pots.fitting_pots(grant.booking).filter(pk=pot_id).exists():
        raise WrongAmount(_("This pot is closed, or for another year or county. Choose another one."), "pot")
    pot = pots.lock_pot(pot_id)
    if not pot.is_open:
        raise WrongAmount(_("This pot is closed, or for another year or county. Choose another one."), "pot")
    pots.reserve(pot, grant, ore, by=by)
    _decide(grant, Status.APPROVED, by, reply, pot=pot, approved_ore=ore)
    mails.approved(grant)
    return grant


@transaction.atomic
def decline_grant(*, grant_id: int, by: User, reply: str) -> TransportGrant:
    """Say no, with the reason. Raises GrantMoved."""
    grant = lock_pair(grant_id)
    if grant is None or grant.status != Status.APPLIED:
        raise GrantMoved
    leave_bus(grant)
    _decide(grant, Status.DECLINED, by, reply)
    mails.declined(grant)
    return grant


def _decide(grant: TransportGrant, status: str, by: User, reply: str, **facts: Any) -> None:
    now = timezone.now()
    set_facts(grant, status=status, reply=reply, decided_at=now, decided_by=by, reminded_at=None, **facts)


@transaction.atomic
def adjust_grant(*, grant_id: int, ore: int, by: User, reply: str = "") -> TransportGrant:
    """Set aside more or less for an approved journey, for example when a bus is shared no longer.

    Raises GrantMoved, PotEmpty and WrongAmount; nothing is written then.
    """
    grant = locked(grant_id, Status.APPROVED)
    if not 1 <= ore <= grant.applied_ore:
        words = _("Approve at most what is asked for, %(amount)s.") % {"amount": kroner_words(grant.applied_ore)}
        raise WrongAmount(words)
    pot, held = _pot_of(grant), grant.approved_ore or 0
    if ore == held:
        return grant
    if ore > held:
        pots.reserve(pot, grant, ore - held, by=by)
    else:
        pots.release(pot, grant, held - ore, by=by)
    set_facts(grant, approved_ore=ore, reply=reply)
    mails.approved(grant)
    return grant


@transaction.atomic
def claim_grant(*, booking: Booking, ore: int, content: bytes, extension: str) -> TransportGrant:
    """Keep a receipt (checked content; pdf, png or webp) and what it says, or a better one while nobody has settled it.

    Raises GrantMoved without an approved grant, WrongAmount for an impossible amount or before the visit.
    """
    pk = TransportGrant.objects.filter(booking=booking).values_list("pk", flat=True).first()
    grant = locked(pk or 0, *TransportGrant.HOLDING)
    if not journeys.has_begun(grant.booking):
        raise WrongAmount(_("Send the receipt after the visit."), "file")
    if not 1 <= ore <= MOST_ORE:
        raise WrongAmount(_("The amount can be at most %(amount)s.") % {"amount": kroner_words(MOST_ORE)})
    drop_receipt(grant)
    name = default_storage.save(f"{FOLDER}/{secrets.token_hex(16)}.{extension}", ContentFile(content))
    try:
        set_facts(grant, status=Status.CLAIMED, receipt=name, claimed_ore=ore, claimed_at=timezone.now())
        mails.receipt_came(grant)
    except BaseException:
        default_storage.delete(name)
        raise
    return grant


@transaction.atomic
def return_receipt(*, grant_id: int, by: User, reply: str) -> TransportGrant:
    """Ask for another receipt, saying what is wrong with this one. Raises GrantMoved."""
    grant = locked(grant_id, Status.CLAIMED)
    drop_receipt(grant)
    set_facts(grant, status=Status.APPROVED, receipt="", claimed_ore=None, claimed_at=None, reply=reply)
    mails.receipt_returned(grant)
    return grant


@transaction.atomic
def settle_grant(*, grant_id: int, ore: int, by: User, reply: str = "") -> TransportGrant:
    """Note what is paid to the school, at most what was approved and claimed; the rest goes back to the pot.

    Raises GrantMoved and WrongAmount; nothing is written then.
    """
    grant = locked(grant_id, Status.CLAIMED)
    held, claimed = grant.approved_ore or 0, grant.claimed_ore or 0
    if not 1 <= ore <= min(held, claimed):
        words = _("Pay at most what was approved and what the receipt says, %(amount)s.")
        raise WrongAmount(words % {"amount": kroner_words(min(held, claimed))})
    pot = _pot_of(grant)
    pots.pay(pot, grant, ore, by=by)
    pots.release(pot, grant, held - ore, by=by)
    set_facts(grant, status=Status.SETTLED, settled_ore=ore, settled_at=timezone.now(), reply=reply)
    mails.settled(grant)
    return grant


def _pot_of(grant: TransportGrant) -> GrantPot:
    """Lock the pot that holds a grant's money."""
    if grant.pot_id is None:
        raise ValueError("an approved grant has a pot")
    return pots.lock_pot(grant.pot_id)


@transaction.atomic
def release_grant(
    *, grant_id: int, by: User | None, why: Callable[[], str] = str, origins: Collection[str] = OPEN
) -> TransportGrant | None:
    """End a grant that is not needed; what was set aside goes back to the pot. ``why`` gives the words of the mail.

    Returns None when there is nothing to end: its status is none of ``origins``.
    """
    grant = lock_pair(grant_id)
    if grant is None or grant.status not in origins:
        return None
    leave_bus(grant)
    if grant.status in TransportGrant.HOLDING:
        pots.release(_pot_of(grant), grant, grant.approved_ore or 0, by=by)
    drop_receipt(grant)
    set_facts(grant, status=Status.RELEASED, receipt="")
    mails.released(grant, why)
    return grant


def follow_move(booking: Booking, move: Move, *, by: User | None) -> None:
    """Give back the money for a journey that nobody makes. Every move of a booking calls this, inside ``atomic``."""
    if move.target not in NO_JOURNEY:
        return
    pk = TransportGrant.objects.filter(booking=booking, status__in=OPEN).values_list("pk", flat=True).first()
    if pk is not None:
        release_grant(grant_id=pk, by=by, why=lambda: _("The visit does not take place, so nothing is paid for it."))


def leave_bus(grant: TransportGrant) -> None:
    """End the sharing of a bus, where there is one: the other school travels alone, and is told."""
    from stemportal.schools.services.bus_sharing import part_ways

    if grant.shares_with_id is not None:
        part_ways(grant)


def drop_receipt(grant: TransportGrant) -> None:
    """Delete the receipt's file after the commit."""
    if grant.receipt:
        transaction.on_commit(partial(default_storage.delete, str(grant.receipt.name)))


def answer_grant(
    *, grant: TransportGrant, do: str, by: User, ore: int | None = None, reply: str = "", pot_id: int | None = None
) -> TransportGrant:
    """Take the step that whoever decides chose: approve, decline, adjust, settle or return.

    Raises what the step raises, and WrongAmount when it needs an amount or a pot and has none.
    """
    match do:
        case "decline":
            return decline_grant(grant_id=grant.pk, by=by, reply=reply)
        case "return":
            return return_receipt(grant_id=grant.pk, by=by, reply=reply)
    if ore is None:
        raise WrongAmount(_("Write an amount in kroner."))
    match do:
        case "adjust":
            return adjust_grant(grant_id=grant.pk, ore=ore, by=by, reply=reply)
        case "settle":
            return settle_grant(grant_id=grant.pk, ore=ore, by=by, reply=reply)
    if pot_id is None:
        raise WrongAmount(_("Choose a pot."), "pot")
    return approve_grant(grant_id=grant.pk, pot_id=pot_id, ore=ore, by=by, reply=reply)
