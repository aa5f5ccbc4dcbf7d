"""Comparing partners with Enhetsregisteret: the runs with their progress, and what they propose to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from stemportal.partners.admin.common import staff
from stemportal.partners.models import Partner, RegisterProposal, RegisterRun
from stemportal.partners.queries.register import compared, in_trouble, with_place_names
from stemportal.partners.register_compare import FACTS
from stemportal.partners.services import register_proposals, register_refresh

Status = RegisterRun.Status


class TroubleFilter(admin.SimpleListFilter):
    """Of the list of partners: those in the programme that the register calls deleted or bankrupt."""

    title = _("trouble in the register")
    parameter_name = "register"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("trouble", _("Deleted or bankrupt"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        return queryset.filter(pk__in=in_trouble().values("pk")) if self.value() else queryset


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the portal writes; staff decide with buttons."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RegisterRun)
class RegisterRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "state", "how_far", "proposed", "flagged", "unanswered", "started_by"]
    list_filter = ["status"]
    list_select_related = ["started_by"]
    list_per_page = 25
    actions_list = ["start"]

    def has_start_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("partners.add_registerrun")

    @display(
        description=_("status"),
        ordering="status",
        label={Status.RUNNING: "warning", Status.STOPPED: "danger", Status.DONE: "success"},
    )
    def state(self, run: RegisterRun) -> tuple[str, str]:
        return run.status, str(run.get_status_display())

    @display(description=_("compared"))
    def how_far(self, run: RegisterRun) -> str:
        return gettext("%(done)s of %(all)s") % {"done": run.done, "all": run.total}

    @action(description=_("Compare now"), url_path="start", icon="sync", permissions=["start"])
    def start(self, request: HttpRequest) -> HttpResponse:
        """Says what will happen; POST starts the comparison and shows its progress."""
        if request.method == "POST":
            try:
                run = register_refresh.start_run(by=staff(request))
            except register_refresh.RefreshError as error:
                messages.error(request, str(error))
                return redirect("admin:partners_registerrun_changelist")
            return redirect("admin:partners_registerrun_change", run.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Compare with the register"),
            "partners": compared().count(),
            "per_second": settings.BRREG_REQUESTS_PER_SECOND,
        }
        return TemplateResponse(request, "partners/admin/register_start.html", context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/stop/", view(self.stop), name="partners_registerrun_stop"),
            path("<int:pk>/resume/", view(self.resume), name="partners_registerrun_resume"),
            *super().get_urls(),
        ]

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST only: a link to it just leads back to the run."""
        run = self._run(request, pk)
        if request.method == "POST" and not register_refresh.stop_run(run=run):
            messages.warning(request, gettext("It was not running any more."))
        return redirect("admin:partners_registerrun_change", pk)

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST only, as above."""
        run = self._run(request, pk)
        if request.method == "POST":
            try:
                register_refresh.resume_run(run=run)
            except register_refresh.RefreshError as error:
                messages.error(request, str(error))
        return redirect("admin:partners_registerrun_change", pk)

    def _run(self, request: HttpRequest, pk: int) -> RegisterRun:
        if not self.has_start_permission(request):
            raise PermissionDenied
        run = RegisterRun.objects.filter(pk=pk).first()
        if run is None:
            raise Http404
        return run

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The run's page is its progress. htmx asks for the changing part only; without scripts there is a link."""
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Comparison with the register"),
            "run": run,
            "percent": min(100, 100 * run.done // run.total) if run.total else 100,
            "may_start": self.has_start_permission(request),
        }
        part = "#progress" if request.headers.get("HX-Request") else ""
        return TemplateResponse(request, f"partners/admin/register_run.html{part}", context)


