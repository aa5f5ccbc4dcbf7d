"""Working groups on the secretariat's desk: made, given a lead, ended; who takes part; what has to be taken away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.accounts.models import User
from stemportal.network.group_errors import GroupError
from stemportal.network.models import DocumentVersion, GroupDocument, GroupMember, Post, WorkingGroup
from stemportal.network.queries.groups import applications_for_secretariat
from stemportal.network.services import group_documents, groups, posts
from stemportal.partners.admin.common import staff
from stemportal.schools.admin.bookings import ReadOnlyInline

Status = GroupMember.Status


class StateFilter(admin.SimpleListFilter):
    """Groups that work, and those that have ended."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("active", _("Works")), ("ended", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkingGroup]) -> QuerySet[WorkingGroup]:
        if self.value() == "active":
            return queryset.filter(ended_at=None)
        return queryset.exclude(ended_at=None) if self.value() == "ended" else queryset


class MemberInline(ReadOnlyInline):
    """Who takes part or is on the way in; changed on the page of the person in the group."""

    model = GroupMember
    fields = ["user", "partner", "status", "notify", "asked_at", "joined_at"]
    ordering = ["status", "joined_at", "pk"]
    per_page = 50
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupMember]:
        return super().get_queryset(request).select_related("user", "partner", "group")


