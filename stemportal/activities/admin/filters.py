"""Filters of the secretariat's lists that need more than a field's values."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import Activity, UnmetSearch
from stemportal.activities.queries.exposure import unseen


class OpenedFilter(admin.SimpleListFilter):
    """Published offers that nobody opened in 60 days."""

    title = _("opened")
    parameter_name = "opened"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("not", _("By nobody in 60 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> QuerySet[Activity]:
        return unseen(queryset).filter(partner__status="approved") if self.value() == "not" else queryset


class AnsweredFilter(admin.SimpleListFilter):
    """What waits for an answer; without a choice the list has everything."""

    title = _("answer")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waits")), ("given", _("Answered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UnmetSearch]) -> QuerySet[UnmetSearch]:
        if self.value() == "waiting":
            return queryset.filter(answered_at__isnull=True)
        return queryset.filter(answered_at__isnull=False) if self.value() == "given" else queryset
