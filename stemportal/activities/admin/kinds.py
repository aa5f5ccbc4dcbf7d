"""Kinds of offer with their rules, and subjects."""

from __future__ import annotations

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from stemportal.activities.models import Kind, Subject
from stemportal.activities.search_index import refresh_search


@admin.register(Kind)
class KindAdmin(ModelAdmin):
    """What can be offered: ``fields``, ``required`` and ``guards`` say what is asked and what stops publishing."""

    list_display = ["name_nb", "code", "unit", "pledge_unit", "guards", "order", "is_active"]
    list_filter = ["is_active", "unit"]
    search_fields = ["name_nb", "name_nn", "name_en", "code"]
    fieldsets = [
        (None, {"fields": ["code", "icon", "order", "is_active"]}),
        (gettext_lazy("Names"), {"fields": ["name_nb", "name_nn", "name_en"]}),
        (gettext_lazy("Explanations"), {"fields": ["help_nb", "help_nn", "help_en"]}),
        (gettext_lazy("Rules"), {"fields": ["unit", "pledge_unit", "formats", "fields", "required", "guards"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Kind, form: ModelForm[Kind], change: bool) -> None:
        super().save_model(request, obj, form, change)
        # Its name is among the words that are searched.
        refresh_search(list(obj.activities.values_list("pk", flat=True)))

    def has_delete_permission(self, request: HttpRequest, obj: Kind | None = None) -> bool:
        return obj is None or not (obj.activities.exists() or obj.pledges.exists())

    def get_readonly_fields(self, request: HttpRequest, obj: Kind | None = None) -> list[str]:
        """What has been pledged must not turn from visits into kroner."""
        return ["pledge_unit"] if obj is not None and obj.pledges.exists() else []


@admin.register(Subject)
class SubjectAdmin(ModelAdmin):
    list_display = ["name_nb", "name_nn", "name_en", "code", "order"]
    search_fields = ["name_nb", "name_nn", "name_en", "code"]
