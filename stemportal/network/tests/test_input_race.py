"""The same form sent many times at once, and a limit that many try to get past. Real threads, real transactions."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from stemportal.network.models import Input, InputEvent
from stemportal.network.services import input_telling
from stemportal.network.services import inputs as services
from stemportal.partners.models import Membership
from stemportal.testing.factories import MembershipFactory
from stemportal.testing.together import at_once

THREADS = 6

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def untold(monkeypatch) -> None:
    """No mails: this is about rows."""
    monkeypatch.setattr(input_telling, "announce", lambda input_id: None)


@pytest.fixture
def owner(transactional_db) -> Membership:
    return MembershipFactory()


def send(owner: Membership, title: str, key: uuid.UUID) -> str:
    facts = {"title": title, "text": "To timer er for lite.", "is_shared": True, "request_key": key}
    try:
        return str(services.submit_input(partner=owner.partner, by=owner.user, **facts).pk)
    except services.TooMuchWaiting:
        return "too much"


def test_race_without_the_lock_breaks_on_the_key(owner):
    """Look for the key, then write, without the lock: all but one end in an error. It must be seen to fail."""
    key = uuid.uuid4()

    def careless(n: int) -> str:
        try:
            with transaction.atomic():
                if Input.objects.filter(request_key=key).exists():
                    return "found"
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.1)")
                Input.objects.create(partner=owner.partner, title="Lengre", text="x", request_key=key)
        except IntegrityError:
            return "error"
        return "sent"

    assert "error" in at_once(careless, THREADS)


def test_form_that_is_sent_many_times_at_once_gives_one_input(owner):
    key = uuid.uuid4()

    found = sorted(at_once(lambda n: send(owner, "Lengre besøk", key), THREADS))

    assert len(set(found)) == 1
    assert InputEvent.objects.count() == 1


def test_limit_holds_against_many_at_once(owner, monkeypatch):
    monkeypatch.setattr(services, "MOST_UNDECIDED", 2)

    found = sorted(at_once(lambda n: send(owner, f"Nummer {n}", uuid.uuid4()), THREADS))

    assert found.count("too much") == THREADS - 2
    assert Input.objects.count() == 2
