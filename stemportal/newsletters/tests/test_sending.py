"""Starting a newsletter, at once or at its time, holding it up and ending it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from stemportal.newsletters.errors import NewsletterError
from stemportal.newsletters.models import Block, Delivery, Newsletter, Subscriber
from stemportal.newsletters.services import editing, lanes, sending
from stemportal.newsletters.statistics import statistics
from stemportal.newsletters.tests.people import newsletter, send_all, subscriber
from stemportal.testing.factories import StaffFactory
from stemportal.testing.together import at_once

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)


@pytest.fixture
def issue() -> Newsletter:
    return newsletter()


def test_everybody_who_subscribes_gets_one_mail_and_nobody_else(server, issue):
    readers = [subscriber() for _number in range(5)]
    subscriber(status=Subscriber.Status.PENDING)
    subscriber(status=Subscriber.Status.UNSUBSCRIBED)
    editor = StaffFactory()

    assert sending.send_newsletter(newsletter=issue, by=editor) == 5
    assert issue.status == Newsletter.Status.SENDING
    send_all(issue)

    assert sorted(server.receivers()) == sorted(person.email for person in readers)
    assert issue.status == Newsletter.Status.SENT
    assert issue.sent_by == editor
    assert issue.sent_at is not None
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}
    assert not Delivery.objects.filter(sent_at=None).exists()


def test_only_the_audience_gets_it(server, issue):
    subscriber(email="nb@example.org", language="nb")
    subscriber(email="en@example.org", language="en")
    issue.audience_languages = ["en"]
    issue.save()

    assert sending.send_newsletter(newsletter=issue, by=StaffFactory()) == 1
    send_all(issue)

    assert server.receivers() == ["en@example.org"]


def test_each_reads_it_in_their_language_and_else_in_bokmaal(server, issue):
    for language in ("nb", "nn", "en"):
        subscriber(email=f"{language}@example.org", language=language)
    Newsletter.objects.filter(pk=issue.pk).update(subject_nn="Nytt om robotar")
    issue.blocks.update(text_nn="Kom og sjå.")

    sending.send_newsletter(newsletter=issue, by=StaffFactory())
    send_all(issue)

    assert {got.receiver: got.message["Subject"] for got in server.taken} == {
        "nb@example.org": "Nytt om roboter",
        "nn@example.org": "Nytt om robotar",
        "en@example.org": "Nytt om roboter",
    }


def test_what_it_says_is_frozen_when_it_starts(server, issue):
    subscriber()
    sending.send_newsletter(newsletter=issue, by=StaffFactory())

    Block.objects.update(text_nb="Noe helt annet.")
    send_all(issue)

    text = server.taken[0].message.get_body(("plain",)).get_content()
    assert "Kom og se" in text
    assert "Noe helt annet." not in text


def test_who_leaves_before_the_mail_goes_out_gets_none(server, issue):
    stays, leaves = subscriber(), subscriber()
    sending.send_newsletter(newsletter=issue, by=StaffFactory())

    Subscriber.objects.filter(pk=leaves.pk).update(status=Subscriber.Status.UNSUBSCRIBED)
    send_all(issue)

    assert server.receivers() == [stays.email]
    found = statistics(issue)
    assert (found.sent, found.skipped, found.receivers) == (1, 1, 2)
    assert issue.status == Newsletter.Status.SENT


def test_newsletter_goes_out_once(server, issue):
    subscriber()
    sending.send_newsletter(newsletter=issue, by=StaffFactory())
    send_all(issue)

    with pytest.raises(NewsletterError):
        sending.send_newsletter(newsletter=issue, by=StaffFactory())
    send_all(issue)
    assert len(server.taken) == 1


def test_newsletter_without_readers_stays_a_draft(issue):
    with pytest.raises(NewsletterError):
        sending.send_newsletter(newsletter=issue, by=StaffFactory())

    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT
    assert not issue.editions.exists()


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_send_at_once_send_once(server, issue):
    for _number in range(3):
        subscriber()
    editors = [StaffFactory(), StaffFactory()]

    def press(n: int) -> int | str:
        try:
            return sending.send_newsletter(newsletter=Newsletter.objects.get(pk=issue.pk), by=editors[n])
        except NewsletterError:
            return "refused"

    assert sorted(map(str, at_once(press, 2))) == ["3", "refused"]
    send_all(issue)
    assert len(server.taken) == 3


def test_scheduled_newsletter_starts_at_its_time_and_not_before(server, issue):
    subscriber()
    editor = StaffFactory()
    with time_machine.travel(NOON, tick=False):
        editing.schedule(newsletter=issue, at=NOON + timedelta(hours=2), by=editor)
    with time_machine.travel(NOON + timedelta(minutes=119), tick=False):
        assert sending.start_scheduled() == 0
    with time_machine.travel(NOON + timedelta(minutes=121), tick=False):
        assert sending.start_scheduled() == 1
        assert sending.start_scheduled() == 0
        send_all(issue)

    assert len(server.taken) == 1
    assert issue.started_at == NOON + timedelta(minutes=121)
    assert issue.sent_by == editor


def test_scheduled_newsletter_goes_to_those_who_subscribe_when_it_starts(server, issue):
    subscriber()
    with time_machine.travel(NOON, tick=False):
        editing.schedule(newsletter=issue, at=NOON + timedelta(hours=2), by=StaffFactory())
    late = subscriber()
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        sending.start_scheduled()
        send_all(issue)

    assert late.email in server.receivers()


def test_scheduled_newsletter_that_lacks_something_becomes_a_draft_again(issue):
    with time_machine.travel(NOON, tick=False):
        editing.schedule(newsletter=issue, at=NOON + timedelta(hours=2), by=StaffFactory())
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        assert sending.start_scheduled() == 0  # nobody subscribes

    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT
    assert not Delivery.objects.exists()


def test_paused_newsletter_waits_and_goes_on_where_it_was(server, issue):
    people = [subscriber() for _number in range(4)]
    sending.send_newsletter(newsletter=issue, by=StaffFactory())
    sending.pause_newsletter(newsletter=issue)
    send_all(issue)
    assert server.taken == []
    assert issue.status == Newsletter.Status.PAUSED

    sending.resume_newsletter(newsletter=issue)
    send_all(issue)

    assert sorted(server.receivers()) == sorted(person.email for person in people)
    assert issue.status == Newsletter.Status.SENT


def test_pause_works_in_the_middle_of_a_batch(server, issue, monkeypatch):
    for _number in range(10):
        subscriber()
    sending.send_newsletter(newsletter=issue, by=StaffFactory())
    fill = lanes.Mould.fill
    made = []

    def press_pause_at_the_fourth(self, receiver):
        made.append(receiver)
        if len(made) == 4:
            sending.pause_newsletter(newsletter=issue)
        return fill(self, receiver)

    monkeypatch.setattr(lanes.Mould, "fill", press_pause_at_the_fourth)
    send_all(issue)

    assert len(server.taken) == 3
    found = statistics(issue)
    assert (found.sent, found.waiting, found.unknown) == (3, 7, 0)

    sending.resume_newsletter(newsletter=issue)
    send_all(issue)
    assert len(server.taken) == len(set(server.receivers())) == 10


def test_stopped_newsletter_passes_over_who_has_not_got_it(server, issue, monkeypatch):
    for _number in range(5):
        subscriber()
    sending.send_newsletter(newsletter=issue, by=StaffFactory())
    fill = lanes.Mould.fill
    made = []

    def press_stop_at_the_third(self, receiver):
        made.append(receiver)
        if len(made) == 3:
            sending.stop_newsletter(newsletter=issue)
        return fill(self, receiver)

    monkeypatch.setattr(lanes.Mould, "fill", press_stop_at_the_third)
    send_all(issue)

    assert len(server.taken) == 2
    found = statistics(issue)
    assert (found.sent, found.skipped, found.waiting) == (2, 3, 0)
    assert issue.status == Newsletter.Status.SENT
    with pytest.raises(NewsletterError):
        sending.resume_newsletter(newsletter=issue)


@pytest.mark.parametrize(
    "call", [sending.pause_newsletter, sending.resume_newsletter, sending.stop_newsletter], ids=["pause", "go", "stop"]
)
def test_draft_can_neither_be_paused_nor_resumed_nor_stopped(issue, call):
    with pytest.raises(NewsletterError):
        call(newsletter=issue)

    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT


def test_newsletter_begun_by_an_older_version_is_resumed_with_what_it_says(server, issue):
    person = subscriber()
    Newsletter.objects.filter(pk=issue.pk).update(status=Newsletter.Status.PAUSED)
    Delivery.objects.create(newsletter=issue, subscriber=person)

    sending.resume_newsletter(newsletter=issue)
    send_all(issue)

    assert server.receivers() == [person.email]


def test_counts_of_deleted_deliveries_stay(issue):
    issue.kept_counts = {"sent": 3, "failed": 1, "unknown": 1}
    issue.status = Newsletter.Status.SENT
    issue.save()

    found = statistics(issue)

    assert (found.sent, found.refused, found.unknown, found.receivers) == (3, 1, 1, 5)
    assert found.percent == 100
