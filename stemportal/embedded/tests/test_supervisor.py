"""The supervisor as a person meets it: messages, recovery, and nothing left behind. Its programs here are tiny."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from stemportal.embedded.process import free_port, wait_until


class Run:
    """One started supervisor with what it printed."""

    def __init__(self, var: Path, port: int, **extra: str):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("EMAIL_", "MAKE"))}
        for name in ("DATABASE_URL", "REDIS_URL"):
            kept.pop(name, None)
        self.var, self.port = var, port
        var.parent.mkdir(parents=True, exist_ok=True)
        self.file = var.parent / f"out-{time.monotonic_ns()}"
        with self.file.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stemportal.embedded.tests.small_portal"],
                env=kept | {"PORTAL_VAR": str(var), "PORT": str(port), "PORTAL_THROWAWAY": "1"} | extra,
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        return self.file.read_text()

    def ready(self) -> Run:
        assert wait_until(lambda: "Portal ready" in self.output or self.process.poll() is not None, seconds=30)
        assert "Portal ready" in self.output, self.output
        return self

    def pid(self, name: str) -> int:
        return int((self.var / "run" / f"{name}.pid").read_text())

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            return answer.read().decode()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, signum: int = signal.SIGTERM) -> int:
        self.process.send_signal(signum)
        return self.process.wait(timeout=30)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs = []

    def start_one(var: Path = tmp_path / "var", port: int | None = None, **extra: str) -> Run:
        runs.append(Run(var, port or free_port(), **extra))
        return runs[-1]

    yield start_one
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    _, left = psutil.wait_procs(processes, timeout=10)
    return [process for process in left if process.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_and_exits_0(start: Callable[..., Run], signum: int) -> None:
    run = start().ready()
    assert f"Portal ready: http://127.0.0.1:{run.port}" in run.output
    assert "kari@skole.example.no" in run.output
    family = run.family()
    assert {"postgres", "valkey-server"} <= {process.name() for process in family}
    assert run.end(signum) == 0
    assert alive(family) == []
    assert sorted(path.name for path in (run.var / "run").glob("*.pid")) == []
    assert not (run.var / "run" / "portal.env.json").exists()


def test_a_second_signal_stops_a_stubborn_worker_with_its_children(start: Callable[..., Run]) -> None:
    run = start(STUBBORN_WORKER="1").ready()
    family = run.family()
    began = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    time.sleep(1.5)
    assert run.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 8
    assert alive(family) == []


def test_a_second_portal_on_the_same_state_says_who_runs(start: Callable[..., Run]) -> None:
    first = start().ready()
    second = start(first.var)
    assert second.process.wait(timeout=20) == 1
    assert f"pid {first.process.pid}, http://127.0.0.1:{first.port}" in second.output
    assert first.page()


def test_a_taken_port_is_named(start: Callable[..., Run]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = start(port=port)
        assert run.process.wait(timeout=20) == 1
    assert f"Port {port} is in use" in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize("port", ["eighty", "70000"])
def test_a_port_that_is_none_is_refused(start: Callable[..., Run], port: str) -> None:
    run = start(PORT=port)
    assert run.process.wait(timeout=20) == 1
    assert "PORT must be a number" in run.output


def test_killed_children_come_back_on_their_ports(start: Callable[..., Run]) -> None:
    run = start().ready()
    addresses = json.loads((run.var / "run" / "portal.env.json").read_text())
    before = {name: run.pid(name) for name in ("web", "worker", "postgres", "valkey", "smtp_sink")}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: all(run.pid(name) != pid for name, pid in before.items()), seconds=20)
    psycopg.connect(addresses["DATABASE_URL"]).close()
    wait_until(lambda: run.output.count("starting it again") == 5, seconds=5)
    assert run.output.count("starting it again") == 5
    assert wait_until(lambda: _answers(run), seconds=10)
    assert run.end() == 0


def _answers(run: Run) -> bool:
    try:
        return run.page() == str(run.pid("web"))
    except OSError:
        return False


def test_a_killed_supervisor_leaves_nothing_that_stops_the_next(start: Callable[..., Run]) -> None:
    first = start().ready()
    family = first.family()
    first.process.kill()
    first.process.wait()
    second = start(first.var, first.port).ready()
    assert alive(family) == []
    assert second.end() == 0


def test_a_program_that_cannot_start_fails_the_start_with_its_log(start: Callable[..., Run]) -> None:
    run = start(WEB_TEXT="raise SystemExit('no module named portal')")
    assert run.process.wait(timeout=30) == 1
    assert "web stopped" in run.output
    assert "no module named portal" in run.output
    assert "Traceback" not in run.output


def test_a_signal_while_starting_stops_cleanly(start: Callable[..., Run]) -> None:
    run = start()
    assert wait_until(lambda: "Starting PostgreSQL" in run.output, seconds=10)
    assert run.end() == 0
    assert "Portal ready" not in run.output


def test_a_named_database_that_is_away_is_said(start: Callable[..., Run]) -> None:
    run = start(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert run.process.wait(timeout=30) == 1
    assert "DATABASE_URL is set, but no PostgreSQL answers there" in run.output


def test_state_may_lie_at_the_end_of_a_long_path(start: Callable[..., Run], tmp_path: Path) -> None:
    run = start(tmp_path / ("long" * 40) / ("path æøå with spaces " * 4).strip() / "var").ready()
    assert run.end() == 0
    key = run.var / "secret_key"
    assert len(key.read_text()) >= 50
    assert key.stat().st_mode & 0o077 == 0
