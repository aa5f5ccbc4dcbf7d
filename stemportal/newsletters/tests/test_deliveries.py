"""The list of deliveries in the admin, and the two decisions about those that are unknown."""

from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.newsletters.models import Delivery, Newsletter
from stemportal.newsletters.tests.people import delivered, newsletter, subscriber
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db

LIST = "admin:newsletters_delivery_changelist"
CHANGE = "admin:newsletters_delivery_change"


@pytest.fixture
def staff(client):
    person = StaffFactory()
    client.force_login(person)
    return person


@pytest.fixture
def issue():
    return newsletter(status=Newsletter.Status.SENT)


def decide(client, action: str, *deliveries: Delivery):
    pks = [delivery.pk for delivery in deliveries]
    return client.post(reverse(LIST), {"action": action, "_selected_action": pks}, follow=True)


def test_list_shows_first_what_is_to_be_decided(client, staff, issue):
    delivered(subscriber(email="anne@example.org"), issue)
    delivered(subscriber(email="berit@example.org"), issue, status="unknown", sent_at=None)

    page = client.get(reverse(LIST), {"decide": "1"}).content.decode()

    assert "berit@example.org" in page
    assert "anne@example.org" not in page
    send_page = client.get(reverse("admin:newsletters_newsletter_send", args=[issue.pk])).content.decode()
    assert f"{reverse(LIST)}?decide=1" in send_page


def test_unknown_one_is_sent_again_and_known_ones_are_not(client, staff, issue):
    known = delivered(subscriber(), issue)
    unknown = delivered(subscriber(), issue, status="unknown", sent_at=None)

    decide(client, "send_again", known, unknown)

    assert list(Delivery.objects.order_by("pk").values_list("status", flat=True)) == ["sent", "queued"]
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENDING


def test_unknown_one_that_is_left_is_off_the_list(client, staff, issue):
    unknown = delivered(subscriber(email="berit@example.org"), issue, status="unknown", sent_at=None)

    decide(client, "leave", unknown)

    assert "berit@example.org" not in client.get(reverse(LIST), {"decide": "1"}).content.decode()
    response = decide(client, "leave", unknown)
    assert [message.level_tag for message in response.context["messages"]] == ["warning"]


def test_nothing_else_is_changed_by_hand(client, staff, issue):
    row = delivered(subscriber(), issue)

    assert client.get(reverse("admin:newsletters_delivery_change", args=[row.pk])).status_code == 200
    assert (
        client.post(reverse("admin:newsletters_delivery_change", args=[row.pk]), {"status": "queued"}).status_code
        == 403
    )
    assert client.get(reverse("admin:newsletters_delivery_add")).status_code == 403
    assert client.post(reverse("admin:newsletters_delivery_delete", args=[row.pk])).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_much_for_three_as_for_one(client, staff, issue, rows, django_assert_num_queries):
    for _number in range(rows):
        delivered(subscriber(), issue)

    with django_assert_num_queries(4):
        client.get(reverse(LIST))
