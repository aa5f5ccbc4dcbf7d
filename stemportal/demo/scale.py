"""Multiplying the demo world for benchmarks: set-based SQL in chunks, so that a million activities take minutes.

Every made row is a variation of a demo row: partners in all kommuner, activities with other places, grades and words,
four sessions each in the next four months, and completed bookings of the last school year.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from stemportal.activities.models import Activity
from stemportal.activities.search_index import refresh_search
from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.school_year import bounds, current_school_year
from stemportal.partners.models import Partner
from stemportal.places.models import Municipality

FIRST_NUMBER = 20_000
SESSIONS_EACH = 4
# Rows of one transaction: a larger one keeps the disk waiting for its end.
CHUNK = 100_000


def scale_partners(count: int) -> None:
    """Add that many approved partners, spread over all municipalities."""
    done = Partner.objects.filter(slug__startswith="skala-").count()
    municipalities = list(Municipality.objects.order_by("number").values_list("pk", flat=True))
    Partner.objects.bulk_create(
        [
            Partner(
                organisation_number=synthetic(FIRST_NUMBER + n),
                legal_name=f"SKALA {n} AS",
                display_name=f"Skala {n}",
                slug=f"skala-{n}",
                municipality_id=municipalities[n % len(municipalities)],
                contact_name="Skala",
                contact_email=f"skala{n}@example.org",
                status=Partner.Status.APPROVED,
            )
            for n in range(done, done + count)
        ],
        batch_size=2000,
    )


# Sessions begin three to twenty days from now, and then every fourth week.
FIRST_SESSION = "date_trunc('day', now()) + ((3 + {id} %% 17) * interval '1 day') + interval '9 hours'"

# What differs from the offer that is copied.
DIFFERENT = {
    "id": "i.id",
    "partner_id": "h.id",
    "title": "left(s.title || ' i ' || h.name, 90)",
    "municipality_id": "CASE WHEN s.format = 'digital' THEN NULL ELSE h.municipality_id END",
    "latitude": "CASE WHEN s.format = 'digital' THEN NULL ELSE h.latitude + (random() - 0.5) * 0.2 END",
    "longitude": "CASE WHEN s.format = 'digital' THEN NULL ELSE h.longitude + (random() - 0.5) * 0.4 END",
    "status": "'published'",
    "created_at": "now()",
    "updated_at": "now()",
    "published_at": "now() - random() * interval '700 days'",
    "views_count": "(random() * 300)::int",
    "booked_places": "0",
    "enquiries_count": "0",
    "next_free_at": FIRST_SESSION.format(id="i.id"),
}

ACTIVITIES = """
WITH sample AS (
    SELECT a.*, row_number() OVER (ORDER BY a.id) - 1 AS n, count(*) OVER () AS total
    FROM activities_activity a JOIN partners_partner p ON p.id = a.partner_id
    WHERE a.status = 'published' AND p.slug NOT LIKE 'skala-%%'
), hosts AS (
    SELECT p.id, m.id AS municipality_id, m.latitude, m.longitude, m.name,
           row_number() OVER (ORDER BY p.id) - 1 AS n, count(*) OVER () AS total
    FROM partners_partner p JOIN places_municipality m ON m.id = p.municipality_id
    WHERE p.status = 'approved'
), numbers AS MATERIALIZED (
    SELECT nextval('activities_activity_id_seq') AS id FROM generate_series(1, %(count)s)
)
INSERT INTO activities_activity ({columns})
SELECT {values}
FROM numbers i
JOIN sample s ON s.n = (i.id * 7919) %% s.total
JOIN hosts h ON h.n = (i.id * 104729 + i.id / h.total) %% h.total
RETURNING id
"""

SUBJECTS = """
INSERT INTO activities_activity_subjects (activity_id, subject_id)
SELECT a.id, s.id FROM activities_activity a
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS total FROM activities_subject) s
  ON s.n = a.id %% s.total
WHERE a.id BETWEEN %(first)s AND %(last)s
ON CONFLICT DO NOTHING
"""

SESSIONS = """
INSERT INTO activities_session (activity_id, starts_at, ends_at, capacity, places_taken, pupils_taken, place,
    link, "where", status)