@admin.register(WorkingGroup)
class WorkingGroupAdmin(ModelAdmin):
    """A new lead becomes a member and is told; ending is an action, because people who asked hear of it."""

    list_display = ["name_nb", "lead", "way", "people", "waiting", "last_post", "ended_at"]
    list_filter = [StateFilter, "is_open"]
    list_select_related = ["lead"]
    search_fields = ["name_nb", "name_nn", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_nb"]}
    autocomplete_fields = ["lead"]
    readonly_fields = ["created_at", "ended_at"]
    inlines = [MemberInline]
    actions = ["end_chosen", "reopen_chosen"]
    list_per_page = 50
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["slug", "lead", "is_open", "created_at", "ended_at"]}),
        (_("Norwegian bokmål"), {"fields": ["name_nb", "text_nb"]}),
        (_("Norwegian nynorsk"), {"fields": ["name_nn", "text_nn"]}),
        (_("English"), {"fields": ["name_en", "text_en"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkingGroup]:
        """Each with how many take part and have asked, and the day of its last line, in the same query."""
        last = Post.objects.filter(group=OuterRef("pk")).order_by("-at")
        return (
            super()
            .get_queryset(request)
            .annotate(
                joined=Count("members", filter=Q(members__status=Status.MEMBER), distinct=True),
                asked=Count("members", filter=Q(members__status=Status.APPLIED), distinct=True),
                last_at=Subquery(last.values("at")[:1]),
            )
        )

    @display(description=_("way in"), ordering="is_open")
    def way(self, group: WorkingGroup) -> str:
        return gettext("Open") if group.is_open else gettext("On application")

    @display(description=_("members"), ordering="joined")
    def people(self, group: WorkingGroup) -> int:
        return group.joined  # type: ignore[attr-defined]

    @display(description=_("have asked"), ordering="asked")
    def waiting(self, group: WorkingGroup) -> int:
        return group.asked  # type: ignore[attr-defined]

    @display(description=_("last post"), ordering="last_at")
    def last_post(self, group: WorkingGroup) -> Any:
        return group.last_at  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: WorkingGroup | None = None) -> bool:
        """Groups are ended, not deleted: what they wrote can be read."""
        return False

    def save_model(self, request: HttpRequest, obj: WorkingGroup, form: Any, change: bool) -> None:
        """Write the texts; the lead is appointed by the service, which makes a member and tells the person."""
        chosen: User | None = obj.lead
        if change:
            # Only what was changed: the lead may have been handed over, or the group ended, since the page was read.
            obj.save(update_fields=[name for name in form.changed_data if name != "lead"])
        else:
            obj.lead = None
            obj.save()
        if "lead" in form.changed_data:
            try:
                groups.appoint_lead(group=obj, person=chosen, by=staff(request))
            except GroupError as error:
                messages.error(request, error.words)
        obj.refresh_from_db(fields=["lead"])

    @admin.action(description=_("End the group"), permissions=["change"])
    def end_chosen(self, request: HttpRequest, queryset: QuerySet[WorkingGroup]) -> None:
        """Nothing is added any more; members read on."""
        count = sum(groups.end_group(group=group) for group in queryset)
        text = ngettext("%(count)s group has ended.", "%(count)s groups have ended.", count)
        messages.success(request, text % {"count": count})

    @admin.action(description=_("Let the group work again"), permissions=["change"])
    def reopen_chosen(self, request: HttpRequest, queryset: QuerySet[WorkingGroup]) -> None:
        """As if it had not ended; who had asked asks again."""
        count = sum(groups.reopen_group(group=group) for group in queryset)
        text = ngettext("%(count)s group works again.", "%(count)s groups work again.", count)
        messages.success(request, text % {"count": count})


class WaitingFilter(admin.SimpleListFilter):
    """Those who have asked and whom no lead can answer."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Has asked, and nobody leads the group"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[GroupMember]) -> QuerySet[GroupMember]:
        if self.value() != "waiting":
            return queryset
        return queryset.filter(pk__in=applications_for_secretariat().values("pk"))


class NewMemberForm(forms.ModelForm):
    """Whom the secretariat brings in: invited to say yes, or a member at once."""

    class Meta:
        model = GroupMember
        fields = ["group", "user", "partner", "status"]
        help_texts = {"partner": _("For whom the person takes part. Empty: as a guest of the secretariat.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "status" not in self.fields:
            return
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            (Status.INVITED, gettext("Invite: the person says yes or no")),
            (Status.MEMBER, gettext("A member at once")),
        ]
        self.fields["group"].queryset = WorkingGroup.objects.active()  # type: ignore[attr-defined]

    def _get_validation_exclusions(self) -> set[str]:
        """Once in a group holds for rows; somebody who was in it before comes back in the same one."""
        return super()._get_validation_exclusions() | {"group", "user"}  # type: ignore[misc]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        group, user, partner = data.get("group"), data.get("user"), data.get("partner")
        if user and partner and not partner.memberships.filter(user=user).exists():
            self.add_error("partner", _("This person does not act for this partner."))
        elif partner and not partner.is_approved:
            self.add_error("partner", _("This partner is not approved."))
        here = GroupMember.objects.in_good_standing().filter(group=group, user=user) if group and user else None
        if here is not None and here.filter(status=Status.MEMBER).exists():
            raise ValidationError(_("This person is a member already."))
        return data


@admin.register(GroupMember)
class GroupMemberAdmin(ModelAdmin):
    """People in working groups. Each step is one of the lead's, which the secretariat may take, too."""

    list_display = ["user", "group", "partner", "status", "asked_at", "joined_at"]
    list_filter = [WaitingFilter, "status", ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "group", "partner"]
    search_fields = ["user__email", "user__full_name", "partner__display_name", "group__name_nb"]
    autocomplete_fields = ["user", "partner"]
    ordering = ["-asked_at", "-pk"]
    actions = ["let_in", "decline", "take_out"]
    list_per_page = 50
    show_full_result_count = False
    seen = ["group", "user", "partner", "status", "notify", "message", "asked_at", "joined_at"]

    def get_form(self, request: HttpRequest, obj: GroupMember | None = None, change: bool = False, **kw: Any) -> Any:
        if obj is None:
            kw["form"] = NewMemberForm
        return super().get_form(request, obj, change, **kw)

    def get_fields(self, request: HttpRequest, obj: GroupMember | None = None) -> list[str]:
        return self.seen if obj else ["group", "user", "partner", "status"]

    def get_readonly_fields(self, request: HttpRequest, obj: GroupMember | None = None) -> list[str]:
        return self.seen if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: GroupMember | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: GroupMember, form: Any, change: bool) -> None:
        """Bring the person in; rows that are there are changed by the actions alone."""
        if change:
            return
        group, person, partner = obj.group, obj.user, obj.partner
        try:
            if obj.status == Status.MEMBER:
                made = groups.add_member(group=group, person=person, partner=partner)
            else:
                made = groups.invite_person(group=group, person=person, partner=partner, by=staff(request))
        except GroupError as error:
            messages.error(request, error.words)
            made = GroupMember.objects.filter(group=obj.group, user=obj.user).first() or obj
        obj.pk = made.pk
        obj.status = made.status

    @admin.action(description=_("Let in"), permissions=["change"])
    def let_in(self, request: HttpRequest, queryset: QuerySet[GroupMember]) -> None:
        """Those who have asked; they are told."""
        self._answer(request, queryset, accept=True)

    @admin.action(description=_("Not now"), permissions=["change"])
    def decline(self, request: HttpRequest, queryset: QuerySet[GroupMember]) -> None:
        """Those who have asked; they are told."""
        self._answer(request, queryset, accept=False)

    def _answer(self, request: HttpRequest, queryset: QuerySet[GroupMember], *, accept: bool) -> None:
        done = 0
        for member in queryset.filter(status=Status.APPLIED).select_related("group"):
            try:
                groups.answer_application(member=member, accept=accept, by=staff(request))
            except GroupError as error:
                messages.warning(request, f"{member}: {error.words}")
            else:
                done += 1
        _say(request, done)

    @admin.action(description=_("Take out of the group"), permissions=["change"])
    def take_out(self, request: HttpRequest, queryset: QuerySet[GroupMember]) -> None:
        """Members, who are told, and invitations."""
        done = 0
        for member in queryset.filter(status__in=[Status.MEMBER, Status.INVITED]).select_related("group", "user"):
            try:
                groups.remove_member(member=member, by=staff(request))
            except GroupError as error:
                messages.warning(request, f"{member}: {error.words}")
            else:
                done += 1
        _say(request, done)


