"""Figures of partners and of the programme, and the visits behind them.

One statement counts everything of a year. What counts as a visit is written twice, here in SQL and below as a QuerySet,
and a test holds the two together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from stemportal.lib.school_year import bounds, current_school_year, label
from stemportal.partners.models import Partner
from stemportal.reports.figures import Figures, protect
from stemportal.reports.models import PartnerReport, ReportRun, Target
from stemportal.schools.models import Booking

logger = structlog.get_logger(__name__)

CACHE_SECONDS = 10 * 60

# Parameters: start and end (aware datetimes), zone (name), partner (id or None for the whole programme).
COUNT = """
WITH visit AS (
    SELECT attendance.pupils, attendance.girls, booking.grade, booking.school_id,
           session.id AS session_id, session.starts_at, session.ends_at,
           extract(epoch FROM session.ends_at - session.starts_at) / 3600 AS hours,
           activity.kind_id, activity.partner_id, municipality.id AS municipality_id, municipality.county_id
    FROM schools_booking booking
    JOIN schools_attendance attendance ON attendance.booking_id = booking.id
    JOIN activities_session session ON session.id = booking.session_id
    JOIN activities_activity activity ON activity.id = booking.activity_id
    JOIN schools_school school ON school.id = booking.school_id
    LEFT JOIN places_municipality municipality ON municipality.id = school.municipality_id
    WHERE booking.status = 'completed'
      AND session.starts_at >= %(start)s AND session.starts_at < %(end)s
      AND (%(partner)s::bigint IS NULL OR activity.partner_id = %(partner)s::bigint)
), held AS (
    SELECT DISTINCT session_id, hours FROM visit
), enquiry AS (
    SELECT booking.answered_at, extract(epoch FROM booking.answered_at - booking.created_at) / 86400 AS days
    FROM schools_booking booking
    JOIN activities_activity activity ON activity.id = booking.activity_id
    WHERE booking.created_at >= %(start)s AND booking.created_at < %(end)s
      AND (booking.reply_by IS NOT NULL OR booking.answered_at IS NOT NULL)
      AND NOT (booking.status = 'withdrawn' AND booking.answered_at IS NULL)
      AND (%(partner)s::bigint IS NULL OR activity.partner_id = %(partner)s::bigint)
)
SELECT json_build_object(
    'visits', (SELECT count(*) FROM visit),
    'pupils', (SELECT coalesce(sum(pupils), 0) FROM visit),
    'girls', (SELECT sum(girls) FROM visit),
    'girls_visits', (SELECT count(girls) FROM visit),
    'girls_of_pupils', (SELECT sum(pupils) FROM visit WHERE girls IS NOT NULL),
    'sessions', (SELECT count(*) FROM held),
    'hours', (SELECT coalesce(sum(hours), 0) FROM held),
    'pupil_hours', (SELECT coalesce(sum(pupils * hours), 0) FROM visit),
    'schools', (SELECT count(DISTINCT school_id) FROM visit),
    'municipalities', (SELECT count(DISTINCT municipality_id) FROM visit),
    'counties', (SELECT count(DISTINCT county_id) FROM visit),
    'partners', (SELECT count(DISTINCT partner_id) FROM visit),
    -- Meetings of the network to which the partner sent somebody who came; of nobody when it is the whole programme.
    'meetings', (
        SELECT coalesce(json_agg(line ORDER BY line.starts_at), '[]') FROM (
            SELECT meeting.starts_at, meeting.title_nb AS nb, meeting.title_nn AS nn, meeting.title_en AS en,
                   sum(rsvp.came) AS people
            FROM network_rsvp rsvp JOIN network_meeting meeting ON meeting.id = rsvp.meeting_id
            WHERE rsvp.partner_id = %(partner)s::bigint AND rsvp.came > 0 AND meeting.status = 'published'
              AND meeting.starts_at >= %(start)s AND meeting.starts_at < %(end)s
            GROUP BY meeting.id
        ) line
    ),
    'enquiries', (SELECT count(*) FROM enquiry),
    'answered', (SELECT count(answered_at) FROM enquiry),
    'median_days', (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FROM enquiry WHERE days IS NOT NULL),
    'kinds', (
        SELECT coalesce(json_agg(line ORDER BY line.visits DESC, line.nb), '[]') FROM (
            SELECT kind.name_nb AS nb, kind.name_nn AS nn, kind.name_en AS en,
                   count(*) AS visits, sum(visit.pupils) AS pupils
            FROM visit JOIN activities_kind kind ON kind.id = visit.kind_id GROUP BY kind.id
        ) line
    ),
    'months', (
        SELECT coalesce(json_agg(line ORDER BY line.month), '[]') FROM (
            SELECT to_char(starts_at AT TIME ZONE %(zone)s, 'YYYY-MM') AS month,
                   count(*) AS visits, sum(pupils) AS pupils
            FROM visit GROUP BY 1
        ) line
    ),
    'regions', (
        SELECT coalesce(json_agg(line ORDER BY line.visits DESC, line.name NULLS LAST), '[]') FROM (
            SELECT county.name, count(*) AS visits, sum(visit.pupils) AS pupils,
                   count(DISTINCT visit.school_id) AS schools
            FROM visit LEFT JOIN places_county county ON county.id = visit.county_id GROUP BY county.id
        ) line
    ),
    'grades', (
        SELECT coalesce(json_agg(line ORDER BY line.grade), '[]') FROM (
            SELECT grade, count(*) AS visits, sum(pupils) AS pupils FROM visit GROUP BY grade
        ) line
    )
)
"""


def partner_figures(*, school_year: int, partner: Partner | None = None) -> Figures:
    """Return the figures of one partner's school year, or of the whole programme's. One statement; see Figures."""
    start, end = bounds(school_year)
    zone = timezone.get_default_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"start": start, "end": end, "zone": zone, "partner": partner.pk if partner else None})
        counted = cursor.fetchone()[0]
    return protect(school_year, json.loads(counted) if isinstance(counted, str) else counted)


def figure_rows(partner: Partner | None, school_year: int) -> QuerySet[Booking]:
    """Return the visits that the figures count, in order of time, with all a list says about them."""
    start, end = bounds(school_year)
    rows = (
        Booking.objects.completed()
        .filter(attendance__isnull=False, session__starts_at__gte=start, session__starts_at__lt=end)
        .select_related("attendance", "session", "activity__kind", "school__municipality__county")
        .order_by("session__starts_at", "pk")
    )
    return rows.filter(activity__partner=partner) if partner else rows


def last_finished_year() -> int:
    """Return the school year that ended last; what the annual reports are built for."""
    return current_school_year() - 1


@dataclass(frozen=True)
class Measure:
    """One of the programme's figures beside its target. ``value`` and ``note`` are text, ``done`` a percentage."""

    key: str
    label: str
    value: str
    number: int
    target: int | None
    note: str
    done: int | None
    school_year: str


