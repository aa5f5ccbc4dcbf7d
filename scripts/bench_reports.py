"""The part of `make bench` about reports: figures of all partners in one pass over a year's bookings."""

from __future__ import annotations

import statistics
import sys
import time
from datetime import timedelta
from typing import Any

ROUNDS = 3
BOOKINGS_A_PARTNER = 200
OFFERS_A_PARTNER = 5

# Two bookings of every five share a session. Rows that follow from a booking go by its id, so that each run makes the
# same mix: four of five completed, a fifth of those without a count of girls, one in fifty with very few pupils.
# How many there are to choose from is a number of its own in each join: else every pair of rows would be compared.
SESSIONS = """
WITH chosen AS MATERIALIZED (
    SELECT a.id, a.duration_minutes, row_number() OVER (ORDER BY a.id) - 1 AS n
    FROM activities_activity a JOIN partners_partner p ON p.id = a.partner_id
    WHERE a.published_at IS NOT NULL AND p.slug LIKE 'skala-%%'
)
INSERT INTO activities_session (activity_id, starts_at, ends_at, capacity, places_taken, pupils_taken, place, link,
    "where", status)
SELECT c.id, t.start, t.start + least(c.duration_minutes, 480) * interval '1 minute', 30, 1, 0, '', 'bench', '', 'open'
FROM generate_series(1, %(sessions)s) i
JOIN chosen c ON c.n = (i::bigint * 15485863) %% (SELECT count(*) FROM chosen)
CROSS JOIN LATERAL (SELECT %(start)s::timestamptz + (i %% 300) * interval '1 day' + interval '9 hours' AS start) t
"""
BOOKINGS = """
WITH places AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM schools_school WHERE is_active
), held AS MATERIALIZED (
    SELECT id, activity_id, starts_at, row_number() OVER (ORDER BY id) - 1 AS n
    FROM activities_session WHERE link = 'bench'
)
INSERT INTO schools_booking (activity_id, session_id, school_id, group_name, grade, pupils, places, needs, message,
    reply, status, created_at, answered_at, reply_by, request_key, calendar_sequence, adults, travel,
    same_time_reason, pupil_wishes)
SELECT s.activity_id, s.id, p.id, 8 + i %% 6 || chr(65 + (i %% 5)::int) || i / %(sessions)s, 8 + i %% 6,
       CASE WHEN i %% 50 = 0 THEN 1 + i %% 4 ELSE 14 + i %% 16 END, 1, '', '', '',
       (ARRAY['completed', 'completed', 'completed', 'completed', 'completed', 'completed', 'completed', 'completed',
              'partner_cancel', 'school_cancel', 'no_show', 'declined'])[1 + (i %% 97) %% 12],
       s.starts_at - interval '20 days', s.starts_at - (5 + i %% 14) * interval '1 day',
       (s.starts_at - interval '10 days')::date, gen_random_uuid(), 0, 2, 'public', '', '[]'
FROM generate_series(0, %(bookings)s - 1) i
JOIN held s ON s.n = i %% (SELECT count(*) FROM held)
JOIN places p ON p.n = (i::bigint * 31) %% (SELECT count(*) FROM places)
"""
FOLLOWING = (
    """
INSERT INTO schools_attendance (booking_id, pupils, girls, confirmed_at)
SELECT b.id, b.pupils, CASE WHEN b.id %% 5 = 0 THEN NULL ELSE b.pupils / 2 END, now()
FROM schools_booking b JOIN activities_session s ON s.id = b.session_id
WHERE s.link = 'bench' AND b.status = 'completed'
""",
    """
INSERT INTO schools_feedback (booking_id, side, rating, text, may_quote, given_at)
SELECT booking_id, 'school', 1 + booking_id %% 5, '', false, now() FROM schools_visit
WHERE booking_id %% 2 = 0 ON CONFLICT DO NOTHING
""",
    """
INSERT INTO schools_pulse (booking_id, token, opened_at, closes_at)
SELECT booking_id, 'bench-' || booking_id, starts_at, ends_at FROM schools_visit
WHERE booking_id %% 33 = 0 ON CONFLICT DO NOTHING
""",
    """
INSERT INTO schools_pulsecount (pulse_id, moment, question, answer, number)
SELECT p.id, moment, question, answer, 1 + (p.id + question * answer) %% 5
FROM schools_pulse p, unnest(ARRAY['before', 'after']) moment, generate_series(1, 3) question,
     generate_series(1, 5) answer
WHERE p.token LIKE 'bench-%%'
""",
    """
INSERT INTO schools_grantpot (name, partner_id, school_year, amount_ore, reserved_ore, paid_ore, is_open)
SELECT 'bench', id, 2000, 100000000000, 0, 0, true FROM partners_partner WHERE slug LIKE 'skala-%%' AND id %% 10 = 0
""",
    """
INSERT INTO schools_transportgrant (booking_id, km, people, mode, vehicles, reasonable_ore, applied_ore, approved_ore,
    settled_ore, why, reply, receipt, status, applied_at)
SELECT booking_id, 20, pupils, 'public', 1, 500000, 500000, 500000, 450000, '', '', '', 'settled', starts_at
FROM schools_visit WHERE booking_id %% 20 = 0 ON CONFLICT DO NOTHING
""",
    """
INSERT INTO schools_ledgerentry (pot_id, grant_id, kind, ore, at)
SELECT pot.id, g.id, 'pay', 450000, g.applied_at
FROM schools_transportgrant g
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS total FROM schools_grantpot
      WHERE name = 'bench') pot ON pot.n = g.id %% pot.total
WHERE g.reasonable_ore = 500000 AND g.settled_ore = 450000
""",
    """
INSERT INTO activities_ownword (partner_id, kind_id, title, held_on, pupils, girls, hours, note, said_at)
SELECT p.id, (SELECT min(id) FROM activities_kind), 'bench', (SELECT min(starts_at)::date FROM activities_session
       WHERE link = 'bench') + n * 30, 20 + n, 9 + n, 2.5, '', now()
FROM partners_partner p, generate_series(1, 3) n WHERE p.slug LIKE 'skala-%%'
""",
    """
INSERT INTO activities_filmplays (activity_id, day, number)
SELECT a.id, (SELECT min(starts_at)::date FROM activities_session WHERE link = 'bench') + n, 1 + n %% 7
FROM activities_activity a JOIN partners_partner p ON p.id = a.partner_id, generate_series(1, 60) n
WHERE p.slug LIKE 'skala-%%' AND a.id %% 10 = 0 ON CONFLICT DO NOTHING
""",
    """
INSERT INTO activities_activity_role_models (activity_id, rolemodel_id)
SELECT a.id, r.id FROM activities_activity a
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS total FROM activities_rolemodel) r
  ON r.n = a.id %% r.total
WHERE a.id %% 3 = 0 ON CONFLICT DO NOTHING
""",
)


