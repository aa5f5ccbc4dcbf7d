"""The secretariat orders the annual reports and watches them being built."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from stemportal.lib.periods import Period
from stemportal.partners import extensions
from stemportal.partners.admin.common import staff
from stemportal.partners.models import Partner
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.reports.queries import reports as queries
from stemportal.reports.services import runs as services

FAILURES_SHOWN = 50
BUILD_RIGHT = "reports.add_reportrun"
# How many partners are named on the page that asks for the year.
NAMED = 12
# A query string has room for so many ids.
MOST_CHOSEN = 300


class BuildForm(forms.Form):
    """Which year to report on, for the partners in ``ids`` or for all; the school year that ended last is chosen."""

    year = forms.ChoiceField(label=_("Year"), choices=queries.choosable_periods, widget=UnfoldAdminSelectWidget)
    again = forms.BooleanField(
        label=_("Drafts too"),
        help_text=_("Builds drafts that nobody has checked yet again, with the figures of today."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    preview = forms.BooleanField(
        label=_("A preview of a year that is not over"),
        help_text=_("Shows the figures so far. Previews are for the secretariat and are never published."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    ids = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_year(self) -> Period:
        return Period.from_slug(self.cleaned_data["year"])

    def clean_ids(self) -> list[int] | None:
        text = self.cleaned_data["ids"]
        ids = read_ids(text)
        if text and ids is None:  # what names nobody must not mean everybody
            raise forms.ValidationError(_("Choose the partners in their list once more."))
        return ids

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        period = data.get("year")
        if period and not period.is_over and not data.get("preview"):
            text = gettext("This year is not over. Choose a finished one, or say that you want a preview.")
            self.add_error("year", text)
        return data


def read_ids(text: str) -> list[int] | None:
    """Return the ids of a query string such as "3,7", or None where there are none."""
    return [int(part) for part in text.split(",") if part.isascii() and part.isdigit()][:MOST_CHOSEN] or None


@admin.register(ReportRun)
class ReportRunAdmin(ModelAdmin):
    list_display = ["what_year", "state", "how_far", "started_at", "finished_at", "started_by"]
    list_filter = ["status", "period_kind", "year"]
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
        return request.user.has_perm(BUILD_RIGHT)

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
        """Choose the year; POST starts the run and shows its progress. ``?ids=3,7`` chooses partners."""
        form = BuildForm(
            request.POST if request.method == "POST" else None, initial={"ids": request.GET.get("ids", "")}
        )
        if request.method == "POST" and form.is_valid():
            return self._start(request, form)
        ids = read_ids(str(form["ids"].value() or ""))
        partners = services.chosen_partners(ids)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Build annual reports"),
            "form": form,
            "count": partners.count(),
            "named": partners.order_by("display_name")[:NAMED] if ids else [],
            "chosen": bool(ids),
        }
        return TemplateResponse(request, "admin/reports/build.html", context, status=200 if not form.errors else 422)

    def _start(self, request: HttpRequest, form: BuildForm) -> HttpResponse:
        wanted = form.cleaned_data
        try:
            run = services.start_run(
                period=wanted["year"],
                by=staff(request),
                partners=wanted["ids"],
                again=wanted["again"],
                preview=wanted["preview"],
            )
        except services.RunningAlready as error:
            messages.warning(request, str(error))
            return to_run(error.run)
        except services.ReportError as error:
            messages.error(request, str(error))
            return redirect("admin:reports_reportrun_changelist")
        return to_run(run)

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
            "drafts": run.drafts,
        }
        part = "#progress" if request.headers.get("HX-Request") else ""
        return TemplateResponse(request, f"admin/reports/run.html{part}", context)

    @action(description=_("Try the failed ones again"), url_path="retry", icon="refresh", permissions=["build"])
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST only: a link to it just leads back to the run."""
        if request.method == "POST":
            failed = PartnerReport.objects.filter(run=int(object_id), status=PartnerReport.Status.FAILED)
            build_again(request, list(failed.values_list("pk", flat=True)))
        return redirect("admin:reports_reportrun_change", object_id=object_id)


def to_run(run: ReportRun | None) -> HttpResponse:
    """Lead to the page of a run, or to all runs where it has just ended."""
    if run is None:
        return redirect("admin:reports_reportrun_changelist")
    return redirect("admin:reports_reportrun_change", object_id=run.pk)


def build_again(request: HttpRequest, report_ids: list[int]) -> None:
    """Have reports built again and say how many."""
    count = services.build_again(report_ids=report_ids, by=staff(request))
    text = ngettext("%(count)s report is being built again.", "%(count)s reports are being built again.", count)
    messages.success(request, text % {"count": count})
    if left := len(report_ids) - count:
        text = ngettext(
            "%(count)s was left as it is: only what failed, drafts and checked ones are built again.",
            "%(count)s were left as they are: only what failed, drafts and checked ones are built again.",
            left,
        )
        messages.warning(request, text % {"count": left})


def build_for_partners(model_admin: Any, request: HttpRequest, queryset: QuerySet[Partner]) -> HttpResponse:
    """Lead from the list of partners to the page that asks for the year; nothing has happened yet."""
    ids = [str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True)[: MOST_CHOSEN + 1]]
    if len(ids) > MOST_CHOSEN:
        text = gettext("Choose at most %(count)s partners, or build the reports of all.")
        messages.warning(request, text % {"count": MOST_CHOSEN})
        return redirect("admin:partners_partner_changelist")
    return HttpResponseRedirect(f"{reverse('admin:reports_reportrun_build')}?ids={','.join(ids)}")


extensions.admin_actions.append(
    extensions.AdminAction(
        name="build_reports", label=_("Build annual reports …"), right=BUILD_RIGHT, act=build_for_partners
    )
)
