"""What the secretariat's pages about one partner share: who may open them, and the row of tabs above them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.partners.emails.common import about
from stemportal.partners.models import Partner


def partner_to_change(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> Partner:
    """Return the partner for somebody who may decide. Raises PermissionDenied, Http404."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    return get_object_or_404(Partner, pk=pk)


def partner_to_view(model_admin: ModelAdmin[Any], request: HttpRequest, pk: int) -> Partner:
    """Return the partner for somebody who may look. Raises PermissionDenied, Http404."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    return get_object_or_404(Partner, pk=pk)


def staff(request: HttpRequest) -> User:
    """Return the person, who is staff: admin pages let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def page(
    model_admin: ModelAdmin[Any],
    request: HttpRequest,
    name: str,
    title: str,
    *,
    partner: Partner | None = None,
    here: str = "",
    status: int = 200,
    **context: Any,
) -> TemplateResponse:
    """Answer with a page of the admin, with the partner's tabs when it is about one."""
    whole = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": title,
        "partner": partner,
        **context,
    }
    if partner is not None:
        whole["tab_list"] = tabs(request, partner, here)
    return TemplateResponse(request, f"partners/admin/{name}.html", whole, status=status)


def tabs(request: HttpRequest, partner: Partner, here: str) -> list[dict[str, Any]]:
    """The row of tabs of one partner, in the shape of unfold's TABS setting. ``here`` is the name of the open one."""
    change = reverse("admin:partners_partner_change", args=[partner.pk])

    def behind(model: str, query: str) -> str:
        return f"{reverse(f'admin:{model}_changelist')}?{query}"

    found = [
        ("facts", _("Facts"), change, "partners.view_partner"),
        ("people", _("People"), change, "partners.view_membership"),
        (
            "listings",
            _("Offers"),
            behind("activities_activity", f"partner__id__exact={partner.pk}"),
            "activities.view_activity",
        ),
        (
            "bookings",
            _("Bookings"),
            behind("schools_booking", f"activity__partner__id__exact={partner.pk}"),
            "schools.view_booking",
        ),
        ("mails", _("Mails"), behind("outbox_mail", f"about__exact={about(partner)}"), "outbox.view_mail"),
        ("notes", _("Notes"), reverse("admin:partners_partner_notes", args=[partner.pk]), "partners.view_note"),
        (
            "history",
            _("History"),
            reverse("admin:partners_partner_history", args=[partner.pk]),
            "partners.view_partner",
        ),
    ]
    # Facts and people are two halves of one page, which unfold shows in turn.
    halves = {"facts": "general", "people": "memberships"}
    items = []
    for name, title, link, right in found:
        item = {"title": title, "link": link, "has_permission": request.user.has_perm(right), "active": name == here}
        if name in halves and (here == "facts" or name == "people"):
            item["inline"] = halves[name]
        items.append(item)
    return [{"models": [{"name": "partners.partner", "detail": True}], "items": items}]


def answer(request: HttpRequest, partner: Partner, moved: bool, text: Any) -> HttpResponse:
    """Say what happened and go back to the queue, or that somebody else was faster."""
    if moved:
        messages.success(request, text % {"partner": partner})
    else:
        partner.refresh_from_db(fields=["status"])
        text = _("Nothing was changed: %(partner)s already has the status “%(status)s”.")
        messages.warning(request, text % {"partner": partner, "status": partner.get_status_display()})
    return redirect("admin:partners_partner_changelist")


def back_to(partner: Partner) -> HttpResponse:
    """Go to the partner's page in the admin."""
    return redirect("admin:partners_partner_change", partner.pk)
