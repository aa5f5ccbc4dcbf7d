"""Offers to wishes: what may be offered, and the one that becomes a booking, also when two are accepted at once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity, Session
from stemportal.outbox.models import Mail
from stemportal.schools.errors import (
    AlreadyBooked,
    BadOffer,
    GroupTooLarge,
    OfferGone,
    SameTime,
    WishMovedOn,
    WrongGrade,
)
from stemportal.schools.models import Booking, Offer, Wish
from stemportal.schools.services import offers as service
from stemportal.schools.services.places_taken import count_places
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    KindFactory,
    MembershipFactory,
    OfferFactory,
    SchoolClassFactory,
    SessionFactory,
    UserFactory,
    WishFactory,
    WishMatchFactory,
)
from stemportal.testing.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def wish() -> Wish:
    return WishFactory(school__name="Alta ungdomsskole")


@pytest.fixture
def activity(wish) -> Activity:
    activity = ActivityFactory(partner__display_name="Nordlys", duration_minutes=90, place="Porten")
    MembershipFactory(partner=activity.partner, user__language="nn")
    WishMatchFactory(wish=wish, partner=activity.partner)
    return activity


def in_weeks(wish: Wish, *, days: int = 1, hour: int = 10) -> datetime:
    day = wish.first_week + timedelta(days=days)
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour))


def offer(wish, activity, **facts) -> Offer:
    if "session" not in facts:
        facts.setdefault("starts_at", in_weeks(wish))
    return service.make_offer(wish=wish, activity=activity, by=UserFactory(), **facts)


def mails(template: str) -> list[str]:
    return sorted(Mail.objects.filter(template=template).values_list("to_email", flat=True))


def test_offer_free_time_is_told_to_the_teacher(wish, activity):
    made = offer(wish, activity, note="Vi har plass")

    assert made.ends_at == made.starts_at + timedelta(minutes=90)
    mail = Mail.objects.get(template="wish_offer_made")
    assert mail.to_email == wish.teacher.email
    assert "Vi har plass" in mail.text
    assert f"/me/wishes/{wish.pk}/" in mail.text


def test_offer_sent_twice_is_one(wish, activity):
    assert offer(wish, activity) == offer(wish, activity)

    assert mails("wish_offer_made") == [wish.teacher.email]


def test_offer_of_a_date_takes_its_times(wish, activity):
    session = SessionFactory(activity=activity, starts_at=in_weeks(wish), ends_at=in_weeks(wish, hour=13))

    made = offer(wish, activity, session=session)

    assert (made.session, made.starts_at, made.ends_at) == (session, session.starts_at, session.ends_at)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"group_max": 10}, GroupTooLarge),
        ({"grade_from": 11}, WrongGrade),
        ({"status": Activity.Status.DRAFT}, BadOffer),
        ({"partner__status": "paused"}, BadOffer),
    ],
)
def test_offer_that_does_not_fit_is_refused(wish, change, error):
    with pytest.raises(error):
        offer(wish, ActivityFactory(**change))

    assert not Offer.objects.exists()


@pytest.mark.parametrize("days", [-30, -1, 21])
def test_offer_outside_the_weeks_is_refused(wish, activity, days):
    with pytest.raises(BadOffer):
        offer(wish, activity, starts_at=in_weeks(wish, days=days))


@pytest.mark.parametrize("facts", [{"capacity": 1, "places_taken": 1}, {"pupil_capacity": 20}, {"status": "cancelled"}])
def test_offer_of_a_date_without_room_is_refused(wish, activity, facts):
    session = SessionFactory(activity=activity, starts_at=in_weeks(wish), **facts)

    with pytest.raises(BadOffer):
        offer(wish, activity, session=session)


def test_offer_to_a_wish_that_is_over_is_refused(wish, activity):
    Wish.objects.update(status=Wish.Status.WITHDRAWN)

    with pytest.raises(WishMovedOn):
        offer(wish, activity)


def test_offers_of_one_partner_have_a_maximum(wish, activity):
    for hour in (8, 9, 10):
        offer(wish, activity, starts_at=in_weeks(wish, hour=hour))

    with pytest.raises(BadOffer, match="several times"):
        offer(wish, activity, starts_at=in_weeks(wish, hour=11))


@pytest.mark.parametrize(
    ("kind_formats", "format_", "asked", "where"),
    [
        ([], "on_site", "video", "partner"),
        ([], "digital", "", "video"),
        ([], "hybrid", "", "partner"),
        ([], "hybrid", "video", "video"),
        (["at_school", "digital"], "hybrid", "", "school"),
        ([], "at_school", "partner", "partner"),
    ],
)
def test_offer_is_held_where_the_activity_can_be(wish, kind_formats, format_, asked, where):
    kind = KindFactory(code=f"k{len(kind_formats)}", formats=kind_formats)

    assert offer(wish, ActivityFactory(kind=kind, format=format_), where=asked).where == where


def test_offer_that_leaves_it_open_is_held_where_the_class_wishes(wish):
    wish.where = Wish.Where.VIDEO

    assert offer(wish, ActivityFactory(format=Activity.Format.HYBRID)).where == "video"


def test_accept_makes_a_confirmed_booking_with_a_date_of_its_own(wish, activity):
    school_class = SchoolClassFactory(school=wish.school, name="9A")
    made = offer(wish, activity, note="Vi gleder oss")

    booking = service.accept_offer(offer=made, by=wish.teacher)

    assert booking.status == Booking.Status.CONFIRMED
    assert (booking.teacher, booking.school, booking.school_class) == (wish.teacher, wish.school, school_class)
    assert (booking.group_name, booking.pupils, booking.reply) == ("9A", 24, "Vi gleder oss")
    assert booking.session.starts_at == made.starts_at
    assert (booking.session.places_left, booking.session.place) == (0, "Porten")
    assert count_places(booking.session) == booking.session.places_taken
    assert [event.move for event in booking.events.all()] == ["book"]
    assert mails("booking_confirmed_to_teacher") == [wish.teacher.email]
    assert "METHOD:REQUEST" in Mail.objects.get(template="booking_confirmed_to_partner").calendar
    wish.refresh_from_db()
    made.refresh_from_db()
    assert (wish.status, made.status, made.booking) == ("fulfilled", "accepted", booking)


def test_accept_takes_a_place_in_the_date_that_was_offered(wish, activity):
    session = SessionFactory(activity=activity, starts_at=in_weeks(wish), capacity=2)

    booking = service.accept_offer(offer=offer(wish, activity, session=session), by=wish.teacher)

    session.refresh_from_db()
    assert booking.session == session
    assert session.places_taken == count_places(session) == 1


def test_accept_counts_pupils_where_the_kind_does(wish):
    activity = ActivityFactory(kind=KindFactory(code="job_shadow", unit="pupils"))

    booking = service.accept_offer(offer=offer(wish, activity), by=wish.teacher)

    assert (booking.places, booking.session.capacity) == (24, 24)


def test_accept_tells_the_other_partners_that_they_are_free_again(wish, activity):
    other = OfferFactory(wish=wish)
    owner = MembershipFactory(partner=other.activity.partner).user
    again = offer(wish, activity, starts_at=in_weeks(wish, hour=12))

    service.accept_offer(offer=offer(wish, activity), by=wish.teacher)

    assert {Offer.objects.get(pk=pk).status for pk in (other.pk, again.pk)} == {Offer.Status.OVERTAKEN}
    assert mails("wish_offer_overtaken") == [owner.email]


def test_accept_by_a_coordinator_books_for_the_teacher(wish, activity):
    coordinator = UserFactory()

    booking = service.accept_offer(offer=offer(wish, activity), by=coordinator)

    assert (booking.teacher, booking.made_by) == (wish.teacher, coordinator)


def test_accept_date_that_filled_up_keeps_the_wish_open(wish, activity):
    session = SessionFactory(activity=activity, starts_at=in_weeks(wish), capacity=1)
    made = offer(wish, activity, session=session)
    Session.objects.update(places_taken=1)

    with pytest.raises(OfferGone, match="filled up"):
        service.accept_offer(offer=made, by=wish.teacher)

    wish.refresh_from_db()
    made.refresh_from_db()
    assert (wish.status, made.status) == ("open", "open")
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    "happened", ["cancelled date", "archived", "past", "smaller groups", "partner paused", "no room for pupils"]
)
def test_accept_what_is_not_offered_any_more_keeps_the_wish_open(wish, activity, happened):
    session = SessionFactory(activity=activity, starts_at=in_weeks(wish), capacity=2)
    made = offer(wish, activity, **({"session": session} if "date" in happened or "room" in happened else {}))
    match happened:
        case "cancelled date":
            Session.objects.update(status=Session.Status.CANCELLED)
        case "no room for pupils":
            Session.objects.update(pupil_capacity=20)
        case "archived":
            Activity.objects.update(status=Activity.Status.ARCHIVED)
        case "smaller groups":
            Activity.objects.update(group_max=10)
        case "partner paused":
            activity.partner.__class__.objects.update(status="paused")
        case "past":
            Offer.objects.update(starts_at=timezone.now() - timedelta(hours=2))
            made.refresh_from_db()
    made = Offer.objects.select_related("activity__partner", "activity__kind", "wish__school", "wish__teacher").get()

    with pytest.raises(OfferGone):
        service.accept_offer(offer=made, by=wish.teacher)

    assert Wish.objects.get().status == "open"
    assert not Booking.objects.exists()


def test_accept_where_the_group_has_a_place_already_is_told(wish, activity):
    session = SessionFactory(activity=activity, starts_at=in_weeks(wish), capacity=3, places_taken=1)
    BookingFactory(session=session, school=wish.school, group_name="9A", status="confirmed")

    with pytest.raises(AlreadyBooked):
        service.accept_offer(offer=offer(wish, activity, session=session), by=wish.teacher)

    assert Wish.objects.get().status == "open"


def test_accept_at_the_time_of_another_visit_asks_why(wish, activity):
    BookingFactory(session__starts_at=in_weeks(wish), school=wish.school, group_name="9A", status="confirmed")
    made = offer(wish, activity)

    with pytest.raises(SameTime):
        service.accept_offer(offer=made, by=wish.teacher)
    booking = service.accept_offer(offer=made, by=wish.teacher, same_time_reason="Halve klassen hver")

    assert booking.same_time_reason == "Halve klassen hver"


@pytest.mark.parametrize("status", ["declined", "withdrawn", "overtaken"])
def test_accept_offer_that_was_answered_changes_nothing(wish, activity, status):
    made = offer(wish, activity)
    Offer.objects.update(status=status)

    with pytest.raises(WishMovedOn):
        service.accept_offer(offer=made, by=wish.teacher)

    assert Wish.objects.get().status == "open"
    assert not Session.objects.exists()


def test_decline_tells_the_partner_and_keeps_the_wish_open(wish, activity):
    made = offer(wish, activity)

    service.decline_offer(offer=made)

    assert Wish.objects.get().status == "open"
    assert Mail.objects.get(template="wish_offer_declined").language == "nn"
    with pytest.raises(WishMovedOn):
        service.withdraw_offer(offer=made)


def test_withdraw_offer_tells_the_teacher(wish, activity):
    service.withdraw_offer(offer=offer(wish, activity))

    assert mails("wish_offer_taken_back") == [wish.teacher.email]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["dates", "free times", "both of one date"])
def test_accept_two_offers_at_once_gives_exactly_one_booking(kind):
    wish = WishFactory()
    made = []
    session = SessionFactory(starts_at=in_weeks(wish), capacity=5)
    for hour in (9, 12):
        if kind == "both of one date":
            made.append(OfferFactory(wish=wish, session=session))
        elif kind == "dates":
            made.append(OfferFactory(wish=wish, session=SessionFactory(starts_at=in_weeks(wish, hour=hour))))
        else:
            start = in_weeks(wish, hour=hour)
            made.append(
                Offer.objects.create(
                    wish=wish, activity=session.activity, starts_at=start, ends_at=start + timedelta(hours=1)
                )
            )
    whole = Offer.objects.select_related("wish__school", "wish__teacher", "activity__partner")
    chosen = [whole.get(pk=offer.pk) for offer in made]

    def accept(n: int) -> str:
        try:
            service.accept_offer(offer=chosen[n], by=chosen[n].wish.teacher)
        except WishMovedOn:
            return "too late"
        return "booked"

    assert sorted(at_once(accept, 2)) == ["booked", "too late"]
    booking = Booking.objects.get()
    assert sorted(Offer.objects.values_list("status", flat=True)) == ["accepted", "overtaken"]
    assert booking.session.places_taken == count_places(booking.session) == 1
    assert sum(session.places_taken for session in Session.objects.all()) == 1
