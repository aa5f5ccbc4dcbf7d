"""Documents of a working group: the list, one with its versions, sharing and taking away."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.lib.stored_files import ONLY_HERE, stored_file
from stemportal.lib.uploads import upload_was_too_large
from stemportal.network.access_groups import document_in, group_for, version_in
from stemportal.network.forms.groups import DocumentForm, VersionForm
from stemportal.network.group_errors import GroupError
from stemportal.network.queries.groups import documents_of, versions_of
from stemportal.network.services import group_documents as services
from stemportal.network.views.groups import A_PAGE, REFUSED, TOO_MANY, answer, head_of


@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: PersonRequest, slug: str) -> HttpResponse:
    """The documents of a group, and sharing one."""
    access = group_for(request.user, slug, read=True, write=request.method == "POST")
    form, status = DocumentForm(), 200
    if request.method == "POST":
        form = DocumentForm(request.POST, request.FILES, too_large=upload_was_too_large(request))
        if not (status := _troubles(request, form)):
            try:
                version = services.share_document(
                    group=access.group,
                    title=form.cleaned_data["title"],
                    file=form.document,
                    note=form.cleaned_data["note"],
                    by=request.user,
                )
            except GroupError as error:
                form.add_error(None, error.words)
                status = REFUSED
            else:
                messages.success(request, _("Shared. Members who want it get a mail."))
                return redirect(version.document)
    page = Paginator(documents_of(access.group), A_PAGE).get_page(request.GET.get("page"))
    context = {**head_of(access, "documents"), "page_obj": page, "form": form}
    return render(request, "network/groups/documents.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def document(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """One document with its versions, and a new version."""
    access = group_for(request.user, slug, read=True, write=request.method == "POST")
    found = document_in(access, pk)
    versions = list(versions_of(found))
    newest = versions[0].number if versions else 0
    form, status = VersionForm(initial={"seen": newest}), 200
    if request.method == "POST":
        form = VersionForm(request.POST, request.FILES, too_large=upload_was_too_large(request))
        if not (status := _troubles(request, form)):
            try:
                version = services.add_version(
                    document=found, file=form.document, note=form.cleaned_data["note"], by=request.user
                )
            except GroupError as error:
                form.add_error(None, error.words)
                status = REFUSED
            else:
                _say(request, version.number, form.cleaned_data["seen"])
                return redirect(found)
    context = {
        **head_of(access, "documents"),
        "document": found,
        "versions": versions,
        "form": form,
        "may_remove": access.may_remove(found),
    }
    return render(request, "network/groups/document.html", context, status=status)


def _say(request: PersonRequest, number: int, seen: int | None) -> None:
    """Say which version it is, and that somebody was faster where a version came that the person had not seen."""
    if seen is not None and number > seen + 1:
        text = _("Yours is version %(number)s. Somebody else put up another one meanwhile: compare the two.")
        messages.warning(request, text % {"number": number})
    else:
        messages.success(request, _("Version %(number)s stands here now.") % {"number": number})


def _troubles(request: PersonRequest, form: VersionForm) -> int:
    """Return the status of the page that says what is wrong; 0 when nothing is."""
    if not allowed(request, "group_document", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was often in a short time. Please try again in an hour."))
        return TOO_MANY
    return 0 if form.is_valid() else REFUSED


@require_POST
def document_remove(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Take a document away: one's own, or as lead or secretariat any."""
    access = group_for(request.user, slug, read=True)
    found = document_in(access, pk)
    if not access.may_remove(found):
        raise PermissionDenied(_("Only the one who shared it, or the lead, can do that."))

    def act() -> str:
        services.remove_document(document=found)
        return _("It is taken away.")

    return answer(request, access, act, to=reverse("network:documents", args=[slug]))


@require_safe
def document_file(request: PersonRequest, slug: str, pk: int, number: int) -> FileResponse:
    """One version, to save."""
    version = version_in(group_for(request.user, slug, read=True), pk, number)
    response = stored_file(version.file, name=version.name)
    response["Cache-Control"] = ONLY_HERE
    response["X-Robots-Tag"] = "noindex"
    return response
