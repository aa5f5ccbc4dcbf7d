"""Bookings for the secretariat. Status moves through services, so that mail and history follow."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from stemportal.schools.models import Attendance, Booking, BookingEvent


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
