"""The page behind the link that a role model is mailed: look, say yes or no, take it back, have the profile deleted.

Opening it changes nothing, for mail filters open links; every answer is a button. Nothing on it leads to another site
without ``noreferrer``, and the portal's Referrer-Policy (same-origin) keeps the address with the portal.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.activities.models import RoleModelConsent
from stemportal.activities.queries.role_models import counties_of
from stemportal.activities.services import consents as services
from stemportal.activities.services.consent_links import find_consent
from stemportal.activities.services.role_models import NotComplete
from stemportal.activities.views.role_models import stored_photo
from stemportal.lib.ratelimit import allowed

GONE, TOO_MANY = 410, 429


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def role_model_consent(request: HttpRequest, token: str) -> HttpResponse:
    """The profile as schools will see it, the words of the consent, and the buttons."""
    if not allowed(request, "role_model_consent"):
        return render(request, "429.html", status=TOO_MANY)
    consent = find_consent(token)
    if consent is None:
        return render(request, "activities/role_models/consent_unknown.html", status=404)
    if request.method == "POST":
        return _answer(request, consent, token)
    return _page(request, consent, token)


def _page(request: HttpRequest, consent: RoleModelConsent, token: str) -> HttpResponse:
    role_model = consent.role_model
    text = consent.text or services.consent_text(role_model.partner, get_language() or "nb")
    context = {
        "token": token,
        "consent": consent,
        "role_model": role_model,
        "partner": role_model.partner,
        "consent_text": text,
        "seen": services.fingerprint(role_model, text),
        "subjects": role_model.subjects.all(),
        "counties": counties_of(role_model),
    }
    has_run_out = not consent.is_answered and not consent.is_open
    return render(request, "activities/role_models/consent.html", context, status=GONE if has_run_out else 200)


def _answer(request: HttpRequest, consent: RoleModelConsent, token: str) -> HttpResponse:
    answers: dict[str, Callable[[HttpRequest, RoleModelConsent], None]] = {
        "yes": _yes,
        "no": _no,
        "withdraw": _withdraw,
        "delete": _delete,
    }
    answer = answers.get(request.POST.get("answer", ""))
    if answer is not None:
        try:
            answer(request, consent)
        except services.ConsentClosed:
            messages.warning(request, _("This link has run out, or there is a newer one. Nothing was changed."))
    return redirect("activities:role_model_consent", token)


def _yes(request: HttpRequest, consent: RoleModelConsent) -> None:
    try:
        services.give_consent(consent=consent, seen=request.POST.get("seen", ""), language=get_language() or "nb")
    except services.ProfileChanged:
        messages.warning(request, _("The profile has just been changed. Please read it once more before you say yes."))
    except NotComplete:
        messages.warning(request, _("The profile cannot be shown yet. Please ask the organisation what is missing."))
    else:
        messages.success(request, _("Thank you! Your profile is shown from now on."))


def _no(request: HttpRequest, consent: RoleModelConsent) -> None:
    if services.refuse_consent(consent=consent):
        messages.success(request, _("Thank you for the answer. The profile is not shown."))


def _withdraw(request: HttpRequest, consent: RoleModelConsent) -> None:
    if services.withdraw_consent(consent=consent):
        messages.success(request, _("Your consent is taken back. The profile and the photo are not shown any more."))


def _delete(request: HttpRequest, consent: RoleModelConsent) -> None:
    if services.delete_at_wish(consent=consent):
        messages.success(request, _("The profile is deleted."))


@login_not_required
@require_safe
@never_cache
def role_model_consent_photo(request: HttpRequest, token: str) -> FileResponse | HttpResponse:
    """The photo of the profile behind the link, also before anybody else may see it."""
    if not allowed(request, "role_model_consent"):
        return HttpResponse(status=TOO_MANY)
    consent = find_consent(token)
    if consent is None or consent.role_model.portrait is None:
        raise Http404("no such photo")
    return stored_photo(consent.role_model)
