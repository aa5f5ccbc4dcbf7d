"""The programme's own report: writing its texts, looking at it, publishing it, and new versions with a reason.

The status is never a form field: every move is an action on POST. What is published cannot be changed here any more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from stemportal.lib.periods import Period
from stemportal.network.models import Story
from stemportal.partners.admin.common import staff
from stemportal.reports.documents.files import LANGUAGES
from stemportal.reports.documents.programme_files import file_name, make_pdf
from stemportal.reports.documents.programme_material import programme_material
from stemportal.reports.models import ProgrammeReport, ProgrammeSection
from stemportal.reports.queries.reports import choosable_periods
from stemportal.reports.queries.room import file_lines
from stemportal.reports.services import programme as services
from stemportal.reports.services.runs import ReportError
from stemportal.reports.views.programme import page_context

Status = ProgrammeReport.Status
CHANGE_RIGHT = "reports.change_programmereport"
# Stories from a visit are often written when the year is over.
AFTERWARDS = timedelta(days=180)


class BeginForm(forms.Form):
    """Which year the report is about."""

    year = forms.ChoiceField(label=_("Year"), choices=choosable_periods, widget=UnfoldAdminSelectWidget)

    def clean_year(self) -> Period:
        return Period.from_slug(self.cleaned_data["year"])


class ReasonForm(forms.Form):
    """Why there is a new version."""

    reason = forms.CharField(
        label=_("Why there is a new version"),
        help_text=_("Stands in the new version, for everybody to read."),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class SectionForm(forms.ModelForm):
    """A text; what is written in no language is no text."""

    class Meta:
        model = ProgrammeSection
        fields = ["place", "order", "title_nb", "text_nb", "title_nn", "text_nn", "title_en", "text_en"]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if not facts.get("text_nb"):
            self.add_error("text_nb", gettext("Write it in bokmål at least: it stands in for the others."))
        return facts


class SectionInline(StackedInline):
    model = ProgrammeSection
    form = SectionForm
    extra = 0
    tab = True
    fields = [("place", "order"), "title_nb", "text_nb", "title_nn", "text_nn", "title_en", "text_en"]


@admin.register(ProgrammeReport)
class ProgrammeReportAdmin(ModelAdmin):
    """Reports of the programme, one a year, in versions."""

    list_display = ["what_year", "version", "state", "published_at", "published_by"]
    list_filter = ["status", "period_kind"]
    list_select_related = ["published_by"]
    list_per_page = 25
    warn_unsaved_form = True
    view_on_site = False
    fields = ["stories"]
    autocomplete_fields = ["stories"]
    inlines = [SectionInline]
    change_form_outer_before_template = "admin/reports/programme_desk.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgrammeReport]:
        return super().get_queryset(request).defer("figures")

    @display(description=_("year"), ordering="year")
    def what_year(self, report: ProgrammeReport) -> str:
        return report.period.label

    @display(
        description=_("status"),
        ordering="status",
        label={Status.DRAFT: "info", Status.PUBLISHING: "warning", Status.PUBLISHED: "success"},
    )
    def state(self, report: ProgrammeReport) -> tuple[str, str]:
        return report.status, report.get_status_display()

    def has_change_permission(self, request: HttpRequest, obj: ProgrammeReport | None = None) -> bool:
        """What is published, or on its way, stays as it is."""
        is_draft = obj is None or obj.status == Status.DRAFT
        return is_draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ProgrammeReport | None = None) -> bool:
        """Drafts only."""
        return obj is not None and obj.status == Status.DRAFT and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: ProgrammeReport) -> None:
        if not services.delete_draft(report=obj):
            messages.warning(request, gettext("It is no draft any more, and was not deleted."))

    def get_form(self, request: HttpRequest, obj: ProgrammeReport | None = None, **kwargs: Any) -> Any:
        """Stories to choose from: those of the year that everybody may read, and those that are chosen already."""
        form = super().get_form(request, obj, **kwargs)
        if obj is not None and "stories" in form.base_fields:
            of_year = Q(published_at__gte=obj.period.start, published_at__lt=obj.period.end + AFTERWARDS)
            chosen = Q(pk__in=obj.stories.values("pk"))
            field = form.base_fields["stories"]
            field.queryset = Story.objects.published().filter(of_year | chosen)
            field.widget = UnfoldAdminCheckboxSelectMultipleWidget(choices=field.choices)
        return form

    def save_model(self, request: HttpRequest, obj: ProgrammeReport, form: Any, change: bool) -> None:
        """Nothing of the report's own row is written here: stories and texts have rows of their own."""

    # Pages.

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/preview/", view(self.preview), name="reports_programmereport_preview"),
            path("<int:pk>/preview/<slug:language>.pdf", view(self.preview_pdf), name="reports_programmereport_pdf"),
            path("<int:pk>/publish/", view(require_POST(self.publish)), name="reports_programmereport_publish"),
            path("<int:pk>/state/", view(self.progress), name="reports_programmereport_state"),
            path("<int:pk>/version/", view(self.new_version), name="reports_programmereport_version"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The texts of a draft, or what became of it; above them stands what can be done."""
        found = ProgrammeReport.objects.defer("figures").prefetch_related("files").select_related("published_by")
        report = found.filter(pk=object_id if object_id.isdecimal() else 0).first()
        desk = {"desk": self._desk(request, report)} if report else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **desk})

    def _desk(self, request: HttpRequest, report: ProgrammeReport) -> dict[str, Any]:
        newer = ProgrammeReport.objects.filter(
            period_kind=report.period_kind, year=report.year, version__gt=report.version
        )
        return {
            "report": report,
            "may_change": request.user.has_perm(CHANGE_RIGHT),
            "files": file_lines(report),
            "languages": LANGUAGES,
            "newer": newer.defer("figures").order_by("version").first(),
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Choose the year; POST begins the draft and leads to its texts."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = BeginForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                report = services.begin_report(period=form.cleaned_data["year"])
            except ReportError as error:
                form.add_error("year", str(error))
            else:
                return redirect("admin:reports_programmereport_change", report.pk)
        return self._ask(request, gettext("Begin a programme report"), form, action=gettext("Begin"))

    def new_version(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason; POST begins the draft of the next version."""
        report = self._to_change(request, pk)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                newer = services.begin_new_version(report=report, reason=form.cleaned_data["reason"])
            except ReportError as error:
                form.add_error(None, str(error))
            else:
                return redirect("admin:reports_programmereport_change", newer.pk)
        title = gettext("New version of the programme report %(year)s") % {"year": report.period.label}
        text = gettext("The published one stays until the new one is published, and is kept as replaced after that.")
        return self._ask(request, title, form, action=gettext("Begin the new version"), text=text)

    def _ask(
        self, request: HttpRequest, title: str, form: forms.Form, *, action: str, text: str = ""
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "text": text,
            "action": action,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/reports/programme_ask.html", context, status=status)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page as everybody will see it, with the figures of this moment."""
        report = self._to_view(request, pk)
        if report.status in {Status.PUBLISHED, Status.SUPERSEDED}:
            return redirect(report)
        material = programme_material(report, day=timezone.localdate())
        return render(request, "reports/programme.html", page_context(material))

    def preview_pdf(self, request: HttpRequest, pk: int, language: str) -> HttpResponseBase:
        """The PDF as it would be now; it is kept nowhere."""
        report = self._to_view(request, pk)
        chosen = language if language in LANGUAGES else str(get_language())
        content = make_pdf(programme_material(report, day=timezone.localdate()), chosen)
        name = file_name(f"{report.period.slug}-draft", report.version, "pdf", chosen)
        return HttpResponse(
            content,
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have it published by a worker."""
        self._to_change(request, pk)
        try:
            if services.ask_to_publish(report_id=pk, by=staff(request)):
                messages.success(request, gettext("It is being published: figures are counted, and the files made."))
            else:
                messages.info(request, gettext("It was published already, or is just being published."))
        except ReportError as error:
            messages.warning(request, str(error))
        return redirect("admin:reports_programmereport_change", pk)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What htmx asks while a worker is at it; when that is over, the page is loaded again."""
        report = self._to_view(request, pk)
        if report.status != Status.PUBLISHING:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return HttpResponse(status=204)

    def _to_view(self, request: HttpRequest, pk: int) -> ProgrammeReport:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(ProgrammeReport.objects.defer("figures"), pk=pk)

    def _to_change(self, request: HttpRequest, pk: int) -> ProgrammeReport:
        if not request.user.has_perm(CHANGE_RIGHT):
            raise PermissionDenied
        return get_object_or_404(ProgrammeReport.objects.defer("figures"), pk=pk)
