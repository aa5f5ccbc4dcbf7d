"""The room page "Level and pledges": what a partner means to do in a programme year, and how far it has come."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.requests import PersonRequest
from stemportal.activities.models import Activity, Kind
from stemportal.activities.pledging import kinds_with_pledges, pledges_of, set_pledges
from stemportal.lib.school_year import current_school_year, label
from stemportal.partners.access import READ_ONLY, membership_of, partner_for_member
from stemportal.partners.models import Engagement, Level, Partner
from stemportal.partners.queries.engagement import engagement_of, levels_of_year
from stemportal.partners.services.engagement import ChangedMeanwhile, open_years, set_level
from stemportal.schools.charts import chart_of
from stemportal.schools.forms.engagement import Change, EngagementForm, Plan
from stemportal.schools.progress import offers_in_year, pledge_progress, sessions_in_year

PAGE_SIZE = 25
EARLIEST, LATEST = 2000, 2200


def engagement(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Pick the level, pledge, and see pledged, published, booked and delivered side by side."""
    membership = membership_of(request.user, partner_pk)
    partner, year = membership.partner, _chosen_year(request)
    if request.method == "POST":
        partner_for_member(request.user, partner_pk, edit=True)
        if year not in open_years():
            raise PermissionDenied(_("The pledges of this programme year can no longer be changed."))
    levels = list(levels_of_year(year))
    picked = engagement_of(partner, year)
    kinds = kinds_with_pledges(partner, year)
    plan = _plan(picked, kinds)
    asked = [kind for kind in kinds if kind.is_active or kind.code in plan.pledges]
    may_edit = membership.may_edit and partner.status not in READ_ONLY and year in open_years()
    changes: list[Change] = []
    status, is_filled_in = 200, False
    if request.method == "POST":
        form = EngagementForm(request.POST, levels=levels, kinds=asked, plan=plan)
        status = 422
        if form.is_valid():
            try:
                return _saved(request, partner, year, form)
            except ChangedMeanwhile:
                status = 409
                form, changes = form.rebased(_plan(engagement_of(partner, year), kinds_with_pledges(partner, year)))
    else:
        is_filled_in = may_edit and request.GET.get("like") == "last"
        start = _last_years_plan(partner, year, levels) if is_filled_in else plan
        form = EngagementForm(levels=levels, kinds=asked, plan=start, seen=plan)
    today = timezone.localdate()
    context = {
        "partner": partner,
        "room": "engagement",
        "year": year,
        "year_label": label(year),
        "years": [(each, label(each), each == year) for each in _years_to_show(year)],
        "levels": levels,
        "picked": picked,
        "form": form,
        "changes": changes,
        "is_filled_in": is_filled_in,
        "may_edit": may_edit,
        "lines": [(line, chart_of(line, today)) for line in pledge_progress(partner, year)],
        "last_year": label(year - 1) if may_edit and pledges_of(partner, year - 1) else "",
    }
    return render(request, "schools/engagement.html", context, status=status)


def _chosen_year(request: PersonRequest) -> int:
    """The programme year of the address; without one, or with nonsense, this one."""
    try:
        year = int(request.GET.get("year", "")[:4])
    except ValueError:
        return current_school_year()
    return year if EARLIEST <= year <= LATEST else current_school_year()


def _years_to_show(year: int) -> list[int]:
    this = current_school_year()
    return sorted({this - 1, *open_years(), year})


def _address(partner: Partner, year: int) -> str:
    address = reverse("schools:engagement", args=[partner.pk])
    return address if year == current_school_year() else f"{address}?year={year}"


def _plan(picked: Engagement | None, kinds: list[Kind]) -> Plan:
    pledged = {kind.code: kind.pledged for kind in kinds if kind.pledged}  # type: ignore[attr-defined]
    return Plan(picked.level_id if picked else None, pledged)


def _last_years_plan(partner: Partner, year: int, levels: list[Level]) -> Plan:
    """Last year's pledges, and the level of the same code, to begin from."""
    last = engagement_of(partner, year - 1)
    same = next((level.pk for level in levels if last and level.code == last.level.code), None)
    return Plan(same, pledges_of(partner, year - 1))


def _saved(request: PersonRequest, partner: Partner, year: int, form: EngagementForm) -> HttpResponse:
    """Save level and pledges, both or neither, and say so. Raises ChangedMeanwhile."""
    seen, wanted = form.seen, form.wanted
    level = next((level for level in form.levels if level.pk == wanted.level), None)
    with transaction.atomic():
        changed = set_pledges(
            partner=partner, school_year=year, quantities=wanted.pledges, shown=seen.pledges, by=request.user
        )
        if form.levels:
            changed |= set_level(partner=partner, school_year=year, level=level, shown=seen.level, by=request.user)
    if changed:
        messages.success(request, _("Saved. Schools and the secretariat count on you. You can change it at any time."))
    else:
        messages.info(request, _("Nothing was different, so nothing is changed."))
    return redirect(_address(partner, year))


def published_places(request: PersonRequest, partner_pk: int, school_year: int, kind: str) -> HttpResponse:
    """What stands behind "published" of one kind: its sessions with their places, and offers without dates."""
    partner = partner_for_member(request.user, partner_pk)
    chosen = get_object_or_404(Kind, code=kind)
    if not EARLIEST <= school_year <= LATEST:
        raise Http404("no such programme year")
    sessions = sessions_in_year(partner, school_year).filter(activity__kind=chosen).select_related("activity")
    offers = offers_in_year(partner, school_year).filter(kind=chosen).order_by("title", "pk")
    by_offer = chosen.pledge_unit == Kind.PledgeUnit.PUBLISHED
    if not by_offer:
        offers = offers.filter(policy=Activity.Policy.ON_REQUEST, has_dates=False)
    rows = offers if by_offer else sessions.order_by("starts_at", "pk")
    context = {
        "partner": partner,
        "room": "engagement",
        "kind": chosen,
        "by_offer": by_offer,
        "year": school_year,
        "year_label": label(school_year),
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "on_request": [] if by_offer else offers,
        "back": _address(partner, school_year),
    }
    return render(request, "schools/published_places.html", context)
