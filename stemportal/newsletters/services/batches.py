"""Batches: deliveries that one worker takes, and what becomes of them when it dies.

The worker holds a session lock of PostgreSQL on its batch, so the lock falls with its process, however that ends. A
batch that still has deliveries and whose lock is free has lost its worker. What it got done is read from two numbers,
see ``models.Batch``.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from enum import Enum, auto
from typing import Any

import structlog
from django.db import Error, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg import Cursor

from stemportal.newsletters.models import Batch, Delivery, Newsletter, Subscriber
from stemportal.newsletters.wire import Receiver

logger = structlog.get_logger(__name__)

Status = Delivery.Status

# Deliveries that a worker takes at a time, and how many of them the horizon lies ahead.
SIZE = 200
AHEAD = 25

LOCK_KEY = "hashtextextended('newsletters.batch.' || %s, 0)"

# First those that nobody tried, then those whose next try has come. Two questions, for each is answered by the index.
WHICH = ("next_try_at IS NULL", "next_try_at <= statement_timestamp()")
FIND = """
    SELECT id FROM newsletters_delivery WHERE newsletter_id = %s AND status = 'queued' AND {which}
    LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""
TAKE = """
    UPDATE newsletters_delivery AS delivery SET status = 'taken', batch_id = %s
    FROM newsletters_subscriber AS subscriber
    WHERE delivery.id = ANY(%s) AND subscriber.id = delivery.subscriber_id
    RETURNING delivery.id, subscriber.id, subscriber.email, subscriber.language, subscriber.unsubscribe_token,
        coalesce(subscriber.confirmed_at, subscriber.asked_at), delivery.attempts
"""

# One small write a mail, and the answer whether it may still go out. The last of these writes may be lost with the
# server, which is what the horizon is for, so nobody waits for the disk unless the horizon moves. The setting ends with
# the statement's own transaction.
BEGIN = """
    UPDATE newsletters_batch AS batch SET begun_id = %s, horizon_id = %s
    FROM newsletters_newsletter AS newsletter, (SELECT set_config('synchronous_commit', %s, true)) AS how
    WHERE batch.id = %s AND newsletter.id = batch.newsletter_id
    RETURNING newsletter.status, (SELECT status FROM newsletters_subscriber WHERE id = %s)
"""

SETTLE = """
    UPDATE newsletters_delivery SET
        status = CASE WHEN id <= %(done)s THEN 'sent' WHEN id <= %(unknown)s THEN 'unknown' ELSE 'queued' END,
        sent_at = CASE WHEN id <= %(done)s THEN now() END,
        error = CASE WHEN id <= %(done)s THEN '' ELSE error END,
        next_try_at = CASE WHEN id > %(unknown)s THEN next_try_at END,
        batch_id = NULL
    WHERE batch_id = %(batch)s AND status = 'taken'
    RETURNING status
"""

# When the database server last began with nothing in memory: at its start, or when it recovered after one of its
# processes had crashed, which empties the statistics.
BEGAN = "SELECT greatest(pg_postmaster_start_time(), (SELECT stats_reset FROM pg_stat_bgwriter))"


class MayGo(Enum):
    """The answer to a worker that is about to hand a mail over."""

    YES = auto()
    # The newsletter was paused or stopped.
    STOP = auto()
    # The receiver left meanwhile.
    LEFT = auto()


class Held:
    """A batch that this process holds: its receivers in the order of sending, and what it has got done."""

    def __init__(self, batch_id: int, receivers: list[Receiver]) -> None:
        self.batch_id = batch_id
        self.receivers = receivers
        self._done = 0
        self._horizon = 0
        # Straight to the driver, prepared once: this statement is asked once a mail.
        connection.ensure_connection()
        self._cursor = Cursor(connection.connection)

    def begin(self, number: int) -> MayGo:
        """Note that receiver ``number`` (from 0) is about to be handed its mail, and say whether it may be."""
        receiver = self.receivers[number]
        moves = receiver.delivery_id > self._horizon
        if moves:
            self._horizon = self.receivers[min(number + AHEAD, len(self.receivers)) - 1].delivery_id
        values = [receiver.delivery_id, self._horizon, "on" if moves else "off", self.batch_id, receiver.subscriber_id]
        with connection.wrap_database_errors:
            found = self._cursor.execute(BEGIN, values, prepare=True).fetchone()
        if found is None or found[0] != Newsletter.Status.SENDING:
            return MayGo.STOP
        return MayGo.YES if found[1] == Subscriber.Status.ACTIVE else MayGo.LEFT

    def done(self, number: int) -> None:
        """Receiver ``number`` is dealt with: handed over, or noted as what else became of it."""
        self._done = self.receivers[number].delivery_id

    def settle(self) -> None:
        """Mark what was handed over as sent and give the rest back."""
        _settle(self.batch_id, done=self._done, unknown=self._done)

    def let_go(self) -> None:
        """Let others settle the batch. A connection that is gone has let go already."""
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_unlock({LOCK_KEY})", [self.batch_id])


