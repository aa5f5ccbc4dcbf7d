"""Engagement levels: the secretariat writes them for each programme year, and sees who picked which."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.lib.school_year import label
from stemportal.partners.models import Engagement, Level
from stemportal.partners.queries.engagement import with_picked_count
from stemportal.partners.services import engagement as services


@admin.register(Level)
class LevelAdmin(ModelAdmin):
    """What a partner can pick. One that somebody has picked keeps its year and code, and is not deleted."""

    list_display = ["name_nb", "year", "code", "order", "picked_by"]
    list_filter = ["school_year"]
    search_fields = ["name_nb", "name_nn", "name_en", "code"]
    actions = ["copy_to_next_year"]
    fieldsets = [
        (None, {"fields": [("school_year", "code", "order")]}),
        (_("Names"), {"fields": ["name_nb", "name_nn", "name_en"]}),
        (_("Norwegian bokmål"), {"fields": ["description_nb", "expects_nb", "offers_nb"]}),
        (_("Norwegian nynorsk"), {"fields": ["description_nn", "expects_nn", "offers_nn"]}),
        (_("English"), {"fields": ["description_en", "expects_en", "offers_en"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Level]:
        return with_picked_count(super().get_queryset(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["school_year", "code"] if obj is not None and obj.picked_count else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str]:
        return {"school_year": str(services.open_years()[-1])} | super().get_changeform_initial_data(request)

    @display(description=_("programme year"), ordering="school_year")
    def year(self, level: Level) -> str:
        return label(level.school_year)

    @display(description=_("picked by"), ordering="picked_count")
    def picked_by(self, level: Any) -> SafeString:
        text = ngettext("%(count)s partner", "%(count)s partners", level.picked_count) % {"count": level.picked_count}
        address = reverse("admin:partners_engagement_changelist")
        return format_html('<a href="{}?level__id__exact={}">{}</a>', address, level.pk, text)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only on its own page and only while nobody has picked it."""
        return obj is not None and not obj.engagements.exists() and super().has_delete_permission(request, obj)

    @admin.action(description=_("Copy to the next programme year"), permissions=["add"])
    def copy_to_next_year(self, request: HttpRequest, queryset: QuerySet[Level]) -> None:
        """Copy each one; a level that the next year has already stays as it is there."""
        asked = len(queryset)
        copied = services.copy_levels(levels=queryset)
        text = ngettext("%(count)s level copied.", "%(count)s levels copied.", copied) % {"count": copied}
        if copied < asked:
            text = f"{text} {gettext('The others are there already.')}"
        self.message_user(request, text, messages.SUCCESS if copied else messages.WARNING)


@admin.register(Engagement)
class EngagementAdmin(ModelAdmin):
    """Who has picked which level; partners pick themselves, in their rooms."""

    list_display = ["partner", "level", "year", "chosen_at", "chosen_by"]
    list_filter = ["school_year", "level"]
    search_fields = ["partner__display_name", "partner__organisation_number"]
    list_select_related = ["partner", "level", "chosen_by"]

    @display(description=_("programme year"), ordering="school_year")
    def year(self, engagement: Engagement) -> str:
        return label(engagement.school_year)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Engagement | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Engagement | None = None) -> bool:
        return False
