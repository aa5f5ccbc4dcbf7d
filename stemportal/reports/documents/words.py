"""Numbers, dates and counts as people write them in the active language, for all documents and pages of reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stemportal.activities.models import GRADES, Kind
from stemportal.lib.periods import Period

NOTHING = "–"
MINUS = "−"
# Bars of charts, in thousandths.
LONGEST = 1000
# Below this nothing is seen.
LEAST = 8


def number(value: float | None, decimals: int = 0) -> str:
    """Return a number with as many decimals as it has, at most ``decimals``; None is a count that is hidden."""
    if value is None:
        return _("not shown")
    value = round(value, decimals)
    if value == int(value):
        decimals = 0
    text = formats.number_format(abs(value), decimals, force_grouping=True)
    return f"{MINUS}{text}" if value < 0 else text


def percent(value: float | None) -> str:
    """Return whole percent: "48 %" (with a space that does not break), in English "48%"."""
    if value is None:
        return number(None)
    return f"{number(value)}%" if get_language() == "en" else f"{number(value)}\N{NO-BREAK SPACE}%"


def change(now: float | None, before: float | None) -> str:
    """Return how much more it is than before, in whole percent with its sign; a dash where that says nothing."""
    if now is None or not before:
        return NOTHING
    return signed(percent(round(100 * (now - before) / before)))


def signed(text: str) -> str:
    """Put a plus in front of what is neither negative nor nothing."""
    is_more = not text.startswith(MINUS) and any(digit in text for digit in "123456789")
    return f"+{text}" if is_more else text


def day(moment: date | datetime | str) -> str:
    """Return a date in figures, short enough for a table: 12.03.2026, in English 12 Mar 2026. Takes ISO texts, too."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment) if "T" in moment else date.fromisoformat(moment)
    if isinstance(moment, datetime):
        moment = timezone.localtime(moment)
    return formats.date_format(moment, "j M Y" if get_language() == "en" else "d.m.Y")


def month_names(month: str) -> tuple[str, str]:
    """Return the short and the long name of a month such as "2025-08"."""
    first = date.fromisoformat(f"{month}-01")
    if get_language() == "en":
        return formats.date_format(first, "M"), formats.date_format(first, "F")
    return formats.date_format(first, "b").strip("."), formats.date_format(first, "F").lower()


def localized(names: Mapping[str, Any]) -> str:
    """Return the name in the active language, or in bokmål: of rows with nb, nn and en."""
    return str(names.get(get_language() or "nb") or names["nb"])


def county(name: str | None) -> str:
    """Return the name of a county; some schools are in none."""
    return name or _("Svalbard and abroad")


def grade(value: int) -> str:
    """Return the name of a grade: "9th grade", "Vg1"."""
    return str(dict(GRADES).get(value, value))


def pledge_unit(code: str) -> str:
    """Return what a pledge counts."""
    return str(dict(Kind.PledgeUnit.choices).get(code, code))


def in_year(period: Period) -> str:
    """Return the year as a sentence begins with it: "In the school year 2025/26", "In 2025"."""
    if period.is_school_year:
        return _("In the school year %(year)s") % {"year": period.label}
    return _("In %(year)s") % {"year": period.label}


def pupils(count: int | None) -> str:
    """Return "1 pupil", "240 pupils", and only "pupils" where the count is hidden."""
    if count is None:
        return _("pupils")
    return ngettext("%(count)s pupil", "%(count)s pupils", count) % {"count": number(count)}


def visits(count: int) -> str:
    """Return "1 visit", "12 visits"."""
    return ngettext("%(count)s visit", "%(count)s visits", count) % {"count": number(count)}


def schools(count: int) -> str:
    """Return "1 school", "12 schools"."""
    return ngettext("%(count)s school", "%(count)s schools", count) % {"count": number(count)}


def municipalities(count: int) -> str:
    """Return "1 municipality", "12 municipalities"."""
    return ngettext("%(count)s municipality", "%(count)s municipalities", count) % {"count": number(count)}


def counties(count: int) -> str:
    """Return "1 county", "3 counties"."""
    return ngettext("%(count)s county", "%(count)s counties", count) % {"count": number(count)}


def hours(count: float) -> str:
    """Return "1 hour", "12.5 hours"."""
    return ngettext("%(count)s hour", "%(count)s hours", 1 if count == 1 else 2) % {"count": number(count, 1)}


def days(count: float | None) -> str:
    """Return "under a day", "1 day", "2.5 days"; a dash for None."""
    if count is None:
        return NOTHING
    if count < 1:
        return _("under a day")
    return ngettext("%(count)s day", "%(count)s days", 1 if count == 1 else 2) % {"count": number(count, 1)}


def length(value: float | None, most: float) -> int:
    """Return how long a bar is, in thousandths of the longest."""
    return max(round(LONGEST * value / most), LEAST) if value and most else 0
