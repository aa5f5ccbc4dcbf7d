"""Messages on a booking: what stands on its page, writing, reading, and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.lib.stored_files import ONLY_HERE, stored_file
from stemportal.lib.uploads import upload_was_too_large
from stemportal.schools.access import booking_for
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.messages import MessageForm
from stemportal.schools.models import Attachment, Booking, Message
from stemportal.schools.queries.calendar import clashes_of_partner, clashes_of_school
from stemportal.schools.queries.messages import conversation
from stemportal.schools.services import messages as service
from stemportal.schools.services.retention import messages_kept_until
from stemportal.schools.states import Side

TOO_MANY, REFUSED = 429, 422
# Who takes part; the secretariat does not.
SIDES = {Side.SCHOOL: Message.Side.SCHOOL, Side.PARTNER: Message.Side.PARTNER}


@dataclass(frozen=True)
class Talk:
    """The conversation as one person sees it: the lines, which of them are new, and until when it is open."""

    lines: list[Message]
    side: Message.Side
    may_write: bool
    until: datetime
    is_closed: bool
    form: MessageForm

    @property
    def new(self) -> int:
        return sum(line.side != self.side and line.read_at is None for line in self.lines)


def talk_of(booking: Booking, side: Side, may_act: bool, form: MessageForm | None = None) -> dict[str, object]:
    """Return what the page of a booking says besides its own matter: the messages, and what meets the visit.

    The needs of the group are for the school and for those who answer for the partner, not for its readers, nor for
    the secretariat. Nobody but school and partner reads the messages. Four queries.
    """
    if side not in SIDES:
        return {"talk": None, "shows_needs": False, "meets": []}
    until = messages_kept_until(booking)
    is_closed = booking.messages_deleted_at is not None or until <= timezone.now()
    talk = Talk(list(conversation(booking)), SIDES[side], may_act, until, is_closed, form or MessageForm())
    is_school = side == Side.SCHOOL
    return {
        "talk": talk,
        "shows_needs": is_school or may_act,
        "meets": clashes_of_school(booking) if is_school else clashes_of_partner(booking),
    }


def _on_the_page(pk: int) -> str:
    return f"{reverse('schools:booking', args=[pk])}#talk"


@require_http_methods(["GET", "HEAD", "POST"])
def booking_messages(request: PersonRequest, pk: int) -> HttpResponse:
    """The conversation by itself, and writing a line; the page of the booking shows the same."""
    access = booking_for(request.user, pk)
    if access.side not in SIDES:
        raise Http404("not a part of this conversation")
    if request.method != "POST":
        return _page(request, access.booking, access.side, access.may_act)
    booking_for(request.user, pk, act=access.side)
    form = MessageForm(request.POST, request.FILES, too_large=upload_was_too_large(request))
    if not allowed(request, "booking_message", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was many messages in a short time. Please try again in an hour."))
        return _page(request, access.booking, access.side, True, form, status=TOO_MANY)
    if not form.is_valid():
        return _page(request, access.booking, access.side, True, form, status=REFUSED)
    facts = form.cleaned_data
    try:
        service.write_message(
            booking=access.booking,
            by=request.user,
            side=SIDES[access.side],
            text=facts["text"],
            files=facts["attachments"],
            request_key=facts["request_key"],
        )
    except BookingError as error:
        form.add_error(None, error.words)
        return _page(request, access.booking, access.side, True, form, status=REFUSED)
    messages.success(request, _("Sent. The other side gets a mail in a few minutes."))
    return redirect(_on_the_page(pk))


def _page(
    request: PersonRequest,
    booking: Booking,
    side: Side,
    may_act: bool,
    form: MessageForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"booking": booking, "is_school": side == Side.SCHOOL, **talk_of(booking, side, may_act, form)}
    return render(request, "schools/messages.html", context, status=status)


@require_POST
def booking_messages_read(request: PersonRequest, pk: int) -> HttpResponse:
    """Note that this side has seen what the other wrote: a browser with JavaScript says so by itself."""
    access = booking_for(request.user, pk)
    if access.side not in SIDES:
        raise Http404("not a part of this conversation")
    booking_for(request.user, pk, act=access.side)
    service.mark_read(booking=access.booking, by=request.user, side=SIDES[access.side])
    return HttpResponse() if request.headers.get("HX-Request") else redirect(_on_the_page(pk))


@require_safe
def booking_file(request: PersonRequest, pk: int, file_pk: int) -> FileResponse:
    """A file of a message, to save; for those who may read the booking."""
    access = booking_for(request.user, pk)
    file = Attachment.objects.filter(pk=file_pk, message__booking=access.booking).first()
    if file is None or access.side not in SIDES:
        raise Http404("no such file")
    response = stored_file(file.file, name=file.name)
    response["Cache-Control"] = ONLY_HERE
    response["X-Robots-Tag"] = "noindex"
    return response
