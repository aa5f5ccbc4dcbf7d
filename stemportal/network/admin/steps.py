"""A step of the secretariat's as a page of its own, beside what the admin makes by itself."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.template.response import TemplateResponse


def step_page(model_admin: ModelAdmin[Any], request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    """Answer with ``network/admin/<name>.html``; ``title`` is its heading."""
    whole = {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, **context}
    return TemplateResponse(request, f"network/admin/{name}.html", whole)
