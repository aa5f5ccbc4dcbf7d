"""Teachers for the secretariat: who waits, who coordinates, who has left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from stemportal.accounts.models import User
from stemportal.schools.models import Teacher
from stemportal.schools.services import teachers


def _who(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


class ForUsFilter(admin.SimpleListFilter):
    """What the secretariat is asked about, and nobody at the school answers."""

    title = _("asks the secretariat")
    parameter_name = "asks"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [("approval", _("Waits for the secretariat")), ("coordinator", _("Would like to be coordinator"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> QuerySet[Teacher]:
        if self.value() == "approval":
            return queryset.filter(status=Teacher.Status.PENDING, secretariat_asked_at__isnull=False)
        if self.value() == "coordinator":
            return queryset.filter(pk__in=Teacher.objects.wanting_to_coordinate())
        return queryset


class SeveralSchoolsFilter(admin.SimpleListFilter):
    """People who work at more than one school."""

    title = _("schools")
    parameter_name = "schools"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, Any]]:
        return [("several", _("At several schools")), ("closed", _("At a closed school"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> QuerySet[Teacher]:
        here = [Teacher.Status.VERIFIED, Teacher.Status.PENDING]
        if self.value() == "several":
            other = Teacher.objects.filter(user=OuterRef("user"), status__in=here).exclude(pk=OuterRef("pk"))
            return queryset.filter(Exists(other), status__in=here)
        if self.value() == "closed":
            return queryset.filter(school__is_active=False, status__in=here)
        return queryset


@admin.register(Teacher)
class TeacherAdmin(ModelAdmin):
    list_display = ["user", "school", "municipality", "status", "role", "verified_how", "created_at"]
    list_filter = [
        "status",
        "role",
        ForUsFilter,
        SeveralSchoolsFilter,
        "verified_how",
        "from_feide",
        "school__municipality__county",
    ]
    search_fields = ["user__email", "user__full_name", "school__name"]
    list_select_related = ["user", "school__municipality"]
    # A person's school is not changed but ended, and another one begun: bookings and approvals belong to it.
    readonly_fields = [
        "user",
        "school",
        "other_schools",
        "status",
        "role",
        "verified_how",
        "verified_at",
        "verified_by",
        "is_main",
        "from_feide",
        "asked_at",
        "secretariat_asked_at",
        "coordinator_asked_at",
        "ended_at",
        "created_at",
    ]
    fields = readonly_fields
    actions = ["approve", "decline", "make_coordinator", "make_teacher", "end"]

    @admin.display(description=_("municipality"))
    def municipality(self, teacher: Teacher) -> str:
        return teacher.school.place_name

    @admin.display(description=_("other schools"))
    def other_schools(self, teacher: Teacher) -> str:
        others = Teacher.objects.filter(user=teacher.user_id).exclude(pk=teacher.pk).select_related("school")
        return ", ".join(f"{other.school} ({other.get_status_display()})" for other in others) or "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def _each(self, queryset: QuerySet[Teacher], act: Callable[[Teacher], object]) -> int:
        return sum(bool(act(teacher)) for teacher in queryset.select_related("user", "school__municipality"))

    @admin.action(description=_("Approve the chosen teachers"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> None:
        count = self._each(
            queryset.exclude(status=Teacher.Status.VERIFIED),
            lambda teacher: teachers.verify_teacher(teacher=teacher, how=Teacher.VerifiedHow.STAFF, by=_who(request)),
        )
        text = ngettext("%(count)s teacher can book now.", "%(count)s teachers can book now.", count)
        messages.success(request, text % {"count": count})

    @admin.action(description=_("Decline the chosen teachers"), permissions=["change"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> None:
        count = self._each(queryset, lambda teacher: teachers.decline_teacher(teacher=teacher))
        text = ngettext("%(count)s teacher was declined and told.", "%(count)s teachers were declined and told.", count)
        messages.success(request, text % {"count": count})

    @admin.action(description=_("Make coordinators of the chosen teachers"), permissions=["change"])
    def make_coordinator(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> None:
        count = self._each(queryset, lambda teacher: teachers.make_coordinator(teacher=teacher, by=_who(request)))
        text = ngettext("%(count)s teacher is coordinator now.", "%(count)s teachers are coordinators now.", count)
        messages.success(request, text % {"count": count})

    @admin.action(description=_("Let the chosen coordinators be teachers only"), permissions=["change"])
    def make_teacher(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> None:
        count = self._each(queryset, lambda teacher: teachers.resign_as_coordinator(teacher=teacher))
        text = ngettext(
            "%(count)s coordinator is a teacher only now.", "%(count)s coordinators are teachers only now.", count
        )
        messages.success(request, text % {"count": count})

    @admin.action(description=_("The chosen ones have left their school"), permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[Teacher]) -> None:
        count = self._each(queryset, lambda teacher: teachers.end_teacher(teacher=teacher, by=_who(request)))
        text = ngettext(
            "%(count)s teacher has left, and the open bookings went to colleagues.",
            "%(count)s teachers have left, and their open bookings went to colleagues.",
            count,
        )
        messages.success(request, text % {"count": count})
