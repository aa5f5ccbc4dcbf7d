"""Meetings: what comes and what was, a meeting with its programme, and answering an invitation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.models import User
from stemportal.accounts.requests import PersonRequest
from stemportal.lib.calendar_entry import to_feed
from stemportal.lib.ratelimit import allowed
from stemportal.lib.stored_files import ONLY_HERE, stored_file
from stemportal.network.access_meetings import (
    MeetingAccess,
    file_of_invitation,
    invitation_of,
    looks_after_meetings,
    meeting_file_for,
    meeting_for,
)
from stemportal.network.forms.meetings import RsvpForm
from stemportal.network.meeting_entry import entry_of, where
from stemportal.network.models import Meeting, MeetingFile, Rsvp
from stemportal.network.queries.meetings import coming_meetings, past_meetings
from stemportal.network.services.invitations import sides_of
from stemportal.network.services.rsvp import MeetingError, say_no, say_yes
from stemportal.network.structured_data import meeting_data
from stemportal.partners.structured_data import json_ld

PAGE_SIZE = 25
PAST = "past"


@login_not_required
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """Meetings to come, or those that were held, as far as the visitor may see them."""
    is_past = request.GET.get("when") == PAST
    rows = past_meetings(request.user) if is_past else coming_meetings(request.user)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "network/meetings/list.html", {"page_obj": page, "is_past": is_past})


@login_not_required
@require_safe
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting; who is invited answers here."""
    access = meeting_for(request.user, pk)
    form = None
    if access.is_for and isinstance(request.user, User):
        form = RsvpForm(meeting=access.meeting, rsvp=access.rsvp, sides=sides_of(request.user))
    return _page(request, access, form, action=reverse("network:rsvp", args=[pk]))


