"""Teachers for the secretariat."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from stemportal.schools.models import Teacher
from stemportal.schools.services import teachers


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
