"""The archive: what went out, for everybody to read, in each language."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import http_date
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from stemportal.lib.public_answers import names, public_answer
from stemportal.newsletters import archive

# Readers ask every hour or so.
SECONDS = 300


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@login_not_required
@require_safe
def issues(request: HttpRequest) -> HttpResponse:
    """All issues, the newest first."""
    page = archive.issues_page(_language(), request.GET.get("page"))
    return render(request, "newsletters/archive.html", {"page_obj": page})


@login_not_required
@require_safe
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    """One issue as it went out, without anybody's own links."""
    found = archive.issue(slug, _language())
    if found is None:
        raise Http404("no such issue")
    return render(request, "newsletters/issue.html", {"issue": found.newsletter, "edition": found.edition})


@require_safe
@public_answer(limit="feed", seconds=SECONDS, still_shown=archive.are_archived)
def feed(request: HttpRequest) -> HttpResponse:
    """The newest issues as Atom, in the language of the address."""
    found = archive.newest_issues(_language())
    names(request, [row.newsletter.pk for row in found])
    response = HttpResponse(
        archive.write_feed(found, language=_language()), content_type="application/atom+xml; charset=utf-8"
    )
    if found:
        response["Last-Modified"] = http_date(max(row.edition.frozen_at for row in found).timestamp())
    return response
