"""The secretariat's desk: the queue of applications, and a partner's page with everything needed to decide on it.

The status of a partner is never a form field: every move is an action on POST (``admin.decisions``), so that history
and mail happen.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F, Field, QuerySet, URLField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.partners import extensions
from stemportal.partners.admin import decisions, history, merging, notes
from stemportal.partners.admin.common import staff, tabs
from stemportal.partners.admin.exporting import ExportMixin
from stemportal.partners.admin.filters import DepartedContactFilter
from stemportal.partners.admin.inlines import MembershipInline
from stemportal.partners.admin.queue_filters import FollowUpFilter, ResponsibleFilter, StatusFilter
from stemportal.partners.admin.register import TroubleFilter
from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.partners.models import Partner
from stemportal.partners.queries.desk import REGISTER_ANSWERS, desk_of
from stemportal.partners.services.decisions import approve_partner
from stemportal.partners.services.members import LastOwnerStays, keeping_an_owner

Status = Partner.Status


class PartnerForm(forms.ModelForm):
    """Facts that staff may mend."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, value in list(data.items()):
            if isinstance(value, str):
                try:
                    without_personal_number(value)
                except ValidationError as error:
                    self.add_error(name, error)
        return data


@admin.register(Partner)
class PartnerAdmin(ExportMixin, ModelAdmin):
    form = PartnerForm
    list_filter = [
        StatusFilter,
        "kind",
        "register_status",
        ResponsibleFilter,
        FollowUpFilter,
        DepartedContactFilter,
        TroubleFilter,
        "municipality__county",
    ]
    search_fields = ["display_name", "legal_name", "organisation_number", "contact_name", "contact_email"]
    list_select_related = ["municipality", "responsible"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["applied_at"]
    actions = ["approve_selected", "decline_selected", "look_after_selected", "export_csv", "export_xlsx"]
    inlines = [MembershipInline]
    warn_unsaved_form = True
    change_form_outer_before_template = "partners/admin/desk.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("organisation_number", "country"),
                    ("legal_name", "display_name"),
                    ("kind", "website"),
                    "about",
                    ("sector_code", "sector_name"),
                    ("parent_number", "parent_name"),
                    "employees",
                ]
            },
        ),
        (_("Place"), {"fields": ["address", ("postal_code", "postal_place"), "municipality"]}),
        (_("Contact person"), {"fields": [("contact_name", "contact_role"), "contact_email"]}),
        (
            _("Partnership"),
            {
                "fields": [
                    "responsible",
                    ("status", "applied_at"),
                    ("decided_at", "ended_at"),
                    "merged_into",
                    "decline_reason",
                    "slug",
                ]
            },
        ),
    ]
    readonly_fields = [
        "organisation_number",
        "country",
        "status",
        "applied_at",
        "decided_at",
        "ended_at",
        "merged_into",
        "decline_reason",
        "slug",
    ]

    # Who may do what.

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Partners come in through the form, with a signature and a confirmed number."""
        return False

    def get_list_display(self, request: HttpRequest) -> list[str]:
        may_decide = self.has_change_permission(request)
        columns = ["waits", "register_said", "responsible", "kind", "municipality", "state"]
        return ["display_name", "decide", *columns] if may_decide else ["display_name", *columns]

    def has_delete_permission(self, request: HttpRequest, obj: Partner | None = None) -> bool:
        """Only what never became a partner, one at a time; a partnership ends, it does not vanish."""
        may_go = obj is not None and obj.status in {Status.UNCONFIRMED, Status.DECLINED}
        return may_go and super().has_delete_permission(request, obj)

    def view_on_site(self, obj: Partner) -> str | None:
        """The public page, once there is one."""
        return obj.get_absolute_url() if obj.is_approved else None

    # Columns.

    @display(
        description=_("status"),
        ordering="status",
        label={
            Status.UNCONFIRMED: "info",
            Status.APPLIED: "warning",
            Status.APPROVED: "success",
            Status.DECLINED: "danger",
        },
    )
    def state(self, partner: Partner) -> tuple[str, str]:
        return partner.status, partner.get_status_display()

    @display(description=_("has waited"), ordering="applied_at")
    def waits(self, partner: Partner) -> str:
        """How long an application has waited; of others there is nothing to tell."""
        return timesince(partner.applied_at, depth=1) if partner.status == Status.APPLIED else "–"

    @display(description=_("the register"), ordering="register_status")
    def register_said(self, partner: Partner) -> str:
        return str(REGISTER_ANSWERS.get(partner.register_status, _("Not asked")))

    @display(description=_("decide"))
    def decide(self, partner: Partner) -> SafeString | str:
        """A button that sends the list's own form to the approval, so one click decides and nothing happens on GET."""
        if partner.status != Status.APPLIED:
            return "–"
        return render_to_string("partners/admin/decide.html", {"partner": partner})

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    # The page of one partner.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        partner = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if partner is not None and self.has_view_permission(request, partner):
            context |= {"tab_list": tabs(request, partner, "facts"), "desk": desk_of(partner)}
        try:
            return super().change_view(request, object_id, form_url, context)
        except LastOwnerStays:
            # Two people took one owner each at the same time: the form could not see it, the database did.
            messages.error(request, _("Somebody must own the partner. Nothing was saved."))
            return redirect("admin:partners_partner_change", object_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own history knows what was done in the admin; ours knows everything."""
        return history.history(self, request, int(object_id) if object_id.isdecimal() else 0)

    def save_model(self, request: HttpRequest, obj: Partner, form: forms.ModelForm, change: bool) -> None:
        """Save only what was changed, so that a decision made meanwhile is not undone.

        Counting the revision up tells a member who edits the page now (``services.organisation``).
        """
        if form.changed_data:
            obj.revision = F("revision") + 1
            obj.save(update_fields=[*form.changed_data, "revision"])
        if "display_name" in form.changed_data:
            for tell in extensions.name_changed:
                tell(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        with keeping_an_owner():
            super().save_related(request, form, formsets, change)

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(partial(view, self)), name=f"partners_partner_{name}")

        one = [
            page(f"<int:pk>/{name}/", getattr(decisions, name), name)
            for name in ("approve", "decline", "pause", "resume", "end", "reopen")
        ]
        return [
            page("decline/", decisions.decline_chosen, "decline_chosen"),
            *one,
            page("<int:pk>/notes/", notes.notes, "notes"),
            page("<int:pk>/notes/<int:note_pk>/done/", notes.note_done, "note_done"),
            page("<int:pk>/merge/", merging.find, "merge_find"),
            page("<int:pk>/merge/<int:other_pk>/", merging.merge, "merge"),
            *super().get_urls(),
        ]

    # Actions on chosen rows.

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Our own, and those that later apps add."""
        added = {
            found.name: (found.act, found.name, found.label)
            for found in extensions.admin_actions
            if request.user.has_perm(found.right)
        }
        return {**super().get_actions(request), **added}

    @admin.action(description=_("Approve the chosen applications"), permissions=["change"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Partner]) -> None:
        chosen = list(queryset)
        approved = sum(approve_partner(partner=partner, by=staff(request)) for partner in chosen)
        if approved:
            text = ngettext("%(count)s application is approved.", "%(count)s applications are approved.", approved)
            messages.success(request, text % {"count": approved})
        decisions.tell_left(request, len(chosen) - approved)

    @admin.action(description=_("Decline the chosen applications …"), permissions=["change"])
    def decline_selected(self, request: HttpRequest, queryset: QuerySet[Partner]) -> HttpResponse:
        """Lead to the page that asks for the reason; nothing has happened yet."""
        ids = [str(pk) for pk in queryset.values_list("pk", flat=True)[: decisions.AT_ONCE + 1]]
        if len(ids) > decisions.AT_ONCE:
            text = _("Choose at most %(count)s at a time, so that somebody reads them.")
            messages.warning(request, text % {"count": decisions.AT_ONCE})
            return redirect("admin:partners_partner_changelist")
        return HttpResponseRedirect(f"{reverse('admin:partners_partner_decline_chosen')}?ids={','.join(ids)}")

    @admin.action(description=_("I look after the chosen ones"), permissions=["change"])
    def look_after_selected(self, request: HttpRequest, queryset: QuerySet[Partner]) -> None:
        count = Partner.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))).update(
            responsible=staff(request)
        )
        text = ngettext("You look after %(count)s partner.", "You look after %(count)s partners.", count)
        messages.success(request, text % {"count": count})
