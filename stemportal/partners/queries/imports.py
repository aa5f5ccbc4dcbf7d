"""Reads about imports of partners."""

from __future__ import annotations

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from stemportal.partners.models import ImportRow, PartnerImport

Action = ImportRow.Action
# Those that need somebody come first.
ORDER = (Action.BAD, Action.NEW, Action.CHANGE, Action.SAME)


def row_counts(partner_import: PartnerImport) -> dict[Action, int]:
    """Return how many lines would do what, in the order in which they are shown."""
    found = dict(
        ImportRow.objects.filter(partner_import=partner_import)
        .order_by()
        .values_list("action")
        .annotate(count=Count("pk"))
    )
    return {action: found.get(action, 0) for action in ORDER}


def rows_to_show(partner_import: PartnerImport, action: str = "") -> QuerySet[ImportRow]:
    """Return the lines with this action, or all: bad ones first, then by line."""
    rows = ImportRow.objects.filter(partner_import=partner_import).select_related("partner")
    if action:
        return rows.filter(action=action).order_by("line")
    rank = Case(*(When(action=one, then=Value(place)) for place, one in enumerate(ORDER)), output_field=IntegerField())
    return rows.order_by(rank, "line")
