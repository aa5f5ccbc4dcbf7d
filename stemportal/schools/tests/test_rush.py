"""The rush when a popular date opens: 500 attempts over real HTTP, eight at a time, for 30 places."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.conf import settings
from django.test import Client

from stemportal.activities.models import Activity, Session
from stemportal.schools.models import Booking, BookingEvent
from stemportal.schools.services.places_taken import count_places, count_pupils
from stemportal.testing.factories import SchoolFactory, SessionFactory, TeacherFactory

PLACES, TEACHERS, TRIES, AT_A_TIME = 30, 100, 5, 8

pytestmark = pytest.mark.django_db(transaction=True)


class Browser:
    """A teacher's browser: one connection, logged in, with the token of its forms."""

    def __init__(self, address: str, teacher) -> None:
        login = Client()
        login.force_login(teacher.user)
        token = "x" * 32
        self.http = httpx.Client(
            base_url=address,
            timeout=60,
            cookies={
                settings.SESSION_COOKIE_NAME: login.cookies[settings.SESSION_COOKIE_NAME].value,
                settings.CSRF_COOKIE_NAME: token,
            },
            headers={"X-CSRFToken": token},
        )

    def book(self, session: Session, group: str) -> tuple[str, str]:
        """Ask for a place; return what came of it and what the page says."""
        form = {"session": session.pk, "group_name": group, "grade": 9, "pupils": 20, "request_key": str(uuid.uuid4())}
        answer = self.http.post(f"/en/sessions/{session.pk}/book/", data=form)
        if answer.status_code == 302 and "/bookings/" in answer.headers["Location"]:
            return "booked", answer.headers["Location"]
        return str(answer.status_code), answer.text


def test_rush_sells_thirty_places_to_thirty_of_five_hundred(live_server):
    session = SessionFactory(capacity=PLACES, activity__policy=Activity.Policy.INSTANT)
    school = SchoolFactory()
    browsers = [Browser(live_server.url, TeacherFactory(school=school)) for _ in range(TEACHERS)]
    attempts = [(browser, f"{n}-{i}") for i in range(TRIES) for n, browser in enumerate(browsers)]

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        answers = list(pool.map(lambda attempt: attempt[0].book(session, attempt[1]), attempts))

    outcomes = Counter(outcome for outcome, _said in answers)
    assert outcomes == {"booked": PLACES, "200": len(attempts) - PLACES}
    assert all("filled up" in said for outcome, said in answers if outcome == "200")
    session.refresh_from_db()
    assert (session.places_taken, count_places(session)) == (PLACES, PLACES)
    assert session.pupils_taken == count_pupils(session) == 20 * PLACES
    assert BookingEvent.objects.count() == Booking.objects.count() == PLACES
