"""Steps of a meeting, each a page of the admin: nothing happens before its button is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.lib.templatetags.portal import localized
from stemportal.lib.uploads import upload_was_too_large
from stemportal.network import door as name_list
from stemportal.network.admin.steps import step_page
from stemportal.network.forms.meeting_desk import FileForm, PersonForm, ReasonForm, WalkInForm
from stemportal.network.models import Meeting, Rsvp
from stemportal.network.models.meetings import MOST_GUESTS
from stemportal.network.services import meetings as service
from stemportal.network.services.invitations import count_uninvited, invite_everybody, invite_person
from stemportal.network.services.rsvp import MeetingError

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin

PAGE_SIZE = 100


def _meeting(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> Meeting:
    """Return the meeting for somebody who may change meetings. Raises PermissionDenied, Http404."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    return get_object_or_404(Meeting, pk=pk)


def _page(
    model_admin: ModelAdmin, request: HttpRequest, name: str, meeting: Meeting, title: str, **context: Any
) -> TemplateResponse:
    return step_page(model_admin, request, name, title=title, meeting=meeting, **context)


def _back(meeting: Meeting) -> HttpResponse:
    return redirect("admin:network_meeting_change", meeting.pk)


def publish(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Announce a draft."""
    meeting = _meeting(model_admin, request, pk)
    if request.method == "POST":
        if service.publish_meeting(meeting_id=pk):
            messages.success(request, _("The meeting is announced. Invite people when you are ready."))
        else:
            messages.warning(request, _("Somebody did this before you."))
        return _back(meeting)
    text = _("It is shown on the pages then. Nobody gets a mail before you invite.")
    return _page(
        model_admin, request, "meeting_act", meeting, _("Announce the meeting"), text=text, button=_("Announce")
    )


def invite(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Invite everybody for whom the meeting is and who has no invitation yet."""
    meeting = _meeting(model_admin, request, pk)
    if request.method == "POST":
        try:
            count = invite_everybody(meeting_id=pk)
        except MeetingError as error:
            messages.error(request, error.words)
            return _back(meeting)
        text = ngettext("%(count)s person is invited.", "%(count)s people are invited.", count) % {"count": count}
        messages.success(request, f"{text} {_('The mails are on their way.')}" if count else text)
        return _back(meeting)
    count = count_uninvited(meeting)
    text = ngettext(
        "%(count)s person has no invitation yet and gets a mail.",
        "%(count)s people have no invitation yet and get a mail.",
        count,
    ) % {"count": count}
    return _page(model_admin, request, "meeting_act", meeting, _("Invite"), text=text, button=_("Invite"))


def invite_one(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Invite one person by the address: a speaker, or somebody from elsewhere."""
    meeting = _meeting(model_admin, request, pk)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        try:
            invited = invite_person(meeting_id=pk, user=form.user)
        except MeetingError as error:
            form.add_error(None, error.words)
        else:
            text = _("%(person)s is invited.") if invited else _("%(person)s has an invitation already.")
            messages.success(request, text % {"person": form.user})
            return _back(meeting)
    text = _("The person needs an account in the portal.")
    return _page(
        model_admin, request, "meeting_act", meeting, _("Invite one person"), text=text, form=form, button=_("Invite")
    )


def call_off(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Call an announced meeting off, with a line to everybody."""
    meeting = _meeting(model_admin, request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if service.cancel_meeting(meeting_id=pk, reason=form.cleaned_data["reason"]):
            messages.success(request, _("The meeting is called off. Everybody who was invited is told."))
        else:
            messages.warning(request, _("Only a meeting that is announced can be called off."))
        return _back(meeting)
    return _page(
        model_admin,
        request,
        "meeting_act",
        meeting,
        _("Call the meeting off"),
        text=_("It leaves the calendars of those who come. This cannot be undone."),
        form=form,
        button=_("Call off and send the mails"),
        danger=True,
    )


def minutes(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Show minutes and slides, and tell those who came."""
    meeting = _meeting(model_admin, request, pk)
    if request.method == "POST":
        if service.publish_minutes(meeting_id=pk):
            messages.success(request, _("The minutes are shown, and those who came get a mail."))
        else:
            messages.warning(request, _("There is nothing to show yet: write the minutes, or add a file first."))
        return _back(meeting)
    text = _("Those who came get a mail with a link. Note first who was there; else everybody who said yes gets it.")
    return _page(model_admin, request, "meeting_act", meeting, _("Publish the minutes"), text=text, button=_("Publish"))


def door(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """The name list for the door, as PDF."""
    meeting = _meeting(model_admin, request, pk)
    response = HttpResponse(name_list.make_pdf(meeting), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name_list.file_name(meeting)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def attendance(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Note who came, a page of names at a time."""
    meeting = _meeting(model_admin, request, pk)
    there = Q(status=Rsvp.Status.ATTENDING) | Q(came__isnull=False)
    rows = Rsvp.objects.filter(there, meeting=meeting).select_related("user", "partner", "school")
    page = Paginator(rows.order_by("user__full_name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    if request.method == "POST":
        all_came = request.POST.get("do") == "all"
        came = {rsvp.pk: _number(request.POST.get(f"came-{rsvp.pk}", ""), rsvp, all_came=all_came) for rsvp in page}
        try:
            service.record_attendance(meeting_id=pk, came=came)
        except MeetingError as error:
            messages.error(request, error.words)
        else:
            messages.success(request, _("Noted. It counts in the partners' yearly reports."))
        return redirect(request.get_full_path())
    return _page(
        model_admin,
        request,
        "meeting_attendance",
        meeting,
        _("Who came to %(title)s?") % {"title": localized(meeting, "title")},
        page_obj=page,
        most=1 + MOST_GUESTS,
    )


def _number(text: str, rsvp: Rsvp, *, all_came: bool) -> int | None:
    """What was typed, as a count; empty: not told, or with ``all_came`` as many as had a place."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) < 4:
        return int(text)
    return rsvp.places if all_came else None


def walk_in(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Note somebody who came without a place."""
    meeting = _meeting(model_admin, request, pk)
    form = WalkInForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        try:
            service.note_walk_in(meeting_id=pk, user=form.user, came=form.cleaned_data["came"])
        except MeetingError as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _("%(person)s is noted.") % {"person": form.user})
            return redirect("admin:network_meeting_attendance", pk)
    return _page(
        model_admin,
        request,
        "meeting_act",
        meeting,
        _("Somebody else came"),
        text=_("The person needs an account in the portal."),
        form=form,
        button=_("Save"),
    )


def files(model_admin: ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Slides and other files: add one, or take one away."""
    meeting = _meeting(model_admin, request, pk)
    if request.method == "POST" and (chosen := request.POST.get("delete", "")):
        mine = meeting.files.filter(pk=int(chosen)).exists() if chosen.isascii() and chosen.isdecimal() else False
        if mine and service.delete_file(file_id=int(chosen)):
            messages.success(request, _("The file is deleted."))
        return redirect("admin:network_meeting_files", pk)
    form = FileForm(request.POST or None, request.FILES or None)
    form.too_large = upload_was_too_large(request)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            service.add_file(
                meeting_id=pk, title=facts["title"], document=facts["upload"], is_public=facts["is_public"]
            )
        except MeetingError as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _("The file is there."))
            return redirect("admin:network_meeting_files", pk)
    return _page(model_admin, request, "meeting_files", meeting, _("Slides and documents"), form=form)
