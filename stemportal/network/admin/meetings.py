"""Meetings on the secretariat's desk: written, announced, invited to, counted and told of afterwards."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet, Sum, URLField
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from stemportal.network.admin import meeting_desk as desk
from stemportal.network.forms.meeting_desk import MeetingForm
from stemportal.network.models import Meeting, ProgrammeItem, Rsvp
from stemportal.network.services.meetings import change_meeting, delete_file
from stemportal.network.services.rsvp import MeetingError, take_off_list
from stemportal.partners.admin.common import staff
from stemportal.schools.admin.bookings import ReadOnlyInline


class ProgrammeInline(TabularInline):
    """The programme, line by line."""

    model = ProgrammeItem
    extra = 1
    tab = True
    max_num = 100


class ChangeInline(ReadOnlyInline):
    """Every state of the meeting, as the database itself wrote it down."""

    model = apps.get_model("network", "MeetingChange")
    fk_name = "pgh_obj"
    verbose_name_plural = _("History")
    fields = ["pgh_created_at", "pgh_label", "status", "starts_at", "ends_at", "place", "capacity", "rsvp_until"]
    readonly_fields = fields
    ordering = ["-pgh_id"]
    per_page = 20


class AttendanceFilter(admin.SimpleListFilter):
    """Meetings that are over, without a word about who came."""

    title = _("who came")
    parameter_name = "attendance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("missing", _("Over, not noted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Meeting]) -> QuerySet[Meeting]:
        if self.value() != "missing":
            return queryset
        return queryset.filter(pk__in=Meeting.objects.without_attendance().values("pk"))


@admin.register(Meeting)
class MeetingAdmin(ModelAdmin):
    """Status never changes by saving: each step is a page of its own, because people hear of it."""

    form = MeetingForm
    list_display = ["title_nb", "kind", "state", "starts_at", "coming", "waiting", "unanswered", "came"]
    list_filter = ["status", AttendanceFilter, "kind", "ecosystem", "group"]
    search_fields = ["title_nb", "title_nn", "title_en", "place"]
    date_hierarchy = "starts_at"
    ordering = ["-starts_at", "-pk"]
    show_full_result_count = False
    list_per_page = 50
    inlines = [ProgrammeInline, ChangeInline]
    change_form_before_template = "network/admin/meeting_desk.html"
    fieldsets = [
        (None, {"fields": ["kind", "ecosystem", "group", "is_public"]}),
        (_("Norwegian bokmål"), {"fields": ["title_nb", "text_nb"]}),
        (_("Norwegian nynorsk"), {"fields": ["title_nn", "text_nn"]}),
        (_("English"), {"fields": ["title_en", "text_en"]}),
        (_("Time and place"), {"fields": ["starts_at", "ends_at", "place", "address", "video_link"]}),
        (
            _("Invitation"),
            {"fields": ["audience", "counties", "capacity", "guests_at_most", "asks_diet", "rsvp_until"]},
        ),
        (_("Afterwards"), {"fields": ["minutes"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        """Each with how many said what, in the same query."""
        status = Rsvp.Status
        return (
            super()
            .get_queryset(request)
            .annotate(
                wait=Count("rsvps", filter=Q(rsvps__status=status.WAITING)),
                silent=Count("rsvps", filter=Q(rsvps__status=status.INVITED)),
                there=Sum("rsvps__came"),
            )
        )

    @display(
        description=_("status"),
        ordering="status",
        label={Meeting.Status.PUBLISHED: "success", Meeting.Status.CANCELLED: "danger"},
    )
    def state(self, meeting: Meeting) -> tuple[str, str]:
        return meeting.status, meeting.get_status_display()

    @display(description=_("come"), ordering="places_taken")
    def coming(self, meeting: Meeting) -> str:
        return f"{meeting.places_taken} / {meeting.capacity}" if meeting.capacity else str(meeting.places_taken)

    @display(description=_("wait"), ordering="wait")
    def waiting(self, meeting: Meeting) -> int:
        return meeting.wait  # type: ignore[attr-defined]

    @display(description=_("no answer"), ordering="silent")
    def unanswered(self, meeting: Meeting) -> int:
        return meeting.silent  # type: ignore[attr-defined]

    @display(description=_("came"), ordering="there")
    def came(self, meeting: Meeting) -> str:
        """How many were there; where that can be noted, the way to the page for it."""
        there: int | None = meeting.there  # type: ignore[attr-defined]
        if meeting.status != Meeting.Status.PUBLISHED or not meeting.has_begun:
            return "–"
        url = reverse("admin:network_meeting_attendance", args=[meeting.pk])
        return format_html('<a class="underline" href="{}">{}</a>', url, _("Note it") if there is None else there)

    def has_delete_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """What was announced is called off and stays; a draft may go."""
        if obj is not None and obj.status != Meeting.Status.DRAFT:
            return False
        return super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Meeting) -> None:
        """Files of a draft leave the storage with it."""
        for file_id in list(obj.files.values_list("pk", flat=True)):
            delete_file(file_id=file_id)
        super().delete_model(request, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A link that is typed without its beginning is https."""
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deletion of many at once, announced ones among them."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Meeting, form: Any, change: bool) -> None:
        """Write what was changed under the lock that answers take; those who come are told of a new time or place."""
        if not change:
            obj.organiser = staff(request)
            obj.save()
            return
        fields = [name for name in form.changed_data if name != "counties"]
        try:
            told = change_meeting(meeting=obj, fields=fields)
        except MeetingError as error:
            messages.error(request, error.words)
            return
        if told:
            messages.info(request, _("Those who come get a mail about it, with a new entry for their calendar."))

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(partial(view, self)), name=f"network_meeting_{name}")

        return [
            page("<int:pk>/publish/", desk.publish, "publish"),
            page("<int:pk>/invite/", desk.invite, "invite"),
            page("<int:pk>/invite-person/", desk.invite_one, "invite_person"),
            page("<int:pk>/call-off/", desk.call_off, "call_off"),
            page("<int:pk>/door/", desk.door, "door"),
            page("<int:pk>/attendance/", desk.attendance, "attendance"),
            page("<int:pk>/walk-in/", desk.walk_in, "walk_in"),
            page("<int:pk>/files/", desk.files, "files"),
            page("<int:pk>/minutes/", desk.minutes, "minutes"),
            *super().get_urls(),
        ]