def take(newsletter_id: int, size: int = SIZE) -> Held | None:
    """Take the next deliveries that are due, or None when there are none. Others step over what is taken."""
    with transaction.atomic(), connection.cursor() as cursor:
        ids = _due(cursor, newsletter_id, size)
        if not ids:
            return None
        batch = Batch.objects.create(newsletter_id=newsletter_id, taken_at=Now())
        # Before anybody can see the batch. It is the session's, so it stays when the transaction ends.
        cursor.execute(f"SELECT pg_advisory_lock({LOCK_KEY})", [batch.pk])
        cursor.execute(TAKE, [batch.pk, ids])
        receivers = [Receiver(*row) for row in sorted(cursor.fetchall())]
    return Held(batch.pk, receivers)


def _due(cursor: Any, newsletter_id: int, size: int) -> list[int]:
    for which in WHICH:
        cursor.execute(FIND.format(which=which), [newsletter_id, size])
        if ids := [row[0] for row in cursor.fetchall()]:
            return ids
    return []


def settle_abandoned() -> int:
    """Settle the batches whose worker is gone. Returns how many."""
    taken = Delivery.objects.filter(status=Status.TAKEN, batch__isnull=False).order_by()
    return sum(_settle_if_abandoned(batch_id) for batch_id in taken.values_list("batch", flat=True).distinct())


def _settle_if_abandoned(batch_id: int) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({LOCK_KEY})", [batch_id])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(BEGAN)
        (began,) = cursor.fetchone()
        batch = Batch.objects.get(pk=batch_id)
        unknown = batch.horizon_id if began > batch.taken_at else batch.begun_id
        counts = _settle(batch_id, done=batch.begun_id - 1, unknown=max(unknown, batch.begun_id))
    logger.warning("newsletter_batch_abandoned", batch=batch_id, newsletter=batch.newsletter_id, **counts)
    return True


def _settle(batch_id: int, *, done: int, unknown: int) -> Counter[str]:
    """Up to ``done`` sent, up to ``unknown`` unknown, the others to be sent by somebody else."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SETTLE, {"batch": batch_id, "done": done, "unknown": unknown})
        counts = Counter(row[0] for row in cursor.fetchall())
        # What is given back to a newsletter that was stopped meanwhile: nobody will take it. The lock makes the one
        # who stops it see what is given back before, or us see that it is stopped.
        newsletter = Newsletter.objects.select_for_update(no_key=True).get(batches=batch_id)
        if newsletter.status == Newsletter.Status.SENT:
            pass_over(newsletter.pk)
    return counts


def finish(newsletter_id: int) -> bool:
    """Call a newsletter sent when nothing of it is left to send; True when it is over, now or since longer."""
    left = Delivery.objects.filter(newsletter=newsletter_id, status__in=Delivery.OPEN)
    if left.exists():
        return False
    with transaction.atomic():
        # Whoever has unknown ones sent again holds the row meanwhile, and what they put back is seen afterwards only.
        newsletter = Newsletter.objects.select_for_update(no_key=True).get(pk=newsletter_id)
        if left.exists():
            return False
        if newsletter.status == Newsletter.Status.SENDING:
            newsletter.status = Newsletter.Status.SENT
            newsletter.sent_at = timezone.now()
            newsletter.save(update_fields=["status", "sent_at"])
    return True


def pass_over(newsletter_id: int) -> int:
    """Nobody who still waits for this newsletter gets it. Returns how many that are."""
    return Delivery.objects.filter(newsletter=newsletter_id, status=Status.QUEUED).update(status=Status.SKIPPED)
