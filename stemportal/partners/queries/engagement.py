"""Reads about engagement levels and which partner picked which."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from stemportal.lib.school_year import current_school_year, label
from stemportal.partners.extensions import Task
from stemportal.partners.models import Engagement, Level, Membership, Partner


def levels_of_year(school_year: int) -> QuerySet[Level]:
    """Return the levels of a programme year in the order in which they are shown. May be empty on a new portal."""
    return Level.objects.filter(school_year=school_year).order_by("order", "pk")


def engagement_of(partner: Partner, school_year: int) -> Engagement | None:
    """Return which level the partner has picked for the year, with the level loaded, or None."""
    found = Engagement.objects.filter(partner=partner, school_year=school_year)
    return found.select_related("level", "chosen_by").first()


def with_picked_count(levels: QuerySet[Level]) -> QuerySet[Level]:
    """Add ``picked_count``: how many partners picked the level."""
    return levels.annotate(picked_count=Count("engagements"))


def level_tasks(membership: Membership) -> Iterator[Task]:
    """Ask those who may edit to pick this year's level, when there are levels to pick from. One query."""
    if not membership.may_edit or not membership.partner.is_approved:
        return
    year = current_school_year()
    picked = Engagement.objects.filter(partner=membership.partner_id, school_year=year)
    if Level.objects.filter(~Exists(picked), school_year=year).exists():
        yield Task(
            title=_("Pick your level for %(year)s") % {"year": label(year)},
            text=_("It says what schools and the secretariat can expect of you this year, and what you get."),
            url=reverse("schools:engagement", args=[membership.partner_id]),
            action=_("Pick a level"),
            order=30,
            icon="Staircase",
        )
