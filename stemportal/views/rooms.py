"""The rooms of a person: the teacher's page, one room per partner, and the secretariat's admin."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from stemportal.partners.models import Membership, Partner
from stemportal.schools.queries.teachers import teacher_record


def rooms_of(request: HttpRequest) -> list[dict[str, object]]:
    """Return the rooms this person may enter, for the switcher in the header: list of {label, role, url, current}.

    A room is current on its own page and on every page below its address.
    """
    user = request.user
    if not user.is_authenticated:
        return []
    found: list[tuple[str, str, str]] = []
    if teacher_record(user):
        found.append((_("My visits"), _("Teacher"), reverse("schools:my_page")))
    memberships = (
        Membership.objects.filter(user=user)
        .exclude(partner__status=Partner.Status.UNCONFIRMED)
        .select_related("partner")
        .order_by("partner__display_name")
    )
    found += [
        (
            membership.partner.display_name,
            str(membership.get_role_display()),
            reverse("schools:partner_today", args=[membership.partner_id]),
        )
        for membership in memberships
    ]
    if user.is_staff:
        found.append((_("Secretariat"), "", reverse("admin:index")))
    return [
        {"label": label, "role": role, "url": url, "current": request.path.startswith(url)}
        for label, role, url in found
    ]
