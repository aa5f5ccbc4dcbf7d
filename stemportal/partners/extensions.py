"""What later apps add to a partner: tasks of today, what ends with it, its copy of the data, and what is forgotten.

Offers, bookings and reports come after partners in the story, so their apps register here when they are ready
(``AppConfig.ready``), as ``activities.finding.places`` does for places:

    extensions.today.append(requests_to_answer)
    extensions.at_end.append(BookingsAtEnd())
    extensions.data_sections.append(DataSection(name="bookings", about=_("..."), rows=booking_rows))
    extensions.forget.append(forget_in_bookings)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from stemportal.accounts.models import User
from stemportal.partners.models import Membership, Partner

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise


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
    # Whether teachers are written to, so that the one who ends it may add a line to them.
    to_teachers: bool = False

    @property
    def more(self) -> int:
        """How many there are beside the examples."""
        return self.count - len(self.examples)


class AtEnd(Protocol):
    """A later app's part in ending a partnership."""

    def tell(self, partner: Partner) -> list[Consequence]:
        """Say what would happen; changes nothing."""

    def carry_out(self, partner: Partner, *, by: User, message: str) -> None:
        """Do it, inside the transaction that ends the partnership. ``message`` is for those whose visit is off."""


# A file of the copy: its name in the ZIP, and its name in the storage or a function that makes it.
File = tuple[str, str | Callable[[], bytes]]


def no_files(partner: Partner) -> Iterable[File]:
    """Return nothing: most sections have no files."""
    return ()


@dataclass(frozen=True, kw_only=True)
class DataSection:
    """A part of a partner's copy of its data: ``rows`` are flat dicts with the same keys, ``about`` says what they are.

    A row holds what the partner itself may see: no pupil counts under five, no secretariat's notes.
    """

    name: str
    about: _StrPromise
    rows: Callable[[Partner], Iterable[dict[str, Any]]]
    files: Callable[[Partner], Iterable[File]] = no_files


@dataclass(frozen=True, kw_only=True)
class People:
    """Those who have acted for a partner: ids of their accounts, and every name and address they are known by."""

    pks: frozenset[int]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AdminAction:
    """Something the secretariat can do with partners chosen in its list, if it has the ``right``.

    ``act`` takes the list's ModelAdmin, the request and the chosen partners, as an action of Django's admin does.
    """

    name: str
    label: _StrPromise
    right: str
    act: Callable[[Any, HttpRequest, QuerySet[Partner]], HttpResponse | None]


today: list[Callable[[Membership], Iterable[Task]]] = []
at_end: list[AtEnd] = []
data_sections: list[DataSection] = []
# Each takes the people out of its app's rows about the partner; figures and the fact of a visit stay.
forget: list[Callable[[Partner, People], None]] = []
# Each is told, inside the transaction, that a partner's offers have another name beside them than before: it was
# renamed, or took over those of another registration.
name_changed: list[Callable[[Partner], None]] = []
# Each says in words, of the partner with this id, how soon it usually answers; empty while nothing can be said.
reply_time: list[Callable[[int], str]] = []
admin_actions: list[AdminAction] = []


def tasks_of(membership: Membership) -> list[Task]:
    """Return today's tasks of the person in this partner's room, the most pressing first."""
    found = [task for ask in today for task in ask(membership)]
    return sorted(found, key=lambda task: task.order)


def reply_words(partner: Partner) -> str:
    """Return how soon the partner usually answers, for those who think of asking it; maybe empty."""
    return next((words for tell in reply_time if (words := tell(partner.pk))), "")
