"""Moving and cancelling sessions that classes have booked: here, because it is the bookings that must follow.

A session of a series can be changed or called off alone, or with those of the series that follow it. Either is one
transaction: all sessions are locked in the order of their ids, and everything happens or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Session, SessionSeries
from stemportal.activities.services.series import calendar_county, cut_series, move_series
from stemportal.activities.session_rules import LONGEST_DAYS, SHORTEST_MINUTES, farthest, local_start, taken_times
from stemportal.lib.templatetags.portal import weekdate
from stemportal.places.school_calendar import Closed, left_out
from stemportal.schools import states
from stemportal.schools.errors import BadTime, BookingError, TooLate
from stemportal.schools.models import Booking
from stemportal.schools.services.answering import cancel_booking, decline_booking
from stemportal.schools.services.moves import write_event
from stemportal.schools.services.places_taken import count_pupils, lock_session, lock_sessions, refresh_lists
from stemportal.schools.services.promotion import offer_places


@dataclass(frozen=True, kw_only=True)
class Change:
    """How one session is to be from now on; ``where`` is a Session.Where or empty (as its activity says)."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    pupil_capacity: int | None = None
    place: str = ""
    where: str = ""
    link: str = ""


@dataclass(frozen=True)
class Move:
    """What becomes of one session of several: its new times, and why that day is unusual, if it is."""

    session: Session
    starts_at: datetime
    ends_at: datetime
    closed: Closed | None = None


def following_sessions(session: Session) -> list[Session]:
    """Return the session and the open ones of its series that come after it, in order of time. One query."""
    if session.series_id is None:
        return [session]
    later = Session.objects.filter(series=session.series_id, starts_at__gt=session.starts_at)
    return [session, *later.filter(status=Session.Status.OPEN).order_by("starts_at", "pk")]


def groups_told(sessions: Sequence[Session]) -> int:
    """Return how many groups have asked for or agreed on these sessions, and would get a mail. One query."""
    return Booking.objects.filter(session__in=sessions, status__in=states.OPEN_STATES).count()


def planned_moves(sessions: Sequence[Session], change: Change) -> list[Move]:
    """Return where the sessions go when the first of them takes the times of the change. One query.

    The others move by the same difference in local time: as many days, as many minutes by the clock; their length
    changes by as many real minutes. Raises BadTime, with the day, for a time that cannot be.
    """
    first = sessions[0]
    shift = _wall(change.starts_at) - _wall(first.starts_at)
    longer = (change.ends_at - change.starts_at) - (first.ends_at - first.starts_at)
    moves = [Move(first, change.starts_at, change.ends_at)]
    for session in sessions[1:]:
        wanted = _wall(session.starts_at) + shift
        try:
            start = local_start(wanted.date(), wanted.time())
        except ValidationError as error:
            raise BadTime(f"{weekdate(wanted.date())}: {error.message}") from error
        moves.append(Move(session, start, start + (session.ends_at - session.starts_at) + longer))
    for move in moves:
        _check_times(move, named=len(moves) > 1)
    days = {move: timezone.localdate(move.starts_at) for move in moves}
    closed = left_out(days.values(), calendar_county(first.activity), weekends=False)
    return [Move(move.session, move.starts_at, move.ends_at, closed.get(day)) for move, day in days.items()]


def _wall(moment: datetime) -> datetime:
    """What the clock on the wall shows, without a time zone."""
    return timezone.localtime(moment).replace(tzinfo=None)


def _check_times(move: Move, *, named: bool) -> None:
    prefix = f"{weekdate(timezone.localtime(move.starts_at))}: " if named else ""
    if move.starts_at <= timezone.now() or move.ends_at <= move.starts_at:
        raise BadTime(prefix + _("The session must end after it begins, and begin in the future."))
    if move.ends_at > farthest():
        raise BadTime(prefix + _("Choose a time within the next five years."))
    length = move.ends_at - move.starts_at
    if length > timedelta(days=LONGEST_DAYS):
        raise BadTime(prefix + _("It can last %(number)s days at most.") % {"number": LONGEST_DAYS})
    if length < timedelta(minutes=SHORTEST_MINUTES):
        raise BadTime(prefix + _("It must last at least %(number)s minutes.") % {"number": SHORTEST_MINUTES})


def change_session(*, session_id: int, change: Change, by: User, following: bool = False) -> list[Move]:
    """Give a session a new time, place or capacity; with ``following`` also those of its series that come after it.

    Groups that have booked get a mail; where the visit is agreed, its calendar entry replaces the old one. Raises
    BadTime, or BookingError when a session would have fewer places than are booked, or meet another one.
    """
    with transaction.atomic():
        sessions = _locked(session_id, following=following)
        if sessions[0].status != Session.Status.OPEN:
            raise BadTime(_("The session has been called off meanwhile."))
        moves = planned_moves(sessions, change)
        _check_free(moves)
        _follow_series(moves, following=following)
        first = sessions[0]
        facts = {name: getattr(change, name) for name in ("capacity", "pupil_capacity", "place", "where", "link")}
        changed = {name: value for name, value in facts.items() if getattr(first, name) != value}
        for move in moves:
            _apply(move, changed, by=by)
        transaction.on_commit(partial(refresh_lists, first.activity_id))
    return moves


