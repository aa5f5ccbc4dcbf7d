"""Offers, for the secretariat: kinds and their rules, subjects, curricula, and every activity with its sessions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, TabularInline

from stemportal.activities import services
from stemportal.activities.models import Activity, CurriculumPlan, Goal, Kind, Pledge, Session, Subject
from stemportal.activities.pledging import quantity_words
from stemportal.activities.rules import missing_for_publishing
from stemportal.lib.school_year import label


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
        services.refresh_search(list(obj.activities.values_list("pk", flat=True)))

    def has_delete_permission(self, request: HttpRequest, obj: Kind | None = None) -> bool:
        return obj is None or not (obj.activities.exists() or obj.pledges.exists())

    def get_readonly_fields(self, request: HttpRequest, obj: Kind | None = None) -> list[str]:
        """What has been pledged must not turn from visits into kroner."""
        return ["pledge_unit"] if obj is not None and obj.pledges.exists() else []


@admin.register(Pledge)
class PledgeAdmin(ModelAdmin):
    """What partners have pledged; they do it themselves, in their rooms."""

    list_display = ["partner", "kind", "amount", "year", "pledged_at", "pledged_by"]
    list_filter = ["school_year", "kind"]
    search_fields = ["partner__display_name", "partner__organisation_number"]
    list_select_related = ["partner", "kind", "pledged_by"]

    @admin.display(description=gettext_lazy("quantity"), ordering="quantity")
    def amount(self, pledge: Pledge) -> str:
        return quantity_words(pledge.kind.pledge_unit, pledge.quantity)

    @admin.display(description=gettext_lazy("programme year"), ordering="school_year")
    def year(self, pledge: Pledge) -> str:
        return label(pledge.school_year)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Pledge | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Pledge | None = None) -> bool:
        return False


@admin.register(Subject)
class SubjectAdmin(ModelAdmin):
    list_display = ["name_nb", "name_nn", "name_en", "code", "order"]
    search_fields = ["name_nb", "name_nn", "name_en", "code"]


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


class SessionInline(TabularInline):
    """To look at only: moving or cancelling a session must tell the classes that booked it."""

    model = Session
    fields = ["starts_at", "ends_at", "capacity", "places_taken", "place", "status"]
    readonly_fields = fields
    ordering = ["-starts_at"]
    extra = 0
    max_num = 0
    can_delete = False
    per_page = 20
    tab = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Activity)
class ActivityAdmin(ModelAdmin):
    list_display = ["title", "partner", "kind", "municipality", "format", "status", "views_count", "published_at"]
    list_filter = ["status", "kind", "format", "policy", ("municipality__county", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["title", "partner__display_name", "partner__organisation_number"]
    list_select_related = ["partner", "kind", "municipality"]
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "published_at"
    autocomplete_fields = ["partner", "municipality", "goals"]
    filter_horizontal = ["subjects"]
    readonly_fields = [
        "status",
        "what_is_missing",
        "views_count",
        "latitude",
        "longitude",
        "created_at",
        "updated_at",
        "published_at",
    ]
    inlines = [SessionInline]
    actions = ["publish", "unpublish", "archive"]
    fieldsets = [
        (None, {"fields": ["partner", "kind", "title", "summary", "status", "what_is_missing"]}),
        (
            gettext_lazy("Texts"),
            {"fields": ["description", "learning", "preparation", "follow_up", "practical", "accessibility", "link"]},
        ),
        (
            gettext_lazy("For whom"),
            {"fields": ["grade_from", "grade_to", "languages", "subjects", "goals", "group_max"]},
        ),
        (
            gettext_lazy("Where and how long"),
            {"fields": ["format", "place", "municipality", "reach", "duration_minutes", "grant_amount", "policy"]},
        ),
        (
            gettext_lazy("Safety"),
            {"fields": ["risk_assessed_on", "police_certificate_seen_by", "police_certificate_seen_on"]},
        ),
        (
            gettext_lazy("Facts"),
            {"fields": ["views_count", "latitude", "longitude", "created_at", "updated_at", "published_at"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Activity]:
        return super().get_queryset(request).defer("search", "search_head")

    @admin.display(description=gettext_lazy("missing before it can be published"))
    def what_is_missing(self, obj: Activity) -> SafeString | str:
        """Everything that stops publishing, as the partner sees it too."""
        if obj.pk is None:
            return "–"
        missing = missing_for_publishing(obj)
        return format_html_join("", "<div>{}</div>", [(item.what,) for item in missing]) or _("Nothing")

    def save_model(self, request: HttpRequest, obj: Activity, form: ModelForm[Activity], change: bool) -> None:
        services.set_point(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm[Activity], formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.refresh_search([form.instance.pk])

    def has_delete_permission(self, request: HttpRequest, obj: Activity | None = None) -> bool:
        # Bookings and reports point at it: it is archived, never deleted.
        return False

    @admin.action(description=gettext_lazy("Publish what is complete"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        """Publish each one that lacks nothing; say what the others lack."""
        published = 0
        for activity in queryset:
            try:
                published += services.publish_activity(activity=activity)
            except services.CannotPublish as refusal:
                self.message_user(request, f"{activity}: {refusal}", messages.WARNING)
        text = ngettext("%(number)s offer published.", "%(number)s offers published.", published)
        self.message_user(request, text % {"number": published}, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Take down"))
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        """Hide from teachers; agreements stand."""
        number = sum(services.unpublish_activity(activity=activity) for activity in queryset)
        text = ngettext("%(number)s offer taken down.", "%(number)s offers taken down.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Put away"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Activity]) -> None:
        """Archive; agreements stand."""
        number = sum(services.archive_activity(activity=activity) for activity in queryset)
        text = ngettext("%(number)s offer put away.", "%(number)s offers put away.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)
