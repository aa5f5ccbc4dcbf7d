"""Applying to become a partner: the form, the register look-up, the page after it, the mailed confirmation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.lib import brreg, organisation_numbers
from stemportal.lib.proof_of_work import new_challenge
from stemportal.lib.ratelimit import allowed
from stemportal.partners import register_facts
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.partners.forms.registration import HOME, RegistrationForm
from stemportal.partners.models import DRAFT_DAYS, Partner, RegistrationDraft
from stemportal.partners.register_facts import Told
from stemportal.partners.services import declarations, drafts, registration

SESSION_KEY = "partner_application"
DRAFT_SESSION_KEY = "partner_draft"
TOO_MANY = 429


@dataclass(frozen=True)
class Desk:
    """One request to the form: the draft it goes on with, that draft's link token, and which fields had to forget."""

    draft: RegistrationDraft | None = None
    token: str = ""
    forgotten: Collection[str] = ()


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """The form. Each of its buttons is a submit of the same form, so all of them work without JavaScript."""
    if request.method != "POST":
        return _page(request, Desk(), RegistrationForm())
    return answer(request)


def begin(request: HttpRequest, draft: RegistrationDraft) -> HttpResponse:
    """The form as it was left."""
    return _page(request, Desk(draft), RegistrationForm(initial=draft.data))


def answer(request: HttpRequest, draft: RegistrationDraft | None = None, token: str = "") -> HttpResponse:
    """Do what the pressed button says. ``draft`` and its ``token`` stand for a form opened with a mailed link."""
    # From here on nobody meets a personal identity number: no form, no log, no error report.
    request.POST, forgotten = forget_personal_numbers(request.POST)  # type: ignore[assignment]
    desk = Desk(draft, token, forgotten)
    if "look_up" in request.POST or "use_parent" in request.POST:
        return _look_up(request, desk)
    if "show" in request.POST:
        return _show(request, desk)
    if "save" in request.POST:
        return _save(request, desk)
    return _apply(request, desk)


def _page(request: HttpRequest, desk: Desk, form: RegistrationForm, status: int = 200, **context: Any) -> HttpResponse:
    context |= {
        "form": form,
        "draft": desk.draft,
        "declaration": declarations.current_declaration(),
        "decision_days": registration.DECISION_WORKING_DAYS,
        "confirm_days": registration.CONFIRM_DAYS,
        "draft_days": DRAFT_DAYS,
        "retention_days": settings.PARTNER_RETENTION_DAYS,
    }
    return render(request, "partners/register.html", context, status=status)


# The register


