"""Medians of a level's partners: what a partner's own figures are compared with."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Any

from stemportal.lib.periods import Period
from stemportal.partners.models import Engagement, Partner
from stemportal.reports.figures.counting import Counted, count_partners
from stemportal.reports.figures.hiding import shown
from stemportal.reports.figures.protection import protect

# A median of fewer says too much of one of them.
FEWEST_PARTNERS = 5
# The figures that are compared: those that every partner has, and those that only some have.
OF_ALL = (
    *("visits", "pupils", "groups", "schools", "municipalities", "counties", "sessions", "hours", "pupil_hours"),
    *("people_hours", "role_models", "enquiries"),
)
OF_SOME = ("girls_share", "median_days", "rating")
# A median of pupils may be what one of the partners reached.
OF_PUPILS = ("pupils",)


def level_medians(period: Period) -> dict[str, dict[str, Any]]:
    """Return the medians of each level's partners by the level's code: {"partners": 12, "pupils": 140.5, …}.

    Of the approved partners that picked the level for the year, those without visits too. Levels with fewer than five
    are left out; so are figures that fewer than five can tell of, and medians of one to four pupils.
    """
    picked = Engagement.objects.filter(school_year=period.programme_year, partner__status=Partner.Status.APPROVED)
    members: dict[str, list[int]] = defaultdict(list)
    for partner, code in picked.order_by("partner").values_list("partner", "level__code"):
        members[code].append(partner)
    members = {code: found for code, found in members.items() if len(found) >= FEWEST_PARTNERS}
    counted = count_partners(period, [pk for found in members.values() for pk in found]) if members else {}
    return {code: _medians(period, [counted[pk] for pk in found]) for code, found in sorted(members.items())}


def _medians(period: Period, counted: list[Counted]) -> dict[str, Any]:
    figures = [protect(period, found) for found in counted]
    medians: dict[str, Any] = {"partners": len(figures)}
    for key in (*OF_ALL, *OF_SOME):
        known = [value for figure in figures if (value := getattr(figure, key)) is not None]
        if len(known) >= FEWEST_PARTNERS:
            medians[key] = round(float(median(known)), 1)
    return {key: value for key, value in medians.items() if key not in OF_PUPILS or shown(value) is not None}
