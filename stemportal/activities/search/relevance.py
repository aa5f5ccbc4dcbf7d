"""How good the search is: queries with the offers of the demo world that a teacher would expect.

The expectations were written down before the lists of synonyms and compounds were tuned. The group ``unseen`` came
afterwards and is counted apart: it says how well the search does with words that nobody tuned it for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.activities.search.criteria import Criteria
from stemportal.activities.search.engine import run_search
from stemportal.activities.search.words import DATA

FIRST = 10
UNSEEN = "unseen"


@dataclass(frozen=True)
class Verdict:
    """One query: titles that were expected, and titles that came first."""

    group: str
    query: str
    expected: list[str]
    found: list[str]

    @property
    def missed(self) -> list[str]:
        """What was expected and did not come, where there was room for it."""
        return [] if self.recall == 1 else [title for title in self.expected if title not in self.found]

    @property
    def recall(self) -> float:
        """The share of the expected titles among the first ten; of ten, where more are expected."""
        return len(set(self.found) & set(self.expected)) / min(len(self.expected), FIRST)


def judge() -> list[Verdict]:
    """Ask all queries of the relevance set. The demo world must be loaded and indexed."""
    verdicts = []
    for row in json.loads((DATA / "relevance.json").read_text(encoding="utf-8")):
        ids = run_search(Criteria(text=row["query"]), count=(), now=timezone.now()).ids[:FIRST]
        titles = dict(Activity.objects.filter(pk__in=ids).values_list("pk", "title"))
        verdicts.append(Verdict(row["group"], row["query"], row["expect"], [titles[pk] for pk in ids]))
    return verdicts


def recall(verdicts: Sequence[Verdict]) -> float:
    """Return the mean recall."""
    return sum(verdict.recall for verdict in verdicts) / max(len(verdicts), 1)
