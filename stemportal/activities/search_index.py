"""What the search reads, kept up to date: the words of every activity and whether it has free places to come."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

# One statement for one activity or all. Weights: A title and partner; B kind, subjects and the short text; C the long
# texts and goals; D where it is. The configuration is `norwegian` for every language: names and terms are the same.
REFRESH_SEARCH = """
UPDATE activities_activity AS a
SET search = v.words, search_head = ts_filter(v.words, '{{a,b}}')
FROM (
    SELECT b.id,
        setweight(to_tsvector('norwegian', b.title || ' ' || p.display_name), 'A')
        || setweight(to_tsvector('norwegian', concat_ws(' ',
            k.name_nb, k.name_nn, k.name_en, b.summary,
            (SELECT string_agg(concat_ws(' ', s.name_nb, s.name_nn, s.name_en), ' ')
               FROM activities_activity_subjects x JOIN activities_subject s ON s.id = x.subject_id
              WHERE x.activity_id = b.id))), 'B')
        || setweight(to_tsvector('norwegian', concat_ws(' ',
            b.description, b.learning, b.preparation, b.follow_up, b.practical,
            (SELECT string_agg(concat_ws(' ', g.code, g.text_nb), ' ')
               FROM activities_activity_goals x JOIN activities_goal g ON g.id = x.goal_id
              WHERE x.activity_id = b.id))), 'C')
        || setweight(to_tsvector('norwegian', concat_ws(' ', b.place, m.name)), 'D') AS words
    FROM activities_activity b
    JOIN activities_kind k ON k.id = b.kind_id
    JOIN partners_partner p ON p.id = b.partner_id
    LEFT JOIN places_municipality m ON m.id = b.municipality_id
    {which}
    OFFSET 0
) AS v
WHERE v.id = a.id
"""

# Places and times are facts of the sessions; these two columns only order lists, so they may lag a little.
REFRESH_AVAILABILITY = """
UPDATE activities_activity AS a
SET next_free_at = n.next_free_at, booked_places = n.booked_places
FROM (
    SELECT b.id,
           min(s.starts_at) FILTER (
               WHERE s.status = 'open' AND s.starts_at > %(now)s AND s.places_taken < s.capacity
           ) AS next_free_at,
           coalesce(sum(s.places_taken), 0) AS booked_places
      FROM activities_activity b LEFT JOIN activities_session s ON s.activity_id = b.id
     WHERE (%(ids)s::bigint[] IS NULL OR b.id = ANY(%(ids)s::bigint[]))
     GROUP BY b.id
) AS n
WHERE n.id = a.id AND (a.next_free_at IS DISTINCT FROM n.next_free_at OR a.booked_places <> n.booked_places)
"""


def refresh_search(activity_ids: Sequence[int] | None = None) -> int:
    """Build the search words of these activities, or of all; return how many rows were written. One UPDATE.

    Call it after a change of an activity, of its partner's name, or of a kind's or subject's names.
    """
    # OFFSET 0 keeps the planner from working the words out twice.
    with connection.cursor() as cursor:
        if activity_ids is None:
            cursor.execute(REFRESH_SEARCH.format(which=""))
        else:
            cursor.execute(REFRESH_SEARCH.format(which="WHERE b.id = ANY(%s)"), [list(activity_ids)])
        return cursor.rowcount


def refresh_availability(activity_ids: Sequence[int] | None = None) -> int:
    """Write the next free session and the booked places of these activities, or of all; return how many changed."""
    ids = None if activity_ids is None else list(activity_ids)
    with connection.cursor() as cursor:
        cursor.execute(REFRESH_AVAILABILITY, {"ids": ids, "now": timezone.now()})
        return cursor.rowcount
