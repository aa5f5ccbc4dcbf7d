"""What a report says, for tests of its documents: no database is needed to draw one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stemportal.lib.periods import Period
from stemportal.reports.documents.material import Material
from stemportal.reports.figures.figures import SHOWN, Figures
from stemportal.reports.figures.rows import VisitLine

VISIT = {"nb": "Bedriftsbesøk", "nn": "Bedriftsbesøk", "en": "Company visit"}
MODEL = {"nb": "Rollemodellbesøk på skolen", "nn": "Rollemodellbesøk på skulen", "en": "School visit by a role model"}
WEEK = {"nb": "Arbeidsuke", "nn": "Arbeidsveke", "en": "Work week"}
# Visits by month from August; December's pupils are hidden.
MONTHS = (0, 4, 7, 6, 2, 3, 5, 4, 6, 7, 2, 0)


def figures(year: int = 2025, **facts: Any) -> Figures:
    """Return the figures of a lively school year with something in every table."""
    months = [
        {"month": month, "visits": visits, "pupils": None if visits == 2 else 24 * visits}
        for month, visits in zip(Period("school", year).months, MONTHS, strict=True)
    ]
    lively = Figures(
        period_kind="school",
        year=year,
        visits=46,
        pupils=1104,
        girls=520,
        girls_share=48,
        girls_state=SHOWN,
        girls_visits=38,
        groups=31,
        schools=21,
        municipalities=14,
        counties=3,
        partners=1,
        sessions=39,
        hours=97.5,
        pupil_hours=2760,
        people_hours=188.0,
        role_models=7,
        places=[{"unit": "groups", "offered": 64, "booked": 50, "used": 46}],
        homework_places=24,
        film_plays=1312,
        meetings=[{"starts_at": f"{year}-10-03T09:00:00+02:00", **VISIT, "people": 3}],
        pledges=[
            {**VISIT, "unit": "visits", "pledged": 20, "delivered": 24},
            {**MODEL, "unit": "kroner", "pledged": 40_000, "delivered": 31_250},
        ],
        enquiries=71,
        answered=68,
        median_days=1.6,
        cancelled_by_partner=2,
        cancelled_by_school=3,
        no_shows=1,
        rating=4.6,
        ratings=33,
        pulse_before=2.9,
        pulse_after=3.8,
        pulse_change=0.9,
        pulse_visits=19,
        paid_ore=3_125_000,
        travel_ore=4_890_050,
        own_visits=3,
        own_pupils=140,
        own_girls=66,
        own_hours=9.5,
        kinds=[
            {**VISIT, "visits": 24, "pupils": 598},
            {**MODEL, "visits": 20, "pupils": 506},
            {**WEEK, "visits": 2, "pupils": None},
        ],
        months=months,
        regions=[
            {"name": "Finnmark", "schools": 12, "visits": 31, "pupils": 744},
            {"name": "Troms", "schools": 8, "visits": 14, "pupils": 342},
            {"name": None, "schools": 1, "visits": 1, "pupils": 18},
        ],
        grades=[{"grade": 8, "visits": 9, "pupils": 220}, {"grade": 9, "visits": 37, "pupils": 884}],
        points=[{"lat": 69.97, "lon": 23.27, "visits": 30}, {"lat": 69.65, "lon": 18.96, "visits": 4}],
    )
    return replace(lively, **facts)


def quiet_figures(year: int = 2025) -> Figures:
    """Return the figures of a year in which nothing took place."""
    months = [{"month": month, "visits": 0, "pupils": 0} for month in Period("school", year).months]
    return Figures(period_kind="school", year=year, partners=0, months=months)


def lines(number: int, **facts: Any) -> list[VisitLine]:
    """Return visits in order of time at 30 schools of five municipalities; of each tenth the pupils are hidden."""
    return [
        VisitLine(
            **{
                "booking": n + 1,
                "day": f"2025-{9 + n * 4 // number:02d}-{1 + n % 28:02d}",
                "school": f"Skole {n % 30:02d}",
                "municipality": ("Alta", "Hammerfest", "Vadsø", "Tromsø", "Harstad")[n % 5],
                "activity": "Bygg en robotarm som sorterer søppel",
                "kind": VISIT,
                "grade": 8 + n % 3,
                "pupils": None if n % 10 == 9 else 20 + n % 7,
                "hours": 1.5,
                "county": "Finnmark",
                **facts,
            }
        )
        for n in range(number)
    ]


def material(**facts: Any) -> Material:
    """Return what a report says; a test names only what it is about."""
    lively: dict[str, Any] = {
        "display_name": "Nordlys Robotikk",
        "legal_name": "NORDLYS ROBOTIKK AS",
        "organisation_number": "312345676",
        "level": {"nb": "Pådriver", "nn": "Pådrivar", "en": "Driving force"},
        "period_kind": "school",
        "year": 2025,
        "version": 1,
        "reason": "",
        "code": "K7MB-2QXD-9RTA",
        "made_on": "2026-08-12",
        "portal": "stemportal",
        "address": "https://stemportal.example.no/verify/K7MB-2QXD-9RTA/",
        "foreword": "I år så over tusen elever hvem som bygger roboter.\n\nTakk for **energien**!\n\n- Og takk, lærere",
        "esg_text": "",
        "figures": figures(),
        "before": figures(2024, pupils=883, visits=32, hours=78.0, girls_share=45),
        "medians": {"partners": 12, "pupils": 640.5, "visits": 27.0, "hours": 58.0, "girls_share": 46.0},
        "lines": lines(46),
    }
    return Material(**{**lively, **facts})
