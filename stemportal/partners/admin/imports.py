"""Importing partners from a spreadsheet: upload, see line by line what would change, then apply all or nothing."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminRadioSelectWidget

from stemportal.lib.spreadsheets import MAX_BYTES, MAX_ROWS
from stemportal.lib.uploads import upload_was_too_large
from stemportal.partners import table_export
from stemportal.partners.admin.common import staff
from stemportal.partners.admin.exporting import WORKBOOK, download, note
from stemportal.partners.import_columns import COLUMNS, Lists
from stemportal.partners.models import ImportRow, Partner, PartnerImport
from stemportal.partners.queries.imports import row_counts, rows_to_show
from stemportal.partners.services import import_apply, imports

Status = PartnerImport.Status
PAGE = 50
ENDINGS = (".csv", ".txt", ".tsv", ".xlsx")
TEMPLATE = "partners-template.xlsx"


class UploadForm(forms.Form):
    """Which file, and what becomes of organisations that are new."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX. The file is deleted as soon as it has been read; what it would change is kept."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ",".join(ENDINGS)}),
    )
    new_status = forms.ChoiceField(
        label=_("New partners become"),
        choices=PartnerImport.NewStatus.choices,
        initial=PartnerImport.NewStatus.APPROVED,
        help_text=_(
            "Nobody gets a mail or an account by being imported. You can invite the contact persons afterwards."
        ),
        widget=UnfoldAdminRadioSelectWidget,
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_("The file is too large: at most %(size)s MB.") % {"size": MAX_BYTES // 2**20})
        if PurePath(file.name or "").suffix.lower() not in ENDINGS:
            raise forms.ValidationError(_("Send a .csv or .xlsx file."))
        return file


@admin.register(PartnerImport)
class PartnerImportAdmin(ModelAdmin):
    list_display = ["file_name", "state", "total", "uploaded_at", "uploaded_by", "applied_at", "applied_by"]
    list_filter = ["status"]
    list_select_related = ["uploaded_by", "applied_by"]
    list_per_page = 25
    actions_list = ["upload", "template"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An import begins with its own page, not with an empty form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PartnerImport | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PartnerImport | None = None) -> bool:
        """Thrown away with a button; that it was there stays."""
        return False

    def has_import_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """An import makes partners and changes them, so both rights are needed."""
        return all(
            request.user.has_perm(f"partners.{right}")
            for right in ("add_partnerimport", "add_partner", "change_partner")
        )

    @display(
        description=_("status"),
        ordering="status",
        label={
            Status.READING: "info",
            Status.READY: "warning",
            Status.APPLYING: "info",
            Status.APPLIED: "success",
            Status.FAILED: "danger",
        },
    )
    def state(self, partner_import: PartnerImport) -> tuple[str, str]:
        return partner_import.status, str(partner_import.get_status_display())

    # Before.

    @action(description=_("Import partners"), url_path="upload", icon="upload", permissions=["import"])
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Explains the columns and takes a file; POST stores it and leads to its page."""
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if request.method == "POST" and upload_was_too_large(request):
            form.add_error("file", _("The file is too large: at most %(size)s MB.") % {"size": MAX_BYTES // 2**20})
        if request.method == "POST" and form.is_valid():
            file: UploadedFile = form.cleaned_data["file"]
            partner_import = imports.upload(
                file=file, name=file.name or "", new_status=form.cleaned_data["new_status"], by=staff(request)
            )
            return redirect("admin:partners_partnerimport_change", partner_import.pk)
        context = self._context(request, gettext("Import partners"))
        titles, *explained = table_export.explanations()
        context |= {
            "form": form,
            "titles": titles,
            "explained": explained,
            "kinds": [kind.label for kind in Partner.Kind],
            "most_rows": MAX_ROWS,
        }
        return TemplateResponse(request, "partners/admin/import_upload.html", context)

    @action(description=_("Empty template"), url_path="template", icon="download", permissions=["import"])
    def template(self, request: HttpRequest) -> FileResponse:
        return FileResponse(
            table_export.template_workbook(), as_attachment=True, filename=TEMPLATE, content_type=WORKBOOK
        )

    # The page of one import.

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pages = {"apply": self.apply, "discard": self.discard, "again": self.again, "bad-rows": self.bad_rows}
        return [
            *(
                path(f"<int:pk>/{name}/", view(page), name=f"partners_partnerimport_{name.replace('-', '_')}")
                for name, page in pages.items()
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the import would do, line by line; while a worker is at it, how far that is."""
        partner_import = self.get_object(request, object_id)
        if partner_import is None:
            raise Http404
        if not self.has_view_permission(request, partner_import):
            raise PermissionDenied
        is_at_work = partner_import.status in {Status.READING, Status.APPLYING}
        context = self._context(request, partner_import.file_name) | {
            "import": partner_import,
            "is_at_work": is_at_work,
            "percent": 100 * partner_import.done // partner_import.total if partner_import.total else 0,
            "may_import": self.has_import_permission(request),
        }
        if request.headers.get("HX-Request"):
            answer = TemplateResponse(request, "partners/admin/import.html#progress", context)
            if not is_at_work:  # there is more to see than the progress: the page itself
                answer.headers["HX-Refresh"] = "true"
            return answer
        if not is_at_work:
            context |= _lines(request, partner_import)
        return TemplateResponse(request, "partners/admin/import.html", context)

    def apply(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once more; POST has it applied."""
        partner_import = self._import(request, pk)
        if request.method != "POST":
            return self._ask(request, partner_import, "import_apply", gettext("Apply the import"))
        if not import_apply.order_apply(partner_import=partner_import, by=staff(request)):
            messages.warning(request, gettext("Nothing was done: somebody else was faster."))
        return redirect("admin:partners_partnerimport_change", pk)

    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask once more; POST throws it away."""
        partner_import = self._import(request, pk)
        if request.method != "POST":
            return self._ask(request, partner_import, "import_discard", gettext("Throw the import away"))
        if imports.discard(partner_import=partner_import):
            messages.success(request, gettext("The import is thrown away; nothing was changed."))
        else:
            messages.warning(request, gettext("Nothing was done: somebody else was faster."))
        return redirect("admin:partners_partnerimport_changelist")

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST only: judge the lines once more. A link to it just leads back."""
        partner_import = self._import(request, pk)
        if request.method == "POST":
            imports.judge_again(partner_import=partner_import)
        return redirect("admin:partners_partnerimport_change", pk)

    def bad_rows(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The lines that cannot be used, as a CSV file to mend and send again."""
        partner_import = self._import(request, pk)
        note(request, PartnerImport, str(partner_import), "csv")
        return download(table_export.bad_rows_as_csv(partner_import), f"bad-rows-{pk}.csv")

    def _import(self, request: HttpRequest, pk: int) -> PartnerImport:
        if not self.has_import_permission(request):
            raise PermissionDenied
        partner_import = PartnerImport.objects.filter(pk=pk).first()
        if partner_import is None:
            raise Http404
        return partner_import

    def _ask(self, request: HttpRequest, partner_import: PartnerImport, name: str, title: str) -> HttpResponse:
        context = self._context(request, title) | {"import": partner_import, "counts": _counts(partner_import)}
        return TemplateResponse(request, f"partners/admin/{name}.html", context)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


def _counts(partner_import: PartnerImport) -> dict[str, int]:
    return {action.value: count for action, count in row_counts(partner_import).items()}


def _lines(request: HttpRequest, partner_import: PartnerImport) -> dict[str, Any]:
    """One page of lines with what each would change, and how many there are of each sort."""
    counts = _counts(partner_import)
    chosen = request.GET.get("action", "")
    chosen = chosen if chosen in counts else ""
    page = Paginator(rows_to_show(partner_import, chosen), PAGE).get_page(request.GET.get("page"))
    lists = Lists.load()
    return {
        "counts": counts,
        "good": counts[ImportRow.Action.NEW] + counts[ImportRow.Action.CHANGE],
        "chosen": chosen,
        "sorts": [(action.value, action.label, counts[action]) for action in ImportRow.Action if counts[action]],
        "page_obj": page,
        "lines": [(row, _changes(row, lists)) for row in page],
    }


def _changes(row: ImportRow, lists: Lists) -> list[tuple[str, str, str]]:
    """Title, old and new of each fact, for people."""
    found = []
    for column in COLUMNS:  # the database keeps no order of its own
        if column.code in row.changes:
            old, new = row.changes[column.code]
            found.append((column.title, column.shown(old, lists) if old else "", column.shown(new, lists)))
    return found
