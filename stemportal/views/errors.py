"""Error pages. A missing server is not a fault of the portal: it answers 503 and recovers by itself."""

from __future__ import annotations

import sys

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from stemportal.activities.search.store import SearchNotReady

logger = structlog.get_logger(__name__)

SERVER_AWAY = (OperationalError, InterfaceError, RedisError, BrokerError, SearchNotReady)


def service_unavailable() -> HttpResponse:
    """Return the plain 503 page; rendered without a request, so that it needs no server of ours."""
    response = HttpResponse(loader.render_to_string("503.html"), status=503)
    response["Retry-After"] = "30"
    response["Cache-Control"] = "no-store"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an uncaught exception: 503 when PostgreSQL, Valkey or the search index is away, else 500.

    Django calls this while the exception is being handled, also when a middleware raised it, so one place decides.
    """
    error = sys.exc_info()[1]
    if isinstance(error, SERVER_AWAY):
        logger.error("server_away", path=request.path, error=str(error))
        return service_unavailable()
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say kindly that the form was open too long or came from elsewhere."""
    return render(request, "403_csrf.html", status=403)