def measure_reports(bookings: int) -> dict[str, Any]:
    """Make so many bookings of last school year and count every partner's figures of it."""
    return {"bookings": bookings, "figures": measure_figures(bookings)}


def measure_figures(bookings: int) -> dict[str, float]:
    """Count the figures of all partners, and make what may be shown of them; return seconds."""
    from stemportal.reports.figures.counting import count_partners, partner_figures
    from stemportal.reports.figures.protection import protect

    period = last_year()
    grow(bookings)
    seconds = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        counted = count_partners(period)
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    figures = {pk: protect(period, found) for pk, found in counted.items()}
    protecting = time.perf_counter() - began
    began = time.perf_counter()
    programme = partner_figures(period=period)
    found = {
        "partners": len(counted),
        "visits": sum(figure.visits for figure in figures.values()),
        "seconds": min(seconds),
        "median_seconds": statistics.median(seconds),
        "seconds_to_protect": protecting,
        "seconds_programme": time.perf_counter() - began,
    }
    assert programme.visits == found["visits"]
    print(
        f"  figures      {found['partners']:,} partners, {bookings:,} bookings ({found['visits']:,} visits): "
        f"{found['seconds']:.2f} s from SQL in one pass, {protecting:.2f} s to hide small counts; "
        f"the programme in {found['seconds_programme']:.2f} s"
    )
    return found


def last_year() -> Any:
    """Return the school year that the bookings are made in."""
    from stemportal.lib.periods import Period

    return Period.current().previous


def grow(bookings: int, a_partner: int = BOOKINGS_A_PARTNER) -> None:
    """Add partners, their offers and so many bookings of last school year, with all that figures count."""
    from django.db import connection

    from stemportal.demo import scale

    began = time.monotonic()
    partners = max(min(bookings // a_partner, 5_000), 5)
    scale.scale_partners(partners)
    scale.scale_activities(partners * OFFERS_A_PARTNER)
    facts = {"sessions": bookings * 4 // 5, "start": last_year().start + timedelta(days=1), "bookings": bookings}
    for statement in (SESSIONS, BOOKINGS, *FOLLOWING):
        with connection.cursor() as cursor:
            cursor.execute(statement, facts)
        scale.analyze()
    print(
        f"\n{bookings:,} bookings of {partners:,} partners ({time.monotonic() - began:.0f} s to make)", file=sys.stderr
    )
