"""The members of a working group; its lead lets people in, invites, takes out and hands over."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.network.access_groups import GroupAccess, group_for, member_in
from stemportal.network.forms.groups import AnswerForm, InviteForm
from stemportal.network.group_errors import GroupError
from stemportal.network.models import GroupMember
from stemportal.network.queries.groups import applications_to, invited_to, members_of
from stemportal.network.services import groups as services
from stemportal.network.views.groups import A_PAGE, REFUSED, TOO_MANY, answer, head_of


@require_safe
def group_members(request: PersonRequest, slug: str) -> HttpResponse:
    """Who takes part; for the lead also who has asked, and whom to invite."""
    return _page(request, group_for(request.user, slug, read=True))


def _page(
    request: PersonRequest, access: GroupAccess, form: InviteForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        **head_of(access, "members"),
        "page_obj": Paginator(members_of(access.group), A_PAGE).get_page(request.GET.get("page")),
        # The next ones come when these are answered.
        "applications": applications_to(access.group)[:A_PAGE] if access.manages else [],
        "invited": invited_to(access.group) if access.manages else [],
        "form": form or InviteForm(),
    }
    return render(request, "network/groups/members.html", context, status=status)


@require_POST
def group_invite(request: PersonRequest, slug: str) -> HttpResponse:
    """Invite somebody of a partner by e-mail address."""
    access = group_for(request.user, slug, manage=True)
    form = InviteForm(request.POST)
    if not allowed(request, "group_invite", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was often in a short time. Please try again in an hour."))
        return _page(request, access, form, status=TOO_MANY)
    if not form.is_valid():
        return _page(request, access, form, status=REFUSED)
    try:
        member = services.invite_address(group=access.group, email=form.cleaned_data["email"], by=request.user)
    except GroupError as error:
        form.add_error("email", error.words)
        return _page(request, access, form, status=REFUSED)
    text = (
        _("%(name)s had asked already, and is a member now.")
        if member.status == GroupMember.Status.MEMBER
        else _("%(name)s is invited, and gets a mail about it.")
    )
    return answer(request, access, lambda: text % {"name": member.user}, to=_back(access))


@require_POST
def group_member(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Let somebody in who asked, or not; take a member out; hand the lead over."""
    access = group_for(request.user, slug, manage=True)
    member = member_in(access, pk)
    facts = {"name": member.user}
    action, form = request.POST.get("action", ""), AnswerForm(request.POST)
    if action not in {"accept", "decline", "remove", "lead"}:
        raise Http404("no such action")

    def act() -> str:
        if action == "remove":
            services.remove_member(member=member, by=request.user)
            return _("%(name)s does not take part any more.") % facts
        if action == "lead":
            services.hand_over_lead(group=access.group, to=member, by=request.user)
            return _("%(name)s leads the group now.") % facts
        # A line that held an identity number is not sent; the answer itself is.
        line = form.cleaned_data["line"] if form.is_valid() else ""
        services.answer_application(member=member, accept=action == "accept", by=request.user, line=line)
        return (
            _("%(name)s is a member now.") if action == "accept" else _("%(name)s is told that it is a no for now.")
        ) % facts

    # Who has handed the lead over manages nothing any more, but reads.
    return answer(request, access, act, to=_back(access))


def _back(access: GroupAccess) -> str:
    return reverse("network:group_members", args=[access.group.slug])