def _look_up(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Fill in what the register knows; everything typed stays, and nothing else is complained about yet."""
    if not allowed(request, "register_lookup"):
        form = RegistrationForm(request.POST)
        text = _("That was many look-ups in a short time. Please fill in the facts by hand, or try again in an hour.")
        form.only_say(text)
        return _looked_up(request, desk, form, Told(color="warning", text=text), status=TOO_MANY)
    parent_number = request.POST.get("use_parent", "")
    form = RegistrationForm.for_look_up(request.POST, number=parent_number, forgotten=desk.forgotten)
    if not form.number:
        text = str(form.errors["organisation_number"][0])
        return _looked_up(request, desk, form, Told(color="danger", text=text))
    if not form.looks_up:
        text = _(
            "The number is right. We can only look up organisations in Norway, so please fill in the facts by hand."
        )
        return _looked_up(request, desk, form, Told(color="info", text=text))
    unit = brreg.look_up(form.number)
    parent = register_facts.parent_of(unit)
    branch = _typed_number(request) if parent_number else ""
    form.fill(unit, parent=parent, instead_of=brreg.look_up(branch) if branch else None)
    return _looked_up(request, desk, form, register_facts.tell(unit, parent))


def _looked_up(request: HttpRequest, desk: Desk, form: RegistrationForm, told: Told, status: int = 200) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        # htmx shows a refused form (422) in place, any other refusal as a general notice.
        code = 422 if status == TOO_MANY else 200
        return render(request, "partners/register.html#looked_up", {"form": form, "answer": told}, status=code)
    return _page(request, desk, form, status=status, answer=told)


def _show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask the questions of the chosen kind, or follow the chosen country; nothing is complained about yet."""
    form = RegistrationForm.asked_only_about([], request.POST, forgotten=desk.forgotten)
    if not request.htmx:  # type: ignore[attr-defined]
        return _page(request, desk, form)
    part = "country" if request.POST["show"] == "country" else "questions"
    return render(request, f"partners/register.html#{part}", {"form": form})


# For later


def _save(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep what was typed and mail the link; only the address must be right."""
    if not allowed(request, "register_draft"):
        return _too_many(request, desk, _("That was saved many times in a short time. Please try again in an hour."))
    form = RegistrationForm.for_keeping(request.POST, forgotten=desk.forgotten)
    if form.errors:
        return _page(request, desk, form)
    email = form.cleaned_data["contact_email"]
    token = desk.token if desk.draft else drafts.draft_token(request.POST.get("form_key", ""))
    if drafts.would_mail(token=token, email=email) and not allowed(request, "register_draft_address", key=email):
        text = _("Many links have been mailed to this address today. Use the newest of them, or try again tomorrow.")
        return _too_many(request, desk, text)
    saved = drafts.save_draft(token=token, data=form.kept(), email=email, language=get_language() or "nb")
    request.session[DRAFT_SESSION_KEY] = {
        "pk": saved.draft.pk,
        "is_mailed": saved.is_mailed,
        "is_forgotten": bool(form.forgotten),
    }
    return redirect("partners:register_saved")


# Sending it


def _apply(request: HttpRequest, desk: Desk) -> HttpResponse:
    if not allowed(request, "register"):
        return _too_many(request, desk)
    number, form_key = _typed_number(request), request.POST.get("form_key", "")
    token = registration.confirm_token(form_key, number, request.POST.get("contact_email", "").strip())
    # Asked before the transaction: the register may take seconds.
    unit = brreg.look_up(number) if number and request.POST.get("country", HOME) == HOME else None
    parent = register_facts.parent_of(unit) if unit else None
    with registration.one_submission(token) as earlier:
        if earlier is not None:
            return _done(request, earlier)
        form = RegistrationForm(request.POST, forgotten=desk.forgotten)
        if not form.is_valid() or not form.is_known_to_differ():
            return _page(request, desk, form)
        return _receive(request, desk, form, unit, parent, token)


def _receive(
    request: HttpRequest,
    desk: Desk,
    form: RegistrationForm,
    unit: brreg.Unit | None,
    parent: brreg.Unit | None,
    token: str,
) -> HttpResponse:
    """Write a valid application down; what only the database knows comes back as a message in the form."""
    if not form.has_proof and not allowed(request, "register_without_proof"):
        return _too_many(request, desk)
    try:
        partner = registration.register_partner(
            application=form.application(),
            language=get_language() or "nb",
            has_proof=form.has_proof,
            register=unit,
            parent=parent,
            token=token,
        )
    except registration.NumberTaken:
        form.number_taken()
        return _page(request, desk, form)
    except registration.NothingToSign:
        return _page(request, desk, form, status=503)
    # Kept from the mailed link, or from this very form before the person went back and sent it.
    for draft_token in {desk.token, drafts.draft_token(request.POST.get("form_key", ""))}:
        drafts.delete_draft(token=draft_token)
    return _done(request, partner)


def _typed_number(request: HttpRequest) -> str:
    country = request.POST.get("country") or HOME
    try:
        return organisation_numbers.clean(request.POST.get("organisation_number", ""), country)
    except (ValueError, KeyError):
        return ""


def _too_many(request: HttpRequest, desk: Desk, text: str = "") -> HttpResponse:
    form = RegistrationForm(request.POST)
    form.only_say(
        text
        or _(
            "Many applications have come from your network in a short time. Nothing is lost: please send it in an hour."
        )
    )
    return _page(request, desk, form, status=TOO_MANY)


def _done(request: HttpRequest, partner: Partner) -> HttpResponse:
    request.session[SESSION_KEY] = partner.pk
    request.session.pop(DRAFT_SESSION_KEY, None)
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
    partner = Partner.objects.filter(confirm_token=token).first()
    if partner is None:
        # Applications that nobody confirmed are deleted: to the one who comes late the link has run out.
        return render(request, "partners/confirm.html", {"is_waiting": True, "is_old": True}, status=404)
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
