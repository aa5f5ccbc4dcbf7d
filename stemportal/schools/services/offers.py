"""Offers: a partner's answers to a wish. The first one that is accepted becomes a booking, confirmed on both sides.

Locks are taken in one order: the session, then the wish, then its offers. So two tabs that accept two offers at once
meet at the wish, and the second finds it fulfilled.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Kind, Session
from stemportal.activities.models.session import WHERE_OF_FORMAT
from stemportal.activities.session_rules import VARYING
from stemportal.lib.constraints import violated
from stemportal.lib.school_year import current_school_year
from stemportal.partners.models import Partner
from stemportal.schools import states
from stemportal.schools.emails import wishes as emails
from stemportal.schools.emails.wish_facts import weeks_words
from stemportal.schools.errors import (
    AlreadyBooked,
    BadOffer,
    BookingError,
    OfferGone,
    SessionClosed,
    SessionFull,
    TooManyPupils,
    WishMovedOn,
)
from stemportal.schools.models import Booking, Offer, SchoolClass, Wish
from stemportal.schools.placements import check_placement
from stemportal.schools.services.booking import check_group
from stemportal.schools.services.matching import bounds_of_weeks
from stemportal.schools.services.moves import write_event
from stemportal.schools.services.places_taken import lock_session, places_needed, refresh_lists, take_places
from stemportal.schools.services.same_time import check_same_time
from stemportal.schools.services.wishes import AT_MOST, close_offers, made_before

# So many times one partner may offer for one wish before the teacher has answered.
OPEN_OFFERS = 3
REMIND_AFTER_WORKING_DAYS = 3


def make_offer(
    *,
    wish: Wish,
    activity: Activity,
    by: User,
    session: Session | None = None,
    starts_at: datetime | None = None,
    where: str = "",
    note: str = "",
) -> Offer:
    """Offer an activity at one of its dates, or at a free time. The same offer sent twice is one.

    Raises BadOffer (with the field it is about), GroupTooLarge, WrongGrade, or WishMovedOn when the wish has ended.
    """
    begin = session.starts_at if session else starts_at
    if begin is None:
        raise BadOffer(_("Choose one of your dates, or write a day and a time."), "day")
    _check(wish, activity, begin)
    if session is not None:
        _check_date(wish, activity, session)
    with transaction.atomic():
        open_wish = Wish.objects.select_for_update(no_key=True).filter(pk=wish.pk, status=Wish.Status.OPEN)
        if not open_wish.exists():
            raise WishMovedOn
        theirs = Offer.objects.filter(wish=wish, activity__partner=activity.partner_id, status=Offer.Status.OPEN)
        if same := theirs.filter(activity=activity, starts_at=begin).first():
            return same
        if theirs.count() >= OPEN_OFFERS:
            raise BadOffer(_("You have offered several times already. Wait for an answer, or take one back."))
        offer = Offer.objects.create(
            wish=wish,
            activity=activity,
            session=session,
            starts_at=begin,
            ends_at=session.ends_at if session else activity.end_after(begin),
            where=_where(wish, activity, session, where),
            note=note,
            offered_by=by,
        )
        emails.offer_made(offer)
    return offer


def _check(wish: Wish, activity: Activity, begin: datetime) -> None:
    if not activity.is_published or not activity.partner.is_approved:
        raise BadOffer(_("Only an offer that is published can be booked. Publish it first."), "activity")
    check_group(activity, grade=wish.grade, pupils=wish.pupils)
    first, end = bounds_of_weeks(wish)
    if begin <= timezone.now():
        raise BadOffer(_("Choose a time in the future."), "day")
    if not first <= begin < end:
        words = _("The class wishes for %(weeks)s. Choose a time within them.")
        raise BadOffer(words % {"weeks": weeks_words(wish.first_week, wish.last_week)}, "day")


def _check_date(wish: Wish, activity: Activity, session: Session) -> None:
    if session.activity_id != activity.pk or not session.is_open:
        raise BadOffer(_("This date does not belong to the offer any more. Choose another one."), "session")
    places = wish.pupils if activity.kind.unit == Kind.Unit.PUPILS else 1
    room = session.pupils_left
    if session.places_left < places or (room is not None and room < wish.pupils):
        raise BadOffer(_("There is not room enough for the class on this date. Choose another one."), "session")


def _where(wish: Wish, activity: Activity, session: Session | None, where: str) -> str:
    """Settle where it is held: as the date or the activity says, else as was chosen, else as was wished for."""
    if session is not None:
        return session.takes_place or Wish.Where.ANY
    fixed = WHERE_OF_FORMAT.get(activity.format, "")
    if activity.format not in VARYING:
        return fixed or Wish.Where.ANY
    if where in Session.Where.values:
        return where
    at_home = Session.Where.SCHOOL if activity.kind.travels else Session.Where.PARTNER
    wished = wish.where if wish.where in (Session.Where.SCHOOL, Session.Where.VIDEO) else at_home
    return fixed or wished


def withdraw_offer(*, offer: Offer) -> None:
    """The partner takes its offer back; the teacher is told. Raises WishMovedOn when it was answered meanwhile."""
    with transaction.atomic():
        _move(offer, Offer.Status.WITHDRAWN)
        emails.offer_taken_back(offer)


def decline_offer(*, offer: Offer) -> None:
    """The teacher says no to one offer; the partner is told. Raises WishMovedOn when it was answered meanwhile."""
    with transaction.atomic():
        _move(offer, Offer.Status.DECLINED)
        emails.offer_declined(offer)


def _move(offer: Offer, status: Offer.Status) -> None:
    if not Offer.objects.filter(pk=offer.pk, status=Offer.Status.OPEN).update(status=status):
        raise WishMovedOn
    offer.status = status


def accept_offer(*, offer: Offer, by: User, same_time_reason: str = "", orientation: bool = False) -> Booking:
    """Say yes: the offer becomes a confirmed booking, the wish is fulfilled, other offers are overtaken and told.

    Exactly one offer of a wish can be accepted. Raises WishMovedOn when another one was, or this was taken back;
    OfferGone when its time has passed, filled up or is not offered any more, AlreadyBooked when the group has a place
    there already, SameTime when it has another visit then and no reason is given, NotOrientation or NoRiskAssessment
    where pupils would be at work: the wish then stays as it was.
    """
    check_same_time(
        school=offer.wish.school,
        group_name=offer.wish.group_name,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        reason=same_time_reason,
        besides_session=offer.session_id,
    )
    try:
        with transaction.atomic():
            return _accept(offer, by, same_time_reason, orientation=orientation)
    except SessionFull as error:
        raise OfferGone(_("The time filled up meanwhile. Your wish stays open for other offers.")) from error
    except TooManyPupils as error:
        raise OfferGone(_("There is no room left for so many pupils at that time. Your wish stays open.")) from error
    except SessionClosed as error:
        raise OfferGone(_("The partner does not offer this time any more. Your wish stays open.")) from error
    except IntegrityError as error:
        constraint = violated(error)
        if constraint == "schools_booking_group_in_session":
            raise AlreadyBooked from error
        if constraint == "schools_offer_one_accepted":
            raise WishMovedOn from error
        raise


def _accept(offer: Offer, by: User, same_time_reason: str, *, orientation: bool) -> Booking:
    wish, activity = offer.wish, offer.activity
    session = lock_session(offer.session_id) if offer.session_id else None
    if session is None:
        # Locked, so that a partnership that ends at this moment either finds the booking or has closed the offer.
        published = Activity.objects.select_for_update(no_key=True).only("status").get(pk=activity.pk).is_published
    else:
        published = session.activity.is_published
    if not Wish.objects.filter(pk=wish.pk, status=Wish.Status.OPEN).update(status=Wish.Status.FULFILLED):
        raise WishMovedOn
    _move(offer, Offer.Status.ACCEPTED)
    if not published or not Partner.objects.approved().filter(pk=activity.partner_id).exists():
        raise SessionClosed
    _check_again(wish, activity)
    check_placement(activity, orientation=orientation, on=timezone.localdate(offer.starts_at))
    if session is None:
        session, places = _new_session(offer)
    else:
        places = places_needed(session, wish.pupils)
        take_places(session, places, wish.pupils)
    booking = _book(offer, session, places, by, same_time_reason)
    Offer.objects.filter(pk=offer.pk).update(booking=booking)
    for other in close_offers(wish, status=Offer.Status.OVERTAKEN, besides=offer.pk):
        if other.activity.partner_id != activity.partner_id:
            emails.offer_overtaken(other)
    return booking


def _check_again(wish: Wish, activity: Activity) -> None:
    """Raise OfferGone when the offer was changed since, so that it does not suit the group any more."""
    try:
        check_group(activity, grade=wish.grade, pupils=wish.pupils)
    except BookingError as error:
        raise OfferGone(error.words) from error


def _new_session(offer: Offer) -> tuple[Session, int]:
    """A date of its own for a free time, taken by this class alone."""
    wish, activity = offer.wish, offer.activity
    if offer.starts_at <= timezone.now():
        raise SessionClosed
    places = wish.pupils if activity.kind.unit == Kind.Unit.PUPILS else 1
    varies = activity.format in VARYING and offer.where in Session.Where.values
    session = Session.objects.create(
        activity=activity,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        where=offer.where if varies else "",
        capacity=places,
        places_taken=places,
        pupils_taken=wish.pupils,
        place="" if varies and offer.where != Session.Where.PARTNER else activity.place,
    )
    transaction.on_commit(partial(refresh_lists, activity.pk))
    return session, places


def _book(offer: Offer, session: Session, places: int, by: User, same_time_reason: str) -> Booking:
    wish = offer.wish
    teacher = wish.teacher or by
    classes = SchoolClass.objects.filter(school=wish.school, school_year=current_school_year(), name=wish.group_name)
    booking = Booking.objects.create(
        activity=offer.activity,
        session=session,
        school=wish.school,
        teacher=teacher,
        made_by=None if by == teacher else by,
        school_class=classes.first(),
        group_name=wish.group_name,
        grade=wish.grade,
        pupils=wish.pupils,
        places=places,
        message=wish.text,
        reply=offer.note,
        same_time_reason=same_time_reason,
        status=Booking.Status.CONFIRMED,
        answered_at=timezone.now(),
    )
    write_event(booking, states.BOOK, by=by, origin="", note=offer.note)
    return booking


def remind_of_offers() -> int:
    """Remind teachers, once, of offers that have waited for some working days. Returns how many offers."""
    waiting = Offer.objects.filter(status=Offer.Status.OPEN, reminded_at=None, starts_at__gt=timezone.now())
    due = waiting.filter(offered_at__lt=made_before(REMIND_AFTER_WORKING_DAYS)).select_related(
        "wish__school__municipality", "wish__teacher", "activity__partner", "activity__municipality"
    )
    done = 0
    for offer in list(due.order_by("offered_at")[:AT_MOST]):
        with transaction.atomic():
            if Offer.objects.filter(pk=offer.pk, status=Offer.Status.OPEN, reminded_at=None).update(
                reminded_at=timezone.now()
            ):
                emails.offer_waits(offer)
                done += 1
    return done


def expire_offers() -> int:
    """Close offers whose time has passed without an answer. Returns how many."""
    over = Offer.objects.filter(status=Offer.Status.OPEN, starts_at__lte=timezone.now())
    return over.update(status=Offer.Status.EXPIRED)


def end_offers(partner: Partner) -> int:
    """Take back all offers of a partner that leaves; the teachers are told. Returns how many."""
    done = 0
    waiting = Offer.objects.filter(activity__partner=partner, status=Offer.Status.OPEN)
    for offer in waiting.select_related("wish__school__municipality", "wish__teacher", "activity__partner"):
        with suppress(WishMovedOn):  # accepted at the same moment: then it is a booking, which is called off
            withdraw_offer(offer=offer)
            done += 1
    return done
