"""Curricula and their competence goals."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from stemportal.activities.models import CurriculumPlan, Goal


@admin.register(CurriculumPlan)
class CurriculumPlanAdmin(ModelAdmin):
    list_display = ["code", "title", "level", "valid_from", "valid_to", "successor"]
    search_fields = ["code", "title"]
    list_filter = ["level"]
    list_select_related = ["successor"]
    autocomplete_fields = ["successor"]


@admin.register(Goal)
class GoalAdmin(ModelAdmin):
    list_display = ["code", "plan", "after_grade", "text_nb"]
    search_fields = ["code", "text_nb", "text_en"]
    list_filter = ["plan", "after_grade"]
    list_select_related = ["plan"]
    autocomplete_fields = ["plan"]
