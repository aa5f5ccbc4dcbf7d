"""Imports from the National School Register: the runs with their progress, and what they added, changed and closed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminRadioSelectWidget

from stemportal.schools.models import School, SchoolChange, SchoolRegisterRun
from stemportal.schools.queries.schools import change_words
from stemportal.schools.services import register_import

Status = SchoolRegisterRun.Status


class StartForm(forms.Form):
    """What to read; changes only where the whole register has been read before."""

    WHOLE, CHANGES = "whole", "changes"

    what = forms.ChoiceField(label=_("What to read"), widget=UnfoldAdminRadioSelectWidget)

    def __init__(self, *args: Any, since: date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [(self.WHOLE, _("The whole register, some minutes of work"))]
        if since is not None:
            day = date_format(since, "DATE_FORMAT")
            choices.insert(0, (self.CHANGES, gettext("What changed since %(day)s") % {"day": day}))
        self.fields["what"].choices = choices  # type: ignore[attr-defined]
        self.fields["what"].initial = choices[0][0]


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the import writes and staff read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SchoolRegisterRun)
class SchoolRegisterRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "state", "what", "how_far", "added", "changed", "closed", "unchanged", "skipped"]
    list_filter = ["status"]
    list_per_page = 25
    actions_list = ["start"]

    def has_start_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("schools.add_schoolregisterrun")

    @display(
        description=_("status"),
        ordering="status",
        label={Status.RUNNING: "warning", Status.FAILED: "danger", Status.DONE: "success"},
    )
    def state(self, run: SchoolRegisterRun) -> tuple[str, str]:
        return run.status, str(run.get_status_display())

    @display(description=_("what"))
    def what(self, run: SchoolRegisterRun) -> str:
        if run.changed_since is None:
            return gettext("The whole register")
        return gettext("Changes since %(day)s") % {"day": date_format(run.changed_since, "SHORT_DATE_FORMAT")}

    @display(description=_("pages read"))
    def how_far(self, run: SchoolRegisterRun) -> str:
        return gettext("%(done)s of %(all)s") % {"done": run.page, "all": "?" if run.pages is None else run.pages}

    @action(description=_("Read the register now"), url_path="start", icon="sync", permissions=["start"])
    def start(self, request: HttpRequest) -> HttpResponse:
        """Says what will happen; POST starts the import and shows its progress."""
        since = register_import.next_since()
        form = StartForm(request.POST if request.method == "POST" else None, since=since)
        if request.method == "POST" and form.is_valid():
            whole = form.cleaned_data["what"] == StartForm.WHOLE
            try:
                run = register_import.start_run(changed_since=None if whole else since)
            except register_import.RunError as error:
                messages.error(request, str(error))
                return redirect("admin:schools_schoolregisterrun_changelist")
            return redirect("admin:schools_schoolregisterrun_change", run.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Read the school register"),
            "form": form,
            "schools": School.objects.active().count(),
        }
        return TemplateResponse(request, "schools/admin/register_start.html", context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/resume/", view(self.resume), name="schools_schoolregisterrun_resume"),
            *super().get_urls(),
        ]

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST only: a link to it just leads back to the run."""
        if not self.has_start_permission(request):
            raise PermissionDenied
        run = SchoolRegisterRun.objects.filter(pk=pk).first()
        if run is None:
            raise Http404
        if request.method == "POST":
            try:
                if not register_import.resume_run(run=run):
                    messages.warning(request, gettext("It is done already."))
            except register_import.RunError as error:
                messages.error(request, str(error))
        return redirect("admin:schools_schoolregisterrun_change", pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The run's page is its progress. htmx asks for the changing part only; without scripts there is a link."""
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        read = min(99, 100 * run.page // run.pages) if run.pages else 0
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Import from the school register"),
            "run": run,
            "percent": 100 if run.status == Status.DONE else read,
            "may_start": self.has_start_permission(request),
        }
        part = "#progress" if request.headers.get("HX-Request") else ""
        return TemplateResponse(request, f"schools/admin/register_run.html{part}", context)


@admin.register(SchoolChange)
class SchoolChangeAdmin(ReadOnlyAdmin):
    """The report: what every import added, changed and closed."""

    list_display = ["school", "place", "state", "what", "run"]
    list_filter = ["kind", ("run", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["school__name", "school__number"]
    list_select_related = ["school__municipality", "run"]
    list_per_page = 50
    ordering = ["-run__started_at", "school__name", "id"]

    @display(description=_("municipality"), ordering="school__municipality__name")
    def place(self, change: SchoolChange) -> str:
        return change.school.place_name

    @display(
        description=_("what"),
        ordering="kind",
        label={"added": "success", "changed": "info", "closed": "danger", "reopened": "warning"},
    )
    def state(self, change: SchoolChange) -> tuple[str, str]:
        return change.kind, str(change.get_kind_display())

    @display(description=_("facts"))
    def what(self, change: SchoolChange) -> str:
        return change_words(change)
