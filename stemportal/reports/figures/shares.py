"""The largest share that one partner has in each of the programme's counts.

A partner knows its own share. Where only few pupils are left without it, it could work out another partner's count.
"""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from stemportal.lib.periods import Period
from stemportal.reports.figures.together import PUPIL_PLACES, TOTAL, Class

# Rows: what, name of the class (empty for a county that is none), pupils of the partner that has most.
LARGEST = """
WITH share AS (
    SELECT visit.partner_id, kind.name_nb AS kind, to_char(visit.starts_at AT TIME ZONE %(zone)s, 'YYYY-MM') AS month,
           coalesce(county.name, '') AS county, visit.grade::text AS grade, kind.unit, sum(visit.pupils) AS pupils
    FROM schools_visit visit
    JOIN activities_kind kind ON kind.id = visit.kind_id
    LEFT JOIN places_county county ON county.id = visit.county_id
    WHERE visit.starts_at >= %(start)s AND visit.starts_at < %(end)s
    GROUP BY 1, 2, 3, 4, 5, 6
), part AS (
    SELECT grouping(kind, month, county, grade, unit) AS what, coalesce(kind, month, county, grade, unit) AS name,
           sum(pupils) AS pupils
    FROM share
    GROUP BY GROUPING SETS ((partner_id), (partner_id, kind), (partner_id, month), (partner_id, county),
                            (partner_id, grade), (partner_id, unit))
)
SELECT what, name, max(pupils)::bigint FROM part GROUP BY what, name
"""


def largest_shares(period: Period) -> dict[Class | str, int]:
    """Return pupils of the partner that has most of them, by class of the programme's tables and in all. One query."""
    zone = timezone.get_default_timezone_name()
    found: dict[Class | str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(LARGEST, {"start": period.start, "end": period.end, "zone": zone})
        for what, name, pupils in cursor.fetchall():
            found[_class(what, name)] = pupils
    return found


def _class(what: int, name: str) -> Class | str:
    match what:
        case 0b01111:
            return ("kinds", name)
        case 0b10111:
            return ("months", name)
        case 0b11011:
            return ("regions", name or None)
        case 0b11101:
            return ("grades", int(name))
        case 0b11110:
            return (PUPIL_PLACES[0], name)
    return TOTAL
