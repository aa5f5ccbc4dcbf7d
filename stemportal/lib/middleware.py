"""Middleware without a business rule: the admin's content security policy, logins, and who is behind a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.contrib.auth.middleware import LoginRequiredMiddleware as BaseLoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from pghistory.middleware import HistoryMiddleware as BaseHistoryMiddleware

Handler = Callable[[HttpRequest], HttpResponse]


class AdminContentSecurityMiddleware:
    """Lets the admin run Alpine expressions and inline styles, which its theme is built on; no other page may."""

    extra = {"script-src": [UNSAFE_EVAL, UNSAFE_INLINE], "style-src": [UNSAFE_INLINE]}

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and "admin" in match.namespaces:
            response._csp_update = self.extra  # type: ignore[attr-defined]  # how django-csp is told
        return response


class LoginRequiredMiddleware(BaseLoginRequiredMiddleware):
    """Asks for a login on every page that does not say otherwise, and on the others not even who is there.

    Django's reads the session first, so that no answer could be the same for everybody (lib.public_answers).
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class HistoryMiddleware(BaseHistoryMiddleware):
    """Tells the history (lib.history) who is logged in.

    The page's address is left out: some hold the secret of a mailed link.
    """

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user.pk} if request.user.is_authenticated else {}
