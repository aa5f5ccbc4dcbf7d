from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.newsletters.models import Subscriber
from stemportal.newsletters.tests.people import subscriber
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    person = StaffFactory(email="redaksjon@example.org")
    client.force_login(person)
    return person


@pytest.mark.parametrize("rows", [1, 3])
def test_subscribers_are_read_only(client, staff, rows, django_assert_num_queries):
    people = [subscriber() for _number in range(rows)]

    # Session, person, how many, the rows, and the counties and topics to filter by.
    with django_assert_num_queries(6):
        page = client.get(reverse("admin:newsletters_subscriber_changelist")).content.decode()

    assert all(person.email in page for person in people)
    change = reverse("admin:newsletters_subscriber_change", args=[people[0].pk])
    assert "Ja takk." in client.get(change).content.decode()
    assert client.post(change, {"status": "active"}).status_code == 403
    assert client.get(reverse("admin:newsletters_subscriber_add")).status_code == 403


def test_staff_take_off_who_asked_by_phone(client, staff):
    person = subscriber()

    client.post(
        reverse("admin:newsletters_subscriber_changelist"),
        {"action": "take_off", "_selected_action": [person.pk]},
    )

    person.refresh_from_db()
    assert person.status == Subscriber.Status.UNSUBSCRIBED