def programme_figures(school_year: int | None = None) -> list[Measure]:
    """Return pupils, visits, schools and partners of a school year, each beside its target.

    Without a year: the current one, or the last one while the new has no visit yet. Counted at most every ten minutes.
    """
    year, numbers, targets = _programme_numbers(school_year)
    order = (Target.Measure.PUPILS, Target.Measure.VISITS, Target.Measure.SCHOOLS, Target.Measure.PARTNERS)
    return [_measure(year, measure, numbers[measure.value], targets.get(measure.value)) for measure in order]


def _measure(year: int, measure: Target.Measure, number: int, target: int | None) -> Measure:
    return Measure(
        key=measure.value,
        label=str(measure.label),
        value=_grouped(number),
        number=number,
        target=target,
        note=_("Target: %(target)s") % {"target": _grouped(target)} if target else "",
        done=min(100, 100 * number // target) if target else None,
        school_year=label(year),
    )


def _grouped(number: int) -> str:
    return formats.number_format(number, force_grouping=True)


def _programme_numbers(school_year: int | None) -> tuple[int, dict[str, int], dict[str, int]]:
    """Counted figures and targets, from Valkey when it has them. Without Valkey they are counted afresh."""
    name = f"reports:programme:{school_year or f'now:{current_school_year()}'}"
    try:
        if kept := cache.get(name):
            return kept
    except RedisError as error:
        logger.warning("cache_away", error=str(error))
        return _count_programme(school_year)
    counted = _count_programme(school_year)
    cache.set(name, counted, timeout=CACHE_SECONDS)
    return counted


def _count_programme(school_year: int | None) -> tuple[int, dict[str, int], dict[str, int]]:
    year = current_school_year() if school_year is None else school_year
    figures = partner_figures(school_year=year)
    if school_year is None and not figures.visits:
        year -= 1
        figures = partner_figures(school_year=year)
    numbers = {
        Target.Measure.PUPILS.value: figures.pupils or 0,
        Target.Measure.VISITS.value: figures.visits,
        Target.Measure.SCHOOLS.value: figures.schools,
        Target.Measure.PARTNERS.value: figures.partners,
    }
    return year, numbers, dict(Target.objects.filter(school_year=year).values_list("measure", "value"))


def reports_of_partner(partner: Partner) -> QuerySet[PartnerReport]:
    """Return the newest finished report of each school year, the latest year first."""
    return (
        PartnerReport.objects.filter(partner=partner, status=PartnerReport.Status.READY)
        .order_by("-school_year", "-built_at", "-pk")
        .distinct("school_year")
    )


def runs_with_progress(runs: QuerySet[ReportRun]) -> QuerySet[ReportRun]:
    """Add ``total``, ``ready``, ``failed`` and ``left`` to each run, in the same query."""
    status = PartnerReport.Status
    return runs.annotate(
        total=Count("reports"),
        ready=Count("reports", filter=Q(reports__status=status.READY)),
        failed=Count("reports", filter=Q(reports__status=status.FAILED)),
        left=Count("reports", filter=Q(reports__status__in=[status.WAITING, status.BUILDING])),
    )


def stale_claims(older_than: timedelta) -> QuerySet[PartnerReport]:
    """Return reports whose worker has not been heard of for that long."""
    return PartnerReport.objects.filter(
        status=PartnerReport.Status.BUILDING, claimed_at__lt=timezone.now() - older_than
    )


def choosable_years(count: int = 5) -> list[tuple[int, Any]]:
    """Return the finished school years as choices, the last one first."""
    last = last_finished_year()
    return [(year, label(year)) for year in range(last, last - count, -1)]
