"""Who changed what on a partner's page since somebody opened it, from the history that the database writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.partners.models import Membership, Partner
from stemportal.partners.models.partner import PAGE_FIELDS

# Columns of the page's fields, as the history has them too.
COLUMNS = {name: "municipality_id" if name == "municipality" else name for name in PAGE_FIELDS}


@dataclass(frozen=True, kw_only=True)
class PageChange:
    """What became of one field: who changed it last, when, and what stood there when the page was opened."""

    who: str
    at: dt.datetime
    before: Any


def newest_state(partner: Partner) -> int:
    """Return the id of a partner's newest state in its history; 0 when there is none."""
    return _states(partner).order_by("-pgh_id").values_list("pgh_id", flat=True).first() or 0


def page_changes(partner: Partner, *, seen: int) -> dict[str, PageChange] | None:
    """Return what is different from the state that somebody saw, by field; None when it is no state of this partner.

    ``seen`` is what ``newest_state`` said when the page was opened. Fields that were changed and changed back are left
    out. One query, three when there is any change.
    """
    states = list(_states(partner).filter(pgh_id__gte=seen).select_related("pgh_context").order_by("pgh_id"))
    if not states or states[0].pgh_id != seen:
        return None
    first, last = states[0], states[-1]
    moved = [name for name, column in COLUMNS.items() if getattr(first, column) != getattr(last, column)]
    newest = {name: _last_to_change(states, COLUMNS[name]) for name in moved}
    names = _names(partner, {person for state in newest.values() if (person := _person(state)) is not None})
    return {
        name: PageChange(
            who=names.get(_person(state) or 0, _("The portal")),
            at=state.pgh_created_at,
            before=getattr(first, COLUMNS[name]),
        )
        for name, state in newest.items()
    }


def _states(partner: Partner) -> QuerySet[Any]:
    states: QuerySet[Any] = partner.changes.all()  # type: ignore[attr-defined]  # made by lib.history
    return states


def _last_to_change(states: list[Any], column: str) -> Any:
    pairs = zip(states, states[1:], strict=False)
    return [after for before, after in pairs if getattr(before, column) != getattr(after, column)][-1]


def _person(state: Any) -> int | None:
    """The id of who was logged in, from the context of the request or task (``HistoryMiddleware``)."""
    return state.pgh_context.metadata.get("user") if state.pgh_context is not None else None


def _names(partner: Partner, people: Iterable[int]) -> dict[int, str]:
    """Names of members; staff stand for the secretariat, whose people need not be known to a partner."""
    if not people:
        return {}
    members = set(Membership.objects.filter(partner=partner, user__in=people).values_list("user_id", flat=True))
    return {
        user.pk: _("The secretariat") if user.is_staff and user.pk not in members else str(user)
        for user in User.objects.filter(pk__in=people)
    }
