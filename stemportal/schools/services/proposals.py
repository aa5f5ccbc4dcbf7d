"""Times that are proposed to and fro until both sides agree: the partner offers, the school accepts or proposes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Session
from stemportal.activities.services.availability import objection
from stemportal.lib.constraints import violated
from stemportal.schools import states
from stemportal.schools.errors import AlreadyBooked, BadTime, SessionClosed, TooLate, TooManyTimes
from stemportal.schools.models import Booking, Proposal
from stemportal.schools.services.booking import FARTHEST_PROPOSAL_DAYS
from stemportal.schools.services.deadlines import reply_deadline
from stemportal.schools.services.moves import make_move
from stemportal.schools.services.places_taken import give_back, lock_sessions, refresh_lists, take_places
from stemportal.schools.services.promotion import answer_until, offer_places

# After so many a call on the phone is quicker.
MOST_PROPOSALS = 12


@dataclass(frozen=True)
class Time:
    """What is proposed: one of the activity's sessions, or a moment of its own, for which a session is made later."""

    session_id: int | None = None
    starts_at: datetime | None = None


def offer_time(*, booking: Booking, by: User, time: Time, note: str = "") -> Booking:
    """The partner offers another time; the place is kept for the school until it answers.

    Raises TooLate when it has moved on, BadTime, SessionClosed, SessionFull or TooManyPupils for a time that cannot be,
    AlreadyBooked, and TooManyTimes after many proposals.
    """
    return _to_another_time(booking, states.OFFER, Proposal.Side.PARTNER, time, by=by, note=note)


def propose_time(*, booking: Booking, by: User, time: Time, note: str = "") -> Booking:
    """The school proposes another time before anything is agreed; it is the partner's turn then.

    Raises what ``offer_time`` raises, and BadTime for a moment outside the hours that the partner has given.
    """
    if time.starts_at is not None and (why_not := objection(booking.activity, time.starts_at)):
        raise BadTime(why_not)
    return _to_another_time(booking, states.PROPOSE, Proposal.Side.SCHOOL, time, by=by, note=note)


def accept_offer(*, booking: Booking, by: User, seen: str = "") -> Booking:
    """The school says yes to the time or the freed place it was offered.

    A freed place of an activity whose partner answers each request goes to the partner now; anything else is agreed.
    Raises TooLate when it has moved on, or is no longer what was ``seen`` (its ``terms``); BadTime when the day has
    passed.
    """
    if seen and seen != booking.terms:
        raise TooLate
    if booking.starts_at <= timezone.now():
        raise BadTime(_("The day has passed, so this can no longer be accepted."))
    with transaction.atomic():
        if states.TAKE_PLACE.begins_at(booking):
            make_move(booking, states.TAKE_PLACE, by=by, reply_by=reply_deadline(booking.starts_at, booking.school))
        else:
            make_move(booking, states.ACCEPT, by=by, session=booking.session or session_for_proposal(booking))
    return booking


def session_for_proposal(booking: Booking) -> Session:
    """Make the session of a proposed time that is agreed now, with the booking's places taken. Call inside atomic."""
    if booking.proposed_at is None:
        raise ValueError("a booking has a session or a proposed time")
    return Session.objects.create(
        activity=booking.activity,
        starts_at=booking.proposed_at,
        ends_at=booking.activity.end_after(booking.proposed_at),
        capacity=booking.places,
        places_taken=booking.places,
        pupils_taken=booking.pupils,
        place=booking.activity.place,
    )


def _to_another_time(booking: Booking, move: states.Move, side: str, time: Time, *, by: User, note: str) -> Booking:
    try:
        with transaction.atomic():
            if time.session_id is None:
                _must_be_published(booking)
            wanted = {pk for pk in (booking.session_id, time.session_id) if pk is not None}
            sessions = {session.pk: session for session in lock_sessions(wanted)}
            old = sessions.get(booking.session_id) if booking.session_id else None
            new = _wanted_session(booking, sessions.get(time.session_id)) if time.session_id else None
            if not move.begins_at(booking):
                raise TooLate
            before, held = booking.starts_at, booking.status in Booking.HOLDING
            starts_at = _checked_start(booking, new.starts_at if new else time.starts_at)
            if booking.proposals.count() >= MOST_PROPOSALS:
                raise TooManyTimes
            if new is not None:
                take_places(new, booking.places, booking.pupils)
            make_move(
                booking,
                move,
                by=by,
                note=note,
                facts={"before": before.isoformat(), "after": starts_at.isoformat()},
                session=new,
                proposed_at=None if new else starts_at,
                **_terms(booking, side, starts_at),
            )
            _keep(booking, side, before, old, by=by, note=note)
            if old is not None and held:
                give_back(old, booking.places)
                offer_places(old)
            transaction.on_commit(partial(refresh_lists, booking.activity_id))
    except IntegrityError as error:
        if violated(error) == "schools_booking_group_in_session":
            raise AlreadyBooked from error
        raise
    return booking


def _must_be_published(booking: Booking) -> None:
    """Lock the offer, so that a partnership that ends now either finds the new time or has closed the offer.

    Before the sessions, as everywhere. A session that is proposed is closed by itself when the partnership ends.
    """
    activity = Activity.objects.select_for_update(no_key=True).only("status").get(pk=booking.activity_id)
    if not activity.is_published:
        raise SessionClosed


def _wanted_session(booking: Booking, session: Session | None) -> Session:
    if session is None or session.activity_id != booking.activity_id or not session.activity.is_published:
        raise SessionClosed
    return session


def _checked_start(booking: Booking, starts_at: datetime | None) -> datetime:
    """The moment that is proposed. Raises BadTime when it cannot be."""
    now = timezone.now()
    if starts_at is None or starts_at <= now:
        raise BadTime(_("Choose a time in the future."))
    if starts_at > now + timedelta(days=FARTHEST_PROPOSAL_DAYS):
        raise BadTime(_("Choose a time within the next two years."))
    if starts_at == booking.starts_at:
        raise BadTime(_("That is the time that stands now. Choose another one."))
    return starts_at


def _terms(booking: Booking, side: str, starts_at: datetime) -> dict[str, object]:
    if side == Proposal.Side.PARTNER:
        # A group from the waiting list that is offered another time is no longer in that line.
        return {
            "offer_until": answer_until(starts_at),
            "answered_at": booking.answered_at or timezone.now(),
            "waitlisted_at": None,
        }
    return {"reply_by": reply_deadline(starts_at, booking.school)}


def _keep(booking: Booking, side: str, before: datetime, old: Session | None, *, by: User, note: str) -> None:
    """Write the new proposal, after the one that it replaces; the first ever keeps what was asked for at the start."""
    if not booking.proposals.exists():
        Proposal.objects.create(
            booking=booking,
            side=Proposal.Side.SCHOOL,
            by=booking.teacher,
            session=old,
            starts_at=before,
            status=Proposal.Status.OVERTAKEN,
            made_at=booking.created_at,
        )
    booking.proposals.filter(status=Proposal.Status.OPEN).update(status=Proposal.Status.OVERTAKEN)
    Proposal.objects.create(
        booking=booking, side=side, by=by, session=booking.session, starts_at=booking.starts_at, note=note
    )
