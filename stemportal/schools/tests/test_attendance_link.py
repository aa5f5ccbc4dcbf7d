"""How many came, by one link from a mail, without a login."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.utils import timezone

from stemportal.lib.periods import Period
from stemportal.lib.school_year import school_year_of
from stemportal.reports.figures.counting import partner_figures
from stemportal.schools.attendance_links import SALT, attendance_token
from stemportal.schools.models import Attendance, Booking, BookingEvent
from stemportal.schools.services.closing import close_untold
from stemportal.schools.tests.afterwards import agreed_visit, mails_of, oslo
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    """Held yesterday; nobody has told how many came."""
    return agreed_visit(timezone.now() - timedelta(days=1), group_name="9B", title="Se robotene", needs="Rullestol")


def link_of(visit: Booking) -> str:
    return at("attendance_link", attendance_token(visit))


def test_link_shows_the_group_the_activity_and_the_day_and_no_more(client, visit):
    page = words(client.get(link_of(visit)))

    assert "Se robotene" in page
    assert "9B" in page
    for secret in (str(visit.school), str(visit.teacher), visit.teacher.email, "Rullestol", "28 pupils"):
        assert secret not in page, secret


def test_opening_the_link_changes_nothing(client, visit):
    for _scanner in range(3):
        assert client.get(link_of(visit)).status_code == 200
        assert client.head(link_of(visit)).status_code == 200
    visit.refresh_from_db()
    assert visit.status == Booking.Status.CONFIRMED
    assert not Attendance.objects.exists()


def test_teacher_tells_how_many_came_without_a_login(client, visit):
    response = client.post(link_of(visit), {"pupils": 26, "girls": 12}, follow=True)

    assert "We know how many came" in words(response)
    visit.refresh_from_db()
    assert visit.status == Booking.Status.COMPLETED
    assert (visit.attendance.pupils, visit.attendance.girls) == (26, 12)
    assert visit.attendance.confirmed_by == visit.teacher
    assert mails_of(visit) == ["visit_completed_to_teacher", "visit_completed_to_partner"]


def test_link_takes_the_first_count_only(client, visit):
    client.post(link_of(visit), {"pupils": 26})
    client.post(link_of(visit), {"pupils": 3})
    assert Attendance.objects.get().pupils == 26


@pytest.mark.parametrize(
    "counts", [{"pupils": ""}, {"pupils": -1}, {"pupils": 10_000}, {"pupils": "mange"}, {"pupils": 5, "girls": 6}]
)
def test_bad_counts_are_told(client, visit, counts):
    assert client.post(link_of(visit), counts).status_code == 422
    assert not Attendance.objects.exists()


def test_post_without_a_token_of_the_form_is_refused(visit):
    assert Client(enforce_csrf_checks=True).post(link_of(visit), {"pupils": 26}).status_code == 403
    assert not Attendance.objects.exists()


def test_link_works_for_sixty_days(client, visit):
    address = link_of(visit)
    with time_machine.travel(timezone.now() + timedelta(days=59), tick=False):
        assert client.get(address).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=61), tick=False):
        response = client.post(address, {"pupils": 26})
    assert response.status_code == 404
    assert "expired" in words(response)
    assert at("my_page") in words(response)
    assert not Attendance.objects.exists()


def test_tampered_or_foreign_link_opens_nothing(client, visit):
    token = attendance_token(visit)
    other = agreed_visit(timezone.now() - timedelta(days=1))
    forged = token.replace(f"{visit.pk}-", f"{other.pk}-", 1)
    foreign = signing.TimestampSigner(salt="some.other.purpose", sep=".").sign(f"{visit.pk}-{visit.teacher_id}")
    nonsense = signing.TimestampSigner(salt=SALT, sep=".").sign("x-y")
    gone = signing.TimestampSigner(salt=SALT, sep=".").sign(f"0-{visit.teacher_id}")
    for bad in (forged, foreign, nonsense, gone, token[:-1], "x", "x" * 5000, "12", "."):
        for response in (
            client.get(at("attendance_link", bad)),
            client.post(at("attendance_link", bad), {"pupils": 1}),
        ):
            assert response.status_code == 404, bad
            assert "opens nothing" in words(response), bad
    assert not Attendance.objects.exists()


def test_link_ends_when_a_colleague_takes_the_visit_over(client, visit):
    address = link_of(visit)
    visit.teacher = UserFactory()
    visit.save()

    response = client.post(address, {"pupils": 26})

    assert response.status_code == 404
    assert "A colleague has taken this visit over" in words(response)
    assert client.get(link_of(visit)).status_code == 200


def test_link_of_a_visit_to_come_or_called_off_says_so(client, visit):
    later = agreed_visit(timezone.now() + timedelta(days=3))
    assert "still to come" in words(client.post(link_of(later), {"pupils": 26}))
    visit.status = Booking.Status.CANCELLED_BY_PARTNER
    visit.save()
    assert "called off" in words(client.post(link_of(visit), {"pupils": 26}))
    assert not Attendance.objects.exists()


def test_link_is_used_so_often_only(client, visit, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "attendance_link": (2, 3600)}
    for _attempt in range(2):
        client.post(link_of(visit), {"pupils": ""})
    assert "very often" in words(client.post(link_of(visit), {"pupils": 26}))
    assert not Attendance.objects.exists()


# --- Nobody came


def test_class_that_did_not_come_can_still_be_told_of_by_the_link(client, visit):
    owner = visit.activity.partner.memberships.get().user
    client_of(owner).post(at("booking_no_show", visit.pk), {"note": "Vi ventet til ti"})
    visit.refresh_from_db()
    assert visit.status == Booking.Status.NO_SHOW
    assert mails_of(visit) == ["class_did_not_come"]

    client.post(link_of(visit), {"pupils": 24})

    visit.refresh_from_db()
    assert visit.status == Booking.Status.COMPLETED
    assert visit.attendance.pupils == 24
    assert mails_of(visit) == ["class_did_not_come", "class_came_after_all"]


def test_nobody_came_is_the_partners_to_tell_and_only_once_it_has_begun(visit):
    later = agreed_visit(timezone.now() + timedelta(days=1))
    reader = MembershipFactory(partner=visit.activity.partner, role="reader").user
    assert client_of(visit.teacher).post(at("booking_no_show", visit.pk)).status_code == 403
    assert client_of(reader).post(at("booking_no_show", visit.pk)).status_code == 403
    client_of(later.activity.partner.memberships.get().user).post(at("booking_no_show", later.pk))
    assert set(Booking.objects.values_list("status", flat=True)) == {Booking.Status.CONFIRMED}


# --- Nobody told


def test_visit_that_nobody_told_of_completes_without_a_count():
    visit = agreed_visit(oslo(2026, 11, 4, 9, 0))
    with time_machine.travel(oslo(2026, 11, 18, 10, 59), tick=False):
        assert close_untold() == 0
    with time_machine.travel(oslo(2026, 11, 18, 11, 0), tick=False):
        assert close_untold() == 1
        assert close_untold() == 0
    visit.refresh_from_db()
    assert visit.status == Booking.Status.COMPLETED
    assert not Attendance.objects.exists()
    assert BookingEvent.objects.get().by is None
    assert mails_of(visit) == ["visit_closed", "visit_completed_to_partner"]


def test_visit_that_the_clock_completed_can_still_be_told_of(client):
    visit = agreed_visit(timezone.now() - timedelta(days=15))
    close_untold()

    assert "no pupils are counted yet" in words(client_of(visit.teacher).get(at("booking", visit.pk)))
    client.post(link_of(visit), {"pupils": 24})

    visit.refresh_from_db()
    assert visit.attendance.pupils == 24
    assert "visit_completed_to_teacher" not in mails_of(visit), "thanks come once"


@pytest.mark.parametrize("status", [Booking.Status.NO_SHOW, Booking.Status.REQUESTED, Booking.Status.EXPIRED])
def test_clock_leaves_other_bookings_alone(status):
    visit = agreed_visit(timezone.now() - timedelta(days=30), status=status)
    assert close_untold() == 0
    visit.refresh_from_db()
    assert visit.status == status


def test_figures_count_only_visits_that_were_told_of():
    visit = agreed_visit(timezone.now() - timedelta(days=15))
    close_untold()
    year = school_year_of(timezone.localdate(visit.starts_at))

    before = partner_figures(period=Period("school", year), partner=visit.activity.partner)
    visit.refresh_from_db()
    Attendance.objects.create(booking=visit, pupils=24)
    after = partner_figures(period=Period("school", year), partner=visit.activity.partner)

    assert (before.visits, after.visits) == (0, 1)
    assert (before.pupils, after.pupils) == (0, 24)