@require_POST
def rsvp(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer an invitation, or come to a meeting that is for people like this one."""
    access = meeting_for(request.user, pk)
    if not access.is_for:
        raise PermissionDenied(_("This meeting is for others. Ask the organiser if you would like to come."))
    form = RsvpForm(request.POST, meeting=access.meeting, rsvp=access.rsvp, sides=sides_of(request.user))
    if _answered(request, form, access.meeting, request.user):
        return redirect("network:meeting", pk)
    return _page(request, access, form, action=reverse("network:rsvp", args=[pk]))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rsvp_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the button of a mail, without a login. Mail filters open links: only the button answers."""
    answer, person = invitation_of(token)
    access = MeetingAccess(answer.meeting, answer, is_for=True)
    data = request.POST if request.method == "POST" else None
    form = RsvpForm(data, meeting=answer.meeting, rsvp=answer, sides=sides_of(person))
    if request.method == "POST" and _answered(request, form, answer.meeting, person):
        return redirect("network:rsvp_link", token=token)
    return _page(request, access, form, action=reverse("network:rsvp_link", args=[token]), person=person)


def _answered(request: HttpRequest, form: RsvpForm, about: Meeting, user: User) -> bool:
    """Take the answer and say what came of it; on a refusal the form says why."""
    if not form.is_valid():
        return False
    if not allowed(request, "meeting_answer", key=f"user:{user.pk}"):
        form.add_error(None, _("You have answered very often. Please try again in an hour."))
        return False
    try:
        if form.comes:
            given = say_yes(meeting_id=about.pk, user=user, **form.facts)
        else:
            given = say_no(meeting_id=about.pk, user=user)
    except MeetingError as error:
        form.add_error(error.field if error.field in form.fields else None, error.words)
        return False
    messages.success(request, _thanks(given))
    return True


def _thanks(given: Rsvp) -> str:
    if given.status == Rsvp.Status.ATTENDING:
        return _("You have a place. Welcome!")
    if given.status == Rsvp.Status.WAITING:
        if given.meeting.places_left:
            return _(
                "There is not room for you and all your guests now, so you are on the waiting list. With fewer guests "
                "you may get a place."
            )
        return _("All places are taken, so you are on the waiting list. You get a mail when there is a place for you.")
    return _("Thank you for telling us that you do not come.")


def _page(
    request: HttpRequest, access: MeetingAccess, form: RsvpForm | None, *, action: str, person: User | None = None
) -> HttpResponse:
    about, answer = access.meeting, access.rsvp
    is_staff = looks_after_meetings(request.user)
    inside = access.is_inside or is_staff
    context: dict[str, Any] = {
        "meeting": about,
        "answer": answer,
        "person": person,
        "form": form if _takes_something(access) else None,
        "action": action,
        "sentence": _where_it_stands(about, answer),
        "where": where(about),
        "video_link": about.video_link if access.comes or is_staff else "",
        "files": _files(about, inside=inside, token=answer.token if answer and person else ""),
        "minutes": about.minutes if about.minutes_at and (inside or about.is_public) else "",
        "ics_url": reverse("network:meeting_ics", args=[about.pk]),
        "is_staff": is_staff,
        "is_led_here": _is_led_here(request, about),
        "structured_data": json_ld(meeting_data(about)) if _is_for_search_engines(about, person) else "",
        "asks_login": not request.user.is_authenticated and person is None and bool(about.audience),
    }
    return render(request, "network/meetings/meeting.html", context, status=422 if form and form.errors else 200)


def _files(about: Meeting, *, inside: bool, token: str) -> list[tuple[MeetingFile, str]]:
    """The files that may be opened, with their addresses; who came by the link of a mail opens them by it, too."""
    return [
        (file, reverse("network:rsvp_link_file", args=[token, file.pk]) if token else file.get_absolute_url())
        for file in about.files.all()
        if file.is_public or inside
    ]


def _is_led_here(request: HttpRequest, about: Meeting) -> bool:
    """Whether this is the lead of the group whose meeting it is, before it has begun."""
    group = about.group
    leads = group is not None and group.is_active and group.lead_id is not None and group.lead_id == request.user.pk
    return leads and about.status == Meeting.Status.PUBLISHED and not about.has_begun


def _is_for_search_engines(about: Meeting, person: User | None) -> bool:
    return person is None and about.is_public and about.status != Meeting.Status.DRAFT


def _takes_something(access: MeetingAccess) -> bool:
    """Whether an answer can be given, or a place given back: that is possible until the meeting begins."""
    if access.meeting.takes_answers():
        return True
    holds = access.rsvp is not None and access.rsvp.status in {Rsvp.Status.ATTENDING, Rsvp.Status.WAITING}
    return holds and access.meeting.status == Meeting.Status.PUBLISHED and access.meeting.starts_at > timezone.now()


def _where_it_stands(about: Meeting, answer: Rsvp | None) -> dict[str, str] | None:
    """Where the person's answer stands, in a sentence, with the colour of it. One query for somebody who waits."""
    if answer is None or about.status != Meeting.Status.PUBLISHED or about.is_over:
        return None
    if answer.status == Rsvp.Status.ATTENDING:
        words = _("You have a place.")
        if answer.guests:
            words = ngettext(
                "You have a place, and so has %(count)s guest.",
                "You have a place, and so have %(count)s guests.",
                answer.guests,
            ) % {"count": answer.guests}
        return {"sentence": words, "color": "success"}
    if answer.status == Rsvp.Status.WAITING:
        before = Rsvp.objects.filter(meeting=about).in_line().filter(waiting_since__lt=answer.waiting_since).count()
        return {
            "sentence": _("You are number %(number)s on the waiting list.") % {"number": before + 1},
            "next": _("You get a mail as soon as there is a place for you."),
            "color": "warning",
        }
    if answer.status == Rsvp.Status.DECLINED:
        return {"sentence": _("You have told us that you do not come."), "color": "neutral"}
    return {"sentence": _("You are invited."), "next": _("Please tell us whether you come."), "color": "accent"}


@login_not_required
@require_safe
def meeting_ics(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting as a calendar file; the video link is in it for those who come."""
    access = meeting_for(request.user, pk)
    entry = entry_of(access.meeting, with_link=access.comes)
    response = HttpResponse(to_feed([entry]), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="meeting-{pk}.ics"'
    response["Cache-Control"] = "private, no-cache"
    return response


@login_not_required
@require_safe
def meeting_file(request: HttpRequest, pk: int) -> FileResponse:
    """Slides, a hand-out or minutes, as a file to save."""
    return _to_save(meeting_file_for(request.user, pk))


@login_not_required
@require_safe
def rsvp_link_file(request: HttpRequest, token: str, pk: int) -> FileResponse:  # noqa: ARG001
    """The same for somebody who came by the link of a mail, without a login."""
    return _to_save(file_of_invitation(token, pk))


def _to_save(file: MeetingFile) -> FileResponse:
    response = stored_file(file.file, name=file.name)
    response["Cache-Control"] = ONLY_HERE
    return response
