"""The secretariat exports: tables with a dictionary, or all of the installation, built by a worker."""

from __future__ import annotations

from typing import Any

import structlog
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from stemportal.lib.ratelimit import allowed
from stemportal.lib.stored_files import stored_file
from stemportal.partners.admin.common import staff
from stemportal.reports.access import EXPORT_RIGHT, export_for_staff
from stemportal.reports.exports.dictionary import notes
from stemportal.reports.exports.tables import TABLES, chosen_tables
from stemportal.reports.models import Export
from stemportal.reports.services import exports as services

logger = structlog.get_logger(__name__)

ARCHIVE = Export.Format.ARCHIVE
TABLE_FORMATS = [(item.value, item.label) for item in Export.Format if item != ARCHIVE]


class ExportForm(forms.Form):
    """In which format, and which tables; an archive of everything for superusers."""

    format = forms.ChoiceField(label=_("Format"), widget=forms.RadioSelect)
    tables = forms.MultipleChoiceField(
        label=_("Tables"),
        help_text=_("Without a choice you get all of them."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(code, table.title) for code, table in TABLES.items()],
    )

    def __init__(self, *args: Any, with_archive: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = [(ARCHIVE.value, _("The whole installation, data and files"))] if with_archive else []
        self.fields["format"].choices = [*TABLE_FORMATS, *everything]  # type: ignore[attr-defined]
        self.initial.setdefault("format", Export.Format.CSV.value)


@admin.register(Export)
class ExportAdmin(ModelAdmin):
    """Exports are asked for, fetched and deleted; nobody edits one."""

    list_display = ["what_it_is", "format", "state", "asked_at", "asked_by", "expires_at"]
    list_filter = ["status", "what", "format"]
    list_select_related = ["asked_by"]
    list_per_page = 25
    actions_list = ["dictionary"]
    actions_detail = ["download", "delete_now"]

    def has_view_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        return request.user.has_perm(EXPORT_RIGHT) or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        """That there was an export stays; its file goes with ``delete_now``."""
        return False

    def has_export_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(EXPORT_RIGHT)

    @display(description=_("export"), ordering="what")
    def what_it_is(self, export: Export) -> str:
        return str(export)

    @display(
        description=_("status"),
        ordering="status",
        label={"waiting": "info", "building": "warning", "ready": "success", "failed": "danger"},
    )
    def state(self, export: Export) -> tuple[str, str]:
        return export.status, str(export.get_status_display())

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Choose what to export; POST orders it and shows its progress."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        person = staff(request)
        data = request.POST if request.method == "POST" else None
        form = ExportForm(data, with_archive=person.is_superuser)
        if request.method == "POST" and form.is_valid():
            if allowed(request, "export", key=str(person.pk)):
                return self._order(request, form.cleaned_data)
            messages.error(request, gettext("That was a lot of exports. Please wait an hour."))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("New export"),
            "form": form,
            "notes": notes(),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/reports/export_new.html", context, status=status)

    def _order(self, request: HttpRequest, wanted: dict[str, Any]) -> HttpResponse:
        person = staff(request)
        try:
            if wanted["format"] == ARCHIVE:
                export = services.request_installation(by=person)
            else:
                export = services.request_tables(codes=wanted["tables"], file_format=wanted["format"], by=person)
        except services.ExportError as error:
            messages.error(request, str(error))
            return redirect("admin:reports_export_changelist")
        return redirect("admin:reports_export_change", object_id=export.pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The export's page: how far it is, then where to fetch it. htmx asks for the changing part only."""
        export: Any = self.get_object(request, object_id)
        if export is None:
            raise Http404
        if not self.has_view_permission(request, export):
            raise PermissionDenied
        is_ready = export.status == Export.Status.READY and export.expires_at > timezone.now()
        is_archive = export.what == Export.What.INSTALLATION
        may_fetch = self.has_export_permission(request) and (staff(request).is_superuser or not is_archive)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(export),
            "export": export,
            "is_archive": is_archive,
            "is_running": export.status in services.RUNNING,
            "can_fetch": is_ready and may_fetch,
            "is_ready": is_ready,
            "percent": 100 * export.done // export.total if export.total else 0,
            "chosen": [] if is_archive else chosen_tables(export.tables),
        }
        part = "#progress" if request.headers.get("HX-Request") else ""
        return TemplateResponse(request, f"admin/reports/export.html{part}", context)

    @action(description=_("Fetch"), url_path="download", icon="download", permissions=["export"])
    def download(self, request: HttpRequest, object_id: str) -> FileResponse:
        """Hand out the file. Who fetched what is noted in the log."""
        export = export_for_staff(request.user, object_id)
        logger.info("export_fetched", export=export.pk, what=export.what, by=request.user.pk)
        name = f"stemportal-{export.what}-{timezone.localtime(export.asked_at):%Y-%m-%d}-{export.pk}.zip"
        return stored_file(export.file, name=name, kind="application/zip")

    @action(description=_("Delete the file now"), url_path="delete-now", icon="delete", permissions=["export"])
    def delete_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST only: a link to it just leads back to the export."""
        if request.method == "POST" and services.delete_export(export=export_for_staff(request.user, object_id)):
            messages.success(request, gettext("The file is deleted."))
        return redirect("admin:reports_export_change", object_id=object_id)

    @action(description=_("Data dictionary"), url_path="dictionary", icon="menu_book", permissions=["export"])
    def dictionary(self, request: HttpRequest) -> HttpResponse:
        """What every table and column means."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Data dictionary"),
            "tables": TABLES.values(),
            "headers": [gettext("Column"), gettext("Type"), gettext("Meaning"), gettext("Unit"), gettext("Source")],
            "notes": notes(),
        }
        return TemplateResponse(request, "admin/reports/export_dictionary.html", context)
