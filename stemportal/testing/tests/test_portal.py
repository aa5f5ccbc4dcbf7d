"""`make run` as its user meets it: the whole portal, started, broken and stopped."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

from stemportal.embedded.process import wait_until
from stemportal.testing.portal import Portal


def test_portal_says_where_it_is_and_who_can_log_in(portal: Portal) -> None:
    ready = portal.output().index(f"Portal ready: {portal.base_url}")
    assert "@" in portal.output()[ready:]
    assert portal.status("/healthz") == 200
    assert portal.status("/") == 200


def test_portal_answers_manage_py_from_a_second_terminal(portal: Portal) -> None:
    assert "@" in portal.manage("demo_accounts")


def test_portal_stops_without_a_trace_and_starts_again_fast_with_its_data(portal: Portal) -> None:
    family = psutil.Process(portal.process.pid).children(recursive=True)
    assert portal.stop() == 0
    _, left = psutil.wait_procs(family, timeout=5)
    assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []
    began = time.monotonic()
    portal.start()
    # 10 s are promised on two cores; the suite keeps one of them busy with other tests.
    assert time.monotonic() - began < 20
    assert "Loading the demo world" not in portal.output()


def tasks_done(portal: Portal) -> int:
    """How many background tasks the worker has finished; beat asks for one every few seconds."""
    return (portal.var / "log" / "worker.log").read_text().count(" succeeded in ")


@pytest.mark.parametrize("name", ["web", "beat", "worker", "valkey", "postgres"])
def test_portal_recovers_when_a_part_is_killed(portal: Portal, name: str) -> None:
    killed = portal.pid(name)
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: portal.pid(name) != killed, seconds=20)
    assert wait_until(lambda: portal.status("/healthz") == 200, seconds=30, step=0.2), portal.output()
    done = tasks_done(portal)
    assert wait_until(lambda: tasks_done(portal) > done, seconds=40, step=0.2), "no background task is done any more"
