"""Curricula and their goals. Grep's facts: an import writes them, staff say to which subject a plan belongs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from stemportal.activities.models import CurriculumPlan, Goal


class InForceFilter(admin.SimpleListFilter):
    """In force today, over, or still to come."""

    title = gettext_lazy("validity")
    parameter_name = "validity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("in_force", gettext_lazy("in force")),
            ("expired", gettext_lazy("expired")),
            ("heirless", gettext_lazy("expired, without a successor")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Goals know it themselves; a plan has only its own days."""
        today = timezone.localdate()
        if queryset.model is Goal:
            over = Q(valid_to__lte=today) | Q(plan__valid_to__lte=today)
            begun = Q(valid_from__gt=today) | Q(plan__valid_from__gt=today)
        else:
            over, begun = Q(valid_to__lte=today), Q(valid_from__gt=today)
        match self.value():
            case "in_force":
                return queryset.exclude(over).exclude(begun)
            case "expired":
                return queryset.filter(over)
            case "heirless":
                return queryset.filter(over, successor__isnull=True)
        return queryset


@admin.register(CurriculumPlan)
class CurriculumPlanAdmin(ModelAdmin):
    list_display = ["code", "title", "subject", "level", "valid_from", "valid_to", "successor"]
    search_fields = ["code", "title"]
    list_filter = [InForceFilter, "subject", "level"]
    list_select_related = ["subject", "successor"]
    autocomplete_fields = ["successor", "subject"]


@admin.register(Goal)
class GoalAdmin(ModelAdmin):
    list_display = ["code", "plan", "after_grade", "text_nb", "valid_from", "valid_to", "successor"]
    search_fields = ["code", "text_nb", "text_nn", "text_en"]
    list_filter = [InForceFilter, "plan", "after_grade"]
    list_select_related = ["plan", "successor"]
    autocomplete_fields = ["plan", "successor"]
    readonly_fields = ["goal_set"]