SELECT a.id, t.start, t.start + a.duration_minutes * interval '1 minute', 1 + (random() * 3)::int, 0, 0, a.place, '',
    '', 'open'
FROM activities_activity a
CROSS JOIN LATERAL (
    SELECT {first_session} + k * interval '27 days' AS start
    FROM generate_series(0, %(each)s - 1) k
) t
WHERE a.id BETWEEN %(first)s AND %(last)s
"""

PAST_SESSIONS = """
WITH chosen AS (
    SELECT id, duration_minutes, place, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS total
    FROM activities_activity WHERE status = 'published'
)
INSERT INTO activities_session (activity_id, starts_at, ends_at, capacity, places_taken, pupils_taken, place,
    link, "where", status)
SELECT c.id, t.start, t.start + c.duration_minutes * interval '1 minute', 1, 1, 0, c.place, '', '',
    'open'
FROM generate_series(1, %(count)s) i
JOIN chosen c ON c.n = (i::bigint * 15485863) %% c.total
CROSS JOIN LATERAL (SELECT %(start)s::timestamptz + ((i %% 300) * interval '1 day') + interval '9 hours' AS start) t
RETURNING id
"""

BOOKINGS = """
WITH places AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS total FROM schools_school WHERE is_active
)
INSERT INTO schools_booking (activity_id, session_id, school_id, group_name, grade, pupils, places, needs, message,
    reply, status, created_at, answered_at, request_key, calendar_sequence, adults, travel, same_time_reason,
    pupil_wishes)
SELECT s.activity_id, s.id, p.id, '9' || chr(65 + (s.id %% 5)::int), 9, 14 + (s.id %% 16)::int, 1, '', '', '',
    'completed', s.starts_at - interval '20 days', s.starts_at - interval '18 days', gen_random_uuid(), 0,
    2, 'public', '', '[]'
FROM activities_session s JOIN places p ON p.n = (s.id * 31) %% p.total
WHERE s.id BETWEEN %(first)s AND %(last)s
RETURNING id
"""

ATTENDANCES = """
INSERT INTO schools_attendance (booking_id, pupils, girls, confirmed_at)
SELECT b.id, b.pupils, CASE WHEN b.id %% 5 = 0 THEN NULL ELSE b.pupils / 2 END, now()
FROM schools_booking b WHERE b.id BETWEEN %(first)s AND %(last)s
"""


def _returning_span(cursor: CursorWrapper, sql: str, params: dict[str, Any]) -> dict[str, int]:
    """Run an INSERT … RETURNING id and return the first and last id it made."""
    cursor.execute(sql, params)
    ids = [row[0] for row in cursor.fetchall()]
    return {"first": min(ids, default=0), "last": max(ids, default=-1)}


def scale_activities(count: int) -> None:
    """Add that many published activities with subjects and sessions, and have the search follow."""
    columns = [str(field.column) for field in Activity._meta.concrete_fields]
    values = [DIFFERENT.get(column, f"s.{column}") for column in columns]
    activities = ACTIVITIES.format(columns=", ".join(columns), values=", ".join(values))
    sessions = SESSIONS.format(first_session=FIRST_SESSION.format(id="a.id"))
    for done in range(0, count, CHUNK):
        with transaction.atomic(), connection.cursor() as cursor:
            span = _returning_span(cursor, activities, {"count": min(CHUNK, count - done)})
            cursor.execute(SUBJECTS, span)
            cursor.execute(sessions, {**span, "each": SESSIONS_EACH})
    analyze()
    refresh_search()


def scale_bookings(count: int) -> None:
    """Add that many completed bookings of the last school year, each in a session of its own, with attendance."""
    start, _end = bounds(current_school_year() - 1)
    with transaction.atomic(), connection.cursor() as cursor:
        sessions = _returning_span(cursor, PAST_SESSIONS, {"count": count, "start": start})
        cursor.execute(ATTENDANCES, _returning_span(cursor, BOOKINGS, sessions))
    analyze()


def analyze() -> None:
    """Let the planner know the new sizes at once, instead of when autovacuum comes by."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
