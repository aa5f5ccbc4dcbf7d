"""The secretariat's desk for reports: look, check, publish, build again, begin a new version.

The status of a report is never a form field: every move is an action on POST, so that its history and its mail happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from stemportal.lib.stored_files import stored_file
from stemportal.partners.admin.common import staff
from stemportal.reports.admin.runs import BUILD_RIGHT, MOST_CHOSEN, build_again, read_ids, to_run
from stemportal.reports.documents.partner import headline, key_figures
from stemportal.reports.documents.tables import tables
from stemportal.reports.documents.words import number
from stemportal.reports.figures.figures import Figures
from stemportal.reports.models import PartnerReport, PartnerReportFile
from stemportal.reports.queries import reports as queries
from stemportal.reports.services import checking, publishing, runs, versions

Status = PartnerReport.Status
DECIDE_RIGHT = "reports.change_partnerreport"
NAMED = 12


class ReasonForm(forms.Form):
    """Why there is a new version: the partner reads it in its mail, and everybody on the page that confirms it."""

    reason = forms.CharField(
        label=_("Why there is a new version"),
        help_text=_("The partner reads it in the mail, and it stands on the page that confirms the report."),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    ids = forms.CharField(widget=forms.HiddenInput)

    def clean_ids(self) -> list[int]:
        return read_ids(self.cleaned_data["ids"]) or []


@admin.register(PartnerReport)
class PartnerReportAdmin(ModelAdmin):
    list_display = ["partner", "what_year", "version", "state", "visits", "pupils", "built_at", "published_at"]
    list_filter = ["status", "is_preview", "period_kind", "year"]
    list_select_related = ["partner"]
    search_fields = ["partner__display_name", "partner__organisation_number", "code"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["check_chosen", "publish_chosen", "back_chosen", "again_chosen", "new_versions"]

    # Who may do what.

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Reports are begun by a run."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PartnerReport | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PartnerReport | None = None) -> bool:
        """What was published stays; what was not is thrown away on its page."""
        return False

    def has_build_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(BUILD_RIGHT)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(DECIDE_RIGHT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PartnerReport]:
        return super().get_queryset(request).defer("foreword", "esg_text")

    # Columns.

    @display(description=_("year"), ordering="year")
    def what_year(self, report: PartnerReport) -> str:
        return gettext("%(year)s so far") % {"year": report.period.label} if report.is_preview else report.period.label

    @display(
        description=_("status"),
        ordering="status",
        label={
            Status.WAITING: "info",
            Status.BUILDING: "info",
            Status.DRAFT: "warning",
            Status.CHECKED: "warning",
            Status.PUBLISHED: "success",
            Status.FAILED: "danger",
        },
    )
    def state(self, report: PartnerReport) -> tuple[str, str]:
        return report.status, state_of(report)

    @display(description=_("visits"))
    def visits(self, report: PartnerReport) -> str:
        return number(report.figures["visits"]) if report.figures else "–"

    @display(description=_("pupils"))
    def pupils(self, report: PartnerReport) -> str:
        return number(report.figures["pupils"]) if report.figures else "–"

    # Actions on chosen rows.

    @admin.action(description=_("Check the chosen drafts: they are right"), permissions=["decide"])
    def check_chosen(self, request: HttpRequest, queryset: QuerySet[PartnerReport]) -> None:
        check(request, ids_of(queryset))

    @admin.action(description=_("Publish the chosen, checked ones"), permissions=["decide"])
    def publish_chosen(self, request: HttpRequest, queryset: QuerySet[PartnerReport]) -> None:
        publish(request, ids_of(queryset))

    @admin.action(description=_("Back to draft"), permissions=["decide"])
    def back_chosen(self, request: HttpRequest, queryset: QuerySet[PartnerReport]) -> None:
        back(request, ids_of(queryset))

    @admin.action(description=_("Build again, with the figures of today"), permissions=["build"])
    def again_chosen(self, request: HttpRequest, queryset: QuerySet[PartnerReport]) -> None:
        build_again(request, ids_of(queryset))

    @admin.action(description=_("New versions of published ones …"), permissions=["decide"])
    def new_versions(self, request: HttpRequest, queryset: QuerySet[PartnerReport]) -> HttpResponse:
        """Lead to the page that asks for the reason; nothing has happened yet."""
        ids = ids_of(queryset[: MOST_CHOSEN + 1])
        if len(ids) > MOST_CHOSEN:
            text = gettext("Choose at most %(count)s at a time, so that somebody reads them.")
            messages.warning(request, text % {"count": MOST_CHOSEN})
            return redirect("admin:reports_partnerreport_changelist")
        return HttpResponseRedirect(f"{reverse('admin:reports_partnerreport_versions')}?ids={','.join(map(str, ids))}")

    # Pages.

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("versions/", view(self.versions), name="reports_partnerreport_versions"),
            path("file/<int:pk>/", view(self.file), name="reports_partnerreport_file"),
            path("<int:pk>/act/", view(self.act), name="reports_partnerreport_act"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All there is to see before a decision. htmx asks for the state only, as long as a worker is at it."""
        found = PartnerReport.objects.select_related("partner", "run", "words_by", "checked_by", "published_by")
        report = get_object_or_404(found, pk=object_id if object_id.isdecimal() else 0)
        if not self.has_view_permission(request, report):
            raise PermissionDenied
        figures = Figures.from_json(report.figures) if report.figures else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{report.partner.display_name} {self.what_year(report)}",
            "report": report,
            "state": state_of(report),
            "at_work": report.status in runs.NOT_BUILT or report.publish_asked_at is not None,
            "moves": self._moves(request, report),
            "may_begin": report.status == Status.PUBLISHED and self.has_decide_permission(request),
            "files": report.files.all(),
            "versions": queries.versions_of(report),
            "steps": report.events.select_related("by"),
        }
        if figures:
            context |= {
                "headline": headline(figures, report.partner.display_name),
                "key_figures": key_figures(figures),
                "tables": tables(figures),
            }
        part = "#state" if request.headers.get("HX-Request") else ""
        return TemplateResponse(request, f"admin/reports/report.html{part}", context)

    def _moves(self, request: HttpRequest, report: PartnerReport) -> list[tuple[str, Any, bool]]:
        """What this person may do with the report now: (name, words of the button, whether it is the main one)."""
        return [
            (name, move.label, move.is_main)
            for name, move in MOVES.items()
            if report.status in move.of
            and request.user.has_perm(move.right)
            and not (move.is_main and (report.is_preview or report.publish_asked_at))
        ]

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST only: one move of one report."""
        move = MOVES.get(request.POST.get("move", ""))
        if request.method == "POST" and move is not None:
            if not request.user.has_perm(move.right):
                raise PermissionDenied
            get_object_or_404(PartnerReport, pk=pk)
            move.do(request, [pk])
        elif not self.has_view_permission(request):
            raise PermissionDenied
        if not PartnerReport.objects.filter(pk=pk).exists():
            return redirect("admin:reports_partnerreport_changelist")
        return redirect("admin:reports_partnerreport_change", pk)

    def versions(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason; POST begins the new versions and shows how they are built."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form = ReasonForm(
            request.POST if request.method == "POST" else None, initial={"ids": request.GET.get("ids", "")}
        )
        if request.method == "POST" and form.is_valid():
            return _begin(request, form.cleaned_data["ids"], form.cleaned_data["reason"])
        ids = read_ids(str(form["ids"].value() or "")) or []
        reports = PartnerReport.objects.published().filter(pk__in=ids).select_related("partner")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("New version"),
            "form": form,
            "count": reports.count(),
            "named": reports.defer("figures")[:NAMED],
        }
        return TemplateResponse(request, "admin/reports/versions.html", context, status=422 if form.errors else 200)

    def file(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """One file of a report, under a name that says what it is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = PartnerReportFile.objects.select_related("report__partner").filter(pk=pk).first()
        if found is None:
            raise Http404
        report = found.report
        parts = [slugify(report.partner.display_name)[:60] or "partner", report.period.slug, f"v{report.version}"]
        if found.language:
            parts.append(found.language)
        return stored_file(found.file, name=f"{'-'.join(parts)}.{found.format}")


