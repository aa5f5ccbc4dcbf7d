"""Lanes: how many workers send one newsletter at the same time, each over a connection of its own.

A lane works in turns of a few seconds, each a task, so that other tasks of the portal get theirs in between. Its
ticket is exchanged at the start of each turn, in Valkey: a turn with an old ticket (told twice, or long given up) ends
at once, so there are never more turns waiting than lanes. A lane that has been silent for a while lost its worker; the
sweep gives out a new ticket.
"""

from __future__ import annotations

import secrets
import time

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from stemportal.lib.pace import Pace
from stemportal.lib.smtp_handover import SERVICE_ENDS, CutOff, Handover, MailServerAway, Refused
from stemportal.newsletters import return_addresses
from stemportal.newsletters.models import Delivery, Edition, Newsletter
from stemportal.newsletters.rendering import FALLBACK
from stemportal.newsletters.services import batches, outcomes, rests
from stemportal.newsletters.services.batches import Held, MayGo
from stemportal.newsletters.wire import Mould, Receiver, UnfitAddress, checked
from stemportal.outbox.services import hand_over

TURN_SECONDS = 5.0
# A lane that gave no sign for so long is taken for dead. A turn that lasts longer all the same finds another ticket.
SILENT_SECONDS = 30


def start(newsletter_id: int) -> None:
    """Give each lane a ticket and its first turn."""
    for lane in range(settings.NEWSLETTER_LANES):
        _next_turn(newsletter_id, lane)


def keep_going(newsletter_id: int) -> int:
    """Start the lanes that are silent, if anything is due and the mail server is not resting. Returns how many."""
    due = Q(next_try_at=None) | Q(next_try_at__lte=timezone.now())
    waiting = Delivery.objects.filter(due, newsletter=newsletter_id, status=Delivery.Status.QUEUED)
    if rests.until() or not waiting.exists():
        return 0
    silent = [lane for lane in range(settings.NEWSLETTER_LANES) if not cache.get(_key(newsletter_id, lane))]
    for lane in silent:
        _next_turn(newsletter_id, lane)
    return len(silent)


def take_turn(newsletter_id: int, lane: int, ticket: str) -> None:
    """Send for a few seconds, then hand the next turn over if there is more to send."""
    key = _key(newsletter_id, lane)
    if cache.get(key) not in {None, ticket}:
        return
    mine = secrets.token_hex(8)
    cache.set(key, mine, SILENT_SECONDS)
    if not send(newsletter_id, seconds=TURN_SECONDS):
        cache.delete(key)
    elif cache.get(key) in {None, mine}:
        _next_turn(newsletter_id, lane)


def send(newsletter_id: int, *, seconds: float) -> bool:
    """Send a newsletter for so long. True when more is due; else it is over, held up, or the server rests."""
    moulds = {edition.language: Mould(edition) for edition in Edition.objects.filter(newsletter=newsletter_id)}
    if (
        FALLBACK not in moulds
        or not Newsletter.objects.filter(pk=newsletter_id, status=Newsletter.Status.SENDING).exists()
    ):
        return False
    deadline = time.monotonic() + seconds
    with Handover() as handover:
        turn = _Turn(newsletter_id, moulds, handover, deadline)
        while time.monotonic() < deadline and not turn.is_over:
            held = batches.take(newsletter_id)
            if held is None:
                turn.end()
                batches.finish(newsletter_id)
                return False
            turn.send(held)
        turn.end()
    return not turn.is_over


class _Turn:
    """One lane's turn: batch after batch over one connection."""

    def __init__(self, newsletter_id: int, moulds: dict[str, Mould], handover: Handover, deadline: float) -> None:
        self.is_over = False
        self._moulds = moulds
        self._handover = handover
        self._deadline = deadline
        self._refusals = outcomes.Refusals(newsletter_id)
        per_second = settings.NEWSLETTER_PER_SECOND
        self._was_resting = rests.current() is not None
        self._pace = Pace("newsletters", per_second=per_second) if per_second else None

    def send(self, held: Held) -> None:
        """Send a batch until it is done, the time is up, or the newsletter or the mail server says stop."""
        try:
            for number in range(len(held.receivers)):
                if self.is_over or time.monotonic() >= self._deadline:
                    break
                self._send_one(held, number)
            held.settle()
        finally:
            held.let_go()

    def end(self) -> None:
        """Note the refusals that are still held back."""
        self._refusals.note()

    def _send_one(self, held: Held, number: int) -> None:
        receiver = held.receivers[number]
        try:
            mail = self._mould(receiver).fill(receiver)
            sender = return_addresses.sender(receiver.delivery_id)
        except UnfitAddress:
            outcomes.failed(receiver, "The address cannot stand in a mail.")
            held.done(number)
            return
        if not self._may_go_on():
            return
        answer = MayGo.YES

        def begin() -> bool:
            nonlocal answer
            answer = held.begin(number)
            return answer == MayGo.YES

        try:
            self._handover.send(sender=sender, receiver=checked(receiver.email), mail=mail, begin=begin)
        except MailServerAway as error:
            self._rest(error)
            return
        except CutOff as error:
            outcomes.unknown(receiver, str(error))
            self._rest(error)
        except Refused as refusal:
            self._refused(receiver, refusal)
        else:
            if answer == MayGo.STOP:
                self.is_over = True
                return
            if answer == MayGo.LEFT:
                outcomes.left(receiver)
            else:
                self._taken()
        held.done(number)

    def _may_go_on(self) -> bool:
        """Wait for this mail's place in the pace of all lanes. Without Valkey there is none, and the lane ends."""
        try:
            if self._pace:
                self._pace.wait()
        except RedisError:
            self.is_over = True
        return not self.is_over

    def _refused(self, receiver: Receiver, refusal: Refused) -> None:
        if refusal.code == SERVICE_ENDS:  # it ended the connection: perhaps its own trouble
            self._rest(refusal)
        if self._refusals.add(receiver, refusal):
            self.is_over = True

    def _taken(self) -> None:
        self._refusals.note()
        if self._was_resting:
            rests.end()
            self._was_resting = False

    def _rest(self, reason: Exception) -> None:
        rests.begin(str(reason))
        self.is_over = True

    def _mould(self, receiver: Receiver) -> Mould:
        return self._moulds.get(receiver.language) or self._moulds[FALLBACK]


def _next_turn(newsletter_id: int, lane: int) -> None:
    from stemportal.newsletters.tasks import take_turn as task

    ticket = secrets.token_hex(8)

    def give_out() -> None:
        cache.set(_key(newsletter_id, lane), ticket, SILENT_SECONDS)
        task.delay(newsletter_id, lane, ticket)

    hand_over(give_out, newsletter=newsletter_id)


def _key(newsletter_id: int, lane: int) -> str:
    return f"newsletters:lane:{newsletter_id}:{lane}"
