"""The programme's targets."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.lib.school_year import label
from stemportal.reports.models import Target


@admin.register(Target)
class TargetAdmin(ModelAdmin):
    list_display = ["year", "measure", "value"]
    list_filter = ["school_year", "measure"]

    @display(description=_("school year"), ordering="school_year")
    def year(self, target: Target) -> str:
        return label(target.school_year)
