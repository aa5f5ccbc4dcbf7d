"""The words of the permission table: who may open an address, who may change something with it, and one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.permissions.people import ROLES, World

LOGIN = "login"
Pattern = dict[str, Any]


def only(*allowed: str, ok: int = 200, forbidden: tuple[str, ...] = (), others: int = 404) -> Pattern:
    """The allowed roles get ``ok``, the forbidden ones 403, visitors the login page and everybody else ``others``."""
    pattern: Pattern = dict.fromkeys(ROLES, others) | {"visitor": LOGIN}
    return pattern | dict.fromkeys(forbidden, 403) | dict.fromkeys(allowed, ok)


def allowed_in(pattern: Pattern) -> list[str]:
    """The roles that get through."""
    return [role for role, status in pattern.items() if status in {200, 302}]


PEOPLE = tuple(role for role in ROLES if role != "visitor")
MEMBERS = ("owner", "editor", "reader")
EDITORS = ("owner", "editor")

# Who may open a page.
EVERYBODY = only(*ROLES)
EVERYBODY_IS_SENT_ON = only(*ROLES, ok=302)
LOGGED_IN = only(*PEOPLE)
LOGGED_IN_ARE_SENT_ON = only(*PEOPLE, ok=302)
TEACHERS = only("teacher", "pending", "other_teacher", others=302)  # others are asked where they teach
VERIFIED = only("teacher", "other_teacher", others=403)
AT_THE_SCHOOL = only("teacher", "other_teacher", forbidden=("pending",))
OF_THE_SCHOOL = only("teacher", forbidden=tuple(role for role in PEOPLE if role != "other_teacher"))
OF_THE_PARTNER = only(*MEMBERS)
WHO_EDIT = only(*EDITORS, forbidden=("reader",))
OWNERS = only("owner", forbidden=("editor", "reader"))
OF_THE_BOOKING = only("teacher", *MEMBERS)
THE_TEACHER = only("teacher", forbidden=MEMBERS)
NOBODY_FINDS = only(*ROLES, ok=404)
POST_ONLY = only(others=405)
POST_ONLY_FOR_ALL = only(*ROLES, ok=405)

# Who may change something: a change answers with a redirect.
EVERYBODY_CHANGES = only(*ROLES, ok=302)
LOGGED_IN_CHANGES = only(*PEOPLE, ok=302)
EDITORS_CHANGE = only(*EDITORS, ok=302, forbidden=("reader",))
# What saves itself answers the page that asked.
EDITORS_SAVE = only(*EDITORS, forbidden=("reader",))
OWNERS_CHANGE = only("owner", ok=302, forbidden=("editor", "reader"))
TEACHERS_BOOK = {
    **only("teacher", "other_teacher", ok=302),
    **dict.fromkeys(set(PEOPLE) - {"teacher", "other_teacher"}, 0),
}
SCHOOL_CHANGES = {**OF_THE_SCHOOL, "teacher": 302}
VERIFIED_CHANGE = {**VERIFIED, "teacher": 302, "other_teacher": 302}
PARTNER_ANSWERS = only(*EDITORS, ok=302, forbidden=("teacher", "reader"))
TEACHER_MOVES = only("teacher", ok=302, forbidden=MEMBERS)
BOTH_SIDES_SEE = only("teacher", *EDITORS, forbidden=("reader",))
BOTH_SIDES_MOVE = only("teacher", *EDITORS, ok=302, forbidden=("reader",))


@dataclass(frozen=True)
class Row:
    """One address. ``changes`` is false where the right roles' POST writes nothing that a row could show."""

    name: str
    get: Pattern
    post: Pattern | None = None
    args: Callable[[World], list[Any]] = lambda world: []
    data: Callable[[World], dict[str, Any]] = field(default=lambda world: {})
    changes: bool = True


def day_from_now(days: int) -> str:
    """A day as forms take it."""
    return (timezone.localdate() + timedelta(days=days)).isoformat()
