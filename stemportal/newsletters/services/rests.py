"""When the mail server is away, nobody asks it for a while: longer each time, but a quarter of an hour at most.

This is kept in Valkey for all lanes together. It is about the server, so no receiver's attempts are used up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.core.cache import cache
from django.utils import timezone

logger = structlog.get_logger(__name__)

KEY = "newsletters:mail-server-rests"
SHORTEST_SECONDS = 15
LONGEST_SECONDS = 15 * 60
# A server that answered once since then begins anew.
FORGOTTEN_SECONDS = 2 * 60 * 60


@dataclass(frozen=True)
class Rest:
    """The mail server is left alone until then, and why."""

    times: int
    until: datetime
    reason: str


def current() -> Rest | None:
    """Return the last rest since the mail server answered, or None."""
    found = cache.get(KEY)
    return Rest(found[0], datetime.fromtimestamp(found[1], UTC), found[2]) if found else None


def until() -> datetime | None:
    """Return when the mail server is asked again, or None when it may be asked now."""
    rest = current()
    return rest.until if rest and rest.until > timezone.now() else None


def begin(reason: str) -> None:
    """The mail server could not be reached, or takes nothing from us. Lanes that find that together count once."""
    if until():
        return
    rest = current()
    times = rest.times + 1 if rest else 1
    seconds = min(SHORTEST_SECONDS * 2 ** (times - 1), LONGEST_SECONDS)
    cache.set(KEY, (times, timezone.now().timestamp() + seconds, reason[:300]), FORGOTTEN_SECONDS)
    logger.warning("mail_server_away", times=times, seconds=seconds, error=reason)


def end() -> None:
    """The mail server took something."""
    cache.delete(KEY)
