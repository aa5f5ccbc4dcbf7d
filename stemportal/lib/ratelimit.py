"""How often one visitor may do what mails or costs: fixed windows counted in Valkey.

django-ratelimit has had no release for years and allauth keeps its limiter to itself, so these few lines are ours.
"""

from __future__ import annotations

import hashlib

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def allowed(request: HttpRequest, action: str, *, key: str = "") -> bool:
    """Count one use of ``action`` and say whether it is within its limit.

    ``settings.PORTAL_RATE_LIMITS[action]`` is ``(times, seconds)``. Uses are counted per visitor's address, or per
    ``key`` (for example an e-mail address) where one is given. Raises RedisError when Valkey is away: fail closed.
    """
    times, seconds = settings.PORTAL_RATE_LIMITS[action]
    who = key or get_adapter(request).get_client_ip(request)
    name = f"limit:{action}:{hashlib.sha256(who.lower().encode()).hexdigest()}"
    if cache.add(name, 1, timeout=seconds):
        return True
    try:
        return cache.incr(name) <= times
    except ValueError:  # the window ended between the two calls
        return True
