"""How often an activity was asked for: what the search goes by to give every offer its turn."""

from __future__ import annotations

from django.db import connection

# Counted anew each time, so that it is right also after a lost message, a merge or a deleted booking.
COUNT_ENQUIRIES = """
UPDATE activities_activity AS a
SET enquiries_count = n.number
FROM (
    SELECT b.id, count(k.id) AS number
      FROM activities_activity b LEFT JOIN schools_booking k ON k.activity_id = b.id
     WHERE (%(ids)s::bigint[] IS NULL OR b.id = ANY(%(ids)s::bigint[]))
     GROUP BY b.id
) AS n
WHERE n.id = a.id AND a.enquiries_count <> n.number
RETURNING a.id
"""


def count_enquiries(activity_ids: list[int] | None) -> list[int]:
    """Write the number of bookings, whatever became of them, of these activities or of all; return which changed."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ENQUIRIES, {"ids": activity_ids})
        return [row[0] for row in cursor.fetchall()]
