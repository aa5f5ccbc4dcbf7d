"""Sending over mail servers that are slow, refuse some, end connections, or are not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from redis.exceptions import RedisError

from stemportal.embedded.process import free_port
from stemportal.newsletters import rendering
from stemportal.newsletters.models import Bounce, Delivery, Newsletter, Subscriber
from stemportal.newsletters.queries import held_up
from stemportal.newsletters.services import lanes, outcomes, rests, sending, unsure
from stemportal.newsletters.statistics import statistics
from stemportal.newsletters.tests.people import newsletter, send_all, subscriber
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)


@pytest.fixture
def issue() -> Newsletter:
    """A newsletter on its way to three readers."""
    for name in ("anne", "berit", "carl"):
        subscriber(email=f"{name}@example.org")
    found = newsletter()
    sending.send_newsletter(newsletter=found, by=StaffFactory())
    return found


@pytest.fixture
def turns(monkeypatch) -> list:
    """The turns that were handed to workers: newsletter, lane, ticket."""
    from stemportal.newsletters import tasks

    given: list = []
    monkeypatch.setattr(tasks.take_turn, "delay", lambda *facts: given.append(facts))
    return given


def statuses() -> dict[str, str]:
    return dict(Delivery.objects.order_by("pk").values_list("subscriber__email", "status"))


def test_address_that_does_not_exist_is_noted_stopped_and_not_tried_again(server, issue):
    server.refuse["berit@example.org"] = ["550 5.1.1 No such mailbox"]

    send_all(issue)

    assert statuses() == {"anne@example.org": "sent", "berit@example.org": "failed", "carl@example.org": "sent"}
    assert Subscriber.objects.get(email="berit@example.org").status == Subscriber.Status.STOPPED
    bounce = Bounce.objects.get()
    assert (bounce.kind, bounce.source, bounce.newsletter) == (Bounce.Kind.HARD, Bounce.Source.SMTP, issue)
    assert Delivery.objects.get(status="failed").error == "550 5.1.1 No such mailbox"
    assert issue.status == Newsletter.Status.SENT
    assert server.connections == 1


def test_refusal_of_the_text_stops_no_address(server, issue):
    server.refuse_text["berit@example.org"] = ["550 Looks like spam"]

    send_all(issue)

    assert statuses()["berit@example.org"] == "failed"
    assert Subscriber.objects.get(email="berit@example.org").status == Subscriber.Status.ACTIVE


def test_temporary_refusal_is_tried_again_later_and_arrives_once(server, issue):
    server.refuse["berit@example.org"] = ["451 4.7.1 Greylisted"]
    send_all(issue)
    assert statuses()["berit@example.org"] == "queued"
    assert held_up(issue).retried == 1
    assert issue.status == Newsletter.Status.SENDING

    Delivery.objects.filter(status="queued").update(next_try_at=datetime.now(UTC) - timedelta(seconds=1))
    send_all(issue)

    assert server.receivers() == ["anne@example.org", "carl@example.org", "berit@example.org"]
    assert set(Delivery.objects.values_list("error", "next_try_at")) == {("", None)}
    assert issue.status == Newsletter.Status.SENT


def test_temporary_refusals_wait_longer_each_time_and_end(server, issue):
    server.refuse["berit@example.org"] = ["451 4.7.1 Not now"] * 10
    waits = []
    for _try in range(len(outcomes.BACK_OFF)):
        now = datetime.now(UTC)
        send_all(issue)
        waits.append(Delivery.objects.get(status="queued").next_try_at - now)
        Delivery.objects.filter(status="queued").update(next_try_at=now)
    send_all(issue)

    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=6)
    assert sum(waits, timedelta()) > timedelta(hours=24)
    assert statuses()["berit@example.org"] == "failed"
    assert Bounce.objects.get().kind == Bounce.Kind.SOFT
    assert issue.status == Newsletter.Status.SENT


def test_server_that_refuses_everybody_pauses_the_newsletter_and_costs_nobody_the_subscription(server, settings):
    people = [subscriber() for _number in range(outcomes.IN_A_ROW + 5)]
    found = newsletter()
    sending.send_newsletter(newsletter=found, by=StaffFactory())
    server.refuse_everybody = "550 We do not like you today"

    send_all(found)

    assert found.status == Newsletter.Status.PAUSED
    assert not Bounce.objects.exists()
    assert Subscriber.objects.active().count() == len(people)
    assert held_up(found).refusal == "550 We do not like you today"
    server.refuse_everybody = ""
    sending.resume_newsletter(newsletter=found)
    send_all(found)
    assert len(server.taken) == len(set(server.receivers())) == len(people)


def test_connection_cut_before_the_text_is_safe_to_repeat(server, issue):
    server.cut_before_text.add("berit@example.org")

    send_all(issue)

    assert sorted(server.receivers()) == ["anne@example.org", "berit@example.org", "carl@example.org"]
    assert issue.status == Newsletter.Status.SENT


def test_connection_cut_after_the_text_is_unknown_listed_and_never_repeated(server, issue):
    server.cut_after_text.add("berit@example.org")
    send_all(issue)
    assert statuses()["berit@example.org"] == "unknown"
    assert rests.until()  # the other readers wait a little
    cache.clear()
    send_all(issue)
    send_all(issue)

    assert server.receivers() == ["anne@example.org", "carl@example.org"]
    assert [got.receiver for got in server.unanswered] == ["berit@example.org"]
    assert [row.subscriber.email for row in Delivery.objects.unsure()] == ["berit@example.org"]
    assert held_up(issue).unsure == 1
    assert issue.status == Newsletter.Status.SENT


def test_unknown_one_is_sent_again_on_purpose(server, issue):
    server.cut_after_text.add("berit@example.org")
    send_all(issue)
    cache.clear()
    send_all(issue)
    pks = list(Delivery.objects.unsure().values_list("pk", flat=True))

    assert unsure.send_again(pks) == 1
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENDING
    send_all(issue)

    assert server.receivers()[-1] == "berit@example.org"
    assert issue.status == Newsletter.Status.SENT
    assert unsure.send_again(pks) == 0


def test_unknown_one_that_is_left_waits_for_nobody_and_stays_counted(issue):
    Delivery.objects.filter(subscriber__email="berit@example.org").update(status="unknown")
    pks = list(Delivery.objects.unsure().values_list("pk", flat=True))

    assert unsure.leave(pks) == 1

    assert (held_up(issue).unsure, statistics(issue).unknown) == (0, 1)
    assert unsure.send_again(pks) == 0


def test_server_that_is_down_for_an_hour_uses_up_no_attempts(server, issue, settings, turns):
    settings.EMAIL_PORT = free_port()
    waits = []
    now = NOON
    while now < NOON + timedelta(hours=1):
        with time_machine.travel(now, tick=False):
            assert not lanes.send(issue.pk, seconds=30)
            assert lanes.keep_going(issue.pk) == 0
            until = rests.until()
            assert held_up(issue).rest.until == until
            waits.append(until - now)
            now = until
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=15)
    assert set(Delivery.objects.values_list("status", "attempts")) == {("queued", 0)}

    settings.EMAIL_PORT = server.port
    with time_machine.travel(now, tick=False):
        assert lanes.keep_going(issue.pk) == settings.NEWSLETTER_LANES
        send_all(issue)
        assert rests.current() is None
    assert len(server.taken) == 3


def test_server_that_does_not_take_our_sender_is_left_alone(server, issue):
    server.refuse_sender = "550 5.7.1 We do not know you"

    send_all(issue)

    assert set(statuses().values()) == {"queued"}
    assert "We do not know you" in held_up(issue).rest.reason


def test_server_that_takes_one_mail_a_connection_gets_them_all(server, issue):
    server.mails_a_connection = 1

    send_all(issue)

    assert len(server.taken) == server.connections == 3


def test_address_that_cannot_stand_in_a_mail_fails_alone(server, issue):
    Subscriber.objects.filter(email="berit@example.org").update(email="bérit@example.org")

    send_all(issue)

    assert statuses() == {"anne@example.org": "sent", "bérit@example.org": "failed", "carl@example.org": "sent"}


def test_mails_go_out_at_the_pace_that_is_set(server, issue, settings):
    settings.NEWSLETTER_PER_SECOND = 10
    turns_given = []
    from stemportal.lib.pace import Pace

    wait = Pace.wait
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pace, "wait", lambda self: turns_given.append(self._gap) or wait(self))
        send_all(issue)

    assert turns_given == [100_000] * 3
    assert len(server.taken) == 3


def test_turn_hands_the_next_one_over_until_all_is_sent(server, issue, turns, monkeypatch):
    monkeypatch.setattr(lanes, "TURN_SECONDS", 0.0)
    lanes.start(issue.pk)
    assert [lane for _pk, lane, _ticket in turns] == [0, 1]

    lanes.take_turn(*turns[0])
    assert len(turns) == 3
    assert turns[2][:2] == turns[0][:2]
    monkeypatch.setattr(lanes, "TURN_SECONDS", 30.0)
    lanes.take_turn(*turns[2])

    assert len(turns) == 3
    assert len(server.taken) == 3


def test_turn_with_an_old_ticket_does_nothing(server, issue, turns):
    lanes.start(issue.pk)
    lanes.start(issue.pk)

    lanes.take_turn(*turns[0])
    assert server.taken == []
    lanes.take_turn(*turns[2])
    assert len(server.taken) == 3


def test_sweep_starts_silent_lanes_only(server, issue, turns):
    lanes.start(issue.pk)
    sending.sweep()
    assert len(turns) == 2

    cache.clear()
    sending.sweep()
    assert len(turns) == 4


def test_scheduled_newsletter_that_trips_does_not_hold_up_what_is_on_its_way(server, issue, turns, monkeypatch):
    newsletter(status=Newsletter.Status.SCHEDULED, scheduled_at=NOON)

    def trip(_newsletter: Newsletter) -> None:
        raise LookupError("a template is broken")

    monkeypatch.setattr(rendering, "editions", trip)
    cache.clear()

    with time_machine.travel(NOON + timedelta(minutes=1), tick=False), pytest.raises(LookupError):
        sending.sweep()

    assert {pk for pk, _lane, _ticket in turns} == {issue.pk}


def test_sweep_finishes_what_has_nothing_left(issue, turns):
    Delivery.objects.update(status="sent")

    sending.sweep()

    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENT
    assert not turns


def test_newsletter_starts_although_valkey_is_away_and_the_sweep_goes_on(turns):
    subscriber()
    found = newsletter()
    with pytest.MonkeyPatch.context() as patch:

        def away(*_facts: object) -> None:
            raise RedisError("Valkey is away")

        patch.setattr(lanes.cache, "set", away)
        sending.send_newsletter(newsletter=found, by=StaffFactory())
        lanes.start(found.pk)
    assert not turns

    sending.sweep()
    assert len(turns) == 2
