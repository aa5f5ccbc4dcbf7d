"""New sessions: what a session must keep to, and all or nothing."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from stemportal.activities.models import Session
from stemportal.activities.services.sessions import add_sessions
from stemportal.activities.session_rules import NewSession, SessionErrors, local_start
from stemportal.activities.tests.conftest import session_in

pytestmark = pytest.mark.django_db


def new(days: float = 10, **facts) -> NewSession:
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(days=days)
    return NewSession(**{"starts_at": start, "minutes": 120, "capacity": 2, **facts})


def errors(activity, *sessions) -> dict[int, set[str]]:
    with pytest.raises(SessionErrors) as refusal:
        add_sessions(activity=activity, sessions=list(sessions))
    assert not Session.objects.filter(activity=activity).exists()
    return {number: set(found) for number, found in refusal.value.by_session.items()}


def test_sessions_are_added_and_the_offer_has_free_places(offer):
    activity = offer()
    created = add_sessions(activity=activity, sessions=[new(10), new(20, capacity=3, place="Hall B")])
    assert len(created) == 2
    activity.refresh_from_db()
    assert activity.next_free_at == created[0].starts_at
    assert created[1].place == "Hall B"


@pytest.mark.parametrize(
    ("session", "field"),
    [
        (new(-1), "starts_at"),
        (new(6 * 366), "starts_at"),
        (new(minutes=0), "minutes"),
        (new(minutes=-60), "minutes"),
        (new(minutes=10**9), "minutes"),
        (new(capacity=0), "capacity"),
        (new(capacity=-3), "capacity"),
        (new(capacity=10**9), "capacity"),
        (new(place="x" * 201), "place"),
        (new(link="javascript:alert(1)"), "link"),
        (new(link="ikke en lenke"), "link"),
    ],
)
def test_absurd_session_is_refused_at_its_field(offer, session, field):
    assert errors(offer(), new(12), session) == {1: {field}}


def test_one_bad_session_stops_all_and_every_fault_is_told(offer):
    assert errors(offer(), new(-1, capacity=0), new(), new(12, minutes=1)) == {
        0: {"starts_at", "capacity"},
        2: {"minutes"},
    }


def test_same_time_twice_is_refused(offer):
    activity = offer()
    assert errors(activity, new(5), new(5)) == {1: {"starts_at"}}
    existing = session_in(activity, 8)
    with pytest.raises(SessionErrors):
        add_sessions(activity=activity, sessions=[new(starts_at=existing.starts_at)])


@pytest.mark.parametrize("number", [0, 61])
def test_none_and_too_many_sessions_are_refused(offer, number):
    activity = offer()
    with pytest.raises(SessionErrors) as refusal:
        add_sessions(activity=activity, sessions=[new(day + 1) for day in range(number)])
    assert refusal.value.general


def test_pupils_may_be_many_where_places_are_pupils(offer):
    assert add_sessions(activity=offer(kind="homework_help"), sessions=[new(capacity=200)])
    assert errors(offer(kind="company_visit"), new(capacity=200)) == {0: {"capacity"}}


def test_archived_activity_takes_no_sessions(offer):
    with pytest.raises(ValidationError):
        add_sessions(activity=offer(status="archived"), sessions=[new()])


def test_time_that_the_clocks_skip_is_refused():
    with pytest.raises(ValidationError):
        local_start(date(2027, 3, 28), time(2, 30))


def test_time_before_and_after_the_change_of_clocks_is_right():
    assert local_start(date(2027, 3, 28), time(1, 59)) == datetime(2027, 3, 28, 0, 59, tzinfo=UTC)
    assert local_start(date(2027, 3, 28), time(3, 0)) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    # The hour that comes twice in autumn: the first of the two.
    assert local_start(date(2027, 10, 31), time(2, 30)) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_session_across_the_change_of_clocks_lasts_its_real_minutes(offer):
    start = local_start(date(2027, 10, 31), time(1, 0))
    (session,) = add_sessions(activity=offer(), sessions=[NewSession(start, minutes=180, capacity=1)])
    assert timezone.localtime(session.ends_at).time() == time(3, 0)
