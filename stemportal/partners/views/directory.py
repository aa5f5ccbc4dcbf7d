"""Pages about partners that everybody may read."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stemportal.partners.access import visible_partner
from stemportal.partners.filters import PartnerFilter
from stemportal.partners.models import Partner
from stemportal.partners.queries import directory as queries
from stemportal.partners.services import declarations, registration

PAGE_SIZE = 25


@login_not_required
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """All approved partners, by name; filters are plain links and a form that works without JavaScript."""
    partners = PartnerFilter(request.GET, queryset=queries.directory(), request=request)
    page = Paginator(partners.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    is_filtered = any(request.GET.get(name) for name in partners.filters)
    context = {"filter": partners, "form": partners.form, "page_obj": page, "is_filtered": is_filtered}
    return render(request, "partners/directory.html", context)


@login_not_required
@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One partner. Members see their own page also before it is approved."""
    partner = visible_partner(request.user, slug)
    return render(request, "partners/detail.html", {"partner": partner})


@login_not_required
@require_safe
def signatories(request: HttpRequest) -> HttpResponse:
    """Who has signed the declaration, and its text."""
    page = Paginator(queries.signatories(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "declaration": declarations.current_declaration()}
    return render(request, "partners/signatories.html", context)


@login_not_required
@require_safe
def become(request: HttpRequest) -> HttpResponse:
    """What partnership gives and asks, and the way to the form."""
    examples = Partner.objects.approved().select_related("municipality").exclude(about="").order_by("-decided_at", "pk")
    context = {
        "examples": examples[:3],
        "declaration": declarations.current_declaration(),
        "decision_days": registration.DECISION_WORKING_DAYS,
    }
    return render(request, "partners/become.html", context)
