"""Deleting what must not be kept: the needs of a group soon after the visit, what was written a longer time after it.

Two times are counted from the same moment, when a booking was over: the end of the visit, or the day on which it was
declined, withdrawn, called off or expired. The booking itself, its days and its figures stay. (Short retention of
messages about minors' groups: GDPR article 5, 1 e.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Case, CharField, DateTimeField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.schools.models import Attachment, Booking, BookingEvent, BookingQuerySet, Message, Proposal

logger = structlog.get_logger(__name__)

Status = Booking.Status
# Over without a visit: the moment is that of the move.
CAME_TO_NOTHING = (
    Status.DECLINED,
    Status.WITHDRAWN,
    Status.CANCELLED_BY_SCHOOL,
    Status.CANCELLED_BY_PARTNER,
    Status.EXPIRED,
)
# Bookings in one transaction.
AT_ONCE = 200


def over_at() -> Case:
    """Return when a booking is or was over, for ``annotate``. What is not agreed is over when its time has passed."""
    moved = BookingEvent.objects.filter(booking=OuterRef("pk"), to_status=OuterRef("status")).order_by("-at", "-pk")
    ended = Coalesce(Subquery(moved.values("at")[:1]), F("answered_at"), F("created_at"))
    of_the_visit = Coalesce(F("session__ends_at"), F("proposed_at"))
    return Case(When(status__in=CAME_TO_NOTHING, then=ended), default=of_the_visit, output_field=DateTimeField())


def messages_kept_until(booking: Booking) -> datetime:
    """Return when the messages of the booking are closed and deleted, as it stands now. One query."""
    row = Booking.objects.annotate(over_at=over_at()).get(pk=booking.pk)
    return row.over_at + timedelta(days=settings.MESSAGE_RETENTION_DAYS)


def is_closed(booking: Booking) -> bool:
    """Say whether the time for messages is over. One query."""
    return booking.messages_deleted_at is not None or messages_kept_until(booking) <= timezone.now()


def needs_to_forget() -> BookingQuerySet:
    """Bookings that still have the needs of their group, although the time is over."""
    before = timezone.now() - timedelta(days=settings.NEEDS_RETENTION_DAYS)
    return Booking.objects.exclude(needs="").annotate(over_at=over_at()).filter(over_at__lt=before).order_by("pk")


def messages_to_forget() -> BookingQuerySet:
    """Bookings whose messages were not deleted yet, although the time is over."""
    before = timezone.now() - timedelta(days=settings.MESSAGE_RETENTION_DAYS)
    kept = Booking.objects.filter(messages_deleted_at=None).annotate(over_at=over_at())
    return kept.filter(over_at__lt=before).order_by("pk")


def delete_needs() -> int:
    """Delete the needs of groups ``NEEDS_RETENTION_DAYS`` after a booking was over. Returns of how many bookings."""
    return _in_parts(needs_to_forget, _forget_needs)


def delete_messages() -> int:
    """Delete what both sides wrote ``MESSAGE_RETENTION_DAYS`` after a booking was over. Returns of how many bookings.

    Messages with their files, the lines that went with the request and its answers, and the mails with all of it.
    """
    return _in_parts(messages_to_forget, _forget_messages)


def _in_parts(due: Callable[[], BookingQuerySet], forget: Callable[[Sequence[int]], None]) -> int:
    """Part for part, each in a transaction of its own: what fails is logged, and tried again the next night."""
    count = last = 0
    while True:
        pks = list(due().filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE])
        if not pks:
            return count
        last = pks[-1]
        try:
            with transaction.atomic():
                # Locked in the order of their ids, and looked at again: a date may have been moved meanwhile.
                locked = due().filter(pk__in=pks).select_for_update(no_key=True, of=("self",))
                still = list(locked.values_list("pk", flat=True))
                forget(still)
        except Exception:  # whatever is wrong with some must not keep the data of the others
            logger.exception("retention_failed", act=forget.__name__, first=pks[0], last=last)
        else:
            count += len(still)


def _forget_needs(pks: Sequence[int]) -> None:
    Booking.objects.filter(pk__in=pks).update(needs="", needs_deleted_at=timezone.now())


def _forget_messages(pks: Sequence[int]) -> None:
    """Files first: should the rest fail, the rows still name what is already gone, and the next night goes on."""
    messages = Message.objects.filter(booking__in=pks)
    for name in Attachment.objects.filter(message__in=messages).values_list("file", flat=True):
        default_storage.delete(name)
    messages.delete()
    bookings = Booking.objects.filter(pk__in=pks)
    bookings.update(message="", reply="", same_time_reason="", messages_deleted_at=timezone.now())
    BookingEvent.objects.filter(Q(booking__in=pks) & ~Q(note="")).update(note="")
    Proposal.objects.filter(Q(booking__in=pks) & ~Q(note="")).update(note="")
    Mail.objects.filter(about__in=mail_keys(bookings)).delete()


def mail_keys(bookings: BookingQuerySet) -> Any:
    """Return what mails about these bookings carry in ``Mail.about``, for a subquery."""
    return bookings.order_by().values_list(Concat(Value("booking:"), Cast("pk", CharField())), flat=True)
