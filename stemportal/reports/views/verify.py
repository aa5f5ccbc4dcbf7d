"""Everybody can ask whether a report is genuine: by its code, or by the file itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stemportal.lib.ratelimit import allowed
from stemportal.lib.uploads import upload_was_too_large
from stemportal.reports.codes import read_code
from stemportal.reports.forms.verify import CodeForm, FileForm
from stemportal.reports.queries.verification import Confirmed, KnownFile, confirm, find_file, fingerprint_of

NOT_FOUND, REFUSED, TOO_MANY = 404, 422, 429


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for the code (GET, it leads to its page) or for the file (POST, it is compared and thrown away)."""
    if request.method == "POST":
        return _compare(request, None)
    if "code" not in request.GET:
        return _page(request, None)
    form = CodeForm(request.GET)
    if form.is_valid():
        return redirect("reports:verified", form.cleaned_data["code"])
    return _page(request, None, code_form=form, status=REFUSED)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verified(request: HttpRequest, code: str) -> HttpResponse:
    """What the report with this code is. Any way to type the code leads here; a file can be compared here, too."""
    printed = read_code(code)
    if printed and printed != code:
        return redirect("reports:verified", printed)
    form = CodeForm({"code": code})
    may_be = form.is_valid()
    if not allowed(request, "verify"):
        form.add_error(None, _too_often())
        return _page(request, None, code_form=form, status=TOO_MANY)
    confirmed = confirm(printed) if printed else None
    if confirmed is None:
        return _page(request, None, code_form=form, is_unknown=may_be, asked=printed, status=NOT_FOUND)
    return _compare(request, confirmed) if request.method == "POST" else _page(request, confirmed)


def _compare(request: HttpRequest, confirmed: Confirmed | None) -> HttpResponse:
    """Say whether the file that was sent is one of ours."""
    form = FileForm(request.POST, request.FILES)
    if upload_was_too_large(request):
        form.errors.clear()
        form.add_error("file", _("This file is too large to be one of our reports."))
    if form.errors:
        return _page(request, confirmed, file_form=form, status=REFUSED)
    if not allowed(request, "verify_file"):
        form.add_error(None, _too_often())
        return _page(request, confirmed, file_form=form, status=TOO_MANY)
    known = find_file(fingerprint_of(form.chosen()))
    return _page(request, confirmed, compared=_answer(known, confirmed))


def _answer(known: KnownFile | None, confirmed: Confirmed | None) -> dict[str, Any]:
    """What to say of a file: ours, of another report than the one that is open, or not known."""
    if known is None:
        return {"is_known": False}
    return {
        "is_known": True,
        "name": known.name,
        "code": known.code,
        "is_of_another": confirmed is not None and known.code != confirmed.code,
    }


def _too_often() -> str:
    return _("You have asked very often in a short time. Please try again in an hour.")


def _page(
    request: HttpRequest,
    confirmed: Confirmed | None,
    *,
    code_form: CodeForm | None = None,
    file_form: FileForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    forms = {"code_form": code_form or CodeForm(), "file_form": file_form or FileForm()}
    template = "reports/verified.html" if confirmed else "reports/verify.html"
    return render(request, template, {"confirmed": confirmed, **forms, **more}, status=status)
