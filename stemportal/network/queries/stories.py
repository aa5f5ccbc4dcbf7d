"""What lists, cards and the front page show of news and stories."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from stemportal.accounts.models import User
from stemportal.network.models import Ecosystem, Story
from stemportal.partners.models import Membership, Partner
from stemportal.places.models import Municipality

# The Norwegian languages are read by the same people; who reads English may not read Norwegian, but sees the title.
NEXT_BEST = {"nb": ["nb", "nn", "en"], "nn": ["nn", "nb", "en"], "en": ["en", "nb", "nn"]}


def for_cards(stories: QuerySet[Story]) -> QuerySet[Story]:
    """Add what a card shows: by whom, and the pictures. One more query for all pictures."""
    return stories.select_related("partner", "school", "ecosystem").prefetch_related("photos")


def newest() -> QuerySet[Story]:
    """Return everything that is published, the newest first, for cards."""
    return for_cards(Story.objects.published())


def stories_of_partner(partner: Partner) -> QuerySet[Story]:
    """Return what is published by the partner and about visits to it, the newest first."""
    return newest().filter(partner=partner)


def stories_of_ecosystem(ecosystem: Ecosystem) -> QuerySet[Story]:
    """Return its own news, and what partners and schools of its region and its other members have told."""
    region = Municipality.objects.filter(county__ecosystem_area__ecosystem=ecosystem).values("pk")
    members = ecosystem.members.exclude(partner=None).values("partner")
    return newest().filter(
        Q(ecosystem=ecosystem)
        | Q(partner__municipality__in=region)
        | Q(school__municipality__in=region)
        | Q(partner__in=members)
    )


def front_page_story(language: str) -> Story | None:
    """Return the newest story from a visit that may stand on the front page, in the page's language where there is one.

    Two queries, one without any story.
    """
    order = NEXT_BEST.get(language, NEXT_BEST[settings.LANGUAGE_CODE])
    rank = Case(
        *(When(language=code, then=Value(place)) for place, code in enumerate(order)),
        default=Value(len(order)),
        output_field=IntegerField(),
    )
    return newest().filter(on_front_page=True, kind=Story.Kind.STORY).order_by(rank, "-published_at", "-pk").first()


def own_stories(user: User) -> QuerySet[Story]:
    """Return what the person may work on or read: own ones, and those of the partners the person acts for.

    Newest first; a story that waits for the person (sent back with a question) comes before all others.
    """
    partners = Membership.objects.filter(user=user).exclude(partner__status=Partner.Status.UNCONFIRMED)
    mine = Q(school=None, partner__in=partners.values("partner")) | Q(author=user, partner=None)
    # What was written for a partner is the partner's, also when the author has left it; a teacher's is the teacher's.
    mine |= Q(author=user, school__isnull=False)
    first = Case(When(status=Story.Status.RETURNED, then=Value(0)), default=Value(1), output_field=IntegerField())
    return for_cards(Story.objects.filter(mine)).order_by(first, "-created_at", "-pk")


def returned_of_partner(partner: Partner) -> QuerySet[Story]:
    """Return the partner's stories that the secretariat asks something about."""
    return Story.objects.filter(partner=partner, school=None, status=Story.Status.RETURNED)
