"""Schools and the mail domains of their owners for the secretariat."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.lib.school_year import bounds, current_school_year
from stemportal.places.models import Municipality
from stemportal.schools.admin.bookings import ReadOnlyInline
from stemportal.schools.models import Booking, OwnerDomain, School, SchoolChange, Teacher
from stemportal.schools.queries.schools import change_words


class MunicipalityFilter(admin.SimpleListFilter):
    """The municipalities of the county that is chosen; without one there would be 357 to choose from."""

    title = _("municipality")
    parameter_name = "municipality"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        county = request.GET.get("municipality__county__id__exact", "")
        chosen = request.GET.get(self.parameter_name, "")
        found = Municipality.objects.filter(valid_to=None)
        if county.isdecimal() and len(county) < 10:
            found = found.filter(county=int(county))
        else:
            found = found.filter(number=chosen[:4])
        return [(number, name) for number, name in found.values_list("number", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[School]) -> QuerySet[School]:
        return queryset.filter(municipality__number=self.value()) if self.value() else queryset


class GradesFilter(admin.SimpleListFilter):
    """By what the school teaches; one that teaches both is found under both."""

    title = _("grades")
    parameter_name = "grades"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("lower", _("8th to 10th grade")),
            ("upper", _("Vg1 to Vg3")),
            ("both", _("Both")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[School]) -> QuerySet[School]:
        lower, upper = Q(grade_from__lte=10), Q(grade_to__gte=11)
        chosen = {"lower": lower, "upper": upper, "both": lower & upper}.get(self.value() or "")
        return queryset.filter(chosen) if chosen else queryset


class OpenFilter(admin.SimpleListFilter):
    """Open and closed schools, and closed ones of which nobody has said which school carries them on."""

    title = _("open or closed")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("yes", _("Open")),
            ("closed", _("Closed")),
            ("teachers", _("Closed, with teachers and no school that carries it on")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[School]) -> QuerySet[School]:
        if self.value() == "teachers":
            return queryset.filter(_has_teachers(), is_active=False, successor=None)
        return queryset.filter(is_active=self.value() == "yes") if self.value() else queryset


class TeachersFilter(admin.SimpleListFilter):
    """Schools where nobody uses the portal yet."""

    title = _("teachers")
    parameter_name = "teachers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("Without teachers")), ("some", _("With teachers"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[School]) -> QuerySet[School]:
        if self.value() == "none":
            return queryset.filter(~_has_teachers())
        return queryset.filter(_has_teachers()) if self.value() == "some" else queryset


class BookingsFilter(admin.SimpleListFilter):
    """Schools without any visit: this school year, or since the beginning."""

    title = _("bookings")
    parameter_name = "bookings"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("none", _("Without bookings")),
            ("none_this_year", _("Without bookings this school year")),
            ("some", _("With bookings")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[School]) -> QuerySet[School]:
        booked = Booking.objects.filter(school=OuterRef("pk"))
        if self.value() == "none":
            return queryset.filter(~Exists(booked))
        if self.value() == "none_this_year":
            start, end = bounds(current_school_year())
            this_year = Q(session__starts_at__gte=start, session__starts_at__lt=end)
            this_year |= Q(session=None, proposed_at__gte=start, proposed_at__lt=end)
            return queryset.filter(~Exists(booked.filter(this_year)))
        return queryset.filter(Exists(booked)) if self.value() == "some" else queryset


def _has_teachers() -> Exists:
    return Exists(Teacher.objects.filter(school=OuterRef("pk"), status=Teacher.Status.VERIFIED))


class ChangeInline(ReadOnlyInline):
    """What the register changed at the school, the newest first."""

    model = SchoolChange
    verbose_name_plural = _("Changes from the school register")
    fields = ["run", "kind", "what"]
    readonly_fields = ["what"]
    ordering = ["-run__started_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SchoolChange]:
        return super().get_queryset(request).select_related("run", "school")

    @display(description=_("facts"))
    def what(self, change: SchoolChange) -> str:
        return change_words(change)


@admin.register(School)
class SchoolAdmin(ModelAdmin):
    list_display = ["name", "municipality", "ownership", "grade_from", "grade_to", "pupils", "is_active"]
    list_filter = [
        OpenFilter,
        "municipality__county",
        MunicipalityFilter,
        GradesFilter,
        "ownership",
        TeachersFilter,
        BookingsFilter,
    ]
    search_fields = ["name", "number", "municipality__name"]
    list_select_related = ["municipality"]
    list_per_page = 50
    autocomplete_fields = ["municipality", "successor"]
    change_form_outer_before_template = "schools/admin/school_links.html"
    readonly_fields = ["closed_on", "register_changed_at"]
    inlines = [ChangeInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "number",
                    "ownership",
                    "language_form",
                    ("grade_from", "grade_to"),
                    "pupils",
                    "municipality",
                    "address",
                    ("latitude", "longitude"),
                    "point_is_exact",
                ],
                "description": _("What is changed here stays until the register changes the school itself."),
            },
        ),
        (
            _("Open or closed"),
            {
                "fields": ["is_active", "closed_on", "successor", "register_changed_at"],
                "description": _(
                    "The register does not say which school carries on a closed one: choose it here, and its teachers "
                    "are told. A school that you close yourself stays closed, whatever the register says."
                ),
            },
        ),
    ]


@admin.register(OwnerDomain)
class OwnerDomainAdmin(ModelAdmin):
    list_display = ["domain", "county", "municipality", "school"]
    search_fields = ["domain", "municipality__name", "county__name", "school__name"]
    list_select_related = ["county", "municipality", "school"]
    autocomplete_fields = ["county", "municipality", "school"]
