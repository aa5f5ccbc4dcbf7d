"""What messages add to a partner: a task while a school waits for an answer, its copy of the data, and forgetting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.accounts import deletion
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner
from stemportal.partners.own_data import who
from stemportal.schools.filters import UNREAD
from stemportal.schools.models import Attachment, Message
from stemportal.schools.queries.messages import unread_lines
from stemportal.schools.services.messages import forget_messages_of_partner, forget_person


def message_tasks(membership: Membership) -> Iterator[extensions.Task]:
    """Say that schools wrote something new, to those who may answer. One query."""
    if not membership.may_edit:
        return
    bookings = list(unread_lines(membership.partner).order_by().values_list("booking_id", flat=True))
    if not bookings:
        return
    title = ngettext("%(count)s new message from a school", "%(count)s new messages from schools", len(bookings))
    in_one = len(set(bookings)) == 1
    yield extensions.Task(
        title=title % {"count": len(bookings)},
        text=_("A quick answer helps the teacher to plan."),
        url=f"{reverse('schools:booking', args=[bookings[0]])}#talk"
        if in_one
        else f"{reverse('schools:partner_bookings', args=[membership.partner_id])}?status={UNREAD}",
        action=_("Read and answer") if in_one else _("See which"),
        order=15,
        icon="Chat",
    )


def messages(partner: Partner) -> Iterator[dict[str, Any]]:
    """Everything that was written on the partner's bookings, by both sides."""
    rows = Message.objects.filter(booking__activity__partner=partner).select_related("by").prefetch_related("files")
    for message in rows.order_by("booking_id", "at", "pk").iterator(chunk_size=500):
        yield {
            "booking": message.booking_id,
            "at": message.at,
            "side": message.side,
            "by": who(message.by),
            "text": message.text,
            "files": ", ".join(name_in_copy(file) for file in message.files.all()),
            "read_at": message.read_at,
        }


def files(partner: Partner) -> Iterator[extensions.File]:
    """The files that came with them."""
    found = Attachment.objects.filter(message__booking__activity__partner=partner).order_by("pk")
    for file in found.iterator():
        yield name_in_copy(file), str(file.file.name)


def name_in_copy(file: Attachment) -> str:
    """Return a name that no other file of the copy has."""
    return f"message-{file.message_id}-{file.pk}.{str(file.file.name).rpartition('.')[2]}"


def register() -> None:
    """Add what messages know to what every partner has. Called once, when the app is ready."""
    extensions.today.append(message_tasks)
    extensions.data_sections.append(
        extensions.DataSection(
            name="messages", about=gettext_lazy("what you and schools wrote to each other"), rows=messages, files=files
        )
    )
    extensions.forget.append(forget_messages_of_partner)
    deletion.forget.append(forget_person)
