"""The pulse of a class: opened and shown on the board by its teacher, answered by pupils whom nobody knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.qr import qr_code
from stemportal.lib.ratelimit import allowed
from stemportal.lib.templatetags.portal import LANGUAGE_NAMES
from stemportal.outbox.letters import absolute_url
from stemportal.schools.access import booking_for
from stemportal.schools.errors import BookingError
from stemportal.schools.forms.pulse import PulseForm
from stemportal.schools.models import Booking, Moment, Pulse
from stemportal.schools.queries.pulse import pulse_of, pulse_results
from stemportal.schools.services import pulse as service
from stemportal.schools.states import Side

SENT_ON = 302

# The teacher's side


@require_POST
def pulse_open(request: PersonRequest, pk: int) -> HttpResponse:
    """Open the questions for the class, and go to the page for the board."""
    booking = booking_for(request.user, pk, act=Side.SCHOOL).booking
    try:
        service.open_pulse(booking=booking)
    except BookingError as error:
        messages.warning(request, error.words)
        return redirect("schools:booking", pk=pk)
    return redirect("schools:pulse_board", pk=pk)


@never_cache
@require_safe
def pulse_board(request: PersonRequest, pk: int) -> HttpResponse:
    """The page for the board: a large code, the address to type, and how many have answered so far."""
    booking, pulse = _of_teacher(request, pk)
    if request.htmx:  # type: ignore[attr-defined]  # django-htmx adds it
        return render(request, "schools/after/_pulse_count.html", _count(pulse))
    address = _address(pulse)
    context: dict[str, Any] = {
        "booking": booking,
        "pulse": pulse,
        "code": qr_code(address) if pulse.is_open else None,
        "address": address,
        "short": address.partition("://")[2].removesuffix("/"),
        "results": pulse_results(pulse),
        **_count(pulse),
    }
    return render(request, "schools/after/pulse_board.html", context)


@require_POST
def pulse_switch(request: PersonRequest, pk: int) -> HttpResponse:
    """The teacher goes over to the other questions, or closes them all."""
    _booking, pulse = _of_teacher(request, pk)
    asked = request.POST.get("to", "")
    try:
        if asked == "close":
            service.close_pulse(pulse=pulse)
        elif asked in Moment.values:
            service.ask_about(pulse=pulse, moment=Moment(asked))
    except BookingError as error:
        messages.warning(request, error.words)
    return redirect("schools:pulse_board", pk=pk)


def _of_teacher(request: PersonRequest, pk: int) -> tuple[Booking, Pulse]:
    booking = booking_for(request.user, pk, act=Side.SCHOOL).booking
    pulse = pulse_of(booking)
    if pulse is None:
        raise Http404
    return booking, pulse


def _count(pulse: Pulse) -> dict[str, Any]:
    before, after = service.answers_given(pulse)
    is_after = pulse.moment == Moment.AFTER
    return {"is_after": is_after, "answered": after if is_after else before, "pupils": pulse.booking.pupils}


def _address(pulse: Pulse) -> str:
    """The shortest address of the pupils' page: in whatever language their phones speak."""
    with translation.override(settings.LANGUAGE_CODE):
        return absolute_url(reverse("schools:pulse", args=[pulse.token]))


# The pupils' side


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pulse(request: HttpRequest, token: str) -> HttpResponse:
    """The three questions, for anybody with the class's code. Sets no cookie and asks for none.

    Without a cookie there is no token against forged forms (csrf_exempt), and none is needed: no login or right of a
    browser is used that another site could borrow; the secret in the address is all that counts.
    """
    language = _language(request)
    with translation.override(language):
        response = _answer(request, token, language)
        response["Content-Language"] = language
        response["X-Robots-Tag"] = "noindex"
        return response


def _answer(request: HttpRequest, token: str, language: str) -> HttpResponse:
    found = Pulse.objects.select_related("booking__session", "booking__activity").filter(token=token.lower()).first()
    context: dict[str, Any] = {
        "language": language,
        "languages": [(code, LANGUAGE_NAMES[code], code == language) for code, _name in settings.LANGUAGES],
        "portal_name": settings.PORTAL_NAME,
        "demo_mode": settings.DEMO_MODE,
    }
    if found is None:
        return _page(context | {"state": "unknown"}, status=404)
    if "thanks" in request.GET:
        return _page(context | {"state": "thanks", "again": found.is_open})
    if not found.is_open:
        return _page(context | {"state": "closed"})
    form = PulseForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status, outcome = _count_one(request, found, form)
        if status == SENT_ON:
            return HttpResponseRedirect(f"{request.path}?thanks&language={language}")
        context |= outcome
    asked = {"form": form, "is_after": found.moment == Moment.AFTER, "moment": found.moment.value}
    return _page({"state": "form"} | asked | context, status=status)


def _count_one(request: HttpRequest, pulse: Pulse, form: PulseForm) -> tuple[int, dict[str, Any]]:
    """Count the answers, or say what is in the way: the status, and what the page shows beside the questions."""
    if not allowed(request, "pulse", key=f"pulse:{pulse.pk}"):
        return 429, {"problem": _("Very many answer just now. Wait a minute, and press the button again.")}
    if not form.is_valid():
        return 422, {"problem": _("Answer all three questions, please.")}
    if form.cleaned_data["moment"] != pulse.moment:
        return 409, {"problem": _("Your class has gone on to the next questions. Please answer these.")}
    try:
        service.answer_pulse(pulse=pulse, moment=pulse.moment, answers=form.answers)
    except service.PulseClosed:
        return 200, {"state": "closed"}
    except service.PulseFull:
        return 200, {"state": "full"}
    return SENT_ON, {}


def _page(context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Drawn without the request: no person, no session and no token can come into it."""
    return render(None, "schools/after/pulse.html", context, status=status)


def _language(request: HttpRequest) -> str:
    """The language that was chosen on the page, else that of the address, else that of the browser."""
    known = dict(settings.LANGUAGES)
    if (chosen := request.GET.get("language", "")) in known:
        return chosen
    if (of_address := translation.get_language_from_path(request.path_info)) is not None:
        return of_address
    # Some browsers say "no" for Norwegian, which is no language of the portal by itself.
    if request.headers.get("Accept-Language", "").lower().startswith("no"):
        return settings.LANGUAGE_CODE
    return get_language_from_request(request)
