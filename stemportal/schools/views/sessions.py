"""Moving and calling off a session that classes may have booked, alone or with those that follow it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.models import Session
from stemportal.activities.queries.overlaps import Overlap, overlaps
from stemportal.lib.templatetags.portal import weekdate
from stemportal.partners.access import partner_for_member
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.session import CancelForm, SessionForm, as_it_is, told_words
from stemportal.schools.models import Booking
from stemportal.schools.services.sessions import (
    CalledOff,
    Move,
    cancel_session,
    change_session,
    following_sessions,
    groups_told,
    planned_moves,
)


def _session_of_member(request: PersonRequest, pk: int) -> Session:
    sessions = Session.objects.select_related("activity__partner__municipality", "activity__kind", "series")
    session = get_object_or_404(sessions.select_related("activity__municipality"), pk=pk)
    partner_for_member(request.user, session.activity.partner_id, edit=True)
    if session.status != Session.Status.OPEN:
        raise Http404
    return session


def session_change(request: PersonRequest, pk: int) -> HttpResponse:
    """Move a session, or change its places; booked classes are told. More than one date is shown before it is done."""
    session = _session_of_member(request, pk)
    dates = following_sessions(session)
    told = (groups_told([session]), groups_told(dates) if dates[1:] else 0)
    form = SessionForm(
        request.POST or None,
        unit=session.activity.kind.unit,
        format=session.activity.format,
        initial=as_it_is(session),
        lasts_days=session.lasts_days,
        dates=len(dates),
        told=told,
    )
    context = {"form": form, "session": session, "partner": session.activity.partner, "room": "listings"}
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        chosen = dates if form.following else [session]
        try:
            moves = planned_moves(chosen, form.change())
            clashes = _clashes(session, moves)
            if not _is_agreed(form, moves, clashes):
                words = told_words(told[1] if form.following else told[0])
                return render(
                    request,
                    "schools/session_review.html",
                    {**context, "moves": moves, "clashes": clashes, "told": words},
                )
            moves = change_session(
                session_id=session.pk, change=form.change(), by=request.user, following=form.following
            )
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            _say_changed(request, moves)
            if form.following:
                session.refresh_from_db(fields=["series"])
                return redirect("activities:series", pk=session.series_id)
            return redirect("activities:edit", pk=session.activity_id)
    return render(request, "schools/session_change.html", context)


def _clashes(session: Session, moves: list[Move]) -> list[Overlap]:
    spans = [(move.starts_at, move.ends_at) for move in moves]
    return overlaps(session.activity, spans, besides=[move.session.pk for move in moves])


def _is_agreed(form: SessionForm, moves: list[Move], clashes: list[Overlap]) -> bool:
    """Whether nothing is left to be shown before it is done."""
    if clashes and not form.cleaned_data["overlap_ok"]:
        if form.cleaned_data["seen"]:
            form.add_error("overlap_ok", _("Tick this if you want both."))
        return False
    return form.cleaned_data["seen"] or (len(moves) == 1 and not clashes)


def _say_changed(request: PersonRequest, moves: list[Move]) -> None:
    if len(moves) == 1:
        messages.success(request, _("The session is changed. Classes that have booked it have been told."))
    else:
        text = _("%(number)s sessions are changed. Classes that have booked them have been told.")
        messages.success(request, text % {"number": len(moves)})
    unusual = [f"{weekdate(move.starts_at)} ({move.closed.words})" for move in moves if move.closed]
    if unusual:
        messages.warning(request, _("Schools are closed on: %(days)s.") % {"days": "; ".join(unusual)})


def session_cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Call a session off, after showing who will be told."""
    session = _session_of_member(request, pk)
    dates = following_sessions(session)
    waiting = Booking.objects.filter(session__in=dates, status__in=["requested", "confirmed"]).with_facts()
    affected = list(waiting.order_by("session__starts_at", "pk"))
    mine = [booking for booking in affected if booking.session_id == session.pk]
    form = CancelForm(request.POST or None, dates=len(dates), told=(len(mine), len(affected)))
    if request.method == "POST" and form.is_valid():
        try:
            off = cancel_session(
                session_id=session.pk, by=request.user, note=form.cleaned_data["note"], following=form.following
            )
        except BookingError as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _off_words(off))
            if form.following:
                return redirect("activities:series", pk=session.series_id)
            return redirect("activities:edit", pk=session.activity_id)
    context = {
        "form": form,
        "session": session,
        "affected": mine,
        "affected_later": affected[len(mine) :],
        "partner": session.activity.partner,
        "room": "listings",
    }
    return render(request, "schools/session_cancel.html", context)


def _off_words(off: CalledOff) -> str:
    if off.dates > 1:
        text = ngettext(
            "%(dates)s sessions are called off. %(count)s group has been told.",
            "%(dates)s sessions are called off. %(count)s groups have been told.",
            off.groups,
        )
        return text % {"dates": off.dates, "count": off.groups}
    text = ngettext(
        "The session is called off. %(count)s group has been told.",
        "The session is called off. %(count)s groups have been told.",
        off.groups,
    )
    return text % {"count": off.groups}
