"""School holidays to begin with: those the project carries, and next year's worked out from this year's weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from dateutil.easter import easter
from django.db import transaction

from stemportal.places.models import County, SchoolHoliday
from stemportal.places.services import DATA, read

# code -> names in bokmål, nynorsk, English
NAMES = {
    "autumn": ("Høstferie", "Haustferie", "Autumn holiday"),
    "christmas": ("Juleferie", "Juleferie", "Christmas holiday"),
    "winter": ("Vinterferie", "Vinterferie", "Winter holiday"),
    "easter": ("Påskeferie", "Påskeferie", "Easter holiday"),
    "summer": ("Sommerferie", "Sommarferie", "Summer holiday"),
}
# Holidays that keep their ISO week from year to year; the others keep their dates, or their distance to Easter.
BY_WEEK = {"autumn", "winter"}


@transaction.atomic
def load_school_holidays() -> int:
    """Write the holidays that the project carries for counties and years that have none yet; return how many.

    What staff changed, checked or took away stays as it is. The dates come from the usual weeks, unchecked.
    """
    counties = {county.number: county for county in County.objects.filter(country="NO", valid_to=None)}
    known = set(SchoolHoliday.objects.values_list("county_id", "school_year"))
    rows = [
        _holiday(counties[row["county"]], int(row["school_year"]), row["code"],
                 date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"]))
        for row in read(DATA / "school_holidays.csv")
        if row["county"] in counties and (counties[row["county"]].pk, int(row["school_year"])) not in known
    ]  # fmt: skip
    return len(SchoolHoliday.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def propose_school_year(school_year: int, counties: Iterable[County] | None = None) -> list[SchoolHoliday]:
    """Work out a school year's holidays from each county's latest year before it, and write them unchecked.

    Autumn and winter keep their week, Easter its distance to Easter Sunday, the rest its dates. Counties that have any
    row for the year, or none to go by, are left as they are. Two queries and one insert.
    """
    asked = list(counties if counties is not None else County.objects.filter(country="NO", valid_to=None))
    latest: dict[tuple[int, str], SchoolHoliday] = {}
    done = set()
    rows = SchoolHoliday.objects.filter(county__in=asked, school_year__lte=school_year).order_by("school_year")
    for row in rows.select_related("county"):
        if row.school_year == school_year:
            done.add(row.county_id)
        latest[row.county_id, row.code] = row
    proposed = [_shifted(row, school_year) for (county, _code), row in latest.items() if county not in done]
    SchoolHoliday.objects.bulk_create(proposed, ignore_conflicts=True)
    return proposed


def _shifted(row: SchoolHoliday, school_year: int) -> SchoolHoliday:
    """The same holiday in a later school year."""
    years = school_year - row.school_year
    length = row.last_day - row.first_day
    if row.code in BY_WEEK:
        year, week, weekday = row.first_day.isocalendar()
        first = date.fromisocalendar(year + years, min(week, 52), weekday)
        last = first + length
    elif row.code == "easter":
        first = easter(row.first_day.year + years) + (row.first_day - easter(row.first_day.year))
        last = first + length
    else:
        first, last = _same_date(row.first_day, years), _same_date(row.last_day, years)
    moved = _holiday(row.county, school_year, row.code, first, last)
    moved.name_nb, moved.name_nn, moved.name_en = row.name_nb, row.name_nn, row.name_en
    return moved


def _same_date(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return (day - timedelta(days=1)).replace(year=day.year + years)


def _holiday(county: County, school_year: int, code: str, first: date, last: date) -> SchoolHoliday:
    nb, nn, en = NAMES.get(code, (code, code, code))
    return SchoolHoliday(
        county=county, school_year=school_year, code=code, name_nb=nb, name_nn=nn, name_en=en,
        first_day=first, last_day=last,
    )  # fmt: skip
