"""Bookings for the secretariat. Status moves through services, so that mail and history follow."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.places.models import County
from stemportal.schools.admin import desk, hand_held, overview
from stemportal.schools.models import Attendance, Booking, BookingEvent
from stemportal.schools.queries.overview import BUCKETS, bucket

Status = Booking.Status
# (from, to) in whole days since it was asked.
AGES = {"0-1": (0, 1), "2-5": (2, 5), "6-10": (6, 10), "11-": (11, None)}
PARTNERS_TO_CHOOSE = 40
FEWEST = 5


class OverdueFilter(admin.SimpleListFilter):
    """Requests by their deadline."""

    title = _("deadline")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Past the deadline")), *BUCKETS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        if self.value() == "yes" or self.value() in BUCKETS:
            return queryset.filter(bucket(str(self.value())), status=Status.REQUESTED)
        return queryset


class AgeFilter(admin.SimpleListFilter):
    """Bookings by how long ago they were asked for."""

    title = _("asked")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("0-1", _("Today or yesterday")),
            ("2-5", _("2–5 days ago")),
            ("6-10", _("6–10 days ago")),
            ("11-", _("More than 10 days ago")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        if self.value() not in AGES:
            return queryset
        first, last = AGES[str(self.value())]
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        queryset = queryset.filter(created_at__lt=today - timedelta(days=first - 1))
        return queryset if last is None else queryset.filter(created_at__gte=today - timedelta(days=last))


class CountyFilter(admin.SimpleListFilter):
    """Where the school is; whoever looks after counties finds them together."""

    title = _("county")
    parameter_name = "county"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        mine = [("mine", _("The counties I look after"))] if overview.own_counties(request) else []
        counties = County.objects.filter(country="NO", valid_to=None).order_by("number")
        return [*mine, *((str(county.pk), county.name) for county in counties), ("none", "Svalbard")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        value = self.value() or ""
        if value == "mine":
            return queryset.filter(school__municipality__county__in=overview.own_counties(request))
        if value == "none":
            return queryset.filter(school__municipality=None)
        return queryset.filter(school__municipality__county=int(value)) if value.isdecimal() else queryset


class PartnerFilter(admin.SimpleListFilter):
    """The partner that was chosen elsewhere, and those with requests to answer; others are found by the search."""

    title = _("partner")
    parameter_name = "activity__partner__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        asked = request.GET.get(self.parameter_name, "")
        waiting = Count("activities__bookings", filter=Q(activities__bookings__status=Status.REQUESTED))
        busy = Partner.objects.annotate(waiting=waiting).filter(waiting__gt=0).order_by("-waiting", "display_name")
        found = list(busy.values_list("pk", "display_name")[:PARTNERS_TO_CHOOSE])
        if asked.isdecimal() and len(asked) < 10 and int(asked) not in dict(found):
            found += Partner.objects.filter(pk=int(asked)).values_list("pk", "display_name")
        return [(str(pk), name) for pk, name in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        value = self.value() or ""
        return queryset.filter(activity__partner=int(value)) if value.isdecimal() and len(value) < 10 else queryset


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
    fields = ["pupils", "girls_told", "confirmed_by", "confirmed_at"]
    readonly_fields = ["girls_told"]

    @display(description=_("girls"))
    def girls_told(self, attendance: Attendance) -> str:
        """A count under five is the school's own."""
        if attendance.girls is None:
            return "–"
        return str(attendance.girls if attendance.girls >= FEWEST else _("fewer than five"))


