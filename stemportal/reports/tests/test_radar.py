"""What stands on the radar, how it is told, and who gets it by mail."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.school_year import current_school_year
from stemportal.outbox.models import Mail
from stemportal.reports.models import Nudge, RadarDay, RadarReader
from stemportal.reports.radar.days import note_day, readings, trends
from stemportal.reports.radar.matters import (
    low_pots,
    never_asked,
    requests_soon,
    silent_partners,
    unseen_schools,
)
from stemportal.reports.radar.weekly import mail_radar, readers, switch_mail
from stemportal.reports.services.nudges import wake_partner
from stemportal.reports.tests.visits import visit
from stemportal.schools.models import Booking, GrantPot
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    MembershipFactory,
    PartnerFactory,
    SchoolFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

OSLO = ZoneInfo("Europe/Oslo")
# A Wednesday without holidays near it.
TODAY = datetime(2025, 10, 15, 9, tzinfo=OSLO)


def ago(**time: int) -> datetime:
    return timezone.now() - timedelta(**time)


@pytest.fixture
def boss() -> User:
    return StaffFactory(email="boss@example.org")


def staff_with(*codes: str) -> User:
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return User.objects.get(pk=person.pk)


@time_machine.travel(TODAY, tick=False)
def test_requests_are_near_their_deadline_from_two_working_days_before_it():
    today = timezone.localdate()
    for days in (-1, 0, 2, 3):
        BookingFactory(status=Booking.Status.REQUESTED, reply_by=today + timedelta(days=days), group_name=f"{days}")
    BookingFactory(status=Booking.Status.CONFIRMED, reply_by=today)

    assert [booking.group_name for booking in requests_soon()] == ["0", "2"]


def test_offer_is_never_asked_for_when_it_had_two_months():
    old = ActivityFactory(published_at=ago(days=61))
    ActivityFactory(published_at=ago(days=59))
    ActivityFactory(published_at=ago(days=61), enquiries_count=1)
    ActivityFactory(published_at=ago(days=61), status="archived")

    assert list(never_asked()) == [old]


def test_partner_is_silent_when_nobody_logs_in_or_nothing_was_ever_offered():
    def partner(name: str, *, seen: int, approved: int = 300, offers: bool = True):
        made = PartnerFactory(display_name=name, decided_at=ago(days=approved))
        MembershipFactory(partner=made, user=UserFactory(last_login=ago(days=seen)), joined_at=ago(days=seen))
        if offers:
            ActivityFactory(partner=made, published_at=ago(days=200))

    partner("gone", seen=121)
    partner("here", seen=119)
    partner("empty", seen=1, offers=False)
    partner("new", seen=1, approved=59, offers=False)

    assert [found.display_name for found in silent_partners()] == ["gone", "empty"]


def test_pot_runs_low_under_fifteen_percent():
    year = current_school_year()
    for name, left, more in (
        ("enough", 15_000, {}),
        ("low", 14_999, {}),
        ("closed", 1, {"is_open": False}),
        ("last year's", 1, {"school_year": year - 1}),
    ):
        facts = {"school_year": year, "amount_ore": 100_000, "paid_ore": 100_000 - left, **more}
        GrantPot.objects.create(name=name, **facts)

    assert [pot.name for pot in low_pots()] == ["low"]


@time_machine.travel(TODAY, tick=False)
def test_school_is_unseen_after_two_school_years_without_a_visit():
    met, long_ago, closed = SchoolFactory(), SchoolFactory(), SchoolFactory(is_active=False)
    visit(at="2023-08-20 09:00", school=met)
    visit(at="2023-06-20 09:00", school=long_ago)

    found = set(unseen_schools())

    assert long_ago in found
    assert met not in found
    assert closed not in found


def test_staff_see_only_matters_they_have_the_right_to():
    ActivityFactory(published_at=ago(days=61))
    person = staff_with("view_radarday", "view_activity")

    assert [reading.matter.code for reading in readings(person)] == ["unasked"]


def test_radar_says_what_changed_since_a_week_ago(client, boss):
    RadarDay.objects.create(day=timezone.localdate() - timedelta(days=7), counts={"unasked": 3})
    offer = ActivityFactory(title="Bygg en bro", published_at=ago(days=61))
    client.force_login(boss)

    page = client.get(reverse("admin:reports_radarday_changelist")).content.decode()

    assert "3 a week ago" in page
    assert "Bygg en bro" in page
    assert reverse("admin:activities_activity_change", args=[offer.pk]) in page


def test_first_page_of_the_secretariat_shows_the_radar(client, boss):
    ActivityFactory(title="Bygg en bro", published_at=ago(days=61))
    client.force_login(boss)

    assert "Bygg en bro" in client.get(reverse("admin:index")).content.decode()


def test_radar_asks_as_much_for_many_rows_as_for_one(client, boss):
    def asked() -> int:
        cache.clear()
        ActivityFactory(published_at=ago(days=61))
        PartnerFactory(decided_at=ago(days=100))
        BookingFactory(status=Booking.Status.REQUESTED, reply_by=timezone.localdate())
        RadarDay.objects.create(day=timezone.localdate() - timedelta(weeks=RadarDay.objects.count()), counts={})
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("admin:reports_radarday_changelist")).status_code == 200
        return len(queries)

    client.force_login(boss)
    asked()
    assert asked() == asked()


def test_day_is_noted_once_and_anew_when_it_is_noted_again():
    note_day()
    ActivityFactory(published_at=ago(days=61))
    note_day()

    assert RadarDay.objects.get().counts["unasked"] == 1


def test_trend_has_a_point_a_week_where_somebody_noted_one(boss):
    today = date(2025, 10, 15)
    for weeks, count in ((30, 9), (26, 5), (1, 7), (0, 8)):
        RadarDay.objects.create(day=today - timedelta(weeks=weeks), counts={"silent": count})
    RadarDay.objects.create(day=today - timedelta(days=3), counts={"silent": 99})

    [silent] = [trend for trend in trends(boss, today=today) if trend.matter.code == "silent"]

    assert [count for _day, count in silent.points] == [5, 7, 8]


def test_page_of_a_matter_lists_every_row_and_is_for_those_with_the_right(client, boss):
    names = [f"Tilbud {n:02d}" for n in range(30)]
    for name in names:
        ActivityFactory(title=name, published_at=ago(days=61))
    url = reverse("admin:reports_radarday_matter", args=["unasked"])
    client.force_login(boss)
    pages = client.get(url).content.decode() + client.get(f"{url}?page=2").content.decode()
    assert all(name in pages for name in names)
    assert client.get(reverse("admin:reports_radarday_matter", args=["weather"])).status_code == 404

    client.force_login(staff_with("view_radarday"))
    assert client.get(url).status_code == 403


# The weekly mail


def mails() -> list[Mail]:
    return list(Mail.objects.filter(template="radar_weekly"))


def test_weekly_mail_comes_on_monday_morning_once(boss):
    ActivityFactory(title="Bygg en bro", published_at=ago(days=61))
    with time_machine.travel(datetime(2026, 11, 23, 5, 55, tzinfo=OSLO), tick=False):
        assert mail_radar() == 0
    with time_machine.travel(datetime(2026, 11, 23, 6, 5, tzinfo=OSLO), tick=False):
        assert (mail_radar(), mail_radar()) == (1, 0)
    with time_machine.travel(datetime(2026, 11, 29, 23, 5, tzinfo=OSLO), tick=False):
        assert mail_radar() == 0
    with time_machine.travel(datetime(2026, 11, 30, 6, 5, tzinfo=OSLO), tick=False):
        assert mail_radar() == 1

    first, _second = mails()
    assert first.to_email == "boss@example.org"
    assert "Bygg en bro" in first.text


def test_monday_that_was_missed_is_made_up(boss):
    with time_machine.travel(datetime(2026, 11, 25, 3, 5, tzinfo=OSLO), tick=False):
        assert mail_radar() == 1


def test_mail_goes_to_staff_with_the_right_who_want_it(boss):
    wants, not_now, gone = (staff_with("view_radarday") for _person in range(3))
    StaffFactory(is_superuser=False)
    switch_mail(person=not_now, wants_mail=False)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    assert set(readers()) == {boss, wants}


def test_reader_switches_the_mail_off_and_on_again(client, boss):
    client.force_login(boss)
    url = reverse("admin:reports_radarday_mail")
    client.get(url, {"wants": "no"})
    assert boss in readers()
    client.post(url, {"wants": "no"})
    assert boss not in readers()
    assert "Send it to me" in client.get(reverse("admin:reports_radarday_changelist")).content.decode()
    client.post(url, {"wants": "yes"})
    assert boss in readers()


def test_reader_who_said_no_while_it_was_sent_gets_none(boss, monkeypatch):
    monkeypatch.setattr("stemportal.reports.radar.weekly.readers", lambda: User.objects.filter(pk=boss.pk))
    RadarReader.objects.create(person=boss, wants_mail=False)
    assert mail_radar() == 0


# Waking a silent partner


@pytest.fixture
def silent():
    member = MembershipFactory(
        partner__display_name="Stille AS",
        user=UserFactory(last_login=ago(days=200), email="eier@example.org"),
        joined_at=ago(days=200),
    )
    return member.partner


def test_silent_partner_is_written_to_after_a_preview(client, boss, silent):
    client.force_login(boss)
    url = reverse("admin:reports_radarday_wake")
    words = {"partners": [silent.pk], "text": "Hei!\n\nHvordan går det?"}

    preview = client.post(url, words).content.decode()
    assert "This goes to the owners of 1 partner" in preview
    assert not Mail.objects.filter(template="partner_wake").exists()

    page = client.post(url, {**words, "send": "1"}, follow=True).content.decode()

    assert "1 partner was written to." in page
    mail = Mail.objects.get(template="partner_wake")
    assert mail.to_email == "eier@example.org"
    assert "Hvordan går det?" in mail.text
    assert (Nudge.objects.get().partner, Nudge.objects.get().mails) == (silent, 1)


def test_nobody_is_written_to_twice_in_sixty_days(boss, silent):
    assert wake_partner(partner=silent, text="Hei", by=boss)
    with time_machine.travel(timezone.now() + timedelta(days=59)):
        assert wake_partner(partner=silent, text="Hei", by=boss) is None
    with time_machine.travel(timezone.now() + timedelta(days=61)):
        assert wake_partner(partner=silent, text="Hei", by=boss)


def test_partner_that_is_not_silent_cannot_be_chosen(client, boss):
    awake = MembershipFactory(user=UserFactory(last_login=ago(days=1))).partner
    ActivityFactory(partner=awake, published_at=ago(days=200))
    client.force_login(boss)

    client.post(reverse("admin:reports_radarday_wake"), {"partners": [awake.pk], "text": "Hei", "send": "1"})

    assert not Mail.objects.filter(template="partner_wake").exists()


def test_writing_needs_the_right_to(client, silent):
    client.force_login(staff_with("view_radarday", "view_partner"))
    assert client.get(reverse("admin:reports_radarday_wake")).status_code == 403
