"""Until when somebody is to answer, by the programme's rules, which the secretariat edits."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from stemportal.activities.finding.cards import municipalities
from stemportal.places.school_calendar import add_working_days_of
from stemportal.schools.models import School, booking_rules


def reply_deadline(starts_at: datetime, school: School) -> date:
    """Return the last day on which the partner keeps its promise: some working days on, but before the visit itself.

    Days on which the schools of the county are closed do not count either: nobody would read the answer.
    """
    today = timezone.localdate()
    promised = add_working_days_of(today, booking_rules().reply_working_days, county_id_of(school))
    return min(promised, max(timezone.localdate(starts_at) - timedelta(days=1), today))


def county_id_of(school: School) -> int | None:
    """Return the county of a school, None on Svalbard. Municipalities are remembered, so it seldom asks."""
    if school.municipality_id is None:
        return None
    known = municipalities().get(school.municipality_id) or school.municipality
    return known.county_id if known else None
