"""The demo's mailbox: what was really handed to the mail server. Exists only in demo mode."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from stemportal.demo import mailbox
from stemportal.lib.styleguide import styleguide_context


@login_not_required
@never_cache
def mail(request: HttpRequest) -> HttpResponse:
    """All mails, newest first; ?to= narrows to one address."""
    to = request.GET.get("to", "")[:254]
    page = Paginator(mailbox.newest(to=to), 25).get_page(request.GET.get("page"))
    return render(request, "demo/mail.html", {"page_obj": page, "to": to})


@login_not_required
@never_cache
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: how it looks, its plain text, headers and attachments."""
    found = mailbox.one(name)
    if found is None:
        raise Http404
    return render(request, "demo/mail_detail.html", {"mail": found})


@login_not_required
@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The mail's own HTML for the frame on its page; nothing in it may run or load."""
    found = mailbox.one(name)
    if found is None:
        raise Http404
    response = HttpResponse(found.html)
    response._csp_replace = {  # type: ignore[attr-defined]  # how django-csp is told
        "default-src": ["'none'"],
        "script-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["data:"],
        "frame-ancestors": ["'self'"],
    }
    return response


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every building block of the pages, for those who build on them."""
    return render(request, "styleguide.html", styleguide_context(request))
