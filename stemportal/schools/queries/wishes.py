"""Reads about wishes: whose they are, what waits for an answer, and what a partner was asked."""

from __future__ import annotations

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Kind, Session
from stemportal.lib.geo import Point, distance_km
from stemportal.partners.models import Partner
from stemportal.schools.models import Offer, Teacher, Wish, WishMatch
from stemportal.schools.services.matching import FORMATS, bounds_of_weeks

DATES_AT_MOST = 40
# Kinds that are held for a class; a film is seen and a grant is paid.
HELD = (Kind.PledgeUnit.VISITS, Kind.PledgeUnit.PLACES)


def wishes_of(record: Teacher) -> QuerySet[Wish]:
    """Return the person's wishes at the school, and for a coordinator all of the school; open ones first.

    ``offers_open`` counts the offers that wait for an answer, ``told`` the partners that were asked.
    """
    mine = Q(school=record.school) if record.is_coordinator else Q(school=record.school, teacher=record.user)
    return (
        Wish.objects.filter(mine)
        .select_related("kind", "subject", "goal", "teacher")
        .annotate(
            offers_open=Count("offers", filter=Q(offers__status=Offer.Status.OPEN), distinct=True),
            told=Count("matches", distinct=True),
            is_over=Case(When(status=Wish.Status.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField()),
        )
        .order_by("is_over", "-created_at", "-id")
    )


def offers_to_answer(user: User) -> QuerySet[Offer]:
    """Return the open offers to the person's own open wishes, the soonest first."""
    return (
        Offer.objects.filter(
            wish__teacher=user,
            wish__status=Wish.Status.OPEN,
            status=Offer.Status.OPEN,
            starts_at__gt=timezone.now(),
        )
        .select_related("activity__partner", "activity__kind", "activity__municipality", "wish")
        .order_by("starts_at", "pk")
    )


def offers_of(wish: Wish) -> QuerySet[Offer]:
    """Return the offers to a wish with what pages say about them, the open ones first."""
    return (
        Offer.objects.filter(wish=wish)
        .select_related("activity__partner", "activity__kind", "activity__municipality", "session", "booking")
        .annotate(
            is_over=Case(When(status=Offer.Status.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
        )
        .order_by("is_over", "starts_at", "pk")
    )


def told_of(wish: Wish) -> QuerySet[WishMatch]:
    """Return who was asked for a wish, in the order of asking."""
    return WishMatch.objects.filter(wish=wish).select_related("partner", "role_model").order_by("rank", "pk")


def still_to_answer(partner: Partner) -> QuerySet[WishMatch]:
    """Return the open wishes that the partner was told of and has neither offered for nor said "not now" to."""
    offered = Offer.objects.filter(wish=OuterRef("wish"), activity__partner=partner).exclude(
        status=Offer.Status.WITHDRAWN
    )
    return WishMatch.objects.filter(~Exists(offered), partner=partner, wish__status=Wish.Status.OPEN, not_now_at=None)


def matches_of_partner(partner: Partner) -> QuerySet[WishMatch]:
    """Return the wishes that a partner was told of, those to answer first; ``state`` says how each stands for it.

    ``state`` is "open", "offered", "not_now", "agreed" (its own offer was accepted) or "over".
    """
    offers = Offer.objects.filter(wish=OuterRef("wish"), activity__partner=partner)
    is_open = Q(wish__status=Wish.Status.OPEN)
    return (
        WishMatch.objects.filter(partner=partner)
        .select_related("wish__school__municipality", "wish__kind", "wish__subject", "wish__goal", "role_model")
        .annotate(
            state=Case(
                When(Exists(offers.filter(status=Offer.Status.ACCEPTED)), then=Value("agreed")),
                When(~is_open, then=Value("over")),
                When(Exists(offers.filter(status=Offer.Status.OPEN)), then=Value("offered")),
                When(not_now_at__isnull=False, then=Value("not_now")),
                default=Value("open"),
            ),
            turn=Case(
                When(state="open", then=Value(0)),
                When(state="offered", then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            ),
        )
        .order_by("turn", "-told_at", "-pk")
    )


def kilometres_to(partner: Partner, wish: Wish) -> float | None:
    """Return how far the school is from the partner, as the crow flies; None where nobody knows."""
    here = Point(wish.school.latitude, wish.school.longitude)
    found = Partner.objects.filter(pk=partner.pk).values_list(
        distance_km(here, "municipality__latitude", "municipality__longitude"), flat=True
    )
    return found.first()


def offers_that_could(partner: Partner, wish: Wish) -> list[Activity]:
    """Return the partner's published offers that suit the group; first those held where, and of the kind, as wished."""
    found = partner.activities.filter(
        status=Activity.Status.PUBLISHED,
        grade_from__lte=wish.grade,
        grade_to__gte=wish.grade,
        group_max__gte=wish.pupils,
        kind__pledge_unit__in=HELD,
    ).select_related("kind", "municipality", "partner")
    held_there = FORMATS[Wish.Where(wish.where)]
    return sorted(
        found,
        key=lambda activity: (activity.format not in held_there, activity.kind_id != wish.kind_id, activity.title),
    )


def dates_that_could(activities: list[Activity], wish: Wish) -> list[Session]:
    """Return dates of these offers in the wished weeks with room for the group, held where it wishes. One query."""
    begin, end = bounds_of_weeks(wish)
    found = (
        Session.objects.open(after=max(begin, timezone.now()))
        .filter(activity__in=activities, starts_at__lt=end)
        .select_related("activity__kind")
        .order_by("starts_at", "pk")
    )
    fitting = []
    for session in found[: 4 * DATES_AT_MOST]:
        places = wish.pupils if session.activity.kind.unit == Kind.Unit.PUPILS else 1
        room = session.pupils_left
        elsewhere = wish.where != Wish.Where.ANY and session.takes_place not in {wish.where, ""}
        if not elsewhere and session.places_left >= places and (room is None or room >= wish.pupils):
            fitting.append(session)
    return fitting[:DATES_AT_MOST]
