"""Meetings that the lead of a working group plans, changes and calls off; members are invited by mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.network.access_groups import group_for
from stemportal.network.forms.meetings import CallOffForm, GroupMeetingForm
from stemportal.network.models import Meeting
from stemportal.network.services.meetings import cancel_meeting, change_group_meeting, plan_group_meeting
from stemportal.network.services.rsvp import MeetingError

FIELDS = ("title", "text", "starts_at", "ends_at", "place", "video_link")


@require_http_methods(["GET", "HEAD", "POST"])
def group_meeting_add(request: PersonRequest, slug: str) -> HttpResponse:
    """Plan a meeting of the group."""
    group = group_for(request.user, slug, manage=True).group
    form = GroupMeetingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not allowed(request, "group_meeting", key=f"group:{group.pk}"):
            form.add_error(None, _("That was many meetings in a short time. Please try again tomorrow."))
        else:
            try:
                meeting = plan_group_meeting(
                    group=group, by=request.user, **{name: form.cleaned_data[name] for name in FIELDS}
                )
            except MeetingError as error:
                form.add_error(None, error.words)
            else:
                messages.success(request, _("The meeting is announced, and the members are invited by mail."))
                return redirect(meeting)
    context = {"form": form, "group": group, "title": _("Plan a meeting"), "button": _("Announce and invite")}
    return render(request, "network/meetings/group.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def group_meeting_change(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Change a meeting of the group that has not begun; those who come are told of another time or place."""
    group = group_for(request.user, slug, manage=True).group
    ahead = Meeting.objects.coming().filter(starts_at__gt=timezone.now())
    meeting = get_object_or_404(ahead, pk=pk, group=group)
    form = GroupMeetingForm(request.POST if request.method == "POST" else None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        if not allowed(request, "group_meeting", key=f"group:{group.pk}"):
            form.add_error(None, _("That was many meetings in a short time. Please try again tomorrow."))
        else:
            told = change_group_meeting(meeting=meeting, **{name: form.cleaned_data[name] for name in FIELDS})
            messages.success(request, _("Saved."))
            if told:
                messages.info(request, _("Those who come get a mail about it, with a new entry for their calendar."))
            return redirect(meeting)
    context = {"form": form, "group": group, "meeting": meeting, "title": _("Change the meeting"), "button": _("Save")}
    return render(request, "network/meetings/group.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def group_meeting_call_off(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Call a meeting of the group off, with a line to everybody who is invited."""
    group = group_for(request.user, slug, manage=True).group
    meeting = get_object_or_404(Meeting.objects.coming(), pk=pk, group=group)
    form = CallOffForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if cancel_meeting(meeting_id=meeting.pk, reason=form.cleaned_data["reason"]):
            messages.success(request, _("The meeting is called off. Everybody who was invited is told."))
        return redirect(meeting)
    context = {
        "form": form,
        "group": group,
        "meeting": meeting,
        "title": _("Call the meeting off"),
        "button": _("Call off and send the mails"),
        "is_danger": True,
    }
    return render(request, "network/meetings/group.html", context, status=422 if form.errors else 200)
