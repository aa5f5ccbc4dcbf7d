"""What later apps add to a partner: tasks of today, what happens when a partnership ends, and data for its export.

Offers, bookings and reports come after partners in the story, so their apps register here when they are ready
(``AppConfig.ready``), as ``activities.places_nearby`` does for places:

    extensions.today.append(requests_to_answer)
    extensions.at_end.append(BookingsAtEnd())
    extensions.data_sections.append(DataSection(name="bookings", rows=booking_rows))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from stemportal.accounts.models import User
from stemportal.partners.models import Membership, Partner


@dataclass(frozen=True, kw_only=True)
class Task:
    """One line among today's tasks. The lowest ``order`` comes first: 10 answers, 20 late, 30 soon, 50 good to do."""

    title: str
    url: str
    action: str
    order: int
    text: str = ""
    icon: str = "Bell"


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What ending a partnership does to one thing, told before it is done: "3 offers are taken off the pages"."""

    text: str
    count: int
    examples: list[str] = field(default_factory=list)


class AtEnd(Protocol):
    """A later app's part in ending a partnership."""

    def tell(self, partner: Partner) -> list[Consequence]:
        """Say what would happen; changes nothing."""

    def carry_out(self, partner: Partner, *, by: User, note: str) -> None:
        """Do it, inside the transaction that ends the partnership."""


def no_files(partner: Partner) -> Iterable[tuple[str, str]]:
    """Return nothing: most sections have no files."""
    return ()


@dataclass(frozen=True, kw_only=True)
class DataSection:
    """A part of a partner's copy of its data: ``rows`` as flat dicts, ``files`` as (name in the ZIP, storage name).

    A row holds what the partner itself may see: no pupil counts under five, no secretariat's notes.
    """

    name: str
    rows: Callable[[Partner], Iterable[dict[str, Any]]]
    files: Callable[[Partner], Iterable[tuple[str, str]]] = no_files


today: list[Callable[[Membership], Iterable[Task]]] = []
at_end: list[AtEnd] = []
data_sections: list[DataSection] = []


def tasks_of(membership: Membership) -> list[Task]:
    """Return today's tasks of the person in this partner's room, the most pressing first."""
    found = [task for ask in today for task in ask(membership)]
    return sorted(found, key=lambda task: task.order)