def _locked(session_id: int, *, following: bool) -> list[Session]:
    """The session, and those that follow it, locked and as they stand now, in order of time."""
    session = Session.objects.get(pk=session_id)
    if not following or session.series_id is None:
        return [lock_session(session_id)]
    wanted = Session.objects.filter(series=session.series_id, starts_at__gte=session.starts_at)
    rows = {row.pk: row for row in lock_sessions([session_id, *wanted.values_list("pk", flat=True)])}
    first = rows.pop(session_id)
    # Somebody may have moved or called off one of them while we waited.
    later = [row for row in rows.values() if row.status == Session.Status.OPEN and row.starts_at > first.starts_at]
    return [first, *sorted(later, key=lambda row: (row.starts_at, row.pk))]


def _check_free(moves: Sequence[Move]) -> None:
    """No two sessions of an activity at one time: a move of several must not meet one that stays."""
    moving = [move for move in moves if move.starts_at != move.session.starts_at]
    if not moving:
        return
    taken = taken_times(
        moves[0].session.activity, [move.starts_at for move in moving], besides=[move.session.pk for move in moves]
    )
    for move in moving:
        if move.starts_at in taken:
            day = weekdate(timezone.localtime(move.starts_at))
            raise BadTime(f"{day}: " + _("There is a session at this time already."))


def _follow_series(moves: Sequence[Move], *, following: bool) -> None:
    """Let the rule follow when this and the following sessions move."""
    first = moves[0].session
    old, new = _wall(first.starts_at), _wall(moves[0].starts_at)
    minutes = int((moves[0].ends_at - moves[0].starts_at) / timedelta(minutes=1))
    same_length = moves[0].ends_at - moves[0].starts_at == first.ends_at - first.starts_at
    if not following or first.series_id is None or (old == new and same_length):
        return
    series = SessionSeries.objects.select_for_update(no_key=True, of=("self",)).get(pk=first.series_id)
    move_series(
        series=series,
        since=old.date(),
        days=(new.date() - old.date()).days,
        begins=new.time(),
        minutes=minutes,
        sessions=[move.session.pk for move in moves],
    )


def _apply(move: Move, changed: dict[str, object], *, by: User) -> None:
    session = move.session
    before = (session.starts_at, session.ends_at, session.place, session.where, session.link)
    session.starts_at, session.ends_at = move.starts_at, move.ends_at
    for name, value in changed.items():
        setattr(session, name, value)
    _check_room(session)
    session.save(update_fields=["starts_at", "ends_at", *changed])
    offer_places(session)
    if before != (session.starts_at, session.ends_at, session.place, session.where, session.link):
        _tell_everybody(session, by=by)


def _check_room(session: Session) -> None:
    if session.capacity < session.places_taken:
        raise BookingError(
            _("%(count)s places are already booked; the session cannot have fewer.") % {"count": session.places_taken}
        )
    if session.pupil_capacity is None:
        return
    booked = count_pupils(session)
    if session.pupil_capacity < booked:
        raise BookingError(
            _("%(count)s pupils are already booked; the session cannot have room for fewer.") % {"count": booked}
        )


def _tell_everybody(session: Session, *, by: User) -> None:
    bookings = Booking.objects.filter(session=session, status__in=states.OPEN_STATES)
    bookings.update(calendar_sequence=F("calendar_sequence") + 1)
    for booking in bookings.with_facts():
        write_event(booking, states.MOVE_SESSION, by=by, origin=booking.status)


@dataclass(frozen=True)
class CalledOff:
    """How many dates were called off, and how many groups were told."""

    dates: int
    groups: int


def cancel_session(*, session_id: int, by: User, note: str, following: bool = False) -> CalledOff:
    """Call a session off with everything booked in it; with ``following`` also those of its series that come after it.

    Raises BadTime once the session has begun.
    """
    with transaction.atomic():
        sessions = _locked(session_id, following=following)
        first = sessions[0]
        if first.status == Session.Status.CANCELLED:
            return CalledOff(0, 0)
        if first.starts_at <= timezone.now():
            raise BadTime(_("The session has begun; it can no longer be called off."))
        told = sum(_call_off_all(session, by=by, note=note) for session in sessions)
        if following and first.series_id is not None:
            _end_series(first.series_id, timezone.localdate(first.starts_at))
        transaction.on_commit(partial(refresh_lists, first.activity_id))
    return CalledOff(len(sessions), told)


def _end_series(series_id: int, day: date) -> None:
    cut_series(series=SessionSeries.objects.select_for_update(no_key=True, of=("self",)).get(pk=series_id), before=day)


def _call_off_all(session: Session, *, by: User, note: str) -> int:
    """Close a locked session and tell the groups in it; return how many."""
    # First, so that no place that becomes free is offered to those who wait for one.
    Session.objects.filter(pk=session.pk).update(status=Session.Status.CANCELLED)
    told = 0
    for booking in Booking.objects.filter(session=session, status__in=states.OPEN_STATES).with_facts():
        with suppress(TooLate):  # its other side was quicker
            _call_off(booking, by=by, note=note)
            told += 1
    return told


def _call_off(booking: Booking, *, by: User, note: str) -> None:
    """What is not agreed is declined; an agreement is cancelled, and its calendar entry taken away."""
    if booking.status in states.UNSETTLED:
        decline_booking(booking=booking, by=by, reply=note)
    else:
        cancel_booking(booking=booking, by=by, side=states.Side.PARTNER, note=note)
