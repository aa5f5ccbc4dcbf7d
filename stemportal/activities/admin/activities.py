"""Every activity with its sessions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, TabularInline

from stemportal.activities import page_parts
from stemportal.activities.admin.filters import OpenedFilter
from stemportal.activities.models import AccessFeature, Activity, ActivityFile, ActivityImage, Language, Session
from stemportal.activities.pictures import url_of
from stemportal.activities.rules import missing_for_publishing
from stemportal.activities.search_index import refresh_search
from stemportal.activities.services import activities as services
from stemportal.activities.services.files import remove_file
from stemportal.activities.services.pictures import remove_picture


class SeveralChoices(forms.MultipleChoiceField):
    """Tick boxes for a column that holds several values."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class ActivityForm(forms.ModelForm):
    """Languages, captions, accessibility and months are chosen, not typed with commas."""

    languages = SeveralChoices(choices=Language.choices, label=gettext_lazy("languages"))
    captions = SeveralChoices(choices=Language.choices, label=gettext_lazy("captions in"))
    access_features = SeveralChoices(choices=AccessFeature.choices, label=gettext_lazy("accessibility, point by point"))
    season_months = forms.TypedMultipleChoiceField(
        choices=[(number, MONTHS[number]) for number in range(1, 13)],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("months in which it is offered"),
    )


class SessionInline(TabularInline):
    """To look at only: moving or cancelling a session must tell the classes that booked it."""

    model = Session
    fields = [
        "starts_at",
        "ends_at",
        "capacity",
        "places_taken",
        "pupil_capacity",
        "pupils_taken",
        "where",
        "place",
        "status",
    ]
    readonly_fields = fields
    ordering = ["-starts_at"]
    extra = 0
    max_num = 0
    can_delete = False
    per_page = 20
    tab = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PictureInline(TabularInline):
    """Partners put pictures up; staff may correct what they are said to show, and take one down."""

    model = ActivityImage
    fields = ["seen", "alt_text", "order"]
    readonly_fields = ["seen"]
    extra = 0
    max_num = 0
    tab = True

    @admin.display(description=gettext_lazy("picture"))
    def seen(self, image: ActivityImage) -> SafeString | str:
        if image.pk is None:
            return "–"
        return format_html('<a href="{}">{}</a>', url_of(image), f"{image.width} x {image.height}")


class FileInline(TabularInline):
    """Partners put files up; staff may correct titles, and take one down."""

    model = ActivityFile
    fields = ["purpose", "title", "fetched", "size"]
    readonly_fields = ["fetched", "size"]
    extra = 0
    max_num = 0
    tab = True

    @admin.display(description=gettext_lazy("file"))
    def fetched(self, file: ActivityFile) -> SafeString | str:
        if file.pk is None:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("activities:file", args=[file.pk]), file.title)


@admin.register(Activity)
class ActivityAdmin(ModelAdmin):
    form = ActivityForm
    list_display = ["title", "partner", "kind", "municipality", "format", "status", "views_count", "published_at"]
    list_filter = [
        "status",
        OpenedFilter,
        "kind",
        "format",
        "policy",
        ("municipality__county", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["title", "partner__display_name", "partner__organisation_number"]
    list_select_related = ["partner", "kind", "municipality"]
    list_per_page = 50
    show_full_result_count = False
    change_form_outer_before_template = "activities/admin/parts.html"
    parts = page_parts.above_facts
    date_hierarchy = "published_at"
    autocomplete_fields = ["partner", "municipality", "goals"]
    filter_horizontal = ["subjects", "serves"]
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
    inlines = [SessionInline, PictureInline, FileInline]
    actions = ["publish", "unpublish", "archive"]
    fieldsets = [
        (None, {"fields": ["partner", "kind", "title", "summary", "status", "what_is_missing"]}),
        (
            gettext_lazy("Texts"),
            {
                "fields": [
                    "description",
                    "learning",
                    "programme",
                    "preparation",
                    "follow_up",
                    "bring",
                    "practical",
                    "safety",
                    "getting_there",
                    "accessibility",
                    "access_features",
                    "link",
                    "captions",
                    "transcript",
                ]
            },
        ),
        (
            gettext_lazy("For whom"),
            {"fields": ["grade_from", "grade_to", "languages", "subjects", "goals", "group_max"]},
        ),
        (
            gettext_lazy("Where and how long"),
            {
                "fields": [
                    "format",
                    "place",
                    "municipality",
                    "reach",
                    "serves",
                    "season_months",
                    "duration_minutes",
                    "grant_amount",
                    "policy",
                ]
            },
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

    @admin.display(description=gettext_lazy("missing before it can be published"))
    def what_is_missing(self, obj: Activity) -> SafeString | str:
        """Everything that stops publishing, as the partner sees it too."""
        if obj.pk is None:
            return "–"
        missing = missing_for_publishing(obj)
        return format_html_join("", "<div>{}</div>", [(item.what,) for item in missing]) or _("Nothing")

    def save_model(self, request: HttpRequest, obj: Activity, form: ModelForm[Activity], change: bool) -> None:
        services.set_point(obj)
        # An editor that is open in the partner's room must not save over this unseen.
        obj.revision += 1
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: ModelForm[Activity], formset: Any, change: bool) -> None:
        """Pictures and files go with what is kept of them in the storage."""
        for changed in formset.save(commit=False):
            changed.save()
        for gone in formset.deleted_objects:
            if isinstance(gone, ActivityImage):
                remove_picture(image=gone)
            elif isinstance(gone, ActivityFile):
                remove_file(file=gone)

    def save_related(self, request: HttpRequest, form: ModelForm[Activity], formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        refresh_search([form.instance.pk])

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
