"""PostgreSQL or Valkey goes away while the portal runs: a plain page, nothing half done, and all well once it is back.

A server that is away is a port of loopback where nobody listens: the refusal is a real one. Mail servers: outbox tests.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from stemportal.celery import app as celery
from stemportal.embedded.process import free_port
from stemportal.outbox import services as outbox
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership
from stemportal.schools.models import Booking
from stemportal.schools.services import booking as booking_service
from stemportal.testing.factories import (
    BookingFactory,
    MembershipFactory,
    SessionFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_corner", "english")]


@contextmanager
def postgresql_away() -> Iterator[None]:
    """New connections are refused, and there is no old one."""
    kept = {name: connection.settings_dict[name] for name in ("HOST", "PORT")}
    connection.close()
    connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(free_port())}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= kept


@contextmanager
def valkey_away(settings: Any) -> Iterator[None]:
    """Neither the cache nor the queue answers."""
    caches, broker = settings.CACHES, celery.conf.broker_url
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {"default": {**caches["default"], "LOCATION": nowhere}}
    celery.conf.broker_url = nowhere
    celery.amqp._producer_pool = None
    try:
        yield
    finally:
        settings.CACHES = caches
        celery.conf.broker_url = broker
        celery.amqp._producer_pool = None


def client_of(user=None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def is_plain_503(response) -> bool:
    text = response.content.decode()
    return (
        response.status_code == 503
        and response["Retry-After"] == "30"
        and response["Cache-Control"] == "no-store"
        and "We are back in a moment" in text
        and "Nothing is half done" in text
        and "Traceback" not in text
    )


@pytest.fixture
def session():
    session = SessionFactory(capacity=2)
    MembershipFactory(partner=session.activity.partner, role=Membership.Role.OWNER)
    return session


@pytest.fixture
def teacher():
    return TeacherFactory()


def booking_form(session) -> dict[str, Any]:
    return {
        "session": session.pk,
        "group_name": "9A",
        "grade": 9,
        "pupils": 28,
        "request_key": uuid.uuid4(),
    }


# --- PostgreSQL


@pytest.mark.parametrize(
    "path",
    ["/en/", "/en/activities/", "/en/partners/", "/en/partners/signatories/", "/en/schools/suggest/?school_text=al"],
)
def test_postgresql_away_shows_the_plain_page_and_recovers(path):
    client = client_of()

    with postgresql_away():
        assert is_plain_503(client.get(path))

    assert client.get(path).status_code == 200


def test_postgresql_away_is_told_in_the_language_of_the_page():
    with postgresql_away():
        bokmaal, nynorsk = client_of().get("/"), client_of().get("/nn/")

    assert 'lang="nb"' in bokmaal.content.decode()
    assert 'lang="nn"' in nynorsk.content.decode()


def test_postgresql_away_loses_nobody_their_login(teacher):
    client = client_of(teacher.user)

    with postgresql_away():
        assert is_plain_503(client.get("/en/me/"))

    assert client.get("/en/me/").status_code == 200


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/en/newsletter/", {"email": "kari@example.org"}),
        ("/en/account/login/", {"login": "kari@example.org", "password": "a-long-password-1"}),
        ("/en/account/login/code/", {"email": "kari@example.org"}),
        ("/en/partners/register/", {"organisation_number": "974760673"}),
    ],
)
def test_postgresql_away_refuses_forms_kindly(path, data):
    with postgresql_away():
        assert is_plain_503(client_of().post(path, data))

    assert not Mail.objects.exists()


def test_postgresql_that_dies_in_the_middle_of_a_booking_leaves_nothing(teacher, session, monkeypatch):
    """The booking is written, the mail is not: the server ends the connection between the two."""
    client, data = client_of(teacher.user), booking_form(session)
    with monkeypatch.context() as patch:

        def die(*_args, **_facts):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        patch.setattr(booking_service, "begin_booking", die)
        response = client.post(f"/en/sessions/{session.pk}/book/", data)
    connection.close()

    assert is_plain_503(response)
    session.refresh_from_db()
    assert (Booking.objects.count(), Mail.objects.count(), session.places_taken) == (0, 0, 0)
    assert client.post(f"/en/sessions/{session.pk}/book/", data).status_code == 302


# --- Valkey


def test_valkey_away_leaves_reading_alone(settings, teacher, session):
    """Offers can be found and read; that a view is not counted is no reason to turn anybody away."""
    activity = session.activity
    paths = [
        "/en/",
        "/en/activities/",
        activity.get_absolute_url(),
        "/en/partners/",
        "/en/about/",
        "/en/account/login/",
    ]

    with valkey_away(settings):
        visitor, person = client_of(), client_of(teacher.user)
        assert {path: visitor.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
        assert person.get("/en/me/").status_code == 200
        assert person.get(f"/en/sessions/{session.pk}/book/").status_code == 200


def test_valkey_away_refuses_a_booking_before_anything_is_written(settings, teacher, session):
    """Whether somebody books too often cannot be known, so the form is refused; sent again later it is booked."""
    client, data = client_of(teacher.user), booking_form(session)

    with valkey_away(settings):
        assert is_plain_503(client.post(f"/en/sessions/{session.pk}/book/", data))

    session.refresh_from_db()
    assert (Booking.objects.count(), Mail.objects.count(), session.places_taken) == (0, 0, 0)
    response = client.post(f"/en/sessions/{session.pk}/book/", data)
    assert response["Location"] == Booking.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/en/newsletter/", {"email": "kari@example.org"}),
        ("/en/account/login/", {"login": "kari@example.org", "password": "a-long-password-1"}),
        ("/en/account/login/code/", {"email": "kari@example.org"}),
        ("/en/account/signup/", {"email": "kari@example.org"}),
    ],
)
def test_valkey_away_refuses_what_has_a_limit(settings, path, data):
    UserFactory(email="kari@example.org", password="a-long-password-1")

    with valkey_away(settings):
        assert is_plain_503(client_of().post(path, data))

    assert not Mail.objects.exists()


def test_valkey_away_keeps_the_mail_of_an_answer_until_it_is_back(settings, teacher, session, smtp_sink):
    """An answer has no limit, so it is taken; its mails wait as rows, and the sweep finds them."""
    booking = BookingFactory(session=session, teacher=teacher.user, school=teacher.school)
    session.places_taken = 1
    session.save()
    owner = client_of(session.activity.partner.memberships.get().user)

    with valkey_away(settings):
        began = time.monotonic()
        response = owner.post(f"/en/bookings/{booking.pk}/confirm/", {"reply": "Velkommen"})
        assert response.status_code == 302
        assert time.monotonic() - began < 4, "a person does not wait for the queue"
        assert outbox.sweep() == 2, "a sweep without a queue does no harm"

    booking.refresh_from_db()
    assert booking.status == Booking.Status.CONFIRMED
    assert set(Mail.objects.values_list("status", flat=True)) == {Mail.Status.QUEUED}
    assert outbox.sweep() == 2
    for mail in Mail.objects.due():
        assert outbox.deliver(mail.pk)
    received = {mail["To"] for mail in smtp_sink.wait_for(2)}
    assert teacher.user.email in received


def test_valkey_away_from_the_queue_alone_books_and_mails_later(settings, teacher, session, monkeypatch):
    """The cache answers, the hand-over to the worker does not: the booking stands with its mails."""
    monkeypatch.setattr(celery.conf, "broker_url", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr(celery.amqp, "_producer_pool", None)

    response = client_of(teacher.user).post(f"/en/sessions/{session.pk}/book/", booking_form(session))

    assert response.status_code == 302
    assert Mail.objects.filter(status=Mail.Status.QUEUED, next_try_at__lte=timezone.now()).count() == 2
    celery.amqp._producer_pool = None


# --- What watches the portal


def test_healthz_says_which_is_true(settings):
    client = client_of()

    assert client.get("/healthz").json() == {"status": "ok"}
    with postgresql_away():
        assert client.get("/healthz").status_code == 503
    with valkey_away(settings):
        assert client.get("/healthz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_fault_of_our_own_is_no_missing_server(monkeypatch):
    """500 must stay 500: a proxy that hears 503 tries again, and nobody looks for the fault."""
    from stemportal.views import pages

    def broken(**_facts):
        raise ZeroDivisionError("secret of the inside")

    monkeypatch.setattr(pages, "offers_with_free_places", broken)
    response = client_of().get("/en/")

    assert response.status_code == 500
    assert "secret of the inside" not in response.content.decode()
    assert "Traceback" not in response.content.decode()


def test_refusal_by_postgresql_itself_is_a_missing_server(monkeypatch):
    """For example: too many connections."""
    from stemportal.views import pages

    def full(**_facts):
        raise OperationalError("sorry, too many clients already")

    monkeypatch.setattr(pages, "offers_with_free_places", full)

    assert is_plain_503(client_of().get("/en/"))