@admin.register(Booking)
class BookingAdmin(ModelAdmin):
    list_display = ["activity", "partner", "school", "group_name", "state", "answer_by", "asked"]
    list_filter = ["status", OverdueFilter, AgeFilter, CountyFilter, PartnerFilter, "activity__kind"]
    search_fields = [
        "activity__title",
        "activity__partner__display_name",
        "school__name",
        "school__number",
        "group_name",
        "teacher__email",
        "teacher__full_name",
    ]
    list_select_related = ["activity__partner", "school"]
    list_per_page = 50
    # Named one by one: what a group needs is for the school and those who receive it, nobody else.
    fields = [
        "activity",
        "teacher",
        "made_by",
        "school_class",
        "adults",
        "travel",
        "same_time_reason",
        "message",
        "reply",
        "created_at",
        "reply_by",
        "answered_at",
        "waitlisted_at",
        "offer_until",
    ]
    inlines = [EventInline, AttendanceInline]
    actions = ["remind_selected", "answer_selected", "write_selected"]
    show_full_result_count = False
    view_on_site = False
    change_form_outer_before_template = "schools/admin/booking_desk.html"
    list_before_template = "schools/admin/booking_links.html"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """A partner's page in the admin leads to its bookings."""
        return lookup == PartnerFilter.parameter_name or super().lookup_allowed(lookup, value, request)

    # Who may do what: looking is one right, acting for somebody another. Nothing is changed in the form.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Booking | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Booking | None = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the person may remind, answer for a partner and write to both."""
        return request.user.has_perm("schools.change_booking")

    def has_hand_hold_permission(self, request: HttpRequest) -> bool:
        """Whether the person may book for a school."""
        return request.user.has_perm("schools.add_booking")

    # Columns.

    @display(description=_("partner"), ordering="activity__partner__display_name")
    def partner(self, booking: Booking) -> str:
        return booking.activity.partner.display_name

    @display(
        description=_("status"),
        ordering="status",
        label={
            Status.REQUESTED: "warning",
            Status.OFFERED: "warning",
            Status.WAITLISTED: "info",
            Status.CONFIRMED: "success",
            Status.COMPLETED: "success",
            Status.EXPIRED: "danger",
        },
    )
    def state(self, booking: Booking) -> tuple[str, str]:
        return booking.status, booking.get_status_display()

    @display(description=_("answer by"), ordering="reply_by", label={"late": "danger", "time": "info"})
    def answer_by(self, booking: Booking) -> tuple[str, str] | str:
        if booking.status != Status.REQUESTED or booking.reply_by is None:
            return "–"
        return ("late" if booking.reply_by < timezone.localdate() else "time"), f"{booking.reply_by:%Y-%m-%d}"

    @display(description=_("asked"), ordering="created_at")
    def asked(self, booking: Booking) -> str:
        """How long ago, for what still is open; the day for the rest."""
        if booking.status in {Status.REQUESTED, Status.OFFERED, Status.WAITLISTED}:
            return timesince(booking.created_at, depth=1)
        return f"{timezone.localtime(booking.created_at):%Y-%m-%d}"

    # The page of one booking, and pages beside the list.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        booking = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if booking is not None and self.has_view_permission(request, booking):
            context |= desk.desk_of(booking, may_act=self.has_act_permission(request))
            if request.user.has_perm("outbox.view_mail"):
                context["mails"] = Mail.objects.about(f"booking:{booking.pk}").order_by("-created_at", "-pk")[:50]
        return super().change_view(request, object_id, form_url, context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"may_hand_hold": self.has_hand_hold_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(partial(view, self)), name=f"schools_booking_{name}")

        return [
            page("overview/", overview.open_requests, "overview"),
            page("unseen/", overview.unseen, "unseen"),
            page("unseen/export/", overview.export_unseen, "unseen_export"),
            page("for-school/", hand_held.book, "hand_held"),
            page("<int:pk>/remind/", desk.remind, "remind"),
            page("<int:pk>/answer/", desk.answer, "answer"),
            page("<int:pk>/write/", desk.write, "write"),
            *super().get_urls(),
        ]

    # Actions on chosen rows.

    @admin.action(description=_("Remind the partner now"), permissions=["act"])
    def remind_selected(self, request: HttpRequest, queryset: QuerySet[Booking]) -> None:
        reminded, left = desk.remind_all(request, queryset)
        if reminded:
            text = ngettext("%(count)s reminder is on its way.", "%(count)s reminders are on their way.", reminded)
            messages.success(request, text % {"count": reminded})
        if left:
            text = ngettext(
                "%(count)s was left out: it is answered, or the partner was reminded less than a day ago.",
                "%(count)s were left out: they are answered, or the partner was reminded less than a day ago.",
                left,
            )
            messages.warning(request, text % {"count": left})

    @admin.action(description=_("Answer for the partner …"), permissions=["act"])
    def answer_selected(self, request: HttpRequest, queryset: QuerySet[Booking]) -> HttpResponse:
        return self._lead_to(request, queryset, "answer")

    @admin.action(description=_("Write to both …"), permissions=["act"])
    def write_selected(self, request: HttpRequest, queryset: QuerySet[Booking]) -> HttpResponse:
        return self._lead_to(request, queryset, "write")

    def _lead_to(self, request: HttpRequest, queryset: QuerySet[Booking], page: str) -> HttpResponse:
        """Each answer and each letter is about one booking: lead to its page."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            messages.warning(request, _("Choose one booking at a time."))
            return redirect("admin:schools_booking_changelist")
        return redirect(f"admin:schools_booking_{page}", chosen[0].pk)
