"""Schools and the mail domains of their owners for the secretariat."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from stemportal.schools.models import OwnerDomain, School


@admin.register(School)
class SchoolAdmin(ModelAdmin):
    list_display = ["name", "municipality", "ownership", "grade_from", "grade_to", "is_active"]
    list_filter = ["is_active", "ownership", "municipality__county"]
    search_fields = ["name", "number", "municipality__name"]
    list_select_related = ["municipality"]
    autocomplete_fields = ["municipality"]


@admin.register(OwnerDomain)
class OwnerDomainAdmin(ModelAdmin):
    list_display = ["domain", "county", "municipality", "school"]
    search_fields = ["domain", "municipality__name", "county__name", "school__name"]
    list_select_related = ["county", "municipality", "school"]
    autocomplete_fields = ["county", "municipality", "school"]
