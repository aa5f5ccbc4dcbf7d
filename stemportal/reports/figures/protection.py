"""From raw counts to figures that may leave the school: small counts hidden, and nothing to work them out from.

What is hidden is found out for the total, all tables and the single visits together (``together``); here it is taken
out, with everything else that would tell the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from stemportal.activities.models import Kind
from stemportal.lib.periods import Period
from stemportal.reports.figures.figures import FEW, HIDDEN, MOST, SHOWN, UNTOLD, Figures
from stemportal.reports.figures.hiding import FEWEST, Cell, hide_part, is_small, shown
from stemportal.reports.figures.together import TOTAL, Class, Hidden, hide_tables
from stemportal.schools.models import SMALLEST_SUM

Counted = dict[str, Any]
PUPIL_PLACES = ("units", Kind.Unit.PUPILS.value)
# What is shown as it was counted: it says nothing of how many pupils there were.
AS_COUNTED = (
    *("visits", "girls_visits", "groups", "schools", "municipalities", "counties", "partners", "companies"),
    *("sessions", "role_models", "homework_places", "film_plays", "meetings", "enquiries", "answered"),
    *("cancelled_by_partner", "cancelled_by_school", "no_shows", "ratings", "pulse_visits", "paid_ore", "travel_ore"),
    *("own_visits", "points"),
)


def protect(period: Period, counted: Counted, hidden: Hidden | None = None) -> Figures:
    """Make figures from raw counts (``counting.nothing`` has their shape).

    hidden: what must not be shown (``lines.hidden_of`` for a partner, ``hidden_in_tables`` for the programme).
    """
    hidden = hidden or Hidden()
    pupils = None if hidden.total else counted["pupils"]
    return Figures(
        **_exactly(period, counted),
        **_girls(counted, None if hidden.girls else pupils),
        pupils=pupils,
        pupil_hours=_pupil_hours(counted, hidden),
        places=_places(counted, hidden),
        pledges=_pledges(counted, hidden),
        own_pupils=shown(counted["own_pupils"]),
        own_girls=_own_girls(counted),
        kinds=_kinds(counted, hidden),
        months=_months(period, counted, hidden),
        regions=_regions(counted, hidden),
        grades=_grades(counted, hidden),
    )


def hidden_in_tables(
    counted: Counted,
    largest: Mapping[Class | str, int] | None = None,
    earlier: Iterable[Mapping[Cell, int | None]] = (),
) -> Hidden:
    """Return what must be hidden of figures that are shown without their visits, as those of the programme are.

    largest: what a single partner has of them at most (``shares.largest_shares``). earlier: ``shown_in`` of what was
    published before.
    """
    kinds = counted["kinds"]
    in_pupils = [row for row in kinds if row["unit"] == Kind.Unit.PUPILS]
    tables = {
        "kinds": {row["nb"]: (row["visits"], row["pupils"]) for row in kinds},
        "months": {row["key"]: (row["visits"], row["pupils"]) for row in counted["months"]},
        "regions": {row["name"]: (row["visits"], row["pupils"]) for row in counted["regions"]},
        "grades": {row["key"]: (row["visits"], row["pupils"]) for row in counted["grades"]},
        "units": {PUPIL_PLACES[1]: (sum(r["visits"] for r in in_pupils), sum(r["pupils"] for r in in_pupils))},
    }
    places = (PUPIL_PLACES, [("kinds", row["nb"]) for row in in_pupils])
    return hide_tables(tables, total=counted["pupils"], more_sums=[places], largest=largest, earlier=earlier)


def shown_in(figures: Figures, period: Period) -> dict[Cell, int | None]:
    """Return the counts of pupils that published figures of the programme show, as ``hide_tables`` names them.

    Of another period (the calendar year beside the school year) those of the months, which both may have.
    """
    found: dict[Cell, int | None] = {("months", row["month"]): row["pupils"] for row in figures.months}
    if figures.period != period:
        return found
    found |= {("kinds", row["nb"]): row["pupils"] for row in figures.kinds}
    found |= {("regions", row["name"]): row["pupils"] for row in figures.regions}
    found |= {("grades", row["grade"]): row["pupils"] for row in figures.grades}
    for row in figures.places:
        if row["unit"] == Kind.Unit.PUPILS:
            found[PUPIL_PLACES] = row["used"]
    return {TOTAL: figures.pupils, **found}


def girls_of_others(figures: Figures, earlier: Iterable[Figures]) -> Figures:
    """Hide the girls where there are a few more or fewer of them, or of the others, than were published before."""
    for before in earlier:
        if figures.girls is None or before.period != figures.period:
            continue
        girls = figures.girls - (before.girls or 0)
        others = (figures.pupils or 0) - (before.pupils or 0) - girls
        if before.girls is None or is_small(abs(girls)) or is_small(abs(others)):
            return replace(figures, girls=None, girls_share=None, girls_state=HIDDEN)
    return figures


def tenths(number: int, divisor: int) -> float:
    """Return the quotient of two whole numbers with one decimal, half a tenth rounded up: the same on any machine."""
    return (20 * number + divisor) // (2 * divisor) / 10


def whole(number: int, divisor: int) -> int:
    """Return the quotient of two whole numbers as a whole number, a half rounded up."""
    return (2 * number + divisor) // (2 * divisor)


def _exactly(period: Period, counted: Counted) -> dict[str, Any]:
    """What need not be hidden, rounded."""
    found = {name: counted[name] for name in AS_COUNTED}
    found |= {"period_kind": period.kind, "year": period.year}
    found["hours"] = tenths(counted["seconds"], 3600)
    found["people_hours"] = tenths(counted["people_seconds"], 3600)
    found["own_hours"] = counted["own_hour_tenths"] / 10
    if counted["enquiry_seconds"] is not None:
        # The middle of two may be half of a millionth of a second.
        found["median_days"] = tenths(round(counted["enquiry_seconds"] * 2_000_000), 2_000_000 * 86400)
    if counted["ratings"] >= SMALLEST_SUM:
        found["rating"] = tenths(counted["rating_points"], counted["ratings"])
    if counted["pulse_visits"]:
        before = tenths(counted["pulse_before_points"], counted["pulse_before"])
        after = tenths(counted["pulse_after_points"], counted["pulse_after"])
        found |= {"pulse_before": before, "pulse_after": after, "pulse_change": round(after - before, 1)}
    return found


def _pupil_hours(counted: Counted, hidden: Hidden) -> int | None:
    """Where single visits are hidden it is not quite what was counted; see Hidden."""
    if hidden.total or hidden.pupil_hours is None:
        return None
    return round(hidden.pupil_hours) if hidden.lines else whole(counted["pupil_seconds"], 3600)


def _girls(counted: Counted, pupils: int | None) -> dict[str, Any]:
    """Hidden where they, the others, or the pupils of visits that did not tell are few: of those the share tells."""
    girls, told = counted["girls"] or 0, counted["girls_of_pupils"]
    if not counted["girls_visits"]:
        state = UNTOLD
    elif girls < FEWEST:
        state = FEW
    elif is_small(told - girls):
        state = MOST
    else:
        state = HIDDEN if hide_part(pupils, told) else SHOWN
    if state != SHOWN:
        return {"girls_state": state, "girls": None, "girls_share": None}
    return {"girls_state": state, "girls": girls, "girls_share": whole(100 * girls, told)}


def _own_girls(counted: Counted) -> int | None:
    """Hidden where they, the others, or those of whom nothing was told are few; None also where nobody told."""
    girls, told = counted["own_girls"], counted["own_girls_of_pupils"]
    if girls is None or hide_part(told, girls) or hide_part(counted["own_pupils"], told):
        return None
    return int(girls)


def _places(counted: Counted, hidden: Hidden) -> list[dict[str, Any]]:
    """Of groups, then of pupils: places of pupils are pupils."""
    rows = []
    for unit in (Kind.Unit.GROUPS, Kind.Unit.PUPILS):
        if row := counted["places"].get(unit):
            is_hidden = unit == Kind.Unit.PUPILS and (PUPIL_PLACES in hidden.classes or is_small(row["booked"]))
            rows.append({**row, "booked": None, "used": None} if is_hidden else dict(row))
    return rows


def _pledges(counted: Counted, hidden: Hidden) -> list[dict[str, Any]]:
    """In the order of the kinds. Places of pupils are pupils."""
    rows = []
    for row in sorted(counted["pledges"], key=lambda row: (row["order"], row["key"])):
        are_pupils = row["unit"] == Kind.Unit.PUPILS and row["pledge_unit"] == Kind.PledgeUnit.PLACES
        is_hidden = are_pupils and (("kinds", row["nb"]) in hidden.classes or is_small(row["delivered"]))
        delivered = None if is_hidden else row["delivered"]
        rows.append({**_names(row), "unit": row["pledge_unit"], "pledged": row["pledged"], "delivered": delivered})
    return rows


def _kinds(counted: Counted, hidden: Hidden) -> list[dict[str, Any]]:
    rows = sorted(counted["kinds"], key=lambda row: (-row["visits"], row["nb"], row["key"]))
    return [hidden.row("kinds", {**_names(row), **_numbers(row)}) for row in rows]


def _months(period: Period, counted: Counted, hidden: Hidden) -> list[dict[str, Any]]:
    """All twelve months in order, so that quiet months are seen too."""
    known = {row["key"]: _numbers(row) for row in counted["months"]}
    rows = [{"month": name, **known.get(name, {"visits": 0, "pupils": 0})} for name in period.months]
    return [hidden.row("months", row) for row in rows]


def _regions(counted: Counted, hidden: Hidden) -> list[dict[str, Any]]:
    """Those with most visits first; schools outside any county come last among equals."""
    rows = sorted(counted["regions"], key=lambda row: (-row["visits"], row["name"] is None, row["name"] or ""))
    return [hidden.row("regions", {"name": row["name"], **_numbers(row), "schools": row["schools"]}) for row in rows]


def _grades(counted: Counted, hidden: Hidden) -> list[dict[str, Any]]:
    rows = sorted(counted["grades"], key=lambda row: row["key"])
    return [hidden.row("grades", {"grade": row["key"], **_numbers(row)}) for row in rows]


def _names(row: Counted) -> dict[str, str]:
    return {language: row[language] for language in ("nb", "nn", "en")}


def _numbers(row: Counted) -> dict[str, int]:
    return {"visits": row["visits"], "pupils": row["pupils"]}
