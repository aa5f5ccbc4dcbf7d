"""The secretariat orders the annual reports, watches them being built, and sets the programme's targets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from stemportal.lib.periods import Period, PeriodKind
from stemportal.partners.models import Partner
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.queries import reports as queries
from stemportal.reports.services import building as services
from stemportal.reports.views.partner import pdf_response

FAILURES_SHOWN = 50


class BuildForm(forms.Form):
    """Which finished school year to report on; the last one is chosen."""

    year = forms.TypedChoiceField(
        label=_("School year"), choices=queries.choosable_years, coerce=int, widget=UnfoldAdminSelectWidget
    )


@admin.register(ReportRun)
class ReportRunAdmin(ModelAdmin):
    list_display = ["what_year", "state", "how_far", "started_at", "finished_at", "started_by"]
    list_filter = ["status"]
    list_select_related = ["started_by"]
    list_per_page = 25
    actions_list = ["build"]
    actions_detail = ["retry"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReportRun]:
        return queries.runs_with_progress(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A run starts with its own button, not with an empty form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ReportRun | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ReportRun | None = None) -> bool:
        """Reports that partners have fetched stay."""
        return False

    def has_build_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("reports.add_reportrun")

    @display(description=_("year"), ordering="year")
    def what_year(self, run: ReportRun) -> str:
        return str(run)

    @display(description=_("status"), ordering="status", label={"running": "warning", "done": "success"})
    def state(self, run: ReportRun) -> tuple[str, str]:
        return run.status, run.get_status_display()

    @display(description=_("reports ready"))
    def how_far(self, run: Any) -> str:
        text = gettext("%(done)s of %(all)s") % {"done": run.ready, "all": run.total}
        return f"{text}, {gettext('%(count)s failed') % {'count': run.failed}}" if run.failed else text

    @action(description=_("Build annual reports"), url_path="build", icon="picture_as_pdf", permissions=["build"])
    def build(self, request: HttpRequest) -> HttpResponse:
        """Choose the school year; POST starts the run and shows its progress."""
        form = BuildForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                run = services.start_run(period=Period(PeriodKind.SCHOOL, form.cleaned_data["year"]), by=request.user)  # type: ignore[arg-type]  # staff
            except services.ReportError as error:
                messages.error(request, str(error))
                return redirect("admin:reports_reportrun_changelist")
            return redirect("admin:reports_reportrun_change", object_id=run.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Build annual reports"),
            "form": form,
            "partners": Partner.objects.approved().count(),
        }
        return TemplateResponse(request, "admin/reports/build.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The run's page is its progress. htmx asks for the changing part only; without scripts the page reloads."""
        run: Any = self.get_object(request, object_id)
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        done = run.ready + run.failed
        failed = run.reports.filter(status=PartnerReport.Status.FAILED).select_related("partner")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Annual reports %(year)s") % {"year": run.period.label},
            "run": run,
            "done": done,
            "percent": 100 * done // run.total if run.total else 100,
            "failures": failed[:FAILURES_SHOWN],
        }
        part = "#progress" if request.headers.get("HX-Request") else ""
        return TemplateResponse(request, f"admin/reports/run.html{part}", context)

    @action(description=_("Try the failed ones again"), url_path="retry", icon="refresh", permissions=["build"])
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST only: a link to it just leads back to the run."""
        if request.method == "POST":
            failed = PartnerReport.objects.filter(run=int(object_id), status=PartnerReport.Status.FAILED)
            _retry(request, list(failed.values_list("pk", flat=True)))
        return redirect("admin:reports_reportrun_change", object_id=object_id)


def _retry(request: HttpRequest, report_ids: list[int]) -> None:
    try:
        count = services.retry_reports(report_ids)
    except services.ReportError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(count)s report is being built again.", "%(count)s reports are being built again.", count)
        messages.success(request, text % {"count": count})


@admin.register(PartnerReport)
class PartnerReportAdmin(ModelAdmin):
    list_display = ["partner", "what_year", "state", "attempts", "built_at"]
    list_filter = ["status", "period_kind", "year"]
    list_select_related = ["partner"]
    search_fields = ["partner__display_name", "partner__organisation_number"]
    list_per_page = 50
    fields = ["partner", "run", "what_year", "status", "attempts", "claimed_at", "built_at", "error"]
    readonly_fields = ["what_year"]
    actions = ["retry"]
    actions_detail = ["fetch"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PartnerReport | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PartnerReport | None = None) -> bool:
        return False

    def has_build_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("reports.add_reportrun")

    @display(description=_("year"), ordering="year")
    def what_year(self, report: PartnerReport) -> str:
        return report.period.label

    @display(
        description=_("status"),
        ordering="status",
        label={"waiting": "info", "building": "warning", "published": "success", "failed": "danger"},
    )
    def state(self, report: PartnerReport) -> tuple[str, str]:
        return report.status, report.get_status_display()

    @admin.action(description=_("Build failed reports again"), permissions=["build"])
    def retry(self, request: HttpRequest, queryset: QuerySet[PartnerReport]) -> None:
        _retry(request, list(queryset.values_list("pk", flat=True)))

    @action(description=_("Fetch the PDF"), url_path="file", icon="download", permissions=["view"])
    def fetch(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        report = self.get_object(request, object_id)
        if report is None or report.status in (PartnerReport.Status.WAITING, PartnerReport.Status.BUILDING):
            messages.warning(request, gettext("This report is not ready yet."))
            return redirect("admin:reports_partnerreport_changelist")
        return pdf_response(report)
