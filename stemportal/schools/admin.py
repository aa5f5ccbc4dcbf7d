"""Schools, teachers and bookings for the secretariat. Status moves through actions, so that mail and history follow."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from stemportal.schools.models import Attendance, Booking, BookingEvent, OwnerDomain, School, Teacher
from stemportal.schools.services import teachers


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


@admin.register(Teacher)
class TeacherAdmin(ModelAdmin):
    list_display = ["user", "school", "municipality", "status", "verified_how", "created_at"]
    list_filter = ["status", "verified_how"]
    search_fields = ["user__email", "user__full_name", "school__name"]
    list_select_related = ["user", "school__municipality"]
    readonly_fields = ["user", "status", "verified_how", "verified_at", "created_at"]
    autocomplete_fields = ["school"]
    actions = ["approve", "decline"]

    @admin.display(description=_("municipality"))
    def municipality(self, teacher: Teacher) -> str:
        return teacher.school.place_name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("Approve the chosen teachers"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> None:
        count = 0
        for teacher in queryset.exclude(status=Teacher.Status.VERIFIED).select_related("user", "school"):
            teachers.verify_teacher(teacher=teacher, how=Teacher.VerifiedHow.STAFF)
            count += 1
        text = ngettext("%(count)s teacher can book now.", "%(count)s teachers can book now.", count)
        messages.success(request, text % {"count": count})

    @admin.action(description=_("Decline the chosen teachers"), permissions=["change"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> None:
        count = 0
        for teacher in queryset.filter(status=Teacher.Status.PENDING).select_related("user", "school"):
            teachers.decline_teacher(teacher=teacher)
            count += 1
        text = ngettext("%(count)s teacher was declined and told.", "%(count)s teachers were declined and told.", count)
        messages.success(request, text % {"count": count})


class OverdueFilter(admin.SimpleListFilter):
    """Requests that should have been answered."""

    title = _("deadline")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [("yes", _("Past the deadline"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        if self.value() == "yes":
            return queryset.filter(status=Booking.Status.REQUESTED, reply_by__lt=timezone.localdate())
        return queryset


class ReadOnlyInline(TabularInline):
    """Facts that pages write and staff read."""

    extra = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class EventInline(ReadOnlyInline):
    model = BookingEvent
    fields = ["at", "by", "from_status", "to_status", "note"]


class AttendanceInline(ReadOnlyInline):
    model = Attendance
    fields = ["pupils", "girls", "confirmed_by", "confirmed_at"]


@admin.register(Booking)
class BookingAdmin(ModelAdmin):
    list_display = ["activity", "school", "group_name", "pupils", "status", "reply_by", "created_at"]
    list_filter = ["status", OverdueFilter, "school__municipality__county"]
    search_fields = ["activity__title", "activity__partner__display_name", "school__name", "teacher__email"]
    list_select_related = ["activity", "school"]
    exclude = ["needs"]
    inlines = [EventInline, AttendanceInline]
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """A partner's page in the admin leads to its bookings."""
        return lookup == "activity__partner__id__exact" or super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Booking | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Booking | None = None) -> bool:
        return False
