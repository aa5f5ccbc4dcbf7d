"""Answers that are the same for everybody: feeds, open data, what other web sites embed.

They read no cookie and no login, so caches may keep them; Valkey keeps them too, for who asks without a cache, while
everything they name may still be shown. Whoever has the newest answer already is told so (304). Each address may ask
only so often (``lib.ratelimit``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags, parse_http_date_safe
from django.utils.translation import get_language

from stemportal.lib.ratelimit import allowed

View = Callable[..., HttpResponse]
Refusal = Callable[[HttpRequest], HttpResponse]
StillShown = Callable[[Sequence[int]], bool]

TOO_MANY = 429
# What an answer tells of itself, kept with it.
KEPT_HEADERS = ("Content-Type", "Content-Disposition", "Content-Language", "Last-Modified", "X-Robots-Tag")
# What a 304 repeats (RFC 9110, 15.4.5).
REPEATED_HEADERS = ("Cache-Control", "Content-Location", "ETag", "Last-Modified", "Vary", "Content-Language")


@dataclass(frozen=True)
class _Kept:
    headers: dict[str, str]
    content: bytes
    names: Sequence[int]


def names(request: HttpRequest, ids: Sequence[int]) -> None:
    """Let a view say which rows its answer names: a kept answer is given only while all of them may be shown."""
    request._names = list(ids)  # type: ignore[attr-defined]  # for the decorator below


def public_answer(
    *, limit: str, seconds: int, still_shown: StillShown | None = None, refuse: Refusal | None = None
) -> Callable[[View], View]:
    """Return a decorator for a view whose answer depends on its address and the language alone.

    ``limit`` names a row of ``settings.PORTAL_RATE_LIMITS``; over it ``refuse(request)`` answers, by itself a line of
    plain text with 429. For ``seconds`` an answer is kept, by others and by us; 0 keeps none, others ask each time.
    Only answers with 200 are kept, and given again while ``still_shown`` holds for what they name (``names``). Raises
    RedisError when Valkey is away.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request, limit):
                return too_many(limit, (refuse or _plain_refusal)(request))
            response = _kept(request, limit, still_shown) if seconds else None
            if response is None:
                response = view(request, *args, **kwargs)
                if seconds and response.status_code == 200:
                    _keep(request, limit, seconds, response)
            if response.status_code != 200:
                response.headers.setdefault("Cache-Control", "no-store")
                return response
            response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
            response["Cache-Control"] = f"public, max-age={seconds}" if seconds else "public, no-cache"
            response["Access-Control-Allow-Origin"] = "*"
            return _as_asked(request, response)

        return login_not_required(answer)

    return decorate


def too_many(limit: str, response: HttpResponse) -> HttpResponse:
    """Say when to try again: the window of the limit is over by then."""
    response.status_code = TOO_MANY
    response["Retry-After"] = str(settings.PORTAL_RATE_LIMITS[limit][1])
    response["Cache-Control"] = "no-store"
    return response


def _plain_refusal(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Too many requests. Please wait a little.\n", content_type="text/plain; charset=utf-8")


def _key(request: HttpRequest, limit: str) -> str:
    asked = f"{get_language()} {request.get_full_path()}"
    return f"answer:{limit}:{hashlib.sha256(asked.encode()).hexdigest()}"


def _kept(request: HttpRequest, limit: str, still_shown: StillShown | None) -> HttpResponse | None:
    kept: _Kept | None = cache.get(_key(request, limit))
    if kept is None or (kept.names and still_shown and not still_shown(kept.names)):
        return None
    return HttpResponse(kept.content, headers=kept.headers)


def _keep(request: HttpRequest, limit: str, seconds: int, response: HttpResponse) -> None:
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    kept = _Kept(headers, response.content, getattr(request, "_names", ()))
    cache.set(_key(request, limit), kept, timeout=seconds)


def _as_asked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Leave out the content where it is known already, or was not asked for."""
    if _is_known(request, response):
        known = HttpResponseNotModified()
        for name in (*REPEATED_HEADERS, "Access-Control-Allow-Origin"):
            if name in response:
                known[name] = response[name]
        return known
    if request.method == "HEAD":
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


def _is_known(request: HttpRequest, response: HttpResponse) -> bool:
    """If-None-Match counts; If-Modified-Since only without it (RFC 9110, 13.2.2)."""
    if "If-None-Match" in request.headers:
        known = {tag.removeprefix("W/") for tag in parse_etags(request.headers["If-None-Match"])}
        return "*" in known or response["ETag"] in known
    asked = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    changed = parse_http_date_safe(response.get("Last-Modified", ""))
    return bool(asked and changed and changed <= asked)
