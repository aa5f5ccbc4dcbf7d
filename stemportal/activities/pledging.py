"""What partners pledge of each kind in a programme year: reading it, changing it, and saying it in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import FilteredRelation, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.activities.models import Kind, Pledge
from stemportal.partners.models import Partner
from stemportal.partners.services.engagement import ChangedMeanwhile, lock_year


def quantity_words(unit: str, number: int) -> str:
    """Return a quantity with its unit (``Kind.PledgeUnit``) as people say it: "4 visits", "20,000 kr"."""
    match unit:
        case Kind.PledgeUnit.KRONER:
            words = _("%(number)s kr")
        case Kind.PledgeUnit.PLACES:
            words = ngettext("%(number)s place", "%(number)s places", number)
        case Kind.PledgeUnit.PUBLISHED:
            words = ngettext("%(number)s published offer", "%(number)s published offers", number)
        case _:
            words = ngettext("%(number)s visit", "%(number)s visits", number)
    return words % {"number": formats.number_format(number, force_grouping=True)}


def kinds_with_pledges(partner: Partner, school_year: int) -> list[Kind]:
    """Return all kinds in their order, each with ``pledged``: what the partner pledges of it in that year, 0 for none.

    One query.
    """
    mine = FilteredRelation("pledges", condition=Q(pledges__partner=partner, pledges__school_year=school_year))
    return list(Kind.objects.annotate(mine=mine, pledged=Coalesce(Sum("mine__quantity"), 0)).order_by("order", "code"))


def pledges_of(partner: Partner, school_year: int) -> dict[str, int]:
    """Return what the partner pledges in that year, by the kind's code. One query."""
    pledges = Pledge.objects.filter(partner=partner, school_year=school_year)
    return dict(pledges.values_list("kind__code", "quantity"))


@transaction.atomic
def set_pledges(
    *, partner: Partner, school_year: int, quantities: Mapping[str, int], shown: Mapping[str, int], by: User
) -> bool:
    """Make these the partner's pledges of the year; return whether anything changed.

    ``quantities`` and ``shown`` go by the kind's code; a kind that is absent or 0 is not pledged. ``shown`` is what
    ``by`` had seen: when the pledges are different by now, and not what is asked for either, ChangedMeanwhile is raised
    and nothing written. Raises YearClosed for a year that cannot be pledged for. Each change stays in the history.
    """
    lock_year(partner, school_year)
    current = {
        pledge.kind.code: pledge
        for pledge in Pledge.objects.filter(partner=partner, school_year=school_year).select_related("kind")
    }
    now = {code: pledge.quantity for code, pledge in current.items()}
    wanted = {code: number for code, number in quantities.items() if number}
    if wanted == now:
        return False
    if now != {code: number for code, number in shown.items() if number}:
        raise ChangedMeanwhile
    at = timezone.now()
    for code in set(now) - set(wanted):
        current[code].delete()
    kinds = Kind.objects.in_bulk([code for code in wanted if code not in now], field_name="code")
    for code, number in wanted.items():
        if code not in now:
            Pledge.objects.create(
                partner=partner,
                school_year=school_year,
                kind=kinds[code],
                quantity=number,
                pledged_by=by,
                pledged_at=at,
            )
        elif number != now[code]:
            pledge = current[code]
            pledge.quantity, pledge.pledged_by, pledge.pledged_at = number, by, at
            pledge.save(update_fields=["quantity", "pledged_by", "pledged_at"])
    return True
