"""Random sequences by several threads: afterwards places, waiting lists, grants and history agree, whatever happened.

Hypothesis chooses rounds of operations; those of a round start together, each in its thread, on real transactions.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemportal.activities.models import Activity, Kind, Session
from stemportal.lib.school_year import school_year_of
from stemportal.schools import states
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Booking, BookingEvent, GrantPot, Proposal, TransportGrant
from stemportal.schools.services import answering, grants, groups, pots, proposals, sessions, telling, waiting
from stemportal.schools.services.booking import book_session
from stemportal.schools.services.expiry import expire_due
from stemportal.schools.services.places_taken import count_places, count_pupils, has_room
from stemportal.schools.states import Side
from stemportal.testing.factories import ActivityFactory, KindFactory, SessionFactory, TeacherFactory, UserFactory
from stemportal.testing.together import all_at_once, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Status = Booking.Status
OPERATIONS = (
    "book", "book", "wait", "wait", "confirm", "decline", "withdraw", "cancel", "offer", "propose", "accept", "accept",
    "group", "group", "capacity", "expire", "let_pass", "apply", "approve",
)  # fmt: skip
# What is done, with which of the bookings or sessions, and with how many pupils.
operation = st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 30), st.integers(1, 30))
rounds = st.lists(st.lists(operation, min_size=1, max_size=4), min_size=3, max_size=9)


class World:
    """An activity with three sessions, two of them nearly full from the start, and a pot for the bus."""

    def __init__(self, unit: str, policy: str) -> None:
        places = 3 if unit == Kind.Unit.GROUPS else 40
        self.unit = unit
        self.activity = ActivityFactory(kind=KindFactory(unit=unit), policy=policy, group_max=30)
        limit = 60 if unit == Kind.Unit.GROUPS else None
        start = timezone.now() + timedelta(days=30)
        self.sessions = [
            SessionFactory(
                activity=self.activity,
                capacity=places - n,
                pupil_capacity=limit,
                starts_at=start + timedelta(days=n),
                ends_at=start + timedelta(days=n, hours=2),
            )
            for n in range(3)
        ]
        self.teacher = TeacherFactory()
        self.staff = UserFactory()
        year = school_year_of(timezone.localdate(start))
        self.pot = GrantPot.objects.create(
            name="Buss", school_year=year, amount_ore=900_000, opened_at=timezone.now(), is_open=True
        )
        self.made = 0
        self.counting = threading.Lock()

    def new_group(self, pupils: int) -> dict[str, Any]:
        with self.counting:
            self.made += 1
            name = f"9-{self.made}"
        facts = {"school": self.teacher.school, "teacher": self.teacher.user, "same_time_reason": "Vi er mange"}
        return {**facts, "group_name": name, "grade": 9, "pupils": pupils}

    def booking(self, which: int) -> Booking | None:
        mine = list(Booking.objects.filter(activity=self.activity).with_facts().order_by("pk"))
        return mine[which % len(mine)] if mine else None

    def session(self, which: int) -> Session:
        return self.sessions[which % len(self.sessions)]

    # --- What threads do

    def do(self, name: str, which: int, pupils: int) -> None:
        """One operation; that something cannot be done now is an answer too."""
        try:
            if name in {"book", "wait", "capacity", "expire", "let_pass"}:
                getattr(self, name)(which, pupils)
            elif booking := self.booking(which):
                getattr(self, name)(booking, which, pupils)
        except (BookingError, grants.GrantMoved, grants.CannotAsk, grants.WrongAmount, grants.NeedsReason):
            pass
        except pots.PotEmpty:
            pass

    def book(self, which: int, pupils: int) -> None:
        book_session(session_id=self.session(which).pk, **self.new_group(pupils))

    def wait(self, which: int, pupils: int) -> None:
        waiting.join_waiting_list(session_id=self.session(which).pk, **self.new_group(pupils))

    def capacity(self, which: int, pupils: int) -> None:
        session = Session.objects.get(pk=self.session(which).pk)
        change = sessions.Change(
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            capacity=1 + pupils % 5 if self.unit == Kind.Unit.GROUPS else pupils * 3,
            pupil_capacity=pupils * 4 if self.unit == Kind.Unit.GROUPS else None,
        )
        sessions.change_session(session_id=session.pk, change=change, by=self.staff)

    def expire(self, which: int, pupils: int) -> None:
        expire_due()

    def let_pass(self, which: int, pupils: int) -> None:
        waiting.expire_place_offers(now=timezone.now() + timedelta(days=20))

    def confirm(self, booking: Booking, which: int, pupils: int) -> None:
        answering.confirm_booking(booking=booking, by=self.staff)

    def decline(self, booking: Booking, which: int, pupils: int) -> None:
        answering.decline_booking(booking=booking, by=self.staff, reply="Nei")

    def withdraw(self, booking: Booking, which: int, pupils: int) -> None:
        answering.withdraw_booking(booking=booking, by=self.teacher.user)

    def cancel(self, booking: Booking, which: int, pupils: int) -> None:
        side = Side.SCHOOL if which % 2 else Side.PARTNER
        answering.cancel_booking(booking=booking, by=self.staff, side=side, note="Syke")

    def offer(self, booking: Booking, which: int, pupils: int) -> None:
        proposals.offer_time(booking=booking, by=self.staff, time=self._time(which))

    def propose(self, booking: Booking, which: int, pupils: int) -> None:
        proposals.propose_time(booking=booking, by=self.teacher.user, time=self._time(which))

    def _time(self, which: int) -> proposals.Time:
        if which % 4 == 3:
            return proposals.Time(starts_at=timezone.now() + timedelta(days=40 + which))
        return proposals.Time(session_id=self.session(which // 2).pk)

    def accept(self, booking: Booking, which: int, pupils: int) -> None:
        proposals.accept_offer(booking=booking, by=self.teacher.user)

    def group(self, booking: Booking, which: int, pupils: int) -> None:
        groups.change_group(
            booking=booking, by=self.teacher.user, group_name=booking.group_name, grade=9, pupils=pupils
        )

    def apply(self, booking: Booking, which: int, pupils: int) -> None:
        asked = grants.Application(km=20, people=pupils + 2, ore=100_000 + pupils * 100, why="Langt", mode="coach")
        grants.apply_for_grant(booking=booking, by=self.teacher.user, application=asked)

    def approve(self, booking: Booking, which: int, pupils: int) -> None:
        grant = TransportGrant.objects.filter(booking=booking).first()
        if grant is not None:
            grants.approve_grant(grant_id=grant.pk, pot_id=self.pot.pk, ore=grant.applied_ore, by=self.staff)

    # --- What must be true between any two rounds

    def check(self) -> None:
        mine = list(Booking.objects.filter(activity=self.activity).order_by("pk"))
        for session in Session.objects.filter(activity=self.activity).select_related("activity__kind"):
            assert session.places_taken == count_places(session) <= session.capacity
            assert session.pupils_taken == count_pupils(session)
            line = [b for b in mine if b.session_id == session.pk and b.status == Status.WAITLISTED]
            for booking in line:
                assert not has_room(session, booking.places, booking.pupils), "somebody waits although there is room"
            _check_order(session, line)
        for booking in mine:
            _check_history(booking)
            grant = TransportGrant.objects.filter(booking=booking).first()
            if grant is not None and booking.status not in {*states.OPEN_STATES, Status.COMPLETED}:
                assert grant.status not in TransportGrant.HOLDING, "money is kept for a visit that is off"
        self.pot.refresh_from_db()
        assert pots.adds_up(self.pot)
        assert self.pot.left_ore >= 0


def _check_history(booking: Booking) -> None:
    events = list(BookingEvent.objects.filter(booking=booking).order_by("pk"))
    assert events[0].from_status == ""
    for before, after in pairwise(events):
        assert before.to_status == after.from_status
    assert events[-1].to_status == booking.status
    for event in events:
        move = states.BY_NAME[event.move]
        assert not move.origins or event.from_status in move.origins
        assert event.to_status == (move.target or event.from_status)
    open_ones = Proposal.objects.filter(booking=booking, status=Proposal.Status.OPEN).count()
    told = any(event.move in {"offer", "propose"} for event in events)
    assert open_ones == int(told and booking.status in states.UNSETTLED)


def _check_order(session: Session, line: list[Booking]) -> None:
    """Nobody was offered a place while a group that is not larger stood before it in the line all the time."""
    offers = BookingEvent.objects.filter(booking__session=session, move="offer_place").select_related("booking")
    changed = set(BookingEvent.objects.filter(move="change_group").values_list("booking_id", flat=True))
    for event in offers:
        later = event.booking
        if later.pk in changed or later.waitlisted_at is None:
            continue
        for booking in line:
            if booking.pk not in changed and booking.waitlisted_at < later.waitlisted_at:
                assert booking.places > later.places or booking.pupils > later.pupils, "the order of the line"


@pytest.fixture(autouse=True)
def no_mails(monkeypatch, told_at_once) -> None:
    """What is told of a move is another test's matter."""
    monkeypatch.setattr(telling, "after_commit", lambda booking_id: None)


