"""Applying to become a partner: the form, the register look-up, the page after it, the mailed confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.lib import brreg, organisation_numbers
from stemportal.lib.proof_of_work import new_challenge
from stemportal.lib.ratelimit import allowed
from stemportal.partners import register_facts
from stemportal.partners.forms.registration import RegistrationForm, looks_personal
from stemportal.partners.models import Partner
from stemportal.partners.services import declarations, registration

SESSION_KEY = "partner_application"
TOO_MANY = 429


@login_not_required
@sensitive_post_parameters("organisation_number")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """The form. Its button "Find in the register" is a submit of the same form, so it works without JavaScript."""
    if request.method != "POST":
        return _page(request, RegistrationForm())
    if "look_up" in request.POST:
        return _look_up(request)
    return _apply(request)


def _page(request: HttpRequest, form: RegistrationForm, status: int = 200, **context: Any) -> HttpResponse:
    declaration = declarations.current_declaration()
    context |= {"form": form, "declaration": declaration, "decision_days": registration.DECISION_WORKING_DAYS}
    return render(request, "partners/register.html", context, status=status)


def _look_up(request: HttpRequest) -> HttpResponse:
    """Fill in what the register knows; everything typed stays, and nothing else is complained about yet."""
    if not allowed(request, "register_lookup"):
        form = RegistrationForm(request.POST)
        text = _("That was many look-ups in a short time. Please fill in the facts by hand, or try again in an hour.")
        form.only_say(text)
        return _looked_up(request, form, "warning", text, status=TOO_MANY)
    form = RegistrationForm.for_look_up(request.POST)
    if form.number:
        unit = brreg.look_up(form.number)
        form.fill(unit)
        return _looked_up(request, form, *register_facts.message(unit))
    return _looked_up(request, form, "danger", str(form.errors["organisation_number"][0]))


def _looked_up(request: HttpRequest, form: RegistrationForm, color: str, text: str, status: int = 200) -> HttpResponse:
    answer = {"color": color, "text": text}
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        # htmx shows a refused form (422) in place, any other refusal as a general notice.
        code = 422 if status == TOO_MANY else 200
        return render(request, "partners/register.html#looked_up", {"form": form, "answer": answer}, status=code)
    return _page(request, form, status=status, answer=answer)


def _apply(request: HttpRequest) -> HttpResponse:
    if not allowed(request, "register"):
        return _too_many(request)
    number = _typed_number(request)
    token = registration.confirm_token(
        request.POST.get("form_key", ""), number, request.POST.get("contact_email", "").strip()
    )
    # Asked before the transaction: the register may take seconds.
    unit = brreg.look_up(number) if number else None
    with registration.one_submission(token) as earlier:
        if earlier is not None:
            return _done(request, earlier)
        form = RegistrationForm(request.POST)
        if not form.is_valid():
            return _page(request, form)
        return _receive(request, form, unit, token)


def _receive(request: HttpRequest, form: RegistrationForm, unit: brreg.Unit | None, token: str) -> HttpResponse:
    """Write a valid application down; what only the database knows comes back as a message in the form."""
    if not form.has_proof and not allowed(request, "register_without_proof"):
        return _too_many(request)
    try:
        partner = registration.register_partner(
            application=form.application(),
            language=get_language() or "nb",
            has_proof=form.has_proof,
            register=unit,
            token=token,
        )
    except registration.NumberTaken:
        form.number_taken()
        return _page(request, form)
    except registration.NothingToSign:
        return _page(request, form, status=503)
    return _done(request, partner)


def _typed_number(request: HttpRequest) -> str:
    typed = request.POST.get("organisation_number", "")
    try:
        return "" if looks_personal(typed) else organisation_numbers.clean(typed)
    except ValueError:
        return ""


def _too_many(request: HttpRequest) -> HttpResponse:
    form = RegistrationForm(request.POST)
    form.only_say(
        _("Many applications have come from your network in a short time. Nothing is lost: please send it in an hour.")
    )
    return _page(request, form, status=TOO_MANY)


def _done(request: HttpRequest, partner: Partner) -> HttpResponse:
    request.session[SESSION_KEY] = partner.pk
    return redirect("partners:registered")


@login_not_required
@require_safe
@never_cache
def registered(request: HttpRequest) -> HttpResponse:
    """What happens next and by when; only the browser that applied sees its own names."""
    partner = Partner.objects.filter(pk=request.session.get(SESSION_KEY, 0)).first()
    context = {
        "partner": partner,
        "is_unconfirmed": partner is not None and partner.status == Partner.Status.UNCONFIRMED,
        "answer_by": registration.answer_by(partner.applied_at) if partner else None,
        "confirm_days": registration.CONFIRM_DAYS,
        "decision_days": registration.DECISION_WORKING_DAYS,
    }
    return render(request, "partners/registered.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: a page with a button. Opening it changes nothing, because mail filters open links too."""
    partner = get_object_or_404(Partner, confirm_token=token)
    is_old = registration.link_is_old(partner)
    context = {"partner": partner, "is_old": is_old, "is_waiting": partner.status == Partner.Status.UNCONFIRMED}
    if request.method == "POST" and not is_old and context["is_waiting"]:
        try:
            registration.confirm_application(partner=partner)
        except registration.NumberTaken:
            return render(request, "partners/confirm.html", {**context, "is_taken": True}, status=409)
        return _done(request, partner)
    return render(request, "partners/confirm.html", context)


@login_not_required
@require_safe
@never_cache
def challenge(request: HttpRequest) -> JsonResponse:
    """A little work for the visitor's browser (ALTCHA); each answer counts once."""
    return JsonResponse(new_challenge())
