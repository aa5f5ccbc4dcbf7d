"""What partners say they did outside the portal. No school has confirmed it; the secretariat reads, partners write."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from stemportal.activities.models import OwnWord


@admin.register(OwnWord)
class OwnWordAdmin(ModelAdmin):
    """Read only, and without numbers of pupils: one under five could be worked out from the year's sum."""

    list_display = ["partner", "title", "kind", "held_on", "hours"]
    list_filter = ["kind", "held_on"]
    date_hierarchy = "held_on"
    search_fields = ["partner__display_name", "partner__organisation_number", "title"]
    list_select_related = ["partner", "kind"]
    list_per_page = 25
    fields = ["partner", "title", "kind", "held_on", "hours", "note", "said_by", "said_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OwnWord | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OwnWord | None = None) -> bool:
        return False