def _say(request: HttpRequest, count: int) -> None:
    text = ngettext("%(count)s changed.", "%(count)s changed.", count)
    (messages.success if count else messages.warning)(request, text % {"count": count})


class RemovedFilter(admin.SimpleListFilter):
    """What stands on the pages, and what was taken away."""

    title = _("taken away")
    parameter_name = "removed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Stands there")), ("yes", _("Taken away"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(removed_at__isnull=self.value() == "no") if self.value() else queryset


class ModeratedAdmin(ModelAdmin):
    """What members wrote is theirs: staff read it, take it away, and can put it back for some days."""

    actions = ["take_away", "put_back"]
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.action(description=_("Take away"), permissions=["change"])
    def take_away(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """It stands on no page any more."""
        _say(request, sum(self.take(row) for row in queryset))

    @admin.action(description=_("Put back"), permissions=["change"])
    def put_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """It stands there again."""
        _say(request, sum(self.put(row) for row in queryset))

    def take(self, row: Any) -> bool:
        raise NotImplementedError

    def put(self, row: Any) -> bool:
        raise NotImplementedError


@admin.register(Post)
class PostAdmin(ModeratedAdmin):
    list_display = ["__str__", "group", "by", "at", "removed_at"]
    list_filter = [RemovedFilter, ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["group", "by"]
    search_fields = ["title", "text", "by__email", "by__full_name"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    fields = ["group", "thread", "title", "text", "by", "at", "edited_at", "told_at", "removed_at"]

    def take(self, row: Post) -> bool:
        return posts.remove_post(post=row, moderates=True)

    def put(self, row: Post) -> bool:
        return posts.restore_post(post=row)


class VersionInline(ReadOnlyInline):
    model = DocumentVersion
    fields = ["number", "name", "size", "note", "by", "at"]


@admin.register(GroupDocument)
class GroupDocumentAdmin(ModeratedAdmin):
    list_display = ["title", "group", "added_by", "added_at", "removed_at"]
    list_filter = [RemovedFilter, ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["group", "added_by"]
    search_fields = ["title", "added_by__email", "added_by__full_name"]
    ordering = ["-added_at", "-pk"]
    fields = ["group", "title", "added_by", "added_at", "removed_at"]
    inlines = [VersionInline]

    def take(self, row: GroupDocument) -> bool:
        return group_documents.remove_document(document=row)

    def put(self, row: GroupDocument) -> bool:
        return group_documents.restore_document(document=row)
