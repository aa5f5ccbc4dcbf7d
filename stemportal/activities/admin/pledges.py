"""What partners have pledged."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from stemportal.activities.models import Pledge
from stemportal.activities.pledging import quantity_words
from stemportal.lib.school_year import label


@admin.register(Pledge)
class PledgeAdmin(ModelAdmin):
    """What partners have pledged; they do it themselves, in their rooms."""

    list_display = ["partner", "kind", "amount", "year", "pledged_at", "pledged_by"]
    list_filter = ["school_year", "kind"]
    search_fields = ["partner__display_name", "partner__organisation_number"]
    list_select_related = ["partner", "kind", "pledged_by"]

    @admin.display(description=gettext_lazy("quantity"), ordering="quantity")
    def amount(self, pledge: Pledge) -> str:
        return quantity_words(pledge.kind.pledge_unit, pledge.quantity)

    @admin.display(description=gettext_lazy("programme year"), ordering="school_year")
    def year(self, pledge: Pledge) -> str:
        return label(pledge.school_year)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Pledge | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Pledge | None = None) -> bool:
        return False
