"""Every move from every state by every role: the table as both sides, staff and the clock meet it.

What is allowed is written here once more, by hand: who changes the table must mean it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Session
from stemportal.partners.models import Membership
from stemportal.schools import states
from stemportal.schools.errors import TooLate
from stemportal.schools.models import Booking, BookingEvent, Teacher
from stemportal.schools.services.moves import make_move
from stemportal.schools.services.places_taken import count_places
from stemportal.schools.states import Side
from stemportal.schools.tests.conftest import at, client_of
from stemportal.testing.factories import (
    BookingFactory,
    MembershipFactory,
    SessionFactory,
    StaffFactory,
    TeacherFactory,
)

pytestmark = pytest.mark.django_db

SCHOOL_UNSETTLED = {"withdraw", "change_group", "hand_over"}
NOTHING: dict[str, set[str]] = {"school": set(), "partner": set(), "clock": set()}
# What each side may do in each state. Two states are a status with something more: a freed place, and one that needs
# the partner's yes; a visit whose time has come is confirmed still.
TABLE: dict[str, dict[str, set[str]]] = {
    "requested": {
        "school": {*SCHOOL_UNSETTLED, "propose"},
        "partner": {"confirm", "offer", "decline", "move_session"},
        "clock": {"expire"},
    },
    "offered": {
        "school": {*SCHOOL_UNSETTLED, "accept", "propose"},
        "partner": {"offer", "decline", "move_session"},
        "clock": {"expire"},
    },
    "freed": {
        "school": {*SCHOOL_UNSETTLED, "take_place"},
        "partner": {"decline", "move_session"},
        "clock": {"expire"},
    },
    "freed instant": {
        "school": {*SCHOOL_UNSETTLED, "accept"},
        "partner": {"decline", "move_session"},
        "clock": {"expire"},
    },
    "waitlisted": {
        "school": SCHOOL_UNSETTLED,
        "partner": {"offer", "decline", "move_session"},
        "clock": {"offer_place", "expire"},
    },
    "confirmed": {
        "school": {"cancel_by_school", "change_group", "hand_over", "complete"},
        "partner": {"cancel_by_partner", "no_show", "move_session"},
        "clock": {"complete"},
    },
    "no_show": {"school": {"came_after_all"}, "partner": set(), "clock": set()},
    "declined": NOTHING,
    "withdrawn": NOTHING,
    "school_cancel": NOTHING,
    "partner_cancel": NOTHING,
    "completed": NOTHING,
    "expired": NOTHING,
}
# Those that are asked for by an address; the others happen with something else.
ADDRESSES = ("confirm", "decline", "offer", "accept", "propose", "withdraw", "cancel", "group", "no_show")
BY_ADDRESS = {
    "accept": {"accept", "take_place"},
    "cancel": {"cancel_by_school", "cancel_by_partner"},
    "group": {"change_group"},
}


def standing(state: str, session: Session, teacher: Teacher, **facts) -> Booking:
    """A booking that stands so, with its places taken."""
    status = "offered" if state.startswith("freed") else state
    if state == "freed instant":
        Activity.objects.filter(pk=session.activity_id).update(policy=Activity.Policy.INSTANT)
    facts.setdefault("waitlisted_at", timezone.now() if state.startswith("freed") or state == "waitlisted" else None)
    facts.setdefault("offer_until", timezone.now() + timedelta(days=2) if status == "offered" else None)
    booking = BookingFactory(
        session=session, school=teacher.school, teacher=teacher.user, status=status, group_name="9A", **facts
    )
    Session.objects.filter(pk=session.pk).update(places_taken=count_places(session))
    return Booking.objects.with_facts().get(pk=booking.pk)


def test_table_of_the_test_knows_every_status_and_every_move():
    plain = {state for state in TABLE if not state.startswith("freed")}
    assert plain == set(Booking.Status.values)
    known = {name for sides in TABLE.values() for names in sides.values() for name in names}
    assert known == {move.name for move in states.MOVES if move.origins}


@pytest.mark.parametrize("state", TABLE)
def test_moves_for_a_side_are_those_of_the_table(state, session, teacher):
    booking = standing(state, session, teacher)

    for side in (Side.SCHOOL, Side.PARTNER, Side.CLOCK):
        assert {move.name for move in states.moves_for(booking, side)} == TABLE[state][side], side
    on_behalf = {move.name for move in states.moves_for(booking, Side.STAFF)}
    assert on_behalf == TABLE[state]["school"] | TABLE[state]["partner"] | (on_behalf & {"complete"})


@pytest.mark.parametrize("state", TABLE)
def test_every_move_is_made_or_refused_as_the_table_says(state, session, teacher):
    """Over the service that all moves go through: one change and one line of history, or nothing at all."""
    booking = standing(state, session, teacher)
    allowed = set().union(*TABLE[state].values())

    for move in states.MOVES:
        if not move.origins:
            continue
        with transaction.atomic():
            fresh = Booking.objects.with_facts().get(pk=booking.pk)
            if move.name not in allowed:
                with pytest.raises(TooLate), transaction.atomic():
                    make_move(fresh, move, by=teacher.user)
                assert not BookingEvent.objects.filter(booking=booking).exists(), move.name
                assert Booking.objects.get(pk=booking.pk).status == booking.status, move.name
                continue
            event = make_move(fresh, move, by=teacher.user)
            target = move.target or booking.status
            assert Booking.objects.get(pk=booking.pk).status == target == event.to_status, move.name
            assert (event.from_status, event.move) == (booking.status, move.name)
            held = 1 if target in Booking.HOLDING else 0
            if booking.status in Booking.HOLDING:
                session.refresh_from_db()
                assert session.places_taken == held, move.name
            transaction.set_rollback(True)


def _people(session: Session, teacher: Teacher) -> dict[str, tuple[str | None, User | None]]:
    """Each role with its side (None: none) and a person in it."""
    partner = session.activity.partner
    return {
        "teacher": ("school", teacher.user),
        "coordinator": ("school", TeacherFactory(school=teacher.school, role=Teacher.Role.COORDINATOR).user),
        "owner": ("partner", partner.memberships.get().user),
        "editor": ("partner", MembershipFactory(partner=partner, role=Membership.Role.EDITOR).user),
        "reader": ("reader", MembershipFactory(partner=partner, role=Membership.Role.READER).user),
        "colleague": (None, TeacherFactory(school=teacher.school).user),
        "other teacher": (None, TeacherFactory().user),
        "other member": (None, MembershipFactory().user),
        "staff": (None, StaffFactory()),
        "visitor": (None, None),
    }


SIDES_OF = {
    "confirm": {"partner"},
    "decline": {"partner"},
    "offer": {"partner"},
    "accept": {"school"},
    "propose": {"school"},
    "withdraw": {"school"},
    "cancel": {"school", "partner"},
    "group": {"school"},
    "no_show": {"partner"},
}


def _typed(other: Session) -> dict[str, object]:
    return {"reply": "Nei", "note": "Vi er syke", "session": other.pk, "group_name": "9A", "grade": 9, "pupils": 21}


@pytest.mark.parametrize("state", [*TABLE, "begun"])
def test_every_address_in_every_state_lets_only_the_right_role_act(state, session, teacher):
    """Over HTTP: strangers find nothing, the other side and readers are refused, and what cannot be changes nothing."""
    begun = state == "begun"
    booking = standing("confirmed" if begun else state, session, teacher)
    if begun:
        start = timezone.now() - timedelta(hours=1)
        Session.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))
    allowed = TABLE["confirmed" if begun else state]
    # Before the day nobody can have missed it, and what has begun is not called off or changed.
    not_now = {"cancel", "group"} if begun else {"no_show"}
    data = _typed(SessionFactory(activity=session.activity, starts_at=session.starts_at + timedelta(days=3)))

    for role, (side, person) in _people(session, teacher).items():
        client = client_of(person) if person else Client()
        for name in ADDRESSES:
            with transaction.atomic():
                answer = client.post(at(f"booking_{name}", booking.pk), data)
                moved = BookingEvent.objects.filter(booking=booking).exists()
                names = BY_ADDRESS.get(name, {name})
                may = bool(names & allowed.get(side or "", set())) and name not in not_now
                where = f"{role}: {name} of {state}"
                if side is None:
                    assert answer.status_code == (302 if person is None else 404), where
                    assert person or "login" in answer.headers["Location"], where
                elif side not in SIDES_OF[name]:
                    assert answer.status_code == 403, where
                else:
                    # A form that cannot be saved is shown again; everything else goes on to the page.
                    assert answer.status_code == 302 or (name == "group" and begun), where
                assert moved == may, where
                transaction.set_rollback(True)
