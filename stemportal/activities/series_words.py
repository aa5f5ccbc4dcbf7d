"""A series and its dates in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.models import WEEKDAYS, Session, SessionSeries
from stemportal.activities.services.series import REASONS, all_dates, weekdays_of


def rule_words(series: SessionSeries) -> str:
    """Return when it repeats: "Tuesday and Thursday at 09:00, every 2 weeks"."""
    weekdays, every = weekdays_of(series.rule)
    names = [str(dict(WEEKDAYS)[day]) for day in weekdays]
    days = _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]} if names[1:] else names[0]
    often = ngettext("every week", "every %(number)s weeks", every) % {"number": every}
    words = _("%(days)s at %(time)s, %(often)s")
    return words % {"days": days, "time": f"{series.begins:%H:%M}", "often": often}


def moved_ones(sessions: Iterable[Session], series: SessionSeries) -> set[int]:
    """Return the ids of those that were moved by themselves: to another day, hour or length than the rule says."""
    dates, length = all_dates(series), timedelta(minutes=series.minutes)
    moved = set()
    for session in sessions:
        start = timezone.localtime(session.starts_at)
        as_ruled = start.date() in dates and start.time() == series.begins
        if not as_ruled or session.ends_at - session.starts_at != length:
            moved.add(session.pk)
    return moved


def left_out_words(series: SessionSeries) -> list[dict[str, str]]:
    """Return the days that were left out, in order, with the reason: ``day`` (ISO) and ``why``."""
    rows = [
        {"day": str(item["day"]), "why": str(REASONS.get(item["reason"], ""))}
        for item in series.left_out
        if isinstance(item, dict) and "day" in item and "reason" in item
    ]
    return sorted(rows, key=lambda row: row["day"])
