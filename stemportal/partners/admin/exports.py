"""Copies that partners have made of their data: that they were made, and why one failed. Never what is in them."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.partners.models import DataExport


@admin.register(DataExport)
class DataExportAdmin(ModelAdmin):
    """To read only: a copy is the partner's own, so there is no way to fetch it from here."""

    list_display = ["partner", "state", "requested_at", "requested_by", "built_at", "expires_at"]
    list_filter = ["status"]
    list_select_related = ["partner", "requested_by"]
    search_fields = ["partner__display_name", "partner__organisation_number"]
    list_per_page = 50
    fields = [
        "partner",
        "status",
        "requested_at",
        "requested_by",
        "attempts",
        "done",
        "total",
        "size",
        "built_at",
        "expires_at",
        "error",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: DataExport | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DataExport | None = None) -> bool:
        return False

    @display(
        description=_("status"),
        ordering="status",
        label={"waiting": "info", "building": "warning", "ready": "success", "failed": "danger"},
    )
    def state(self, export: DataExport) -> tuple[str, str]:
        return export.status, str(export.get_status_display())
