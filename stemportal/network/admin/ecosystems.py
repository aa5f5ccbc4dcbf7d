"""The regional networks on the desk of the secretariat: their texts, counties, coordinator and members by name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from stemportal.network.models import Ecosystem, EcosystemArea, EcosystemMember


class AreaInline(TabularInline):
    model = EcosystemArea
    extra = 0
    tab = True
    autocomplete_fields = ["county"]


class MemberInline(TabularInline):
    """Schools, organisations and partners from outside; approved partners of the counties belong to it anyway."""

    model = EcosystemMember
    extra = 0
    tab = True
    autocomplete_fields = ["partner", "school"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EcosystemMember]:
        return super().get_queryset(request).select_related("partner", "school")


@admin.register(Ecosystem)
class EcosystemAdmin(ModelAdmin):
    """Approved partners of the counties are members without anybody adding them."""

    list_display = ["name_nb", "where", "coordinator", "is_active", "order"]
    list_filter = ["is_active"]
    list_select_related = ["coordinator"]
    search_fields = ["name_nb", "name_nn", "name_en"]
    autocomplete_fields = ["coordinator"]
    prepopulated_fields = {"slug": ["name_nb"]}
    inlines = [AreaInline, MemberInline]
    fieldsets = [
        (None, {"fields": [("slug", "order", "is_active"), "coordinator", "contact_email"]}),
        (_("Norwegian bokmål"), {"fields": ["name_nb", "text_nb"]}),
        (_("Norwegian nynorsk"), {"fields": ["name_nn", "text_nn"]}),
        (_("English"), {"fields": ["name_en", "text_en"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ecosystem]:
        return super().get_queryset(request).prefetch_related("counties")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The address of a page stays as it is once it is known."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    @display(description=_("counties"))
    def where(self, ecosystem: Ecosystem) -> str:
        return ", ".join(county.name for county in ecosystem.counties.all()) or "–"
