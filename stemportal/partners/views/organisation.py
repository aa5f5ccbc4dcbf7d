"""The page on which a partner's members write about their organisation and put up its logo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.markdown import render_markdown
from stemportal.lib.ratelimit import allowed
from stemportal.lib.uploads import upload_was_too_large
from stemportal.partners.access import READ_ONLY, membership_of, partner_for_member
from stemportal.partners.forms.organisation import LogoForm, OrganisationForm
from stemportal.partners.logos import logo_of
from stemportal.partners.models import Membership, Partner
from stemportal.partners.queries.organisation import page_changes
from stemportal.partners.questions import answered
from stemportal.partners.services import organisation as services

TOO_MANY, CONFLICT = 429, 409


@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """What schools read about the organisation; readers see it, owners and editors change it."""
    if request.method != "POST":
        membership = membership_of(request.user, partner_pk)
        return _page(request, membership.partner, membership=membership)
    partner = partner_for_member(request.user, partner_pk, edit=True)
    form = OrganisationForm(request.POST, partner=partner)
    if "preview" in request.POST:
        return _preview(request, partner, form)
    if not form.is_valid():
        return _page(request, partner, form=form)
    if not allowed(request, "organisation", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was many changes in a short time. Nothing is lost: please save it in an hour."))
        return _page(request, partner, form=form, status=TOO_MANY)
    return _save(request, form)


def _save(request: PersonRequest, form: OrganisationForm) -> HttpResponse:
    """Save, or show what somebody else has saved meanwhile beside what was typed."""
    partner, typed = form.partner, form.cleaned_data
    try:
        changed = services.change_organisation(
            partner_id=partner.pk, revision=typed["revision"], facts=form.facts(), by=request.user
        )
    except services.ChangedMeanwhile:
        partner.refresh_from_db()
        both, taken = form.meet(page_changes(partner, seen=typed["seen"]))
        return _page(request, partner, form=form, conflict={"both": both, "taken": taken}, status=CONFLICT)
    messages.success(request, _("Saved. Schools see it at once.") if changed else _("Nothing was different."))
    return redirect("partners:organisation", partner.pk)


def _preview(request: PersonRequest, partner: Partner, form: OrganisationForm) -> HttpResponse:
    """What schools would see; nothing is saved and nothing is complained about."""
    preview: dict[str, Any] = {"preview": render_markdown(str(form["about"].value() or "")[:5000]), "previewed": True}
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return render(request, "partners/organisation.html#preview", preview)
    form.only_show()
    return _page(request, partner, form=form, **preview)


def _page(
    request: PersonRequest,
    partner: Partner,
    *,
    membership: Membership | None = None,
    form: OrganisationForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    may_edit = membership is None or (membership.may_edit and partner.status not in READ_ONLY)
    context = {
        "partner": partner,
        "room": "organisation",
        "may_edit": may_edit,
        "is_owner": membership is not None and membership.role == Membership.Role.OWNER,
        "logo": logo_of(partner),
        **more,
    }
    if may_edit:
        context["form"] = form or OrganisationForm(partner=partner)
        context.setdefault("logo_form", LogoForm())
    else:
        context["answers"] = answered(partner)
    return render(request, "partners/organisation.html", context, status=status)


@require_POST
def logo_upload(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Put up a logo. A refused file is explained beside the button."""
    partner = partner_for_member(request.user, partner_pk, edit=True)
    form = LogoForm(request.POST, request.FILES, too_large=upload_was_too_large(request))
    if not allowed(request, "partner_logo", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was many pictures in a short time. Please try again in an hour."))
        return _page(request, partner, logo_form=form, status=TOO_MANY)
    if not form.is_valid():
        return _page(request, partner, logo_form=form)
    services.set_logo(partner_id=partner.pk, picture=form.picture)
    messages.success(request, _("The logo is on your page now."))
    return redirect("partners:organisation", partner.pk)


@require_POST
def logo_remove(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Take the logo down."""
    partner = partner_for_member(request.user, partner_pk, edit=True)
    if services.remove_logo(partner_id=partner.pk):
        messages.success(request, _("The logo has been removed."))
    return redirect("partners:organisation", partner.pk)
