"""Counting: the figures of partners and of the programme, and the visits behind them.

One statement counts everything of a year.
"""

from __future__ import annotations

import json

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.figures.figures import Figures, protect
from stemportal.schools.models import Booking

# Parameters: start and end (aware datetimes), zone (name), partner (id or None for the whole programme).
COUNT = """
WITH visit AS (
    SELECT * FROM schools_visit
    WHERE starts_at >= %(start)s AND starts_at < %(end)s
      AND (%(partner)s::bigint IS NULL OR partner_id = %(partner)s::bigint)
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


def partner_figures(*, period: Period, partner: Partner | None = None) -> Figures:
    """Return the figures of one partner's year, or of the whole programme's. One statement; see Figures."""
    zone = timezone.get_default_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT, {"start": period.start, "end": period.end, "zone": zone, "partner": partner.pk if partner else None}
        )
        counted = cursor.fetchone()[0]
    return protect(period, json.loads(counted) if isinstance(counted, str) else counted)


def figure_rows(partner: Partner | None, period: Period) -> QuerySet[Booking]:
    """Return the visits that the figures count, in order of time, with all a list says about them."""
    rows = (
        Booking.objects.filter(visit__starts_at__gte=period.start, visit__starts_at__lt=period.end)
        .select_related("attendance", "session", "activity__kind", "school__municipality__county")
        .order_by("visit__starts_at", "pk")
    )
    return rows.filter(activity__partner=partner) if partner else rows
