"""What changes an offer tells the search here; after the commit a worker brings the index up to date.

Whoever changes an activity, its sessions, its partner's name or standing, or the names of kinds and subjects calls one
of these. What nobody told, or a missing Valkey lost, the sweep finds (``tasks.sweep_search``), or the nightly rebuild.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.outbox.services import hand_over
from stemportal.partners.models import Partner

# So many identities travel in one message to a worker.
MOST_IN_A_MESSAGE = 1_000

# Places and times are facts of the sessions; these two columns only order lists, so they may lag a little.
REFRESH_AVAILABILITY = """
UPDATE activities_activity AS a
SET next_free_at = n.next_free_at, booked_places = n.booked_places,
    first_free_at = coalesce(a.first_free_at, CASE WHEN n.next_free_at IS NOT NULL THEN %(now)s::timestamptz END)
FROM (
    SELECT b.id,
           min(s.starts_at) FILTER (
               WHERE s.status = 'open' AND s.starts_at > %(now)s AND s.places_taken < s.capacity
                 AND (s.pupil_capacity IS NULL OR s.pupils_taken < s.pupil_capacity)
           ) AS next_free_at,
           coalesce(sum(s.places_taken), 0) AS booked_places
      FROM activities_activity b LEFT JOIN activities_session s ON s.activity_id = b.id
     WHERE (%(ids)s::bigint[] IS NULL OR b.id = ANY(%(ids)s::bigint[]))
     GROUP BY b.id
) AS n
WHERE n.id = a.id AND (a.next_free_at IS DISTINCT FROM n.next_free_at OR a.booked_places <> n.booked_places)
RETURNING a.id
"""

# What later apps count of activities for the order of lists: called with identities, or None for all; returns the
# activities whose number changed. Registered in ``AppConfig.ready``, for activities know nothing of bookings.
Recount = Callable[[list[int] | None], Iterable[int]]
recounts: list[Recount] = []


def refresh_search(activity_ids: Sequence[int] | None = None) -> None:
    """Have the search follow these activities, or all: call it in the transaction of the change."""
    after_commit(None if activity_ids is None else list(activity_ids))


def refresh_search_of(partner: Partner) -> None:
    """Have the search follow a partner's activities: its name, and whether it is approved, are among what it knows."""
    refresh_search(list(Activity.objects.filter(partner=partner).values_list("pk", flat=True)))


def after_commit(activity_ids: list[int] | None) -> None:
    """Tell a worker when the transaction has ended well; tests have the index follow at once instead."""
    transaction.on_commit(partial(announce, activity_ids))


def announce(activity_ids: Sequence[int] | None) -> None:
    """Tell a worker which activities changed, or to build the whole index anew."""
    from stemportal.activities import tasks

    if activity_ids is None:
        hand_over(tasks.rebuild_search.delay, search_of="all")
        return
    for start in range(0, len(activity_ids), MOST_IN_A_MESSAGE):
        ids = list(activity_ids[start : start + MOST_IN_A_MESSAGE])
        if not hand_over(partial(tasks.index_activities.delay, ids), search_of=len(ids)):
            return


def announce_missing() -> None:
    """Tell a worker that there is no index; the visitor who noticed is asked to come back in a while."""
    from stemportal.activities import tasks

    hand_over(partial(tasks.rebuild_search.delay, if_missing=True), search_of="missing")


def refresh_availability(activity_ids: Sequence[int] | None = None) -> int:
    """Write next free session, booked places and enquiries of these activities, or of all; return how many changed.

    Runs after a booking and not in it: a booking that wrote the activity's row would make all bookings of the activity,
    in whichever session, wait for each other. The search follows: the given activities in any case, for another day of
    a session may have moved.
    """
    ids = None if activity_ids is None else list(activity_ids)
    with connection.cursor() as cursor:
        cursor.execute(REFRESH_AVAILABILITY, {"ids": ids, "now": timezone.now()})
        changed = {row[0] for row in cursor.fetchall()}
    for recount in recounts:
        changed.update(recount(ids))
    refresh_search(sorted(changed) if ids is None else ids)
    return len(changed)
