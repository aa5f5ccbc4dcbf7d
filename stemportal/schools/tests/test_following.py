"""Moving and calling off this and the following sessions of a series: everything or nothing, and everybody is told."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.activities.models import Session, SessionSeries
from stemportal.activities.services.series import Plan, create_series, dates_of
from stemportal.activities.session_rules import local_start
from stemportal.outbox.models import Mail
from stemportal.places.models import SchoolHoliday
from stemportal.schools.errors import BadTime, BookingError
from stemportal.schools.models import Booking
from stemportal.schools.services import answering
from stemportal.schools.services import booking as service
from stemportal.schools.services.sessions import Change, cancel_session, change_session, following_sessions
from stemportal.schools.tests.conftest import at, client_of, owner_of, words
from stemportal.testing.factories import ActivityFactory, MembershipFactory, TeacherFactory

pytestmark = pytest.mark.django_db

FIRST = date(2027, 3, 2)  # a Tuesday; the clocks change on 28 March


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-22 12:00", tick=False):
        yield


@pytest.fixture
def series(db) -> SessionSeries:
    """Six Tuesdays at nine, of a partner with one owner."""
    activity = ActivityFactory(partner__display_name="Nordlys Robotikk")
    MembershipFactory(partner=activity.partner)
    plan = Plan(
        weekdays=(1,), first_day=FIRST, times=6, begins=time(9), minutes=120, capacity=2, school_weeks_only=False
    )
    return create_series(activity=activity, plan=plan, days=dates_of(plan))


@pytest.fixture
def sessions(series) -> list[Session]:
    return list(series.sessions.order_by("starts_at"))


@pytest.fixture
def owner(series):
    return series.activity.partner.memberships.get().user


def book(session: Session, name: str = "9A", *, confirm: bool = True) -> Booking:
    teacher = TeacherFactory()
    booking = service.book_session(
        session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name=name, grade=9, pupils=20
    )
    return answering.confirm_booking(booking=booking, by=owner_of(session)) if confirm else booking


def as_changed(session: Session, **facts) -> Change:
    start = local_start(facts.pop("day", timezone.localdate(session.starts_at)), facts.pop("clock", time(9)))
    minutes = facts.pop("minutes", 120)
    return Change(**{"starts_at": start, "ends_at": start + timedelta(minutes=minutes), "capacity": 2, **facts})


def starts(series: SessionSeries) -> list[str]:
    return [f"{timezone.localtime(s.starts_at):%d.%m %H:%M}" for s in series.sessions.order_by("starts_at")]


# --- Moving


def test_following_ones_move_by_the_same_days_and_clock_also_across_the_change_of_clocks(series, sessions, owner):
    third = sessions[2]

    change_session(
        session_id=third.pk,
        change=as_changed(third, day=date(2027, 3, 18), clock=time(10, 30), minutes=90),
        by=owner,
        following=True,
    )

    series.refresh_from_db()
    moved = SessionSeries.objects.exclude(pk=series.pk).get()
    assert starts(series) == ["02.03 09:00", "09.03 09:00"]
    assert starts(moved) == ["18.03 10:30", "25.03 10:30", "01.04 10:30", "08.04 10:30"]
    assert {s.ends_at - s.starts_at for s in moved.sessions.all()} == {timedelta(minutes=90)}
    assert (moved.rule, moved.begins, moved.minutes) == (
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=TH;UNTIL=20270408",
        time(10, 30),
        90,
    )
    assert series.last_day == date(2027, 3, 15)


def test_series_that_moves_as_a_whole_stays_one(series, sessions, owner):
    change_session(
        session_id=sessions[0].pk, change=as_changed(sessions[0], day=date(2027, 3, 3)), by=owner, following=True
    )

    series.refresh_from_db()
    assert SessionSeries.objects.count() == 1
    assert "BYDAY=WE" in series.rule
    assert starts(series)[0] == "03.03 09:00"


def test_one_that_was_moved_by_itself_keeps_its_difference(series, sessions, owner):
    change_session(session_id=sessions[4].pk, change=as_changed(sessions[4], clock=time(13)), by=owner)

    change_session(
        session_id=sessions[3].pk, change=as_changed(sessions[3], clock=time(8, 30)), by=owner, following=True
    )

    moved = SessionSeries.objects.exclude(pk=series.pk).get()
    assert starts(moved) == ["23.03 08:30", "30.03 12:30", "06.04 08:30"]


def test_only_this_one_leaves_the_others(series, sessions, owner):
    change_session(session_id=sessions[1].pk, change=as_changed(sessions[1], clock=time(11)), by=owner)

    assert starts(series)[:3] == ["02.03 09:00", "09.03 11:00", "16.03 09:00"]
    assert SessionSeries.objects.count() == 1


def test_each_agreed_group_gets_its_own_calendar_update(series, sessions, owner):
    bookings = [book(sessions[1]), book(sessions[3], "9B"), book(sessions[3], "9C", confirm=False)]
    before = book(sessions[0])
    Mail.objects.all().delete()

    change_session(session_id=sessions[1].pk, change=as_changed(sessions[1], clock=time(10)), by=owner, following=True)

    for booking in bookings:
        mail = Mail.objects.get(template="session_moved_to_teacher", to_email=booking.teacher.email)
        booking.refresh_from_db()
        assert booking.calendar_sequence == 1
        assert ("SEQUENCE:1" in mail.calendar) is (booking.status == "confirmed")
    first, second = bookings[0], bookings[1]
    calendar = Mail.objects.get(template="session_moved_to_teacher", to_email=second.teacher.email).calendar
    assert f"UID:booking-{second.pk}@" in calendar
    assert "DTSTART:20270323T090000Z" in calendar, "10:00 in Norway, winter time"
    assert not Mail.objects.filter(to_email=before.teacher.email).exists()
    assert first.session.starts_at < second.session.starts_at


@pytest.mark.parametrize(
    ("facts", "words_"),
    [
        ({"day": date(2026, 11, 1)}, "begin in the future"),
        ({"day": date(2031, 11, 10)}, "within the next five years"),
        ({"minutes": 0}, "must end after it begins"),
        ({"minutes": 60 * 24 * 20}, "14 days at most"),
        # The fourth one would meet the hour that does not exist.
        ({"day": date(2027, 3, 7), "clock": time(2, 30)}, "Sunday 28 March 2027: This time does not exist"),
    ],
)
def test_move_that_cannot_be_for_one_is_done_for_none(series, sessions, owner, facts, words_):
    before = starts(series)

    with pytest.raises(BadTime, match=words_):
        change_session(session_id=sessions[0].pk, change=as_changed(sessions[0], **facts), by=owner, following=True)

    assert starts(series) == before
    assert not Mail.objects.filter(template__startswith="session_moved").exists()


def test_move_onto_another_session_of_the_offer_is_refused(series, sessions, owner):
    start = local_start(date(2027, 3, 17), time(9))
    Session.objects.create(activity=series.activity, starts_at=start, ends_at=start + timedelta(hours=1))

    with pytest.raises(BadTime, match="Wednesday 17 March 2027: There is a session at this time already"):
        change_session(
            session_id=sessions[0].pk, change=as_changed(sessions[0], day=date(2027, 3, 3)), by=owner, following=True
        )

    assert starts(series)[0] == "02.03 09:00"


def test_capacity_below_what_a_later_one_has_booked_changes_nothing(series, sessions, owner):
    book(sessions[4], "9A")
    book(sessions[4], "9B")

    with pytest.raises(BookingError, match="2 places are already booked"):
        change_session(session_id=sessions[0].pk, change=as_changed(sessions[0], capacity=1), by=owner, following=True)
    with pytest.raises(BookingError, match="40 pupils are already booked"):
        change_session(
            session_id=sessions[0].pk, change=as_changed(sessions[0], pupil_capacity=39), by=owner, following=True
        )

    assert set(series.sessions.values_list("capacity", "pupil_capacity")) == {(2, None)}
    change_session(
        session_id=sessions[0].pk, change=as_changed(sessions[0], pupil_capacity=40), by=owner, following=True
    )
    assert set(series.sessions.values_list("pupil_capacity", flat=True)) == {40}
    assert SessionSeries.objects.count() == 1, "places alone are no move"


# --- Calling off


def test_calling_off_the_following_ones_tells_their_groups_and_ends_the_series(series, sessions, owner):
    kept, gone, asked = book(sessions[1]), book(sessions[2], "9B"), book(sessions[5], "9C", confirm=False)
    Session.objects.filter(pk=sessions[3].pk).update(status=Session.Status.CANCELLED)

    off = cancel_session(session_id=sessions[2].pk, by=owner, note="Vi flytter", following=True)

    assert (off.dates, off.groups) == (3, 2)
    assert [s.status for s in series.sessions.order_by("starts_at")] == ["open"] * 2 + ["cancelled"] * 4
    for booking, status in ((kept, "confirmed"), (gone, "partner_cancel"), (asked, "declined")):
        booking.refresh_from_db()
        assert booking.status == status
    assert (
        "METHOD:CANCEL"
        in Mail.objects.get(template="booking_cancelled_to_teacher", to_email=gone.teacher.email).calendar
    )
    series.refresh_from_db()
    assert series.last_day == date(2027, 3, 15)
    assert following_sessions(sessions[0])[-1] == sessions[1]


def test_calling_off_is_all_or_nothing(series, sessions, owner, monkeypatch):
    book(sessions[1])
    book(sessions[4], "9B")
    sent = []

    def fail_at_the_second(booking, *args, **facts):
        sent.append(booking)
        if len(sent) > 1:
            raise RuntimeError("the machine stopped")

    monkeypatch.setattr("stemportal.schools.services.moves.write_event", fail_at_the_second)
    with pytest.raises(RuntimeError):
        cancel_session(session_id=sessions[0].pk, by=owner, note="Syk", following=True)

    assert set(series.sessions.values_list("status", flat=True)) == {"open"}
    assert set(Booking.objects.values_list("status", flat=True)) == {"confirmed"}


# --- The pages


def form_of(session: Session, **facts) -> dict:
    start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    return {
        "scope": "following",
        "day": start.date().isoformat(),
        "begins": f"{start:%H:%M}",
        "ends": f"{end:%H:%M}",
        "capacity": 2,
        **facts,
    }


def test_page_says_before_how_many_dates_and_groups_it_concerns(series, sessions, owner):
    book(sessions[1])
    book(sessions[3], "9B")
    client = client_of(owner)

    for name in ("session_change", "session_cancel"):
        text = words(client.get(at(name, sessions[1].pk)))
        assert "Only this date. 1 group is told." in text
        assert "This and the 4 dates of the series after it. 2 groups are told." in text
    last = words(client.get(at("session_change", sessions[5].pk)))
    assert "Only this date" not in last


def test_move_of_several_is_shown_first_with_the_holidays_it_meets_and_done_then(series, sessions, owner):
    SchoolHoliday.objects.create(
        county=series.activity.municipality.county, school_year=2026, code="winter", first_day="2027-03-08",
        last_day="2027-03-12", name_nb="Vinterferie", name_nn="Vinterferie", name_en="Winter holiday",
    )  # fmt: skip
    book(sessions[2])
    client, address = client_of(owner), at("session_change", sessions[0].pk)
    data = form_of(sessions[0], day="2027-03-04", begins="10:00", ends="12:00")

    first = words(client.post(address, data))

    assert "6 dates change. 1 group is told." in first
    assert "Thursday 11 March 2027, 10:00–12:00" in first
    assert "Schools are closed: Winter holiday in Finnmark" in first
    assert "Schools are closed: Maundy Thursday" in first
    assert starts(series)[0] == "02.03 09:00", "nothing is done yet"
    assert "Change the session" in words(client.post(address, {**data, "back": "1"}))

    page = client.post(address, {**data, "seen": "1"}, follow=True)

    assert page.redirect_chain[-1][0] == f"/en/series/{series.pk}/"
    assert "6 sessions are changed." in words(page)
    assert "Schools are closed on: Thursday 11 March 2027 (Winter holiday in Finnmark)" in words(page)
    assert starts(series)[:2] == ["04.03 10:00", "11.03 10:00"]


def test_page_calls_off_the_following_ones(series, sessions, owner):
    booking = book(sessions[4])
    client = client_of(owner)
    assert "these are told as well" in words(client.get(at("session_cancel", sessions[3].pk)))

    page = client.post(at("session_cancel", sessions[3].pk), {"scope": "following", "note": "Vi flytter"}, follow=True)

    assert "3 sessions are called off. 1 group has been told." in words(page)
    assert "Called off" in words(page)
    booking.refresh_from_db()
    assert booking.status == "partner_cancel"


def test_page_refuses_a_scope_that_there_is_none(series, sessions, owner):
    page = client_of(owner).post(at("session_cancel", sessions[3].pk), {"scope": "all", "note": "x"})

    assert page.status_code == 200
    assert set(series.sessions.values_list("status", flat=True)) == {"open"}


def test_change_names_the_role_model_who_is_needed_twice_and_asks(series, sessions, owner):
    from stemportal.activities.models import RoleModel

    person = RoleModel.objects.create(
        partner=series.activity.partner, full_name="Sunniva Berg", email="sunniva@example.no", job_title="Ingeniør"
    )
    other = ActivityFactory(partner=series.activity.partner, title="Kveld med robotene")
    for activity in (series.activity, other):
        activity.role_models.add(person)
    start = local_start(date(2027, 3, 3), time(10))
    Session.objects.create(activity=other, starts_at=start, ends_at=start + timedelta(hours=2))
    client, address = client_of(owner), at("session_change", sessions[0].pk)
    data = form_of(sessions[0], scope="one", day="2027-03-03")

    text = words(client.post(address, data))
    assert "Sunniva Berg also takes part in “Kveld med robotene”" in text
    assert "Tick this if you want both." in words(client.post(address, {**data, "seen": "1"}))
    assert starts(series)[0] == "02.03 09:00"

    client.post(address, {**data, "seen": "1", "overlap_ok": "1"})
    assert starts(series)[0] == "03.03 09:00"
