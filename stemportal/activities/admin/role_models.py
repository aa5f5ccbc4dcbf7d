"""Role models on the secretariat's desk: to look at and to hide. Partners write the profiles, their people consent."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, TabularInline

from stemportal.activities.models import RoleModel, RoleModelConsent
from stemportal.activities.services import role_models as services


class ReadOnlyInline(TabularInline):
    """Rows that nobody changes."""

    extra = 0
    max_num = 0
    can_delete = False
    tab = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ConsentInline(ReadOnlyInline):
    """What the person was asked and answered; never the link."""

    model = RoleModelConsent
    fields = ["asked_at", "given_at", "withdrawn_at", "text"]
    readonly_fields = fields


class ChangeInline(ReadOnlyInline):
    """Every state of the profile, as the database itself wrote it down."""

    model = apps.get_model("activities", "RoleModelChange")
    fk_name = "pgh_obj"
    verbose_name_plural = gettext_lazy("History")
    fields = ["pgh_created_at", "pgh_label", "status", "full_name", "job_title", "intro", "consented_at"]
    readonly_fields = fields
    ordering = ["-pgh_id"]
    per_page = 20


@admin.register(RoleModel)
class RoleModelAdmin(ModelAdmin):
    """Changing a profile must tell its person, so it is done in the partner's room; here it can be hidden."""

    list_display = ["name", "job_title", "partner", "status", "consented_at", "published_at"]
    list_filter = [
        "status",
        "visits_schools",
        "meets_online",
        ("counties", admin.RelatedOnlyFieldListFilter),
        ("subjects", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["full_name", "email", "job_title", "partner__display_name", "partner__organisation_number"]
    list_select_related = ["partner"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [ConsentInline, ChangeInline]
    actions = ["hide"]
    fieldsets = [
        (None, {"fields": ["full_name", "email", "partner", "status", "offer"]}),
        (gettext_lazy("Texts"), {"fields": ["job_title", "intro", "path", "way", "film_link", "picture", "photo_alt"]}),
        (
            gettext_lazy("For whom"),
            {
                "fields": [
                    "subjects",
                    "languages",
                    "grade_from",
                    "grade_to",
                    "visits_schools",
                    "counties",
                    "meets_online",
                ]
            },
        ),
        (
            gettext_lazy("Facts"),
            {"fields": ["language", "consented_at", "published_at", "created_at", "updated_at"]},
        ),
    ]

    @admin.display(description=gettext_lazy("name"), ordering="full_name")
    def name(self, obj: RoleModel) -> str:
        """The name, or a dash where it is deleted."""
        return str(obj)

    @admin.display(description=gettext_lazy("the way there, step by step"))
    def way(self, obj: RoleModel) -> SafeString | str:
        """The steps, one a line."""
        steps = [(step.get("year", ""), step.get("text", "")) for step in obj.steps]
        return format_html_join("", "<div>{} {}</div>", steps) or "–"

    @admin.display(description=gettext_lazy("photo"))
    def picture(self, obj: RoleModel) -> SafeString | str:
        """The photo, small."""
        portrait = obj.portrait
        if portrait is None:
            return "–"
        return format_html('<img src="{}" alt="{}" width="120" loading="lazy">', portrait.url, obj.photo_alt)

    @admin.action(description=gettext_lazy("Hide"))
    def hide(self, request: HttpRequest, queryset: QuerySet[RoleModel]) -> None:
        """Take the profiles off the pages; agreements stand."""
        number = sum(services.hide_role_model(role_model=role_model) for role_model in queryset)
        text = ngettext("%(number)s role model hidden.", "%(number)s role models hidden.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)

    def get_readonly_fields(self, request: HttpRequest, obj: RoleModel | None = None) -> list[str]:
        """Everything: a change would have to tell the person."""
        return [name for _title, group in self.fieldsets for name in group["fields"]]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RoleModel | None = None) -> bool:
        return False