class WaitingFilter(admin.SimpleListFilter):
    """By what was decided; without a choice the list is what waits."""

    title = _("status")
    parameter_name = "status__exact"
    everything = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*RegisterProposal.Status.choices, (self.everything, _("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        chosen = self.value() or RegisterProposal.Status.WAITING
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == chosen, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[RegisterProposal]) -> QuerySet[RegisterProposal]:
        chosen = self.value() or RegisterProposal.Status.WAITING
        return queryset if chosen == self.everything else queryset.filter(status=chosen)


class FactFilter(admin.SimpleListFilter):
    """By the fact that differs."""

    title = _("fact")
    parameter_name = "field"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, fact.label) for name, fact in FACTS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RegisterProposal]) -> QuerySet[RegisterProposal]:
        return queryset.filter(field=self.value()) if self.value() else queryset


@admin.register(RegisterProposal)
class RegisterProposalAdmin(ReadOnlyAdmin):
    """A list to decide from: choose rows, accept or reject."""

    list_display = ["who", "what", "we_have", "register_has", "state", "found_at", "decided_by"]
    list_display_links = None
    list_filter = [WaitingFilter, FactFilter]
    list_select_related = ["partner", "decided_by"]
    search_fields = ["partner__display_name", "partner__organisation_number"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["found_at", "pk"]
    actions = ["accept", "reject"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisterProposal]:
        return with_place_names(super().get_queryset(request))

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("partners.change_registerproposal")

    @display(description=_("partner"), ordering="partner__display_name")
    def who(self, proposal: RegisterProposal) -> SafeString:
        return format_html(
            '<a class="underline" href="{}">{}</a>',
            reverse("admin:partners_partner_change", args=[proposal.partner_id]),
            proposal.partner,
        )

    @display(description=_("fact"), ordering="field")
    def what(self, proposal: RegisterProposal) -> str:
        return str(FACTS[proposal.field].label) if proposal.field in FACTS else proposal.field

    @display(description=_("we have"))
    def we_have(self, proposal: Any) -> str:
        return _with_place(proposal, proposal.ours, proposal.our_place) or "–"

    @display(description=_("the register has"))
    def register_has(self, proposal: Any) -> str:
        return _with_place(proposal, proposal.theirs, proposal.their_place)

    @display(
        description=_("status"),
        ordering="status",
        label={"waiting": "warning", "accepted": "success", "rejected": "danger", "outdated": "info"},
    )
    def state(self, proposal: RegisterProposal) -> tuple[str, str]:
        return proposal.status, str(proposal.get_status_display())

    @admin.action(description=_("Accept: write what the register has"), permissions=["decide"])
    def accept(self, request: HttpRequest, queryset: QuerySet[RegisterProposal]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        decided = register_proposals.accept_proposals(proposal_ids=ids, by=staff(request))
        if decided.accepted:
            text = ngettext("%(count)s fact was changed.", "%(count)s facts were changed.", decided.accepted)
            messages.success(request, text % {"count": decided.accepted})
        if decided.outdated:
            text = ngettext(
                "%(count)s was changed here meanwhile and stays as it is.",
                "%(count)s were changed here meanwhile and stay as they are.",
                decided.outdated,
            )
            messages.warning(request, text % {"count": decided.outdated})
        _tell_decided_before(request, len(ids) - decided.accepted - decided.outdated)

    @admin.action(description=_("Reject: keep what we have"), permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[RegisterProposal]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        rejected = register_proposals.reject_proposals(proposal_ids=ids, by=staff(request))
        if rejected:
            text = ngettext(
                "%(count)s proposal is rejected and will not come again.",
                "%(count)s proposals are rejected and will not come again.",
                rejected,
            )
            messages.success(request, text % {"count": rejected})
        _tell_decided_before(request, len(ids) - rejected)


def _with_place(proposal: RegisterProposal, text: str, place: str | None) -> str:
    """A municipality by its number and name; other facts as they are."""
    return f"{text} {place}" if proposal.field == "municipality" and place else text


def _tell_decided_before(request: HttpRequest, count: int) -> None:
    if count:
        text = ngettext("%(count)s was decided before.", "%(count)s were decided before.", count)
        messages.warning(request, text % {"count": count})
