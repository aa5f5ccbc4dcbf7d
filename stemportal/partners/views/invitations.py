"""The page behind a mailed invitation. Opening it changes nothing; accepting needs the invited address, proved.

Whoever holds the link may have had it forwarded. So a visitor is mailed a login code to the invited address first, and
somebody who is logged in may accept only with an account that has confirmed that address.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import request_login_code
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stemportal.partners.forms.members import AcceptForm
from stemportal.partners.models import Invitation, Membership, token_hash
from stemportal.partners.services import members as services

GONE = 410


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites to what, and one button: accept, or log in with the invited address first."""
    found = Invitation.objects.select_related("partner", "invited_by").filter(token_hash=token_hash(token)).first()
    if found is None:
        return render(request, "partners/invitation_gone.html", {"why": "unknown"}, status=404)
    if closed := _closed(request, found):
        return closed
    if request.method == "POST":
        return _answer(request, found, token)
    return _page(request, found)


def _closed(request: HttpRequest, found: Invitation) -> HttpResponse | None:
    """The page for an invitation that cannot be accepted any more, with what to do; None when it still can."""
    is_mine = found.accepted_at is not None and found.accepted_by_id == request.user.pk
    if is_mine and Membership.objects.filter(partner=found.partner_id, user=found.accepted_by_id).exists():
        return render(request, "partners/invitation_gone.html", {"why": "mine", "invitation": found})
    if found.is_open and found.partner.status not in services.CLOSED:
        return None
    why = (
        "ended"
        if found.partner.status in services.CLOSED
        else "used"
        if found.accepted_at
        else "revoked"
        if found.revoked_at
        else "expired"
    )
    return render(request, "partners/invitation_gone.html", {"why": why, "invitation": found}, status=GONE)


def _page(request: HttpRequest, found: Invitation, form: AcceptForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {"invitation": found, "partner": found.partner}
    if request.user.is_authenticated:
        context |= {
            "may_accept": services.has_proved(request.user, found.email),
            "form": form or AcceptForm(user=request.user),
            "membership": Membership.objects.filter(partner=found.partner, user=request.user).first(),
        }
    return render(request, "partners/invitation.html", context)


def _answer(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    """Accept, or begin the login that may accept. Logging out and on is a button of its own, never a surprise."""
    if not request.user.is_authenticated:
        return _mail_code(request, found)
    if "switch" in request.POST:
        get_adapter().logout(request)
        return _mail_code(request, found)
    form = AcceptForm(request.POST, user=request.user)
    if not services.has_proved(request.user, found.email) or not form.is_valid():
        return _page(request, found, form)
    try:
        membership = services.accept_invitation(
            invitation=found, user=request.user, full_name=form.cleaned_data.get("full_name", "")
        )
    except services.MemberError:
        # Used, taken back or ended between looking and pressing: the page says which.
        return redirect("partners:invitation", token=token)
    text = _("Welcome! You now look after %(partner)s as %(role)s.")
    names = {"partner": found.partner.display_name, "role": membership.get_role_display().lower()}
    messages.success(request, text % names)
    return redirect("schools:partner_today", found.partner_id)


def _mail_code(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Let allauth mail a login code to the invited address and come back here; its limits are the ones that count."""
    services.account_for_invitation(invitation=found, language=get_language() or "nb")
    answer = QueryDict(mutable=True)
    answer.update({"email": found.email, "next": request.path})
    request.POST = answer  # type: ignore[assignment]  # allauth's view reads its form from here
    return request_login_code(request)
