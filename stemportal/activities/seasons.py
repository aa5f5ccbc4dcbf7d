"""The months in which something is offered, as people say them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.dates import MONTHS

YEAR = 12


def season_label(months: Iterable[int]) -> str:
    """Return months as ranges that may go over New Year: "September–November", "November–February, May".

    Empty for all year: no months, or all of them. Numbers that are no months are left out.
    """
    chosen = {month for month in months if 1 <= month <= YEAR}
    if len(chosen) in {0, YEAR}:
        return ""
    # A range begins where the month before is not chosen.
    starts = sorted(month for month in chosen if (month - 2) % YEAR + 1 not in chosen)
    return ", ".join(_range(start, chosen) for start in starts)


def _range(start: int, chosen: set[int]) -> str:
    end = start
    while end % YEAR + 1 in chosen:
        end = end % YEAR + 1
    if start == end:
        return str(MONTHS[start])
    return f"{MONTHS[start]}–{MONTHS[end]}"
