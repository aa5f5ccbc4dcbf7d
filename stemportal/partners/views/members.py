"""A partner's colleagues: the list, inviting, roles, leaving and handing over. Only owners change anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.models import User
from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.partners.access import READ_ONLY, membership_of, partner_for_owner
from stemportal.partners.forms.members import HandOverForm, InviteForm, RoleForm
from stemportal.partners.models import INVITATION_DAYS, Invitation, Membership, Partner
from stemportal.partners.queries.members import members_of, past_invitations, waiting_invitations
from stemportal.partners.services import members as services

PAGE_SIZE = 25
TOO_MANY = 429
# What a page says when the service says no; for AlreadyMember and AlreadyInvited the form finds its own words.
REFUSALS: dict[type[services.MemberError], Callable[[], str]] = {
    services.LastOwnerStays: lambda: _("Somebody must own the partner. Make another person owner first."),
    services.NotAnOwner: lambda: _("You are not an owner any more, so nothing was changed."),
    services.NotAMember: lambda: _("This person is no longer a member, so nothing was changed."),
    services.InvitationClosed: lambda: _("This partnership is not active, so nobody can be invited."),
}


def seen_words(person: User) -> str:
    """Say roughly when somebody was here last: enough to see who has left, too little to watch anybody."""
    if person.last_login is None:
        return _("Has not logged in yet")
    here, today = timezone.localtime(person.last_login), timezone.localdate()
    if (here.year, here.month) == (today.year, today.month):
        return _("Active this month")
    return _("Not here since %(month)s") % {"month": formats.date_format(here, "F Y")}


def _say(request: PersonRequest, error: services.MemberError) -> None:
    messages.error(request, REFUSALS[type(error)]())


@require_safe
def members(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Who looks after the partner, and who is invited. Addresses are for members only, changes for owners."""
    return _members_page(request, membership_of(request.user, partner_pk), InviteForm())


def _members_page(
    request: PersonRequest, membership: Membership, form: InviteForm, status: int = 200, **more: Any
) -> HttpResponse:
    partner = membership.partner
    page = Paginator(members_of(partner), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "partner": partner,
        "room": "members",
        "membership": membership,
        "may_change": membership.role == Membership.Role.OWNER and partner.status not in READ_ONLY,
        "page_obj": page,
        "rows": [(colleague, seen_words(colleague.user)) for colleague in page],
        "invitation_days": INVITATION_DAYS,
        "waiting": waiting_invitations(partner)[:PAGE_SIZE],
        "past": past_invitations(partner)[:PAGE_SIZE],
        "past_limit": PAGE_SIZE,
        "form": form,
        **more,
    }
    return render(request, "partners/members.html", context, status=status)


