"""A partner's pots: what is left in them, a new pledge, and the answers to schools that ask."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.lib.school_year import label
from stemportal.partners.access import READ_ONLY, membership_of, partner_for_member
from stemportal.partners.models import Membership
from stemportal.schools import journeys
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.transport import DecisionForm, PledgeForm, first_amount, steps_of
from stemportal.schools.models import TransportGrant
from stemportal.schools.queries.transport import bars, grants_of_partner, pots_of_partner
from stemportal.schools.services.grants import GrantMoved, answer_grant
from stemportal.schools.services.pots import pledge_pot

PAGE_SIZE = 25
TOO_MANY, REFUSED = 429, 422


@require_http_methods(["GET", "HEAD", "POST"])
def partner_pots(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """The partner's pots, what schools ask for out of them, and a form for a new pledge."""
    membership = membership_of(request.user, partner_pk)
    if request.method != "POST":
        return _pots(request, membership, PledgeForm())
    partner = partner_for_member(request.user, partner_pk, edit=True)
    form = PledgeForm(request.POST)
    if not allowed(request, "grant", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was a lot in a short time. Please try again in an hour."))
        return _pots(request, membership, form, status=TOO_MANY)
    if not form.is_valid():
        return _pots(request, membership, form, status=REFUSED)
    facts = form.cleaned_data
    county = facts["county"]
    try:
        pledge_pot(
            partner=partner,
            name=facts["name"],
            school_year=facts["school_year"],
            county_id=county.pk if county else None,
            ore=facts["ore"],
        )
    except BookingError as error:
        form.add_error(None, error.words)
        return _pots(request, membership, form, status=REFUSED)
    messages.success(request, _("Thank you! The secretariat opens the pot as soon as it has looked at it."))
    return redirect("schools:partner_pots", partner_pk)


def _pots(request: PersonRequest, membership: Membership, form: PledgeForm, *, status: int = 200) -> HttpResponse:
    partner = membership.partner
    context = {
        "partner": partner,
        "room": "pots",
        "pots": [(pot, label(pot.school_year), bars(pot)) for pot in pots_of_partner(partner)],
        "page_obj": Paginator(grants_of_partner(partner), PAGE_SIZE).get_page(request.GET.get("page")),
        "may_edit": membership.may_edit and partner.status not in READ_ONLY,
        "form": form,
    }
    return render(request, "schools/transport/pots.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def partner_grant(request: PersonRequest, partner_pk: int, pk: int) -> HttpResponse:
    """What one school asks for out of the partner's pot, and the answer."""
    membership = membership_of(request.user, partner_pk)
    grant = get_object_or_404(TransportGrant.objects.with_facts(), pk=pk, pot__partner=partner_pk)
    if request.method != "POST":
        return _grant(request, membership, grant)
    partner_for_member(request.user, partner_pk, edit=True)
    do = request.POST.get("do", "")
    form = DecisionForm(request.POST, do=do)
    if do not in steps_of(grant):
        messages.warning(request, GrantMoved().words)
        return redirect("schools:partner_grant", partner_pk, pk)
    if not form.is_valid():
        return _grant(request, membership, grant, form=form, status=REFUSED)
    try:
        answer_grant(grant=grant, do=do, pot_id=grant.pot_id, by=request.user, **form.cleaned_data)
    except GrantMoved as error:
        messages.warning(request, error.words)
    except BookingError as error:
        form.add_error(error.field if error.field in form.fields else None, error.words)
        return _grant(request, membership, grant, form=form, status=REFUSED)
    else:
        messages.success(request, _("Done. The teacher has been told."))
    return redirect("schools:partner_grant", partner_pk, pk)


def _grant(
    request: PersonRequest,
    membership: Membership,
    grant: TransportGrant,
    *,
    form: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    partner = membership.partner
    context = {
        "partner": partner,
        "room": "pots",
        "grant": grant,
        "proposed_km": journeys.distance(grant.booking),
        "steps": steps_of(grant) if membership.may_edit and partner.status not in READ_ONLY else [],
        "form": form or DecisionForm(initial={"ore": first_amount(grant)}),
    }
    return render(request, "schools/transport/partner_grant.html", context, status=status)