def ids_of(queryset: QuerySet[PartnerReport]) -> list[int]:
    """Return the ids of the chosen rows."""
    return list(queryset.values_list("pk", flat=True))


def state_of(report: PartnerReport) -> str:
    """Return the status in words, also the one between "publish" and the worker that does it."""
    return gettext("Being published") if report.publish_asked_at else report.get_status_display()


# Moves. Each takes the request and ids, and says what has happened.


def check(request: HttpRequest, ids: list[int]) -> None:
    """Drafts become checked."""
    count = checking.check_reports(report_ids=ids, by=staff(request))
    text = ngettext("%(count)s report is checked.", "%(count)s reports are checked.", count)
    _tell(request, text, count, ids, gettext("Only drafts can be checked, and no previews."))


def back(request: HttpRequest, ids: list[int]) -> None:
    """Checked ones become drafts."""
    count = checking.back_to_draft(report_ids=ids, by=staff(request))
    text = ngettext("%(count)s report is a draft again.", "%(count)s reports are drafts again.", count)
    _tell(request, text, count, ids, gettext("Only checked ones go back to draft. What is published stays."))


def publish(request: HttpRequest, ids: list[int]) -> None:
    """A worker publishes checked ones."""
    count = publishing.ask_to_publish(report_ids=ids, by=staff(request))
    text = ngettext(
        "%(count)s report is being published. Its owners get a mail.",
        "%(count)s reports are being published. Their owners get a mail.",
        count,
    )
    _tell(request, text, count, ids, gettext("Only checked ones can be published."))


