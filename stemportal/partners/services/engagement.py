"""Engagement levels: which one a partner picks for a programme year, and taking levels over into the next year."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.school_year import current_school_year
from stemportal.partners.models import Engagement, Level, Partner

# From April on a partner may plan the programme year that begins in August.
NEXT_YEAR_OPENS = 4
NEXT_YEAR_IS_THIS = 8


class YearClosed(Exception):
    """Levels and pledges of this programme year cannot be changed: it is over, or too far ahead."""


class ChangedMeanwhile(Exception):
    """Somebody else has changed what the person had seen when they began to write."""


def open_years() -> list[int]:
    """Return the programme years for which partners may pick a level and pledge: this one, from April the next too."""
    year = current_school_year()
    month = timezone.localdate().month
    return [year, year + 1] if NEXT_YEAR_OPENS <= month < NEXT_YEAR_IS_THIS else [year]


def lock_year(partner: Partner, school_year: int) -> None:
    """Hold the partner's row until the transaction ends, so that two who plan its year go one after the other.

    Raises YearClosed for a year that is not open.
    """
    if school_year not in open_years():
        raise YearClosed
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)


@transaction.atomic
def set_level(*, partner: Partner, school_year: int, level: Level | None, shown: int | None, by: User) -> bool:
    """Pick the partner's level for the year, or none; return whether that is a change.

    ``shown`` is the id of the level that ``by`` had seen as picked, None for none. When another one is picked by now,
    and not the one asked for either, ChangedMeanwhile is raised. Raises YearClosed, and ValueError for a level of
    another year. Each change stays in the history.
    """
    if level is not None and level.school_year != school_year:
        raise ValueError("the level belongs to another programme year")
    lock_year(partner, school_year)
    current = Engagement.objects.filter(partner=partner, school_year=school_year).first()
    now = current.level_id if current else None
    wanted = level.pk if level else None
    if wanted == now:
        return False
    if now != shown:
        raise ChangedMeanwhile
    if current is not None and level is None:
        current.delete()
    elif current is None and level is not None:
        Engagement.objects.create(partner=partner, school_year=school_year, level=level, chosen_by=by)
    elif current is not None and level is not None:
        current.level, current.chosen_by, current.chosen_at = level, by, timezone.now()
        current.save(update_fields=["level", "chosen_by", "chosen_at"])
    return True


@transaction.atomic
def copy_levels(*, levels: Iterable[Level]) -> int:
    """Copy levels into the programme year after their own; return how many are new. What is there already stays."""
    copies = []
    for level in levels:
        copy = Level(school_year=level.school_year + 1)
        for field in Level._meta.concrete_fields:
            if field.name not in {"id", "school_year"}:
                setattr(copy, field.name, getattr(level, field.name))
        copies.append(copy)
    before = Level.objects.count()
    Level.objects.bulk_create(copies, ignore_conflicts=True)
    return Level.objects.count() - before
