"""Offers that nobody opens, and what their owner can do about it: concrete advice from what stands in each.

The rules are data: a sentence, and when it applies. The most helpful ones come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from stemportal.activities.models import Activity, ActivityImage, Kind, Session

# So long an offer is given to be found, and so long nobody may open it before it is pointed to.
UNSEEN_DAYS = 60
SHORT_SUMMARY, SHORT_DESCRIPTION = 80, 300
# A title with fewer words names a kind of thing, not what the pupils get to do.
FEW_WORDS = 3
# An ordinary class; a smaller group at most leaves it out.
A_CLASS = 20
# More advice than this is not read.
AT_MOST = 4


def unseen(offers: QuerySet[Activity] | None = None, *, now: datetime | None = None) -> QuerySet[Activity]:
    """Return the published offers, of these or of all, that stood there for 60 days and nobody opened in 60 days."""
    then = (now or timezone.now()) - timedelta(days=UNSEEN_DAYS)
    found = Activity.objects.all() if offers is None else offers
    return found.filter(
        Q(last_viewed_at__isnull=True) | Q(last_viewed_at__lt=then),
        status=Activity.Status.PUBLISHED,
        published_at__lt=then,
    )


def is_unseen(activity: Activity) -> bool:
    """Say the same of one offer that is at hand."""
    then = timezone.now() - timedelta(days=UNSEEN_DAYS)
    old = activity.is_published and activity.published_at is not None and activity.published_at < then
    return old and (activity.last_viewed_at is None or activity.last_viewed_at < then)


@dataclass(frozen=True)
class Facts:
    """An offer with the numbers that advice needs."""

    offer: Activity
    subjects: int
    goals: int
    has_free: bool
    has_picture: bool

    def asked(self, field: str) -> bool:
        """Whether the kind of offer asks for this field at all."""
        return field in self.offer.kind.fields


@dataclass(frozen=True)
class Rule:
    """One piece of advice and when it applies."""

    name: str
    text: str | Promise
    applies: Callable[[Facts], bool]


def _needs_dates(facts: Facts) -> bool:
    """Films and the like are there at any time; what is on request has no dates."""
    return not facts.has_free and not facts.offer.is_on_request and not facts.offer.link


def _is_a_label(facts: Facts) -> bool:
    """A title of one or two words, or the name of the kind, tells nobody what the pupils do."""
    offer = facts.offer
    names = {offer.kind.name_nb.casefold(), offer.kind.name_nn.casefold(), offer.kind.name_en.casefold()}
    return len(offer.title.split()) < FEW_WORDS or offer.title.strip().casefold() in names


def _leaves_a_class_out(facts: Facts) -> bool:
    """Kinds whose places are counted in pupils, such as job shadowing, are not made for classes."""
    offer = facts.offer
    return facts.asked("group_max") and offer.group_max < A_CLASS and offer.kind.unit == Kind.Unit.GROUPS


RULES = (
    Rule("dates", gettext_lazy("Add dates: offers with free dates come first in every search."), _needs_dates),
    Rule(
        "title",
        gettext_lazy("Let the title say what the pupils do, with a verb: “Build a drone and fly it”."),
        _is_a_label,
    ),
    Rule(
        "summary",
        gettext_lazy("Say more in the summary: it is all that teachers see in the list."),
        lambda facts: len(facts.offer.summary.strip()) < SHORT_SUMMARY,
    ),
    Rule(
        "subjects",
        gettext_lazy("Choose subjects: many teachers search by them."),
        lambda facts: facts.subjects == 0,
    ),
    Rule(
        "goals",
        gettext_lazy("Name one or two competence goals: teachers plan by them."),
        lambda facts: facts.goals == 0,
    ),
    Rule(
        "grades",
        gettext_lazy("Open it to more than one grade, if the content allows."),
        lambda facts: facts.offer.grade_from == facts.offer.grade_to,
    ),
    Rule(
        "reach",
        gettext_lazy("It is for schools nearby only. Could you take in the whole county, or offer it by video?"),
        lambda facts: facts.offer.reach == Activity.Reach.LOCAL and not facts.offer.is_digital,
    ),
    Rule(
        "group",
        gettext_lazy("A whole class does not fit. Say how it can be split, or take in more."),
        _leaves_a_class_out,
    ),
    Rule(
        "picture",
        gettext_lazy("Add a picture of what the pupils will see or do."),
        lambda facts: not facts.has_picture,
    ),
    Rule(
        "description",
        gettext_lazy("Tell more of what the pupils do, hour by hour if you can."),
        lambda facts: len(facts.offer.description.strip()) < SHORT_DESCRIPTION,
    ),
)
# When nothing of this applies, the offer is well made: then it needs people who tell of it.
TELL_OTHERS = gettext_lazy("It is well described. Send the link to a school you know, or ask the secretariat for help.")


def advise(offers: Iterable[Activity]) -> list[Activity]:
    """Return the same offers, each with ``advice``: sentences for those that nobody opens, none for the others.

    One query when there are any, whatever their number. Offers need their kind.
    """
    shown = list(offers)
    facts = _facts([offer.pk for offer in shown if is_unseen(offer)])
    for offer in shown:
        numbers = facts.get(offer.pk)
        offer.advice = advice_for(Facts(offer, **numbers)) if numbers else []  # type: ignore[attr-defined]
    return shown


def advice_for(facts: Facts) -> list[str]:
    """Return what the owner can do, the most helpful first, four sentences at most; never nothing."""
    return [str(rule.text) for rule in RULES if rule.applies(facts)][:AT_MOST] or [str(TELL_OTHERS)]


def _facts(ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return the numbers of these offers by their identity."""
    if not ids:
        return {}
    rows = Activity.objects.filter(pk__in=ids).values(
        "pk",
        n_subjects=Count("subjects", distinct=True),
        n_goals=Count("goals", distinct=True),
        free=Exists(Session.objects.filter(activity=OuterRef("pk")).open().with_places_left()),
        picture=Exists(ActivityImage.objects.filter(activity=OuterRef("pk"))),
    )
    return {
        row["pk"]: {
            "subjects": row["n_subjects"],
            "goals": row["n_goals"],
            "has_free": row["free"],
            "has_picture": row["picture"],
        }
        for row in rows.order_by()
    }