def throw_away(request: HttpRequest, ids: list[int]) -> None:
    """What was never published is deleted."""
    count = sum(checking.throw_away(report_id=pk) for pk in ids)
    text = ngettext("%(count)s report is thrown away.", "%(count)s reports are thrown away.", count)
    _tell(request, text, count, ids, gettext("What is being built or was published stays."))


@dataclass(frozen=True, kw_only=True)
class Move:
    """A button of a report's page: of which states, and who may press it. The main ones lead towards publishing."""

    label: Any
    of: tuple[str, ...]
    right: str
    do: Callable[[HttpRequest, list[int]], None]
    is_main: bool = False


MOVES = {
    "check": Move(label=_("It is right: check it"), of=(Status.DRAFT,), right=DECIDE_RIGHT, do=check, is_main=True),
    "publish": Move(label=_("Publish"), of=(Status.CHECKED,), right=DECIDE_RIGHT, do=publish, is_main=True),
    "back": Move(label=_("Back to draft"), of=(Status.CHECKED,), right=DECIDE_RIGHT, do=back),
    "again": Move(label=_("Build again"), of=runs.BUILT_AGAIN, right=BUILD_RIGHT, do=build_again),
    "throw_away": Move(label=_("Throw away"), of=checking.THROWN_AWAY, right=DECIDE_RIGHT, do=throw_away),
}


def _tell(request: HttpRequest, text: str, count: int, ids: list[int], why_not: str) -> None:
    if count:
        messages.success(request, text % {"count": count})
    if left := len(ids) - count:
        text = ngettext("%(count)s was left as it is.", "%(count)s were left as they are.", left)
        messages.warning(request, f"{text % {'count': left}} {why_not}")


def _begin(request: HttpRequest, ids: list[int], reason: str) -> HttpResponse:
    try:
        begun = versions.begin_new_versions(report_ids=ids, reason=reason, by=staff(request))
    except runs.RunningAlready as error:
        messages.warning(request, str(error))
        return to_run(error.run)
    except runs.ReportError as error:
        messages.error(request, str(error))
        return redirect("admin:reports_partnerreport_changelist")
    return to_run(begun[0] if len(begun) == 1 else None)
