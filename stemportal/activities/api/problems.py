"""What is answered when there is no answer: one shape for everything (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse

logger = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
METHODS = "GET, HEAD, OPTIONS"


def problem(status: int, detail: str, *, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    """Return the problem as JSON; ``errors`` are {parameter, message} of what was not understood."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def not_found(request: HttpRequest, rest: str = "") -> HttpResponse:
    """There is no such thing, or it is not public (any more)."""
    return problem(404, "There is nothing at this address.")


def wrong_method(request: HttpRequest) -> HttpResponse:
    """The data is read only."""
    response = problem(405, f"This is read only: {METHODS}.")
    response["Allow"] = METHODS
    return response


def too_often(request: HttpRequest) -> HttpResponse:
    """The address asked more than its share."""
    return problem(429, "Too many requests. Please wait as long as Retry-After says.")


def away(request: HttpRequest, error: Exception) -> HttpResponse:
    """A server of ours does not answer, or the search index is being built."""
    logger.error("server_away", path=request.path, error=str(error))
    response = problem(503, "The portal cannot answer right now. Please try again in a moment.")
    response["Retry-After"] = "30"
    return response


def not_understood(errors: list[dict[str, Any]]) -> HttpResponse:
    """Values that are no values of their parameters; ``errors`` as pydantic tells them."""
    wrong = [{"parameter": str(error["loc"][-1]), "message": str(error["msg"])} for error in errors]
    return problem(422, "Some values were not understood.", errors=wrong)
