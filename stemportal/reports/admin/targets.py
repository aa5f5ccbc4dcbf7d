"""The programme's targets."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from stemportal.reports.models import Target


@admin.register(Target)
class TargetAdmin(ModelAdmin):
    list_display = ["title_nb", "measure", "goal", "due_year"]
    list_filter = ["measure", "is_public"]
