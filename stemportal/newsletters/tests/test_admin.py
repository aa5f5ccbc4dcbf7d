from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.newsletters.models import Newsletter, Subscriber
from stemportal.newsletters.tests.people import newsletter, subscriber
from stemportal.outbox.models import Mail
from stemportal.testing.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "admin:newsletters_newsletter_changelist"
CHANGE = "admin:newsletters_newsletter_change"
PREVIEW = "admin:newsletters_newsletter_preview"
SEND = "admin:newsletters_newsletter_send"


@pytest.fixture
def staff(client):
    person = StaffFactory(email="redaksjon@example.org")
    client.force_login(person)
    return person


def test_writing_a_newsletter_leads_to_its_preview(client, staff):
    texts = {"subject_nb": "Nytt", "body_nb": "Hei.", "subject_nn": "", "body_nn": "", "subject_en": "", "body_en": ""}

    response = client.post(reverse("admin:newsletters_newsletter_add"), texts | {"_save": "1"})

    assert response.url == reverse(PREVIEW, args=[Newsletter.objects.get().pk])


@pytest.mark.parametrize(("subject", "body", "field"), [("Nytt", "", "body_nn"), ("", "Hei.", "subject_nn")])
def test_half_a_translation_is_explained(client, staff, subject, body, field):
    texts = {"subject_nb": "Nytt", "body_nb": "Hei.", "subject_nn": subject, "body_nn": body}

    response = client.post(
        reverse("admin:newsletters_newsletter_add"), texts | {"subject_en": "", "body_en": "", "_save": "1"}
    )

    assert field in response.context["adminform"].form.errors
    assert not Newsletter.objects.exists()


def test_preview_shows_the_mail_in_a_frame_that_runs_nothing(client, staff):
    issue = newsletter(subject_en="News about robots", body_en="Come and *see*.")

    page = client.get(reverse(PREVIEW, args=[issue.pk])).content.decode()

    assert page.count("<iframe sandbox srcdoc=") == 2
    assert "News about robots" in page
    assert "Come and &lt;em&gt;see&lt;/em&gt;." in page
    assert not Mail.objects.exists()


def test_test_goes_to_the_editor(client, staff):
    issue = newsletter()

    client.post(reverse(PREVIEW, args=[issue.pk]), {"language": "nb"})

    assert Mail.objects.get().to_email == "redaksjon@example.org"
    assert client.post(reverse(PREVIEW, args=[issue.pk]), {"language": "xx"}).status_code == 404


def test_send_page_says_how_many_and_sends_only_by_the_button(client, staff):
    for _number in range(3):
        subscriber()
    subscriber(status=Subscriber.Status.PENDING)
    issue = newsletter()

    response = client.get(reverse(SEND, args=[issue.pk]))
    assert response.context["subscribers"] == 3
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT

    response = client.post(reverse(SEND, args=[issue.pk]), follow=True)
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENDING
    assert issue.sent_by == staff
    assert response.context["progress"].receivers == 3


def test_send_page_polls_while_it_sends_and_answers_with_the_part(client, staff):
    subscriber()
    issue = newsletter()
    client.post(reverse(SEND, args=[issue.pk]))

    page = client.get(reverse(SEND, args=[issue.pk])).content.decode()
    part = client.get(reverse(SEND, args=[issue.pk]), headers={"HX-Request": "true"}).content.decode()

    assert 'hx-trigger="every 2s"' in page
    assert "<noscript><p><a" in page
    assert "<html" not in part
    assert 'role="progressbar"' in part


def test_sending_twice_says_it_is_on_its_way(client, staff):
    subscriber()
    issue = newsletter()
    client.post(reverse(SEND, args=[issue.pk]))

    response = client.post(reverse(SEND, args=[issue.pk]), follow=True)

    assert [message.level_tag for message in response.context["messages"]] == ["success", "error"]


def test_send_without_subscribers_offers_no_button(client, staff):
    issue = newsletter()

    page = client.get(reverse(SEND, args=[issue.pk])).content.decode()

    assert f'action="{reverse(SEND, args=[issue.pk])}"' not in page


def test_what_went_out_cannot_be_changed(client, staff):
    issue = newsletter(status=Newsletter.Status.SENT)

    assert client.get(reverse(CHANGE, args=[issue.pk])).status_code == 200
    assert client.post(reverse(CHANGE, args=[issue.pk]), {"subject_nb": "Annet"}).status_code == 403
    assert client.post(reverse("admin:newsletters_newsletter_delete", args=[issue.pk])).status_code == 403


@pytest.mark.parametrize("name", [PREVIEW, SEND])
def test_pages_are_for_the_secretariat(client, name):
    issue = newsletter()
    url = reverse(name, args=[issue.pk])

    assert client.get(url).status_code == 302
    client.force_login(UserFactory())
    assert client.get(url).status_code == 302
    client.force_login(UserFactory(is_staff=True))
    assert client.get(url).status_code == 403
    assert client.post(url).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_much_for_three_as_for_one(client, staff, rows, django_assert_num_queries):
    for _number in range(rows):
        issue = newsletter()
        subscriber()
        client.post(reverse(SEND, args=[issue.pk]))

    with django_assert_num_queries(5):
        page = client.get(reverse(LIST)).content.decode()
    assert page.count("Nytt om roboter") >= rows


@pytest.mark.parametrize("rows", [1, 3])
def test_subscribers_are_read_only(client, staff, rows, django_assert_num_queries):
    people = [subscriber() for _number in range(rows)]

    with django_assert_num_queries(4):
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
