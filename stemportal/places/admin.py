"""Counties, municipalities and postal codes: for looking up; they come from the registers."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from stemportal.places.models import County, Municipality, PostalCode


@admin.register(County)
class CountyAdmin(ModelAdmin):
    list_display = ["number", "name", "country", "valid_from", "valid_to"]
    search_fields = ["name", "number"]


@admin.register(Municipality)
class MunicipalityAdmin(ModelAdmin):
    list_display = ["number", "name", "county", "language_form"]
    list_filter = ["county", "language_form"]
    search_fields = ["name", "number"]
    list_select_related = ["county"]


@admin.register(PostalCode)
class PostalCodeAdmin(ModelAdmin):
    list_display = ["code", "place", "municipality"]
    search_fields = ["code", "place"]
    list_select_related = ["municipality"]
    autocomplete_fields = ["municipality"]
