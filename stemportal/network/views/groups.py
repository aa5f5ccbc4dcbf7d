"""Working groups: which there are, one of them, coming in and going, and how one hears of news."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.network.access_groups import GroupAccess, group_for, is_group_keeper, may_see_groups
from stemportal.network.forms.groups import ComeInForm, NotifyForm
from stemportal.network.group_errors import GroupError
from stemportal.network.models import GroupMember
from stemportal.network.queries.groups import (
    applications_to,
    documents_of,
    ended_groups_of,
    groups_for,
    members_of,
    threads_of,
)
from stemportal.network.queries.meetings import visible_to
from stemportal.network.services import groups as services

A_PAGE = 25
NEWEST = 3
REFUSED, TOO_MANY = 422, 429


@require_safe
def groups(request: PersonRequest) -> HttpResponse:
    """All groups that work, one's own first, and those of one's own that have ended."""
    if not may_see_groups(request.user):
        raise Http404("working groups are for partners")
    page = Paginator(groups_for(request.user), A_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "ended": ended_groups_of(request.user)[:A_PAGE]}
    return render(request, "network/groups/list.html", context)


@require_safe
def group(request: PersonRequest, slug: str) -> HttpResponse:
    """What the group is about, how to come in, and the newest of what stands in it."""
    return group_page(request, group_for(request.user, slug))


def group_page(
    request: PersonRequest, access: GroupAccess, form: ComeInForm | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer with the page of a group, with the form that was refused if there is one."""
    way = access.way_in
    if form is None and way in {"join", "apply"}:
        form = ComeInForm(partners=access.partners, asks_why=way == "apply")
    member = access.member
    meetings = visible_to(request.user).published().filter(group=access.group)
    context: dict[str, Any] = {
        **head_of(access, "about"),
        "form": form,
        "notify_form": NotifyForm(initial={"notify": member.notify}) if access.takes_part and member else None,
        "threads": threads_of(access.group)[:NEWEST] if access.reads else [],
        "documents": documents_of(access.group)[:NEWEST] if access.reads else [],
        "meetings": meetings.order_by("-starts_at", "-pk")[:A_PAGE],
    }
    return render(request, "network/groups/group.html", context, status=status)


def head_of(access: GroupAccess, tab: str) -> dict[str, Any]:
    """Return what the top of every page of a group needs. Two queries."""
    return {
        "access": access,
        "group": access.group,
        "tab": tab,
        "people": members_of(access.group).count(),
        "waiting": applications_to(access.group).count() if access.manages else 0,
    }


@require_POST
def group_join(request: PersonRequest, slug: str) -> HttpResponse:
    """Come into an open group at once; who looks after groups may come into each."""
    access = group_for(request.user, slug)
    form = ComeInForm(request.POST, partners=access.partners, asks_why=False)

    def join() -> str:
        if is_group_keeper(request.user):
            services.add_member(group=access.group, person=request.user, partner=form.chosen)
        else:
            services.join_group(group=access.group, user=request.user, partner=form.chosen)
        return _("Welcome! You get one mail a day when there is something new; below you can change that.")

    return _come_in(request, access, form, join)


@require_POST
def group_apply(request: PersonRequest, slug: str) -> HttpResponse:
    """Ask to be let in."""
    access = group_for(request.user, slug)
    form = ComeInForm(request.POST, partners=access.partners, asks_why=True)

    def ask() -> str:
        partner = form.chosen
        if partner is None:
            raise Http404("nobody to take part for")
        services.apply_to_group(
            group=access.group, user=request.user, partner=partner, message=form.cleaned_data["message"]
        )
        if access.group.lead_id is None:
            return _("You have asked. You get a mail when the secretariat has answered.")
        return _("You have asked. You get a mail when the lead has answered.")

    return _come_in(request, access, form, ask)


def _come_in(request: PersonRequest, access: GroupAccess, form: ComeInForm, act: Callable[[], str]) -> HttpResponse:
    if not allowed(request, "group_join", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was often in a short time. Please try again in an hour."))
        return group_page(request, access, form, status=TOO_MANY)
    if not form.is_valid():
        return group_page(request, access, form, status=REFUSED)
    return answer(request, access, act)


def answer(request: PersonRequest, access: GroupAccess, act: Callable[[], str], *, to: str = "") -> HttpResponse:
    """Do it and say what happened, or why it could not be done, on the page ``to``, else that of the group."""
    try:
        messages.success(request, act())
    except GroupError as error:
        messages.warning(request, error.words)
    return redirect(to or access.group)


def _my_row(access: GroupAccess) -> GroupMember:
    if access.member is None:
        raise Http404("not in the group")
    return access.member


@require_POST
def group_answer(request: PersonRequest, slug: str) -> HttpResponse:
    """Say yes or no to an invitation."""
    access = group_for(request.user, slug)
    member, accept = _my_row(access), request.POST.get("answer") == "yes"

    def act() -> str:
        services.answer_invitation(member=member, accept=accept)
        if accept:
            return _("Welcome! You get one mail a day when there is something new; below you can change that.")
        return _("Thank you for the answer. You do not take part in this group.")

    return answer(request, access, act, to="" if accept else "network:groups")


@require_POST
def group_leave(request: PersonRequest, slug: str) -> HttpResponse:
    """Leave a group, or take one's application back."""
    access = group_for(request.user, slug)
    member = _my_row(access)

    def act() -> str:
        services.leave_group(member=member)
        if member.status == GroupMember.Status.APPLIED:
            return _("You have taken your question back.")
        return _("You have left the group. What you wrote stays there.")

    return answer(request, access, act, to="network:groups")


@require_POST
def group_notify(request: PersonRequest, slug: str) -> HttpResponse:
    """Choose how one hears of what is new."""
    access = group_for(request.user, slug)
    if not access.takes_part:
        raise Http404("not in the group")
    member, form = _my_row(access), NotifyForm(request.POST)
    if not form.is_valid():
        return redirect(access.group)

    def act() -> str:
        services.choose_mail(member=member, notify=form.cleaned_data["notify"])
        return _("Saved.")

    return answer(request, access, act)
