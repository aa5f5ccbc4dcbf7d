"""What a search without hits could let go of: each wish alone is dropped, and the engine counts what comes then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from stemportal.activities.finding.filters import ActivityFilter
from stemportal.activities.finding.places import Place
from stemportal.activities.finding.sentences import tidy
from stemportal.activities.search.engine import run_search

# A page without hits asks the engine at most so often, and shows the best of the answers.
MOST_SEARCHES, SHOWN = 5, 3
# Fields that are one wish, and its name; those that most often leave nothing come first.
WISHES: tuple[tuple[tuple[str, ...], str | Promise], ...] = (
    (("q",), gettext_lazy("Without the words")),
    (("week", "date_from", "date_to"), gettext_lazy("On any date")),
    (("place", "radius"), gettext_lazy("Anywhere in the country")),
    (("pupils",), gettext_lazy("Whatever the size of the group")),
    (("free",), gettext_lazy("Also without free places")),
    (("kind",), gettext_lazy("Any kind of activity")),
    (("municipality",), gettext_lazy("In any municipality")),
    (("subject",), gettext_lazy("Any subject")),
    (("access",), gettext_lazy("Without asking for accessibility")),
    (("grade",), gettext_lazy("For any grade")),
    (("format",), gettext_lazy("Wherever it takes place")),
    (("goal",), gettext_lazy("Any competence goal")),
    (("language",), gettext_lazy("In any language")),
    (("county",), gettext_lazy("In any county")),
    (("new",), gettext_lazy("Not only new ones")),
    (("accessible",), gettext_lazy("Also those that tell nothing about accessibility")),
)


@dataclass(frozen=True)
class Relaxation:
    """One wish less: what that means, how many offers come then, and the search without it."""

    label: str
    count: int
    url: str


def relaxations(
    query: QueryDict, search: ActivityFilter, values: Mapping[str, Any], near: Place | None
) -> list[Relaxation]:
    """Return up to three single wishes that leave offers when they are dropped, the most offers first.

    At most five searches, and no query of the database.
    """
    found = []
    for names, label in _chosen(values):
        left = {**values, **dict.fromkeys(names)}
        criteria = search.criteria(left, None if "place" in names else near)
        count = run_search(criteria, count=(), now=timezone.now()).total
        if count:
            found.append(Relaxation(str(label), count, _without(query, names)))
    return sorted(found, key=lambda relaxation: -relaxation.count)[:SHOWN]


def _chosen(values: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str | Promise]]:
    """Yield the first wishes that were made. A radius is none: it has a value in every search."""
    made = ((names, label) for names, label in WISHES if any(values.get(name) for name in names if name != "radius"))
    yield from islice(made, MOST_SEARCHES)


def _without(query: QueryDict, names: tuple[str, ...]) -> str:
    left = query.copy()
    for name in (*names, "page"):
        left.pop(name, None)
    return f"?{tidy(left)}"
