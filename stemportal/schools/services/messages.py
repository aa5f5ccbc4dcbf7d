"""Messages on a booking: writing one with its files, reading them, and the mail that tells the other side.

A mail waits some minutes (``MESSAGE_MAIL_DELAY_SECONDS``), so that several lines come in one, and none comes about what
the other side has read meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.documents import Document
from stemportal.lib.redact import blank_words
from stemportal.partners.extensions import People
from stemportal.partners.models import Partner
from stemportal.schools.emails.messages import messages_written
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Attachment, Booking, Message
from stemportal.schools.services.retention import is_closed

logger = structlog.get_logger(__name__)

FOLDER = "messages"
# More than anybody needs for one visit; beyond that somebody, or a program, fills the disk.
MOST_MESSAGES = 300
MOST_FILES = 60
SWEEP_AT_MOST = 500


class ConversationClosed(BookingError):
    """The time for messages is over."""

    def __init__(self) -> None:
        super().__init__(_("The conversation about this visit is closed."))


class TooMuchWritten(BookingError):
    """More lines or files than one booking may have."""

    def __init__(self) -> None:
        super().__init__(
            _("So much has been written here that it is time to talk: call each other, or agree on the next visit.")
        )


def write_message(
    *, booking: Booking, by: User, side: Message.Side, text: str, request_key: uuid.UUID, files: Sequence[Document] = ()
) -> Message:
    """Write a line to the other side, with files that were checked (lib.documents).

    The same form sent twice gives one message. Writing shows that what the other side wrote was read. Raises
    ConversationClosed or TooMuchWritten; no file is kept then.
    """
    key = uuid.uuid5(request_key, "/".join([str(by.pk), str(booking.pk), text, *(file.name for file in files)]))
    if earlier := Message.objects.filter(request_key=key).first():
        return earlier
    stored = [default_storage.save(f"{FOLDER}/{file.random_name()}", ContentFile(file.content)) for file in files]
    try:
        with transaction.atomic():
            # The lock lets the second click wait for the first, and the night's deletion for both.
            locked = Booking.objects.select_for_update(no_key=True, of=("self",)).get(pk=booking.pk)
            earlier = Message.objects.filter(request_key=key).first()
            if earlier is None:
                return _write(locked, by=by, side=side, text=text, key=key, files=list(zip(files, stored, strict=True)))
    except BaseException:
        _delete_stored(stored)
        raise
    _delete_stored(stored)
    return earlier


def _write(
    booking: Booking, *, by: User, side: Message.Side, text: str, key: uuid.UUID, files: list[tuple[Document, str]]
) -> Message:
    if is_closed(booking):
        raise ConversationClosed
    kept = Attachment.objects.filter(message__booking=booking).count()
    if booking.messages.count() >= MOST_MESSAGES or kept + len(files) > MOST_FILES:
        raise TooMuchWritten
    message = Message.objects.create(booking=booking, by=by, side=side, text=text, request_key=key)
    Attachment.objects.bulk_create(
        Attachment(message=message, name=file.name, file=name, size=len(file.content)) for file, name in files
    )
    mark_read(booking=booking, by=by, side=side)
    return message


def mark_read(*, booking: Booking, by: User, side: Message.Side) -> int:
    """Note that this side has read what the other wrote. Returns how many lines were new.

    A coordinator who looks in does not read for the teacher, whose mail would be left out; the secretariat reads for
    nobody, and what it wrote to both is not read by both when one has seen it, before its mail is written.
    """
    if side == Message.Side.STAFF or (side == Message.Side.SCHOOL and booking.teacher_id not in {None, by.pk}):
        return 0
    new = Message.objects.filter(booking=booking, read_at=None).exclude(side=side)
    new = new.exclude(side=Message.Side.STAFF, told_at=None)
    return new.update(read_at=timezone.now())


def tell(booking_id: int) -> int:
    """Write the mails about a booking's new lines, one to each person. Returns how many lines were told or read."""
    with transaction.atomic():
        waiting = Message.objects.filter(booking_id=booking_id, told_at=None).select_for_update(no_key=True)
        lines = list(waiting.order_by("at", "pk"))
        booking = Booking.objects.with_facts().filter(pk=booking_id).first() if lines else None
        if booking is None:
            return 0
        unread = [line.pk for line in lines if line.read_at is None]
        found = Message.objects.filter(pk__in=unread).select_related("by").prefetch_related("files")
        for side in Message.Side:
            if new := [line for line in found if line.side == side]:
                messages_written(booking, new, side)
        Message.objects.filter(pk__in=[line.pk for line in lines]).update(told_at=timezone.now())
    return len(lines)


def sweep() -> int:
    """Tell the lines whose first has waited long enough, the oldest first. Returns of how many bookings."""
    before = timezone.now() - timedelta(seconds=settings.MESSAGE_MAIL_DELAY_SECONDS)
    waiting = Message.objects.filter(told_at=None, at__lt=before).order_by("at")
    bookings = dict.fromkeys(waiting.values_list("booking_id", flat=True)[:SWEEP_AT_MOST])
    for booking_id in bookings:
        try:
            tell(booking_id)
        except Exception:  # one booking's trouble must not keep the mails of the others
            logger.exception("messages_not_told", booking=booking_id)
    return len(bookings)


def forget_messages_of_partner(partner: Partner, people: People) -> None:
    """Delete what the partner's people wrote, with their files, and take their names out of what schools wrote."""
    of_partner = Message.objects.filter(booking__activity__partner=partner)
    theirs = of_partner.filter(side=Message.Side.PARTNER)
    files = Attachment.objects.filter(message__in=theirs).values_list("file", flat=True)
    transaction.on_commit(partial(_delete_stored, list(files)))
    theirs.delete()
    blank_words(of_partner, ["text"], people.words)
    blank_words(Attachment.objects.filter(message__in=of_partner), ["name"], people.words)


def forget_person(user: User) -> None:
    """Take a person's name and address out of what the person wrote; the rest belongs to the booking."""
    words = [user.full_name, user.email]
    written = Message.objects.filter(by=user)
    blank_words(Attachment.objects.filter(message__in=written), ["name"], words)
    blank_words(written, ["text"], words)


def _delete_stored(names: Sequence[str]) -> None:
    for name in names:
        default_storage.delete(name)
