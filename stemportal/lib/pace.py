"""One pace for all workers: turns are handed out by Valkey, so many a second and no more, whoever asks.

Each turn comes at least ``1 / per_second`` seconds after the one before, and after the moment at which it was asked
for. A worker asks for its next turn when its last request has been answered, so its requests reach the other side at
least that far apart, however long each was on its way: no burst makes up for a delay.
"""

from __future__ import annotations

import time

import redis
from django.conf import settings
from django.core.cache import cache

# Times in whole microseconds by Valkey's clock, which all workers share. Returns how long to wait.
NEXT_TURN = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + tonumber(ARGV[1])
redis.call('SET', KEYS[1], string.format('%.0f', turn), 'PX', math.ceil((turn - now) / 1000) + 1000)
return turn - now
"""


class Pace:
    """``pace.wait()`` returns when the caller's turn has come. Raises RedisError when Valkey is away."""

    def __init__(self, name: str, *, per_second: float) -> None:
        self._key = cache.make_key(f"pace:{name}")
        self._gap = max(1, round(1_000_000 / per_second))
        self._next = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=5
        ).register_script(NEXT_TURN)

    def wait(self) -> None:
        """Sleep until the turn that Valkey gives."""
        time.sleep(int(self._next(keys=[self._key], args=[self._gap])) / 1_000_000)
