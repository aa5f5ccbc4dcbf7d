"""Counting: the figures of one partner, of many, or of the whole programme.

However many partners are asked for, each family of figures is one statement (``statements``): a thousand partners cost
a pass over the year's visits, not a thousand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from stemportal.activities.models import Kind
from stemportal.lib.periods import Period
from stemportal.lib.school_year import FIRST_MONTH
from stemportal.partners.models import Partner
from stemportal.places.models import County
from stemportal.reports.figures import statements
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.lines import hidden_of
from stemportal.reports.figures.protection import girls_of_others, hidden_in_tables, protect, shown_in
from stemportal.reports.figures.shares import largest_shares

# The key of the whole programme among partners' ids.
PROGRAMME = 0
# What sorting and grouping of all partners' visits may take, so that they need no files on disk.
WORK_MEM = "96MB"

Counted = dict[str, Any]


def partner_figures(*, period: Period, partner: Partner | None = None, earlier: Collection[Figures] = ()) -> Figures:
    """Return the figures of one partner's year, or of the whole programme's; see Figures. A query a family.

    earlier: what the programme has published before, against which nothing may be worked out; a partner's is known.
    """
    if partner:
        return figures_of(period, [partner.pk])[partner.pk]
    counted = _count(period, None, whole=True).get(PROGRAMME, nothing())
    shown_before = [shown_in(figures, period) for figures in earlier]
    hidden = hidden_in_tables(counted, largest_shares(period), shown_before)
    return girls_of_others(protect(period, counted, hidden), earlier)


def figures_of(period: Period, partners: Collection[int]) -> dict[int, Figures]:
    """Return the figures of these partners (ids), with as many queries as for one."""
    counted = count_partners(period, partners)
    points = _points(period, partners)
    hidden = hidden_of(period, partners)
    return {
        pk: protect(period, {**found, "points": points.get(pk, [])}, hidden.get(pk)) for pk, found in counted.items()
    }


def count_partners(period: Period, partners: Collection[int] | None = None) -> dict[int, Counted]:
    """Return raw counts by partner's id: of these partners, or of all that there is anything to count of.

    Raw: nothing is hidden. Not for pages, files or mails; ``protection.protect`` makes what may be shown of them.
    Without the schools on the map, of which there are as many as visits. The keys are those of ``nothing``.
    """
    counted = _count(period, partners)
    for pk in partners or ():
        counted.setdefault(pk, {**nothing(), "partners": 0})
    return counted


def nothing() -> Counted:
    """Return the counts of somebody who did nothing; what every other count is written into.

    seconds are of sessions, people_seconds those times the people named with the offer, pupil_seconds those times the
    pupils who came; enquiry_seconds is a median. kinds, months, regions and grades are the same visits broken down, in
    rows with ``key``, ``visits``, ``pupils`` and ``places``; that of months is "2025-08".
    """
    zeros = dict.fromkeys(NUMBERS, 0)
    return {
        **zeros,
        "girls": None,
        "enquiry_seconds": None,
        "own_girls": None,
        "meetings": [],
        "points": [],
        **{name: [] for name in BREAKDOWNS.values()},
        "places": {},
        "pledges": [],
    }


BREAKDOWNS = {"kind": "kinds", "month": "months", "region": "regions", "grade": "grades"}
NUMBERS = (
    *("visits", "pupils", "girls_visits", "girls_of_pupils", "groups", "schools", "municipalities", "counties"),
    *("partners", "companies", "sessions", "seconds", "pupil_seconds", "people_seconds", "role_models"),
    *("homework_places",),
    *("film_plays", "enquiries", "answered", "cancelled_by_partner", "cancelled_by_school", "no_shows"),
    *("ratings", "rating_points", "pulse_visits", "pulse_before", "pulse_before_points", "pulse_after"),
    *("pulse_after_points", "paid_ore", "travel_ore", "own_visits", "own_pupils", "own_girls_words"),
    *("own_girls_of_pupils", "own_hour_tenths"),
)
HOMEWORK = "homework_help"
# The numbers of the rows "all" and "given" of ``statements.VISITS``.
TOTALS = ("visits", "pupils", "girls", "girls_visits", "girls_of_pupils", "visit_places", "pupil_seconds")
GIVEN = ("sessions", "seconds", "people_seconds", "partners", "companies")


class _Count:
    """One counting: the period, whose, and what was counted so far."""

    def __init__(self, period: Period, partners: Collection[int] | None, *, whole: bool) -> None:
        self.whole = whole
        self.found: dict[int, Counted] = {}
        self.months = period.months
        self.parameters = _parameters(period, partners)
        self.kinds = {kind.pk: kind for kind in Kind.objects.all()}
        self.counties = dict(County.objects.values_list("pk", "name"))

    def rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(key="0::bigint" if self.whole else "partner_id"), self.parameters)
            yield from cursor.fetchall()

    def of(self, key: int) -> Counted:
        if key not in self.found:
            self.found[key] = nothing()
        return self.found[key]


def _midnight(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=timezone.get_default_timezone())


def _parameters(period: Period, partners: Collection[int] | None) -> dict[str, Any]:
    return {
        "start": period.start,
        "end": period.end,
        "first_day": period.first_day,
        "last_day": period.last_day,
        # Groups are other groups after the summer; a calendar year has parts of two school years.
        "august": _midnight(period.year, FIRST_MONTH),
        "months": [_midnight(*map(int, month.split("-"))) for month in period.months],
        "year": period.year,
        "is_school": period.is_school_year,
        "partners": None if partners is None else list(partners),
    }


def _count(period: Period, partners: Collection[int] | None, *, whole: bool = False) -> dict[int, Counted]:
    """Count everything, by partner or of all together."""
    count = _Count(period, partners, whole=whole)
    with transaction.atomic():
        if partners is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('work_mem', %s, true)", [WORK_MEM])
        _count_visits(count)
        _count_places(count)
        _count_asking(count)
        _count_effect(count)
        _count_the_rest(count)
        if period.is_school_year:
            _count_pledges(count)
        if whole:
            count.of(PROGRAMME)["points"] = _points(period, None, whole=True).get(PROGRAMME, [])
        else:
            _count_meetings(count)
    return count.found


def _count_visits(count: _Count) -> None:
    schools_of_region: dict[tuple[int, int | None], int] = {}
    for what, key, part, *numbers in count.rows(statements.VISITS):
        found = count.of(key)
        match what:
            case "all":
                found.update(zip(TOTALS, numbers, strict=True))
            case "ratings":
                found["ratings"], found["rating_points"] = numbers[:2]
            case "given":
                found.update(zip(GIVEN, numbers, strict=False))
            case "role_models":
                found["role_models"] = numbers[0]
            case "schools":
                found["schools"], found["municipalities"], found["counties"] = numbers[0], *numbers[2:4]
            case "schools_of_region":
                schools_of_region[key, part] = numbers[0]
            case "groups":
                found["groups"] = numbers[0]
            case _:
                visits, pupils, *_girls, places, _seconds = numbers
                # Months are counted by their place in the period.
                name = count.months[part - 1] if what == "month" else part
                found[BREAKDOWNS[what]].append({"key": name, "visits": visits, "pupils": pupils, "places": places})
    for key, found in count.found.items():
        for row in found["kinds"]:
            row.update(_names(count.kinds[row["key"]]))
        for row in found["regions"]:
            row.update(name=count.counties.get(row["key"]), schools=schools_of_region[key, row["key"]])


def _names(kind: Kind) -> dict[str, str]:
    return {"nb": kind.name_nb, "nn": kind.name_nn, "en": kind.name_en, "unit": kind.unit}


def _count_places(count: _Count) -> None:
    for key, kind, offered in count.rows(statements.OFFERED):
        found = count.of(key)
        _places(found, count.kinds[kind].unit)["offered"] += offered
        if count.kinds[kind].code == HOMEWORK:
            found["homework_places"] += offered
    for key, kind, booked, by_partner, by_school, no_shows in count.rows(statements.BOOKED):
        found = count.of(key)
        if booked:
            _places(found, count.kinds[kind].unit)["booked"] += booked
        found["cancelled_by_partner"] += by_partner
        found["cancelled_by_school"] += by_school
        found["no_shows"] += no_shows
    for found in count.found.values():
        for row in found["kinds"]:
            are_pupils = row["unit"] == Kind.Unit.PUPILS and count.kinds[row["key"]].for_pupils
            used = row["pupils"] if are_pupils else row["places"]
            _places(found, row["unit"])["used"] += used


def _places(found: Counted, unit: str) -> Counted:
    places: Counted = found["places"].setdefault(unit, {"unit": unit, "offered": 0, "booked": 0, "used": 0})
    return places


def _count_asking(count: _Count) -> None:
    for key, *numbers in count.rows(statements.ENQUIRIES):
        count.of(key).update(zip(("enquiries", "answered", "enquiry_seconds"), map(_plain, numbers), strict=True))


def _plain(number: Any) -> Any:
    return number if number is None or isinstance(number, int) else float(number)


def _count_effect(count: _Count) -> None:
    names = ("pulse_visits", "pulse_before", "pulse_before_points", "pulse_after", "pulse_after_points")
    for key, *numbers in count.rows(statements.PULSES):
        count.of(key).update(zip(names, numbers, strict=True))


def _count_the_rest(count: _Count) -> None:
    """Money, films, and what partners say themselves."""
    for key, own, travel in count.rows(statements.MONEY):
        count.of(key).update(paid_ore=own, travel_ore=travel)
    for key, plays in count.rows(statements.FILMS):
        count.of(key)["film_plays"] = plays
    names = ("own_visits", "own_pupils", "own_girls", "own_girls_words", "own_girls_of_pupils", "own_hour_tenths")
    for key, *numbers in count.rows(statements.OWN_WORDS):
        count.of(key).update(zip(names, numbers, strict=True))


def _count_pledges(count: _Count) -> None:
    for key, kind, pledged, delivered in count.rows(statements.PLEDGES):
        facts = count.kinds[kind]
        line = {"key": kind, "pledged": pledged, "delivered": delivered, "pledge_unit": facts.pledge_unit}
        count.of(key)["pledges"].append({**_names(facts), "order": facts.order, **line})


def _count_meetings(count: _Count) -> None:
    for key, starts_at, nb, nn, en, people in count.rows(statements.MEETINGS):
        line = {"starts_at": starts_at.isoformat(), "nb": nb, "nn": nn, "en": en, "people": people}
        count.of(key)["meetings"].append(line)


def _points(
    period: Period, partners: Collection[int] | None, *, whole: bool = False
) -> dict[int, list[dict[str, float]]]:
    """Return the schools reached by partner's id (or PROGRAMME), those with most visits first."""
    found: dict[int, list[dict[str, float]]] = {}
    statement = statements.POINTS.format(key="0::bigint" if whole else "partner_id")
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters(period, partners))
        for key, lat, lon, visits in cursor.fetchall():
            found.setdefault(key, []).append({"lat": lat, "lon": lon, "visits": visits})
    return found
