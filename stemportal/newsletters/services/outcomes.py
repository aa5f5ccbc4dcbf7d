"""What became of one delivery when it was not simply taken by the mail server. Each is written down at once."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from stemportal.lib.smtp_handover import Refused
from stemportal.newsletters.models import Bounce, Delivery, Newsletter
from stemportal.newsletters.services.bounces import kind_of, note_bounce
from stemportal.newsletters.wire import Receiver

logger = structlog.get_logger(__name__)

Status = Delivery.Status

# How long after the 1st, 2nd ... temporary refusal the next try comes. Greylisting wants some minutes; after the last
# one, a good day later, the mail is given up.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 4 * 60, 8 * 60, 12 * 60))
# So many receivers refused for good one after the other, and nobody taken in between: then it is not about them.
IN_A_ROW = 20


class Refusals:
    """Refusals for good, held back until the server has taken another mail or the turn ends.

    A server that suddenly refuses everybody (a block list, a wrong setting) must not cost every subscriber the
    newsletter: then it is paused, and those who were refused stay as they are.
    """

    def __init__(self, newsletter_id: int) -> None:
        self._newsletter_id = newsletter_id
        self._held: list[tuple[Receiver, Refused]] = []

    def add(self, receiver: Receiver, refusal: Refused) -> bool:
        """Take one refusal in; True when the newsletter was paused for them."""
        if not refusal.permanent:
            _later(receiver, refusal)
            return False
        failed(receiver, str(refusal))
        self._held.append((receiver, refusal))
        if len(self._held) < IN_A_ROW:
            return False
        self._pause(str(refusal))
        return True

    def note(self) -> None:
        """Tell what they mean for the addresses."""
        for receiver, refusal in self._held:
            _bounce(receiver, refusal)
        self._held.clear()

    def _pause(self, reason: str) -> None:
        pks = [receiver.delivery_id for receiver, _refusal in self._held]
        self._held.clear()
        with transaction.atomic():
            newsletter = Newsletter.objects.select_for_update(no_key=True).get(pk=self._newsletter_id)
            if newsletter.status == Newsletter.Status.SENDING:
                newsletter.status = Newsletter.Status.PAUSED
                newsletter.save(update_fields=["status"])
            if newsletter.status == Newsletter.Status.PAUSED:
                Delivery.objects.filter(pk__in=pks, status=Status.FAILED).update(status=Status.QUEUED, next_try_at=None)
        logger.error("newsletter_paused_by_refusals", newsletter=self._newsletter_id, refused=len(pks), error=reason)


def failed(receiver: Receiver, reason: str) -> None:
    """It will not arrive; ``reason`` is what the mail server said."""
    _note(receiver, status=Status.FAILED, error=reason, attempts=receiver.attempts + 1)


def unknown(receiver: Receiver, reason: str) -> None:
    """The connection was cut when the whole mail had gone out: never repeated blindly."""
    logger.warning("newsletter_delivery_unknown", delivery=receiver.delivery_id, error=reason)
    _note(receiver, status=Status.UNKNOWN, error=reason, attempts=receiver.attempts + 1)


def left(receiver: Receiver) -> None:
    """The receiver unsubscribed, or was stopped, since the sending began."""
    _note(receiver, status=Status.SKIPPED)


def _later(receiver: Receiver, refusal: Refused) -> None:
    """Not now: tried again after a while, and given up after the last of BACK_OFF."""
    if receiver.attempts >= len(BACK_OFF):
        failed(receiver, str(refusal))
        _bounce(receiver, refusal)
        return
    _note(
        receiver,
        status=Status.QUEUED,
        error=str(refusal),
        attempts=receiver.attempts + 1,
        next_try_at=timezone.now() + BACK_OFF[receiver.attempts],
    )


def _bounce(receiver: Receiver, refusal: Refused) -> None:
    # After the receiver was agreed to, the refusal is of the text, whatever its number means otherwise.
    code = str(refusal.code) if refusal.about_receiver else ""
    note_bounce(
        kind=kind_of(code, refusal.words),
        source=Bounce.Source.SMTP,
        delivery_id=receiver.delivery_id,
        code=str(refusal.code),
        diagnosis=refusal.words,
    )


def _note(receiver: Receiver, *, error: str = "", **facts: object) -> None:
    Delivery.objects.filter(pk=receiver.delivery_id, status=Status.TAKEN).update(batch=None, error=error[:300], **facts)
