"""Workers that die while they send: every receiver gets the newsletter once, and what nobody can know is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from stemportal.embedded.process import wait_until
from stemportal.newsletters.models import Batch, Delivery, Newsletter, Subscriber
from stemportal.newsletters.services import batches, sending, unsure
from stemportal.newsletters.statistics import statistics
from stemportal.newsletters.tests.people import newsletter, send_all, subscriber
from stemportal.testing.factories import StaffFactory
from stemportal.testing.together import at_once, while_held

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = 5
RECEIVERS = 20_000
# Sets Django up once and then, for each line it reads, forks a worker that sends, and says its number.
NURSERY = """
import os, signal, sys, time
import django
django.setup()
from stemportal.newsletters.services import lanes
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
for line in sys.stdin:
    pid = os.fork()
    if not pid:
        while True:
            lanes.send(int(line), seconds=60)
            time.sleep(0.05)
    print(pid, flush=True)
"""


@pytest.fixture
def start_worker(server) -> Iterator[Callable[[int], int]]:
    """Call it with a newsletter to start a process that sends it; returns its number."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    env = os.environ | {
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}")),
        "DJANGO_SETTINGS_MODULE": "stemportal.settings.test",
        "EMAIL_PORT": str(server.port),
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", NURSERY], env=env, start_new_session=True, **pipes) as nursery:
        try:
            assert nursery.stdout.readline() == "ready\n"

            def start(newsletter_id: int) -> int:
                nursery.stdin.write(f"{newsletter_id}\n")
                nursery.stdin.flush()
                return int(nursery.stdout.readline())

            yield start
        finally:
            os.killpg(nursery.pid, signal.SIGKILL)


def elsewhere(call: Callable[[], None]) -> None:
    """Run something over a database connection of its own, which ends as a dead worker's does."""

    def run() -> None:
        try:
            call()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.fixture
def issue() -> Newsletter:
    """A newsletter on its way to ten readers."""
    for number in range(10):
        subscriber(email=f"leser{number}@example.org")
    found = newsletter()
    sending.send_newsletter(newsletter=found, by=StaffFactory())
    return found


def statuses() -> str:
    """One letter a delivery in their order: s(ent), u(nknown), q(ueued), t(aken)."""
    return "".join(status[0] for status in Delivery.objects.order_by("pk").values_list("status", flat=True))


def test_killed_workers_leave_nobody_out_and_nobody_gets_two(server, start_worker):
    """Two workers send over a real connection; five times one of them is killed in the middle of it."""
    Subscriber.objects.bulk_create(
        Subscriber(email=f"leser{number}@example.org", status=Subscriber.Status.ACTIVE, confirmed_at=datetime.now(UTC))
        for number in range(RECEIVERS)
    )
    found = newsletter()
    sending.send_newsletter(newsletter=found, by=StaffFactory())
    workers = [start_worker(found.pk), start_worker(found.pk)]
    for kill in range(KILLS):
        goal = (kill + 1) * RECEIVERS // (KILLS + 2)
        assert wait_until(lambda goal=goal: len(server.taken) >= goal, seconds=60, step=0.001)
        os.kill(workers.pop(0), signal.SIGKILL)
        assert len(server.taken) < RECEIVERS, "killed too late for this test to say anything"
        # What the sweep does. A worker may die between two batches, and leaves nothing then.
        wait_until(batches.settle_abandoned, seconds=1)
        workers.append(start_worker(found.pk))

    def is_over() -> bool:
        """What the sweep and the lanes do, until nothing is left."""
        batches.settle_abandoned()
        send_all(found)
        return found.status == Newsletter.Status.SENT

    assert wait_until(is_over, seconds=60)
    got = Counter(server.receivers())
    assert max(got.values()) == 1
    unsure = set(Delivery.objects.unsure().values_list("subscriber__email", flat=True))
    assert len(unsure) <= KILLS
    assert len(got.keys() | unsure) == RECEIVERS
    assert statistics(found).sent == RECEIVERS - len(unsure)


def test_batch_of_a_living_worker_is_left_alone(issue):
    seen = []

    def work() -> None:
        batches.take(issue.pk)
        is_held.set()
        may_end.wait(20)
        connection.close()

    is_held, may_end = threading.Event(), threading.Event()
    thread = threading.Thread(target=work)
    thread.start()
    is_held.wait(20)
    seen.append(batches.settle_abandoned())
    may_end.set()
    thread.join()

    assert seen == [0]
    assert statuses() == "t" * 10
    assert wait_until(lambda: batches.settle_abandoned() == 1, seconds=10)
    assert statuses() == "q" * 10


def test_dead_workers_batch_is_sent_up_to_the_mail_that_was_begun_and_that_one_is_unknown(server, issue):
    def work() -> None:
        held = batches.take(issue.pk)
        for number in range(4):
            held.begin(number)
            held.done(number)

    elsewhere(work)
    assert wait_until(lambda: batches.settle_abandoned() == 1, seconds=10)

    assert statuses() == "sssu" + "q" * 6
    send_all(issue)
    assert len(server.taken) == 6
    assert statuses() == "sssu" + "s" * 6


def test_after_a_crash_of_the_database_everything_up_to_the_horizon_is_unknown(issue, monkeypatch):
    """The last that was begun may be lost then, but not how far the worker may have come."""
    monkeypatch.setattr(batches, "AHEAD", 5)

    def work() -> None:
        held = batches.take(issue.pk)
        for number in range(3):
            held.begin(number)
            held.done(number)

    elsewhere(work)
    Batch.objects.update(taken_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert wait_until(lambda: batches.settle_abandoned() == 1, seconds=10)

    assert statuses() == "ssuuu" + "q" * 5


def test_what_is_given_back_to_a_stopped_newsletter_is_passed_over(issue):
    elsewhere(lambda: batches.take(issue.pk))
    sending.stop_newsletter(newsletter=issue)
    assert statuses() == "t" * 10

    assert wait_until(lambda: batches.settle_abandoned() == 1, seconds=10)

    assert set(Delivery.objects.values_list("status", flat=True)) == {"skipped"}


def test_two_workers_take_different_deliveries(issue):
    def work(_n: int) -> list[int]:
        return [receiver.delivery_id for receiver in batches.take(issue.pk, size=5).receivers]

    taken = sum(at_once(work, 2), [])

    assert len(taken) == len(set(taken)) == 10


def test_newsletter_does_not_end_while_unknown_ones_are_being_sent_again(issue):
    Delivery.objects.update(status="unknown")
    pks = list(Delivery.objects.values_list("pk", flat=True))

    assert not while_held(lambda: unsure.send_again(pks), lambda: batches.finish(issue.pk))

    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENDING
