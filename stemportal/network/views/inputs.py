"""Input, hearings and recommendations, as partners and everybody see them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib import ratelimit
from stemportal.network import access_inputs as access
from stemportal.network.forms.inputs import InputForm, ListForm
from stemportal.network.models import Hearing, Input, Recommendation
from stemportal.network.queries import inputs as queries
from stemportal.network.services import inputs as services
from stemportal.partners.models import Partner

PAGE_SIZE = 25
CLOSED_SHOWN = 5


@require_safe
def inputs(request: PersonRequest) -> HttpResponse:
    """What is asked now, and what partners have sent."""
    reader = access.reader_of_shared(request.user)
    form = ListForm(request.GET)
    found = queries.inputs_for(reader, **form.asked())
    context = {
        "reader": reader,
        "page_obj": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "form": form,
        "is_filtered": any(form.asked().values()),
        "open_hearings": Hearing.objects.open(),
        "closed_hearings": queries.closed_hearings()[:CLOSED_SHOWN],
        "recommendations": Recommendation.objects.published()[:CLOSED_SHOWN],
    }
    return render(request, "network/inputs/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def input_add(request: PersonRequest) -> HttpResponse:
    """Send input: to an open hearing, or freely."""
    reader = access.writer_of(request.user)
    partners = reader.writes_for
    chosen = {name: request.GET.get(name, "") for name in ("hearing", "partner")}
    form = InputForm(request.POST if request.method == "POST" else None, partners=partners, initial=chosen)
    if form.is_bound and form.is_valid() and (sent := _sent(request, form)):
        messages.success(request, _("Sent. Thank you! We read everything, and tell you when something happens."))
        return redirect(sent)
    return render(request, "network/inputs/add.html", {"form": form, "partners": partners})


def _sent(request: PersonRequest, form: InputForm) -> Input | None:
    """Send what was written; None with the reason in the form, where nothing of the text is lost."""
    if not ratelimit.allowed(request, "input", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was much input in an hour. Nothing is lost: please send it a little later."))
        return None
    try:
        return services.submit_input(by=request.user, **form.facts())
    except services.HearingClosed as error:
        form.add_error("hearing", f"{error.words} {_('Your text is still here: you can send it as something else.')}")
    except services.InputError as error:
        form.add_error(None, error.words)
    return None


@require_safe
def input_page(request: PersonRequest, pk: int) -> HttpResponse:
    """An input: how it stands, the text, who supports it, and the answer."""
    found, reader = access.input_for(request.user, pk)
    supporters = list(queries.supporters_of(found))
    supporting = {support.partner_id for support in supporters}
    others = [partner for partner in reader.writes_for if partner.pk != found.partner_id]
    can_be_supported = services.can_be_supported(found)
    context = {
        "input": found,
        "reader": reader,
        "is_own": reader.acts_for(found.partner_id),
        "supporters": supporters,
        "can_support": [partner for partner in others if partner.pk not in supporting] if can_be_supported else [],
        "can_take_back": [partner for partner in others if partner.pk in supporting] if can_be_supported else [],
        "may_withdraw": reader.may_withdraw(found),
        "answer": found.answer if reader.may_read_answer(found) else "",
        "steps": found.events.order_by("at", "pk"),
    }
    return render(request, "network/inputs/input.html", context)


@require_POST
def input_support(request: PersonRequest, pk: int) -> HttpResponse:
    """Stand behind another partner's input, or do so no more (``do=take_back``)."""
    found, reader = access.input_to_support(request.user, pk)
    partner = _chosen(reader.writes_for, request.POST.get("partner", ""))
    takes_back = request.POST.get("do") == "take_back"
    if not ratelimit.allowed(request, "input_support", key=f"user:{request.user.pk}"):
        messages.warning(request, _("That was a lot in a short time. Please try again in an hour."))
        return redirect(found)
    act = services.take_support_back if takes_back else services.support_input
    try:
        act(found=found, partner=partner, by=request.user)
    except services.InputError as error:
        messages.warning(request, error.words)
    else:
        text = _("%(partner)s no longer supports this.") if takes_back else _("%(partner)s now supports this.")
        messages.success(request, text % {"partner": partner})
    return redirect(found)


def _chosen(partners: list[Partner], pk: str) -> Partner:
    """The partner that the form names, as long as the person may act for it; else the first one."""
    return next((partner for partner in partners if str(partner.pk) == pk), partners[0])


@require_POST
def input_withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Take one's own input back."""
    found = access.input_to_withdraw(request.user, pk)
    try:
        services.withdraw_input(found=found, by=request.user)
    except services.InputError as error:
        messages.warning(request, error.words)
    else:
        messages.success(request, _("Withdrawn. Nobody but you and the secretariat sees it any more."))
    return redirect(found)


@require_safe
def hearing(request: PersonRequest, pk: int) -> HttpResponse:
    """A hearing: what is asked, until when, what came in, and what came of it."""
    found, reader = access.hearing_for(request.user, pk)
    order = ListForm(request.GET).asked()["order"]
    came_in = queries.inputs_of_hearing(found, reader, order)
    context = {
        "hearing": found,
        "is_open": found.is_open(),
        "is_to_come": found.opens_at > timezone.now(),
        "add_url": f"{reverse('network:input_add')}?hearing={found.pk}" if reader.writes_for else "",
        "reader": reader,
        "order": order,
        "page_obj": Paginator(came_in, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "network/inputs/hearing.html", context)


@login_not_required
@require_safe
def recommendations(request: HttpRequest) -> HttpResponse:
    """What the programme recommends, for everybody."""
    found = Paginator(Recommendation.objects.published(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "network/inputs/recommendations.html", {"page_obj": found})


@login_not_required
@require_safe
def recommendation(request: HttpRequest, pk: int) -> HttpResponse:
    """One recommendation, and on whose input it rests."""
    found = access.published_recommendation(pk)
    context: dict[str, Any] = {"recommendation": found, "partners": queries.named_in(found)}
    return render(request, "network/inputs/recommendation.html", context)
