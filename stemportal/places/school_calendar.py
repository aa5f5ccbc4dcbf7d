"""Which days schools are open: weekends, public holidays (the library `holidays`), and the holidays of a county."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.lib.memo import remember
from stemportal.lib.school_year import current_school_year, is_working_day
from stemportal.lib.templatetags.portal import localized
from stemportal.places.models import County, SchoolHoliday

# The library's English names -> ours, which are translated. Two may fall on one day, with a semicolon between them.
PUBLIC_HOLIDAYS: dict[str, str | Promise] = {
    "New Year's Day": gettext_lazy("New Year's Day"),
    "Maundy Thursday": gettext_lazy("Maundy Thursday"),
    "Good Friday": gettext_lazy("Good Friday"),
    "Easter Sunday": gettext_lazy("Easter Sunday"),
    "Easter Monday": gettext_lazy("Easter Monday"),
    "Labor Day": gettext_lazy("1 May"),
    "Constitution Day": gettext_lazy("17 May"),
    "Ascension Day": gettext_lazy("Ascension Day"),
    "Pentecost": gettext_lazy("Whit Sunday"),
    "Pentecost Monday": gettext_lazy("Whit Monday"),
    "Christmas Day": gettext_lazy("Christmas Day"),
    "Second Day of Christmas": gettext_lazy("Boxing Day"),
}
SATURDAY = 5


@dataclass(frozen=True)
class Closed:
    """Why schools are closed on a day. ``code`` is weekend, public_holiday or school_holiday; ``words`` say it.

    ``is_checked`` is false where the holiday was worked out from the usual weeks and nobody has compared it with the
    county's own calendar yet.
    """

    code: str
    words: str
    is_checked: bool = True


@cache
def _public() -> holidays.HolidayBase:
    """Norway's public holidays with English names; a year is worked out when it is asked about, once a process."""
    return holidays.country_holidays("NO", language="en_US")


def public_holiday(day: date) -> str:
    """Return the name of the public holiday in the language of the page, or an empty string. Moving ones included."""
    names = _public().get(day) or ""
    return ", ".join(str(PUBLIC_HOLIDAYS.get(name, name)) for name in names.split("; ") if name)


def left_out(
    days: Iterable[date], county: County | None, *, weekends: bool = True, public: bool = True, school: bool = True
) -> dict[date, Closed]:
    """Return those of the days on which schools are closed, with the reason. One query at most, whatever the days.

    Without a county only weekends and public holidays count. What is switched off is not looked at.
    """
    asked = sorted(set(days))
    terms = list(_terms(asked[0], asked[-1], county)) if asked and county and school else []
    found: dict[date, Closed] = {}
    for day in asked:
        if public and (name := public_holiday(day)):
            found[day] = Closed("public_holiday", name)
        elif holiday := next((term for term in terms if term.first_day <= day <= term.last_day), None):
            words = _("%(holiday)s in %(county)s") % {"holiday": localized(holiday, "name"), "county": county}
            found[day] = Closed("school_holiday", words, holiday.is_checked)
        elif weekends and day.weekday() >= SATURDAY:
            found[day] = Closed("weekend", _("weekend"))
    return found


def _terms(first: date, last: date, county: County) -> Iterable[SchoolHoliday]:
    return SchoolHoliday.objects.filter(county=county, first_day__lte=last, last_day__gte=first).order_by("first_day")


def is_school_day(county: County | None, day: date) -> tuple[bool, str]:
    """Return whether schools of the county are open on the day, and why not (empty when they are). One query."""
    closed = left_out([day], county).get(day)
    return closed is None, closed.words if closed else ""


def add_working_days_of(start: date, days: int, county_id: int | None) -> date:
    """Return the day so many working days after ``start`` on which schools of the county are open, too.

    Who waits for an answer cannot read it in the holidays, and who answers often has the same ones. Asks the database
    seldom: the holidays of a county are remembered for a minute.
    """
    holidays_of = _holidays_of(county_id) if county_id else ()
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day) and not any(first <= day <= last for first, last in holidays_of)
    return day


@remember(60)
def _holidays_of(county_id: int) -> tuple[tuple[date, date], ...]:
    """The first and the last day of each school holiday that is known of a county."""
    return tuple(SchoolHoliday.objects.filter(county=county_id).order_by().values_list("first_day", "last_day"))


def coming_school_year() -> int:
    """Return the school year whose calendars should be known by now: the one after the current."""
    return current_school_year() + 1


def counties_without_calendar() -> QuerySet[County]:
    """Return counties in force that have no school holidays for the coming school year."""
    known = SchoolHoliday.objects.filter(school_year=coming_school_year()).values("county")
    return County.objects.filter(country="NO", valid_to=None).exclude(pk__in=known)


def unchecked_holidays() -> QuerySet[SchoolHoliday]:
    """Return holidays to come, of this and the coming school year, that nobody has compared with a calendar."""
    years = Q(school_year__gte=current_school_year(), school_year__lte=coming_school_year())
    return SchoolHoliday.objects.filter(years, is_checked=False, last_day__gte=timezone.localdate())
