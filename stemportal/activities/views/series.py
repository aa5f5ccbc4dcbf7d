"""A series of sessions: the list of its dates before it is made, its page, and more dates later. No script needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.access import activity_for_member
from stemportal.activities.forms.series import DatesForm, ExtendForm, SeriesForm
from stemportal.activities.models import Activity, Session, SessionSeries
from stemportal.activities.queries.overlaps import Overlap, overlaps
from stemportal.activities.series_words import left_out_words, moved_ones, rule_words
from stemportal.activities.services.series import (
    MOST_DATES,
    Occurrence,
    SeriesError,
    calendar_county,
    create_series,
    extend_series,
    longer_plan,
    more_occurrences,
    occurrences,
)
from stemportal.activities.session_rules import SessionErrors


def repeat(request: HttpRequest, activity: Activity) -> HttpResponse | SeriesForm:
    """Step 1 and 2 of a new series: the dates it would make, then the series. A rule that cannot be comes back."""
    form = SeriesForm(request.POST, activity=activity)
    if not form.is_valid() or request.POST.get("repeat") == "back":
        return form
    plan = form.plan()
    try:
        found = occurrences(activity, plan)
    except (SeriesError, SessionErrors) as refusal:
        form.add_refusal(refusal)
        return form

    def save(days: Sequence[date]) -> HttpResponse:
        series = create_series(activity=activity, plan=plan, days=days)
        messages.success(request, added_words(len(days), published=activity.is_published))
        return redirect("activities:series", series.pk)

    page = {
        "hidden": form.hidden(),
        "title": _("These dates would be made"),
        "action": reverse("activities:session_add", args=[activity.pk]),
        "back": "repeat",
    }
    return _dates(request, activity, found, plan.minutes, save, page)


def series(request: HttpRequest, pk: int) -> HttpResponse:
    """The dates of a series with what has become of each, what was left out, and a way to add more."""
    row = SessionSeries.objects.filter(pk=pk).first()
    if row is None:
        raise Http404("no such series")
    activity = activity_for_member(request.user, row.activity_id, edit=True)
    row.activity = activity
    form = ExtendForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and request.POST.get("repeat") != "back":
        plan = longer_plan(row, form.cleaned_data["until"])

        def save(days: Sequence[date]) -> HttpResponse:
            number = extend_series(series=row, plan=plan, days=days)
            messages.success(request, added_words(number, published=activity.is_published))
            return redirect("activities:series", row.pk)

        try:
            found = more_occurrences(row, plan)
        except (SeriesError, SessionErrors) as refusal:
            form.add_error("until", _words(refusal))
        else:
            page = {
                "hidden": [form["until"].as_hidden()],
                "title": _("These dates would be added"),
                "action": reverse("activities:series", args=[row.pk]),
                "back": "repeat",
            }
            return _dates(request, activity, found, plan.minutes, save, page)
    return _series_page(request, row, form)


def _series_page(request: HttpRequest, row: SessionSeries, form: ExtendForm) -> HttpResponse:
    sessions = list(row.sessions.order_by("starts_at", "pk")[:MOST_DATES])
    for session in sessions:
        session.activity = row.activity
    moved = moved_ones(sessions, row)
    context = {
        "partner": row.activity.partner,
        "room": "listings",
        "activity": row.activity,
        "series": row,
        "rule": rule_words(row),
        "sessions": [(session, session.pk in moved) for session in sessions],
        "open_count": sum(session.is_open for session in sessions),
        "left_out": [(date.fromisoformat(item["day"]), item["why"]) for item in left_out_words(row)],
        "form": form,
    }
    refused = form.is_bound and bool(form.errors)
    return render(request, "activities/series.html", context, status=422 if refused else 200)


def _dates(
    request: HttpRequest,
    activity: Activity,
    found: list[Occurrence],
    minutes: int,
    save: Callable[[Sequence[date]], HttpResponse],
    page: dict[str, Any],
) -> HttpResponse:
    """The list of dates with a tick box each; on the second POST those that are ticked are made."""
    creating = request.POST.get("repeat") == "create"
    form = DatesForm(request.POST if creating else None, found=found)
    clashes = _clashes(activity, found, minutes, set(form.cleaned_data["days"]) if _is_valid(form) else None)
    if creating and form.is_valid():
        if clashes and not form.cleaned_data["overlap_ok"]:
            form.add_error("overlap_ok", _("Tick this if you want both."))
        else:
            try:
                return save(form.cleaned_data["days"])
            except (SeriesError, SessionErrors) as refusal:
                form.add_error(None, _words(refusal))
    context = {
        "partner": activity.partner,
        "room": "listings",
        "activity": activity,
        "form": form,
        "clashes": clashes,
        "county": calendar_county(activity),
        "unchecked": any(not item.is_checked for item in found),
        "ticked": sum(is_ticked for _item, is_ticked in form.rows),
        **page,
    }
    return render(request, "activities/series_dates.html", context, status=422 if form.errors else 200)


def _is_valid(form: DatesForm) -> bool:
    return form.is_bound and form.is_valid()


def _clashes(activity: Activity, found: list[Occurrence], minutes: int, days: set[date] | None) -> list[Overlap]:
    """What the dates that are to be made overlap with; before anything is ticked those of the rule count."""
    length = timedelta(minutes=minutes)
    spans = [
        (item.starts_at, item.starts_at + length)
        for item in found
        if item.starts_at and (item.day in days if days is not None else not item.reason)
    ]
    return overlaps(activity, spans)


def _words(refusal: SeriesError | SessionErrors) -> str:
    return refusal.words if isinstance(refusal, SeriesError) else "; ".join(refusal.messages)


def added_words(number: int, *, published: bool) -> str:
    """Say how many sessions were added, and what comes next."""
    text = ngettext("%(number)s session added.", "%(number)s sessions added.", number) % {"number": number}
    then = _("Teachers can book now.") if published else _("Teachers can book when you publish.")
    return f"{text} {then}"


def series_of(activity: Activity) -> list[dict[str, Any]]:
    """Return the series of an activity that are not over, for the page on which dates are added. One query."""
    rows = SessionSeries.objects.filter(activity=activity, sessions__in=Session.objects.open()).distinct()
    return [{"pk": row.pk, "rule": rule_words(row), "last_day": row.last_day} for row in rows[:20]]
