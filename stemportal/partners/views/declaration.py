"""The declaration in a partner's room: the text in force, what is new in it, signing, and every signature as a PDF."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.templatetags.portal import LANGUAGE_NAMES, localized
from stemportal.partners.access import READ_ONLY, membership_of, partner_for_owner, signature_for_member
from stemportal.partners.declaration_changes import compare
from stemportal.partners.declaration_document import make_pdf
from stemportal.partners.forms.declaration import SignForm
from stemportal.partners.models import Membership, Signature
from stemportal.partners.queries.declarations import signatures_of
from stemportal.partners.queries.members import members_of
from stemportal.partners.services import declarations as services

CONFLICT = 409


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def declaration(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """The text in force and the partner's signatures; owners sign what is not signed yet."""
    if request.method != "POST":
        return _page(request, partner_pk)
    partner = partner_for_owner(request.user, partner_pk)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, partner_pk, form)
    try:
        signature, is_new = services.sign_declaration(
            partner=partner,
            fingerprint=form.cleaned_data["read"],
            signed_name=form.cleaned_data["signed_name"],
            by=request.user,
        )
    except services.TextChanged:
        return _page(request, partner_pk, form, status=CONFLICT)
    except services.NotAnOwner as error:
        raise PermissionDenied from error
    if is_new:
        text = _("Thank you! %(partner)s has signed version %(version)s.")
    else:
        text = _("%(partner)s had signed version %(version)s already. The first signature counts.")
    messages.success(request, text % {"partner": partner.display_name, "version": signature.declaration.version})
    return redirect("partners:declaration", partner.pk)


def _page(request: PersonRequest, partner_pk: int, form: SignForm | None = None, status: int = 200) -> HttpResponse:
    membership = membership_of(request.user, partner_pk)
    partner = membership.partner
    current = services.current_declaration()
    signatures = list(signatures_of(partner))
    newest = signatures[0] if signatures else None
    signed = next((signature for signature in signatures if current and signature.declaration_id == current.pk), None)
    context: dict[str, Any] = {
        "partner": partner,
        "room": "declaration",
        "declaration": current,
        "signed": signed,
        "signatures": [(signature, _files(signature)) for signature in signatures],
    }
    if current and not signed:
        is_owner = membership.role == Membership.Role.OWNER
        context |= {
            "newest": newest,
            "groups": compare(localized(newest.declaration, "text"), localized(current, "text")) if newest else [],
            "may_sign": is_owner and partner.status not in READ_ONLY,
            "owners": [] if is_owner else list(members_of(partner).filter(role=Membership.Role.OWNER)),
            **_form(form, current.fingerprint, request),
        }
    return render(request, "partners/declaration.html", context, status=status)


def _form(form: SignForm | None, fingerprint: str, request: PersonRequest) -> dict[str, Any]:
    """The form for the text that is shown now. What was typed about another text is not signed, nor ticked any more."""
    text_changed = form is not None and form.data.get("read") != fingerprint
    if form is None or text_changed:
        name = form.data.get("signed_name", "") if form else request.user.full_name
        form = SignForm(initial={"read": fingerprint, "signed_name": name})
    return {"form": form, "text_changed": text_changed}


def _files(signature: Signature) -> list[tuple[str, str, bool]]:
    """(language, address of the PDF in it, whether it is the page's) for each language, the page's first."""
    here = translation.get_language() or settings.LANGUAGE_CODE
    found = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            address = reverse("partners:declaration_pdf", args=[signature.pk])
        found.append((LANGUAGE_NAMES[code], address, code == here))
    return sorted(found, key=lambda item: not item[2])


@require_safe
@never_cache
def declaration_pdf(request: PersonRequest, pk: int) -> HttpResponse:
    """The signed declaration as a file to save, in the language of the address; only for members of the partner."""
    signature = signature_for_member(request.user, pk)
    name = slugify(signature.partner.display_name)[:60] or "partner"
    return HttpResponse(
        make_pdf(signature),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-declaration-{signature.declaration.version}.pdf"'
        },
    )
