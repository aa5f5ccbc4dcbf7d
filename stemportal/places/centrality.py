"""How central a municipality is: the index of Statistics Norway, in the three groups that the programme compares.

The index (Klass 128, since 2017) weighs how far the people of a municipality travel to jobs and to services. Statistics
Norway divides it into six classes; 1 and 2 are central here, 3 and 4 in between, 5 and 6 remote.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from django.db import models
from django.utils.translation import gettext_lazy as _

FILE = Path(__file__).parent / "data" / "centrality.csv"


class Centrality(models.TextChoices):
    """Groups of the six classes of Statistics Norway."""

    CENTRAL = "central", _("Central municipalities")
    BETWEEN = "between", _("Municipalities in between")
    REMOTE = "remote", _("Remote municipalities")


GROUPS = {
    1: Centrality.CENTRAL,
    2: Centrality.CENTRAL,
    3: Centrality.BETWEEN,
    4: Centrality.BETWEEN,
    5: Centrality.REMOTE,
    6: Centrality.REMOTE,
}


@cache
def _classes() -> dict[str, int]:
    with FILE.open(newline="") as file:
        return {row["number"]: int(row["class"]) for row in csv.DictReader(file)}


def centrality_of(number: str) -> Centrality | None:
    """Return the group of a municipality by its number; None for one that the register does not know."""
    found = _classes().get(number)
    return GROUPS[found] if found else None
