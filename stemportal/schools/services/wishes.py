"""A wish from the first word to its end: made, withdrawn, handed on when nobody offers, over when its weeks are."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.school_year import add_working_days
from stemportal.outbox.services import hand_over
from stemportal.partners.models import Partner
from stemportal.schools.emails import wishes as emails
from stemportal.schools.errors import TooManyWishes, WishMovedOn
from stemportal.schools.models import Offer, RegionalCoordinator, School, Wish, WishMatch
from stemportal.schools.services import matching

# A younger wish is on its way to a worker.
SWEEP_AFTER = timedelta(seconds=20)
AT_MOST = 500


def make_wish(*, school: School, teacher: User, **facts: Any) -> Wish:
    """Write a wish down; a worker then finds partners for it. ``facts`` are values by field name of ``Wish``.

    The same wish sent twice is one. Raises TooManyWishes.
    """
    with transaction.atomic():
        # One wish of a person at a time, so that two tabs cannot go beyond the number.
        User.objects.select_for_update(no_key=True).get(pk=teacher.pk)
        mine = Wish.objects.filter(teacher=teacher, status=Wish.Status.OPEN)
        if same := mine.filter(school=school, **facts).first():
            return same
        if mine.count() >= settings.WISHES_OPEN_AT_MOST:
            raise TooManyWishes(settings.WISHES_OPEN_AT_MOST)
        wish = Wish.objects.create(school=school, teacher=teacher, **facts)
        transaction.on_commit(partial(announce, wish.pk))
    return wish


def announce(wish_id: int) -> None:
    """Have a worker tell partners of a new wish. Without Valkey it waits for the sweep."""
    from stemportal.schools.tasks import ask_partners

    hand_over(lambda: ask_partners.delay(wish_id), wish=wish_id)


def sweep_new() -> int:
    """Hand over wishes of which no partner was told, the oldest first. Returns how many."""
    waiting = Wish.objects.filter(status=Wish.Status.OPEN, rounds=0, created_at__lt=timezone.now() - SWEEP_AFTER)
    found = list(waiting.order_by("created_at").values_list("pk", flat=True)[:AT_MOST])
    for wish_id in found:
        announce(wish_id)
    return len(found)


def withdraw_wish(*, wish: Wish) -> None:
    """The teacher needs it no more; who had offered something is told. Raises WishMovedOn."""
    with transaction.atomic():
        if not Wish.objects.filter(pk=wish.pk, status=Wish.Status.OPEN).update(status=Wish.Status.WITHDRAWN):
            raise WishMovedOn
        for offer in close_offers(wish, status=Offer.Status.DECLINED):
            emails.wish_withdrawn(offer)
    wish.status = Wish.Status.WITHDRAWN


def close_offers(wish: Wish, *, status: Offer.Status, besides: int | None = None) -> list[Offer]:
    """Give the wish's open offers this status and return them. Call it when the wish itself has moved."""
    waiting = Offer.objects.filter(wish=wish, status=Offer.Status.OPEN).exclude(pk__in=[besides] if besides else [])
    offers = list(
        waiting.select_related("wish__school__municipality", "activity__partner", "activity__municipality")
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(status=status)
    return offers


def say_not_now(*, match: WishMatch) -> None:
    """A partner cannot this time; the next best is asked in its place. A second time changes nothing.

    Raises WishMovedOn when the wish is not open any more.
    """
    with transaction.atomic():
        if not Wish.objects.filter(pk=match.wish_id, status=Wish.Status.OPEN).exists():
            raise WishMovedOn
        if WishMatch.objects.filter(pk=match.pk, not_now_at=None).update(not_now_at=timezone.now()):
            matching.ask_more(wish_id=match.wish_id, count=1)


def ask_directly(*, wish: Wish, partner: Partner) -> bool:
    """The secretariat asks one more partner, whatever the ranking says. Returns False when it was asked before.

    Raises WishMovedOn when the wish is not open any more.
    """
    with transaction.atomic():
        current = Wish.objects.select_for_update(no_key=True, of=("self",)).select_related("school__municipality")
        locked = current.filter(pk=wish.pk, status=Wish.Status.OPEN).first()
        if locked is None:
            raise WishMovedOn
        matches = WishMatch.objects.filter(wish=locked)
        if matches.filter(partner=partner).exists():
            return False
        matching.tell(locked, [matching.Chosen(partner, None, None)], first_rank=matches.count() + 1)
    return True


def write_to_teacher(*, wish: Wish, text: str) -> None:
    """The secretariat writes the teacher a line; it is kept in the mail alone."""
    with transaction.atomic():
        emails.line_to_teacher(wish, text)


def waiting_in_vain() -> QuerySet[Wish]:
    """Return open wishes that no offer waits for."""
    offered = Offer.objects.filter(wish=OuterRef("pk"), status=Offer.Status.OPEN)
    return Wish.objects.filter(~Exists(offered), status=Wish.Status.OPEN)


def made_before(working_days: int) -> datetime:
    """Return the moment such that of what was made before it, so many working days have gone, the last one included."""
    today = timezone.localdate()
    day = today - timedelta(days=working_days)
    while add_working_days(day, working_days) >= today:
        day -= timedelta(days=1)
    return _begin(day + timedelta(days=1))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def tell_more_partners() -> int:
    """Tell more partners of wishes without an offer in some working days. Returns how many wishes."""
    due = waiting_in_vain().filter(rounds=1, created_at__lt=made_before(settings.WISH_TELL_MORE_WORKING_DAYS))
    done = 0
    for wish_id in list(due.order_by("created_at").values_list("pk", flat=True)[:AT_MOST]):
        with transaction.atomic():
            if Wish.objects.filter(pk=wish_id, status=Wish.Status.OPEN, rounds=1).update(rounds=2):
                matching.ask_more(wish_id=wish_id, count=settings.WISH_TELL_PARTNERS)
                done += 1
    return done


def hand_on_wishes() -> int:
    """Write to the regional coordinator about wishes without an offer, each once. Returns how many wishes."""
    days = settings.WISH_HAND_ON_WORKING_DAYS
    due = waiting_in_vain().filter(handed_on_at=None, created_at__lt=made_before(days))
    done = 0
    for wish in list(due.select_related("school__municipality", "kind", "subject", "goal")[:AT_MOST]):
        with transaction.atomic():
            open_wish = Wish.objects.filter(pk=wish.pk, status=Wish.Status.OPEN, handed_on_at=None)
            if open_wish.update(handed_on_at=timezone.now()):
                asked = WishMatch.objects.filter(wish=wish).count()
                emails.wish_handed_on(wish, coordinators_of(wish.school), asked=asked, days=days)
                done += 1
    return done


def coordinators_of(school: School) -> list[User]:
    """Return the regional coordinators of the school's county who have an account in use; maybe nobody."""
    if school.municipality is None:
        return []
    found = RegionalCoordinator.objects.filter(
        county=school.municipality.county_id, person__is_active=True, person__is_staff=True
    )
    return [row.person for row in found.select_related("person").order_by("pk")]


def expire_wishes() -> int:
    """End wishes whose weeks have passed and tell their teachers what they can do. Returns how many."""
    over = Wish.objects.filter(status=Wish.Status.OPEN, last_week__lte=timezone.localdate() - timedelta(days=7))
    done = 0
    for wish in list(over.select_related("school__municipality", "teacher").order_by("pk")[:AT_MOST]):
        with transaction.atomic():
            if Wish.objects.filter(pk=wish.pk, status=Wish.Status.OPEN).update(status=Wish.Status.EXPIRED):
                close_offers(wish, status=Offer.Status.EXPIRED)
                emails.wish_expired(wish)
                done += 1
    return done


def forget_old_wishes() -> int:
    """Take the person and the words out of ended wishes whose weeks are long past; what was missing stays.

    Returns how many wishes.
    """
    long_past = timezone.localdate() - timedelta(days=settings.WISH_RETENTION_DAYS)
    old = Wish.objects.exclude(status=Wish.Status.OPEN).filter(last_week__lt=long_past)
    named = old.filter(Q(teacher__isnull=False) | ~Q(text=""))
    Offer.objects.filter(wish__in=old).exclude(note="").update(note="")
    return named.update(teacher=None, text="")
