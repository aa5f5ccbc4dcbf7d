"""The history of a partner: every change, who made it and when."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from stemportal.partners.admin.common import page, partner_to_view
from stemportal.partners.queries.history import history_of


def history(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened to a partner, its members, signatures and promises, the newest first."""
    partner = partner_to_view(model_admin, request, pk)
    entries = history_of(partner, request.GET.get("page"))
    title = _("History of %(partner)s") % {"partner": partner}
    return page(model_admin, request, "history", title, partner=partner, here="history", entries=entries)