@require_POST
def invite(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Invite somebody by mail; what is wrong is said in the form on the list's page."""
    partner = partner_for_owner(request.user, partner_pk)
    form = InviteForm(request.POST)
    status = 200
    if form.is_valid():
        if not _may_mail(request, partner):
            form.add_error(None, _too_many())
            status = TOO_MANY
        elif _invite(request, partner, form):
            return redirect("partners:members", partner.pk)
    return _members_page(request, membership_of(request.user, partner.pk), form, status)


def _may_mail(request: PersonRequest, partner: Partner) -> bool:
    """Count against both limits: one person's, and the partner's whoever of its owners writes."""
    return allowed(request, "invite") and allowed(request, "invite_partner", key=str(partner.pk))


def _too_many() -> str:
    return _("Many invitations have been sent in a short time. Please wait a while and try again.")


def _invite(request: PersonRequest, partner: Partner, form: InviteForm) -> bool:
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        invitation = services.invite_member(
            partner=partner, email=email, role=role, by=request.user, language=get_language() or "nb"
        )
    except services.AlreadyMember as error:
        text = _("%(who)s is a member already, as %(role)s. You can change the role in the list.")
        names = {"who": error.membership.user, "role": error.membership.get_role_display().lower()}
        form.add_error("email", text % names)
    except services.AlreadyInvited:
        text = _("%(email)s is invited already. You can send the mail again, or take the invitation back, in the list.")
        form.add_error("email", text % {"email": email})
    except services.MemberError as error:
        form.add_error(None, REFUSALS[type(error)]())
    else:
        text = _("We have sent an invitation to %(email)s. You get a mail when it is accepted.")
        messages.success(request, text % {"email": invitation.email})
        return True
    return False


def _invitation(request: PersonRequest, partner_pk: int, pk: int) -> Invitation:
    partner = partner_for_owner(request.user, partner_pk)
    return get_object_or_404(Invitation.objects.select_related("partner"), pk=pk, partner=partner)


@require_POST
def invitation_resend(request: PersonRequest, partner_pk: int, pk: int) -> HttpResponse:
    """Mail a fresh link; the earlier one no longer works."""
    invitation = _invitation(request, partner_pk, pk)
    if not _may_mail(request, invitation.partner):
        messages.error(request, _too_many())
        return redirect("partners:members", partner_pk)
    try:
        sent = services.resend_invitation(invitation=invitation, by=request.user, language=get_language() or "nb")
    except services.MemberError as error:
        _say(request, error)
    else:
        if sent:
            text = _("We have sent a new invitation to %(email)s. The link in the earlier mail no longer works.")
            messages.success(request, text % {"email": invitation.email})
        else:
            messages.info(request, _("The invitation has been used or taken back meanwhile."))
    return redirect("partners:members", partner_pk)


@require_POST
def invitation_revoke(request: PersonRequest, partner_pk: int, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = _invitation(request, partner_pk, pk)
    try:
        taken_back = services.revoke_invitation(invitation=invitation, by=request.user)
    except services.MemberError as error:
        _say(request, error)
    else:
        if taken_back:
            text = _("The invitation to %(email)s is taken back. Its link no longer works.")
            messages.success(request, text % {"email": invitation.email})
        else:
            messages.info(request, _("The invitation has been used or taken back meanwhile."))
    return redirect("partners:members", partner_pk)


@require_http_methods(["GET", "HEAD", "POST"])
def member(request: PersonRequest, partner_pk: int, pk: int) -> HttpResponse:
    """One colleague, for owners: change the role, or take the person off."""
    partner = partner_for_owner(request.user, partner_pk)
    membership = get_object_or_404(members_of(partner), pk=pk)
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": membership.role})
    if request.method == "POST" and form.is_valid():
        try:
            membership = services.change_role(
                partner=partner, membership_id=pk, role=form.cleaned_data["role"], by=request.user
            )
        except services.MemberError as error:
            form.add_error("role", REFUSALS[type(error)]())
        else:
            text = _("%(who)s is now %(role)s.")
            names = {"who": membership.user, "role": membership.get_role_display().lower()}
            messages.success(request, text % names)
            return redirect("partners:members", partner.pk)
    context = {
        "partner": partner,
        "room": "members",
        "membership": membership,
        "is_me": membership.user_id == request.user.pk,
        "form": form,
        "crumbs": _crumbs(partner, str(membership.user)),
    }
    return render(request, "partners/member.html", context)


def _crumbs(partner: Partner, here: str) -> list[tuple[str, str]]:
    return [
        (partner.display_name, reverse("schools:partner_today", args=[partner.pk])),
        (_("Colleagues"), reverse("partners:members", args=[partner.pk])),
        (here, ""),
    ]


@require_POST
def member_remove(request: PersonRequest, partner_pk: int, pk: int) -> HttpResponse:
    """Take somebody off the partner."""
    partner = partner_for_owner(request.user, partner_pk)
    try:
        membership = services.remove_member(partner=partner, membership_id=pk, by=request.user)
    except services.MemberError as error:
        _say(request, error)
    else:
        if membership.user_id == request.user.pk:
            return _left(request, partner)
        text = _("%(who)s is no longer a member and gets a mail about it.")
        messages.success(request, text % {"who": membership.user})
    return redirect("partners:members", partner.pk)


def _left(request: PersonRequest, partner: Partner) -> HttpResponse:
    messages.success(request, _("You have left %(partner)s.") % {"partner": partner.display_name})
    return redirect("my_start")


@require_http_methods(["GET", "HEAD", "POST"])
def members_leave(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """End one's own membership; the only owner is shown the ways there are instead."""
    membership = membership_of(request.user, partner_pk)
    partner = membership.partner
    if request.method == "POST":
        try:
            services.leave(partner=partner, user=request.user)
        except services.MemberError as error:
            _say(request, error)
            return redirect("partners:members_leave", partner.pk)
        return _left(request, partner)
    others = list(members_of(partner).filter(user__is_active=True).exclude(pk=membership.pk)[:PAGE_SIZE])
    is_owner = membership.role == Membership.Role.OWNER
    context = {
        "partner": partner,
        "room": "members",
        "is_last_owner": is_owner
        and partner.status not in services.CLOSED
        and not any(other.role == Membership.Role.OWNER for other in others),
        "has_others": bool(others),
        "crumbs": _crumbs(partner, _("Leave")),
    }
    return render(request, "partners/members_leave.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: PersonRequest, partner_pk: int) -> HttpResponse:
    """Make a colleague owner, and step down or leave, in one go."""
    partner = partner_for_owner(request.user, partner_pk)
    form = HandOverForm(request.POST if request.method == "POST" else None, partner=partner, user=request.user)
    if request.method == "POST" and form.is_valid():
        leaving = form.cleaned_data["afterwards"] == HandOverForm.LEAVE
        try:
            other = services.hand_over(
                partner=partner, by=request.user, to_id=int(form.cleaned_data["to"]), leaving=leaving
            )
        except services.NotAnOwner as error:
            raise PermissionDenied from error
        except services.MemberError as error:
            form.add_error("to", REFUSALS[type(error)]())
        else:
            text = _("%(who)s is now an owner and gets a mail about it.")
            messages.success(request, text % {"who": other.user})
            return _left(request, partner) if leaving else redirect("partners:members", partner.pk)
    context = {"partner": partner, "room": "members", "form": form, "crumbs": _crumbs(partner, _("Hand over"))}
    return render(request, "partners/members_hand_over.html", context)