@pytest.mark.parametrize(
    ("unit", "policy"), [(Kind.Unit.GROUPS, Activity.Policy.CONFIRM), (Kind.Unit.PUPILS, Activity.Policy.INSTANT)]
)
def test_bookings_by_several_threads_leave_everything_in_order(unit, policy):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(rounds)
    def play(plan):
        world = World(unit, policy)
        at_once(lambda n: world.book(n, 20), 3)
        for together in plan:
            all_at_once([partial(world.do, *op) for op in together])
            world.check()

    play()


def test_two_bookings_that_change_places_meet_no_deadlock():
    """Each takes the lock of both sessions in one order, whichever way it goes."""
    world = World(Kind.Unit.GROUPS, Activity.Policy.CONFIRM)
    first, second = world.sessions[:2]
    for session in (first, second):
        book_session(session_id=session.pk, **world.new_group(10))

    def swap(booking: Booking) -> None:
        other = second if booking.session_id == first.pk else first
        proposals.offer_time(booking=booking, by=world.staff, time=proposals.Time(session_id=other.pk))

    for _time in range(6):
        bookings = Booking.objects.filter(activity=world.activity).with_facts()
        all_at_once([partial(swap, booking) for booking in bookings])
        world.check()

    assert [b.session_id for b in Booking.objects.order_by("pk")] == [first.pk, second.pk]
