"""Counting how often a film was started: a number a day, nothing about who played it."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.adapter import get_adapter
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError

from stemportal.activities.models import Activity
from stemportal.lib.ratelimit import allowed

MACHINES = re.compile(r"bot|crawl|spider|slurp|preview|monitor|curl|wget|python", re.IGNORECASE)

PLAY = """
INSERT INTO activities_filmplays (activity_id, day, number)
SELECT id, %(day)s, 1 FROM activities_activity WHERE id = %(activity)s AND status = %(published)s
ON CONFLICT (activity_id, day) DO UPDATE SET number = activities_filmplays.number + 1
"""


def counts_as_play(request: HttpRequest, activity_id: int) -> bool:
    """Whether a press on play is one more: by a browser, and not by the same one within half an hour.

    Every browser of today says that the press came from the portal's own page; programs that follow links do not. The
    same browser is known by its address and name, kept as a hash in Valkey for that half hour and nowhere else. Without
    Valkey nothing is counted.
    """
    agent = request.headers.get("User-Agent", "")
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or MACHINES.search(agent) or not agent:
        return False
    who = f"{get_adapter(request).get_client_ip(request)} {agent} {activity_id}"
    try:
        return allowed(request, "film_play", key=who)
    except RedisError:
        return False


def count_play(activity_id: int) -> None:
    """Count one start of a published film today. Any number of workers at once lose none."""
    published = Activity.Status.PUBLISHED.value
    facts: dict[str, Any] = {"activity": activity_id, "day": timezone.localdate(), "published": published}
    with connection.cursor() as cursor:
        cursor.execute(PLAY, facts)
