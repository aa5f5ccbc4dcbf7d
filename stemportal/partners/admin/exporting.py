"""Taking the list of partners away as a spreadsheet: chosen rows, or all that the list is filtered to.

It holds the names and addresses of people, so who took it and how many rows is noted in the admin's log.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from stemportal.partners import table_export
from stemportal.partners.admin.common import staff
from stemportal.partners.models import Partner

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx")


class ExportMixin(ModelAdmin):
    """Adds to the list of partners two actions for chosen rows, and a form below it for the whole filtered list."""

    list_after_template = "partners/admin/export.html"

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export_view), name="partners_partner_export")
        return [export, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """POST: everything that the list shows with the same query string, on all its pages."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = request.POST.get("format", "")
        if request.method != "POST" or wanted not in FORMATS:
            return redirect("admin:partners_partner_changelist")
        return export(request, self.get_changelist_instance(request).queryset, wanted)

    @admin.action(description=_("Export the chosen ones as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Partner]) -> HttpResponseBase:
        return export(request, queryset, "csv")

    @admin.action(description=_("Export the chosen ones as XLSX"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet[Partner]) -> HttpResponseBase:
        return export(request, queryset, "xlsx")


def export(request: HttpRequest, partners: QuerySet[Partner], wanted: str) -> HttpResponseBase:
    """Answer with the file ("csv" or "xlsx"), after noting in the log who took it."""
    count = partners.count()
    note(request, Partner, ngettext("%(count)s partner", "%(count)s partners", count) % {"count": count}, wanted)
    name = f"partners-{timezone.localdate():%Y-%m-%d}.{wanted}"
    if wanted == "xlsx":
        return FileResponse(
            table_export.partners_as_workbook(partners), as_attachment=True, filename=name, content_type=WORKBOOK
        )
    return download(table_export.partners_as_csv(partners), name)


def download(lines: Any, name: str) -> StreamingHttpResponse:
    """Stream the lines of a CSV file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def note(request: HttpRequest, model: Any, what: str, wanted: str) -> None:
    """Write into the admin's log that somebody took personal data out."""
    LogEntry.objects.create(
        user=staff(request),
        content_type=ContentType.objects.get_for_model(model),
        object_repr=what[:200],
        action_flag=CHANGE,
        change_message=f"Exported as {wanted.upper()}",
    )
