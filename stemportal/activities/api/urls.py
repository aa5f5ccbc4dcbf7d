"""The addresses of the open data, each behind the same door: who may ask, how often, in which language."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError

from stemportal.activities.api import problems
from stemportal.activities.api.routes import api
from stemportal.activities.queries.open_data import are_published
from stemportal.activities.search.store import SearchNotReady
from stemportal.lib.public_answers import View, public_answer

SERVER_AWAY = (OperationalError, InterfaceError, RedisError, SearchNotReady)
# Programs may keep an answer so long. Answers that name people are asked for each time: a role model who takes the
# consent back is gone from the next one.
SECONDS = 60
NAMES_PEOPLE = {"activity", "role_models", "role_model"}
# The document changes with the program only.
DOCUMENT_SECONDS = 300
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": problems.METHODS,
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-None-Match",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
    "Access-Control-Max-Age": "86400",
}


def language_of(request: HttpRequest) -> str:
    """Return the language of an answer: ``lang`` where it is one of ours, else as Accept-Language says, else bokmål."""
    asked = request.GET.get("lang", "")
    if asked in dict(settings.LANGUAGES):
        return asked
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        if code == "*":
            break
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def behind_the_door(view: View, *, seconds: int) -> View:
    """Return the view as the world may ask it: with GET and HEAD, CORS, limits, caches and problems."""

    def got(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked, request.method = request.method, "GET"  # ninja knows no HEAD
        try:
            return view(request, *args, **kwargs)
        finally:
            request.method = asked

    answer = public_answer(limit="open_data", seconds=seconds, still_shown=are_published, refuse=problems.too_often)(
        got
    )

    @wraps(answer)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            if request.method == "OPTIONS":
                response = HttpResponse(status=204, headers={"Allow": problems.METHODS})
            elif request.method not in {"GET", "HEAD"}:
                response = problems.wrong_method(request)
            else:
                try:
                    response = answer(request, *args, **kwargs)
                except SERVER_AWAY as error:
                    response = problems.away(request, error)
        response["Content-Language"] = language
        for name, value in CORS.items():
            response[name] = value
        return response

    return csrf_exempt(opened)


def _open(pattern: Any) -> URLPattern:
    seconds = DOCUMENT_SECONDS if pattern.name == "openapi-json" else 0 if pattern.name in NAMES_PEOPLE else SECONDS
    pattern.callback = behind_the_door(pattern.callback, seconds=seconds)
    return pattern


_patterns, app_name, _namespace = api.urls
urlpatterns = [
    *(_open(pattern) for pattern in _patterns),
    # Whatever else is asked for is answered in the same shape.
    path("<path:rest>", behind_the_door(problems.not_found, seconds=0), name="nothing"),
]
