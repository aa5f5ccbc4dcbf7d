"""Saved searches: kept, changed, and their mails, which tell of what is new since the last time and only then go out.

News are offers that were published, or had free dates for the first time, after the search's ``seen_until``. Each run
looks at what happened until a little while ago (``SAVED_SEARCH_SETTLE_SECONDS``: a transaction in between may still be
writing), asks the index which of it fits, and moves ``seen_until`` on with a compare-and-set: two workers never mail
twice, and what one run cannot see yet the next one will.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.emails import saved as emails
from stemportal.activities.finding.cards import cards_of
from stemportal.activities.finding.filters import ActivityFilter, Choices, period
from stemportal.activities.finding.places import resolve_place
from stemportal.activities.models import Activity, SavedSearch
from stemportal.activities.search.criteria import Criteria
from stemportal.activities.search.engine import MOST_SHOWN, run_search

MOST_SAVED = 30
LONGEST_QUERY = 2_000
# Instant searches mail at most so often; what comes in between is told together.
PAUSE = timedelta(hours=1)
# Weekly mails are ready on Monday morning.
WEEKLY_AT = time(7)
# An offer that the index has not taken in by then has another trouble, and nobody waits for it any longer.
INDEX_MAY_LAG = timedelta(hours=1)
BATCH = 500

Frequency = SavedSearch.Frequency


class TooManySaved(Exception):
    """The person has as many saved searches as one may."""


class TooLongToSave(Exception):
    """The search has more words and filters than can be kept."""


@transaction.atomic
def save_search(*, user: User, query: str, name: str, frequency: str) -> SavedSearch:
    """Keep a search (``known_query``); the same search is kept once, and gets the new name and frequency.

    Raises TooManySaved, TooLongToSave.
    """
    if len(query) > LONGEST_QUERY:
        raise TooLongToSave
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    saved = SavedSearch.objects.filter(user=user, query=query).first()
    if saved:
        return change_search(saved=saved, name=name, frequency=frequency)
    if SavedSearch.objects.filter(user=user).count() >= MOST_SAVED:
        raise TooManySaved
    return SavedSearch.objects.create(user=user, query=query, name=name, frequency=frequency)


def change_search(*, saved: SavedSearch, name: str, frequency: str) -> SavedSearch:
    """Rename a saved search or have it mail more or less often. Whoever had no mail hears of what comes from now on."""
    if not saved.has_mail and frequency != Frequency.NEVER:
        saved.seen_until = timezone.now()
    saved.name, saved.frequency = name, frequency
    saved.save(update_fields=["name", "frequency", "seen_until"])
    return saved


def stop_mails(token: str) -> bool:
    """End the mails of the search with this token; the search stays. Return whether there was one that mailed."""
    saved = SavedSearch.objects.filter(stop_token=token).exclude(frequency=Frequency.NEVER)
    return bool(saved.update(frequency=Frequency.NEVER))


# Mails


@dataclass(frozen=True)
class News:
    """Offers that could be told of, each with the moments at which it became news, until ``until``."""

    until: datetime
    moments: dict[int, list[datetime]]

    def after(self, moment: datetime) -> list[int]:
        """Return what became news after the moment, the newest first."""
        found = {pk: max(times) for pk, times in self.moments.items() if any(time > moment for time in times)}
        return sorted(found, key=lambda pk: (found[pk], pk), reverse=True)


def mail_saved_searches() -> int:
    """Mail every due search that has news; return how many mails were written. Raises SearchNotReady.

    With nothing new anywhere it costs three queries.
    """
    until = timezone.now() - timedelta(seconds=settings.SAVED_SEARCH_SETTLE_SECONDS)
    due = _due(until)
    oldest = due.order_by("seen_until").values_list("seen_until", flat=True).first()
    if oldest is None:
        return 0
    news = _news(oldest, until)
    if not news.moments:
        due.filter(seen_until__lt=news.until).update(seen_until=news.until)
        return 0
    return sum(_tell(saved, news) for saved in _in_batches(due))


def _due(until: datetime) -> QuerySet[SavedSearch]:
    """Searches whose turn it is: instant ones after their pause, weekly ones that have not looked since Monday."""
    instant = Q(frequency=Frequency.INSTANT, seen_until__lt=until) & (
        Q(mailed_at__isnull=True) | Q(mailed_at__lte=timezone.now() - PAUSE)
    )
    weekly = Q(frequency=Frequency.WEEKLY, seen_until__lt=monday_morning(until))
    return SavedSearch.objects.filter(instant | weekly, user__is_active=True)


def monday_morning(moment: datetime) -> datetime:
    """Return the last Monday at seven, Norwegian time, that the moment has reached."""
    local = timezone.localtime(moment)
    monday = datetime.combine(local.date() - timedelta(days=local.weekday()), WEEKLY_AT, tzinfo=local.tzinfo)
    if monday <= local:
        return monday
    return datetime.combine(monday.date() - timedelta(weeks=1), WEEKLY_AT, tzinfo=local.tzinfo)


def _in_batches(due: QuerySet[SavedSearch]) -> Iterator[SavedSearch]:
    last = 0
    rows = due.select_related("user").order_by("pk")
    while found := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from found
        last = found[-1].pk


def _news(since: datetime, until: datetime) -> News:
    """Return what became news in that time. What the index does not have yet ends the time before it: it waits."""
    published, dates = (
        Q(published_at__gt=since, published_at__lte=until),
        Q(first_free_at__gt=since, first_free_at__lte=until),
    )
    rows = Activity.objects.published().filter(published | dates).order_by()
    moments = {
        pk: [time for time in times if time and since < time <= until]
        for pk, *times in rows.values_list("pk", "published_at", "first_free_at")
    }
    if not moments:
        return News(until, {})
    waiting = [
        time
        for pk in moments.keys() - _in_the_index(list(moments))
        for time in moments[pk]
        if time > until - INDEX_MAY_LAG
    ]
    if waiting:
        until = min(waiting) - timedelta(microseconds=1)
    return News(until, {pk: [time for time in times if time <= until] for pk, times in moments.items()})


def _in_the_index(ids: list[int]) -> set[int]:
    slices = (tuple(ids[start : start + MOST_SHOWN]) for start in range(0, len(ids), MOST_SHOWN))
    return {pk for only in slices for pk in run_search(Criteria(only=only), count=(), now=timezone.now()).ids}


def _tell(saved: SavedSearch, news: News) -> int:
    """Mail what is new for one search, if anything is; return the number of mails."""
    if news.until <= saved.seen_until:
        return 0
    offers = _fitting(saved, news.after(saved.seen_until))
    with transaction.atomic():
        same = SavedSearch.objects.filter(pk=saved.pk, seen_until=saved.seen_until, frequency=saved.frequency)
        told = {"mailed_at": timezone.now()} if offers else {}
        if not same.update(seen_until=news.until, **told) or not offers:
            return 0
        emails.new_offers(saved=saved, offers=offers)
    return 1


def _fitting(saved: SavedSearch, candidates: Sequence[int]) -> list[Activity]:
    """Return cards of those of the offers that the search finds, in its own order; only what is published now."""
    if not candidates:
        return []
    search = ActivityFilter(QueryDict(saved.query), choices=Choices.load())
    values = search.values
    near = resolve_place(values["place"])
    criteria = search.criteria(values, near, only=tuple(candidates))
    return cards_of(run_search(criteria, count=(), now=timezone.now()).ids, days=period(values), near=near)
