"""Mails about meetings that go to many: invitations, reminders, changes, calling off, minutes.

What is to be sent follows from the answers themselves (``Rsvp``): each has a mark that is set in the transaction of its
mail, so nobody gets two and none is lost, however many workers write and whenever one of them dies. A worker takes a
batch of rows that no other has (SKIP LOCKED); the sweep finds what is left, and what the clock brings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from stemportal.network.emails import meetings as emails
from stemportal.network.models import Meeting, Rsvp
from stemportal.network.models.meetings import WAS_THERE
from stemportal.outbox.services import hand_over

logger = structlog.get_logger(__name__)

BATCH = 50
# One task writes so many mails at most and hands the rest to the next, so that no worker is taken for long.
BATCHES_A_TASK = 10
SWEEP_AT_MOST = 200
# Who comes is reminded so long before the meeting; who has not answered, so long before the last day for it.
REMIND_BEFORE = timedelta(days=2)
ANSWER_BEFORE = timedelta(days=4)
# An invitation is given so long before it is asked for again.
LEAVE_ALONE = timedelta(days=3)
# Nobody wants to hear of minutes that are older than this because somebody was noted as present later.
MINUTES_FOR = timedelta(days=60)

Status = Rsvp.Status


@dataclass(frozen=True)
class Stage:
    """One kind of mail: whose is due now, how it is written, and the mark that says it was."""

    name: str
    due: Callable[[datetime], Q]
    write: Callable[[Rsvp], None]
    mark: Callable[[Rsvp, datetime], dict[str, object]]


def _announced(now: datetime) -> Q:
    return Q(meeting__status=Meeting.Status.PUBLISHED, meeting__starts_at__gt=now)


def _not_answered(now: datetime) -> Q:
    """Invitations whose last day is near, and that were given some days to think."""
    still = Q(last__gt=now, last__lte=now + ANSWER_BEFORE, mailed_at__lte=now - LEAVE_ALONE)
    return _announced(now) & still & Q(status=Status.INVITED, reminded_at=None)


def _soon(now: datetime) -> Q:
    """Who comes and has known it for longer than the reminder is before the meeting."""
    near = Q(meeting__starts_at__lte=now + REMIND_BEFORE, answered_at__lt=F("meeting__starts_at") - REMIND_BEFORE)
    return _announced(now) & near & Q(status=Status.ATTENDING, reminded_at=None)


def _changed(now: datetime) -> Q:
    news = Q(told_sequence__lt=F("meeting__sequence"), meeting__ends_at__gt=now)
    return Q(meeting__status=Meeting.Status.PUBLISHED) & news & Q(status__in=[Status.ATTENDING, Status.WAITING])


def _called_off(now: datetime) -> Q:
    news = Q(told_sequence__lt=F("meeting__sequence"), meeting__ends_at__gt=now)
    invited = Q(status=Status.INVITED, mailed_at__isnull=False)
    held = Q(status__in=[Status.ATTENDING, Status.WAITING])
    return Q(meeting__status=Meeting.Status.CANCELLED) & news & (invited | held)


def _minutes(now: datetime) -> Q:
    shown = Q(meeting__minutes_at__gt=now - MINUTES_FOR, meeting__status=Meeting.Status.PUBLISHED)
    return shown & WAS_THERE & Q(minutes_told_at=None)


STAGES = (
    Stage(
        "called_off",
        _called_off,
        emails.called_off,
        lambda rsvp, _now: {"told_sequence": rsvp.meeting.sequence},
    ),
    Stage(
        "changed",
        _changed,
        emails.changed,
        lambda rsvp, _now: {"told_sequence": rsvp.meeting.sequence},
    ),
    Stage(
        "invitation",
        lambda now: _announced(now) & Q(status=Status.INVITED, mailed_at=None),
        emails.invitation,
        lambda rsvp, now: {"mailed_at": now, "told_sequence": rsvp.meeting.sequence},
    ),
    Stage("answer_soon", _not_answered, emails.answer_soon, lambda _rsvp, now: {"reminded_at": now}),
    Stage("reminder", _soon, emails.reminder, lambda _rsvp, now: {"reminded_at": now}),
    Stage("minutes", _minutes, emails.minutes_ready, lambda _rsvp, now: {"minutes_told_at": now}),
)


def announce(meeting_id: int) -> None:
    """Have a worker write what is due about a meeting. Without Valkey it waits for the sweep."""
    from stemportal.network.tasks import mail_meeting

    hand_over(lambda: mail_meeting.delay(meeting_id), meeting=meeting_id)


def mail_meeting(meeting_id: int) -> int:
    """Write the mails that are due about one meeting, in batches; hand the rest over. Returns how many were written."""
    written, batches = 0, 0
    for stage in STAGES:
        after = 0
        while batches < BATCHES_A_TASK:
            sent, after = _batch(stage, meeting_id, after)
            written += sent
            if not after:
                break
            batches += 1
    if batches >= BATCHES_A_TASK:
        announce(meeting_id)
    return written


def sweep() -> int:
    """Hand over every meeting about which something is due. Returns how many."""
    now = timezone.now()
    due = Q()
    for stage in STAGES:
        due |= stage.due(now)
    rows = _rows().filter(due).order_by().values_list("meeting_id", flat=True).distinct()[:SWEEP_AT_MOST]
    meetings = list(rows)
    for meeting_id in meetings:
        announce(meeting_id)
    return len(meetings)


def _rows() -> QuerySet[Rsvp]:
    rows = Rsvp.objects.that_count().filter(user__is_active=True)
    return rows.alias(last=Coalesce("meeting__rsvp_until", "meeting__starts_at"))


def _batch(stage: Stage, meeting_id: int, after: int) -> tuple[int, int]:
    """Write up to BATCH mails behind the row ``after``. Returns how many, and the last row, 0 when that was the end.

    A mail that cannot be written is logged and left for the next sweep; it holds up no other.
    """
    now = timezone.now()
    with transaction.atomic():
        due = _rows().filter(stage.due(now), meeting=meeting_id, pk__gt=after)
        rows = due.select_related("user", "meeting", "partner", "school").order_by("pk")
        batch = list(rows.select_for_update(no_key=True, skip_locked=True, of=("self",))[:BATCH])
        sent = sum(_one(stage, rsvp, now) for rsvp in batch)
    return sent, batch[-1].pk if len(batch) == BATCH else 0


def _one(stage: Stage, rsvp: Rsvp, now: datetime) -> bool:
    try:
        with transaction.atomic():
            stage.write(rsvp)
            Rsvp.objects.filter(pk=rsvp.pk).update(**stage.mark(rsvp, now))
    except Exception:  # whatever is wrong with one mail must not keep the others
        logger.exception("meeting_mail_not_written", rsvp=rsvp.pk, stage=stage.name)
        return False
    return True
