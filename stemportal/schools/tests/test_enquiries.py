"""What was asked for is counted beside the booking, not in it, and decides the order among equals."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stemportal.activities import tasks
from stemportal.activities.search_index import refresh_availability
from stemportal.schools.models import Booking
from stemportal.schools.services import answering, telling
from stemportal.schools.services import booking as service
from stemportal.schools.tasks import tell
from stemportal.testing.factories import ActivityFactory, BookingFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def worker(monkeypatch):
    """Tasks run where they are handed over."""
    monkeypatch.setattr(tasks.refresh_availability, "delay", tasks.refresh_availability)
    monkeypatch.setattr(telling, "after_commit", lambda pk: transaction.on_commit(partial(tell, pk)))


def enquiries(activity) -> int:
    activity.refresh_from_db()
    return activity.enquiries_count


def test_booking_and_proposal_are_enquiries(teacher, django_capture_on_commit_callbacks):
    session = SessionFactory(capacity=3)
    asked = {"school": teacher.school, "teacher": teacher.user, "grade": 9, "pupils": 20}
    with django_capture_on_commit_callbacks(execute=True):
        booking = service.book_session(session_id=session.pk, group_name="9A", **asked)
    assert enquiries(session.activity) == 1
    with django_capture_on_commit_callbacks(execute=True):
        when = timezone.now() + timedelta(days=20)
        service.propose_date(activity=session.activity, proposed_at=when, group_name="9B", **asked)
    assert enquiries(session.activity) == 2
    # It was asked for, whatever became of it.
    with django_capture_on_commit_callbacks(execute=True):
        answering.withdraw_booking(booking=booking, by=teacher.user)
    assert enquiries(session.activity) == 2
    assert session.activity.booked_places == 0


def test_booking_does_not_write_the_activity_that_all_its_sessions_share(teacher):
    session = SessionFactory(capacity=3)
    with CaptureQueriesContext(connection) as captured:
        service.book_session(
            session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name="9A", grade=9, pupils=20
        )
    assert not [query["sql"] for query in captured.captured_queries if 'UPDATE "activities_activity"' in query["sql"]]


def test_all_are_counted_anew_and_only_what_changed_is_written(search_index):
    asked, quiet = ActivityFactory(enquiries_count=7), ActivityFactory()
    BookingFactory(activity=asked, session=SessionFactory(activity=asked))
    search_index.flush()
    assert refresh_availability() == 1
    assert (enquiries(asked), enquiries(quiet)) == (1, 0)
    assert refresh_availability() == 0
    Booking.objects.all().delete()
    refresh_availability([quiet.pk])
    assert enquiries(asked) == 1
    refresh_availability([asked.pk])
    assert enquiries(asked) == 0