@admin.register(Rsvp)
class RsvpAdmin(ModelAdmin):
    """Answers, to look at; people give them themselves. A place can be taken back for those who wait."""

    list_display = ["user", "meeting", "side", "status", "guests", "answered_at", "came"]
    list_filter = ["status", "meeting__kind"]
    search_fields = ["user__full_name", "user__email", "meeting__title_nb", "partner__display_name", "school__name"]
    list_select_related = ["user", "meeting", "partner", "school"]
    show_full_result_count = False
    list_per_page = 100
    actions = ["take_off"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Lead from a meeting to its answers."""
        return lookup == "meeting__id__exact" or super().lookup_allowed(lookup, value, request)

    @display(description=_("comes for"))
    def side(self, rsvp: Rsvp) -> str:
        return str(rsvp.partner or rsvp.school or "–")

    def get_fields(self, request: HttpRequest, obj: Rsvp | None = None) -> list[str]:
        """All but the secret of the mailed link, and dietary needs: the kitchen gets them without names."""
        hidden = {"id", "token", "told_sequence", "diet"}
        return [field.name for field in self.opts.fields if field.name not in hidden]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Rsvp | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Rsvp | None = None) -> bool:
        return False

    def has_take_off_permission(self, request: HttpRequest) -> bool:
        """Those whose right it is to change answers."""
        return request.user.has_perm("network.change_rsvp")

    @admin.action(description=_("Take off the list and tell them"), permissions=["take_off"])
    def take_off(self, request: HttpRequest, queryset: QuerySet[Rsvp]) -> None:
        """Each by itself; the places go to those who wait."""
        done = sum(
            take_off_list(rsvp_id=pk) for pk in queryset.order_by("meeting_id", "pk").values_list("pk", flat=True)
        )
        text = ngettext("%(count)s person is off the list.", "%(count)s people are off the list.", done)
        messages.success(request, text % {"count": done})
