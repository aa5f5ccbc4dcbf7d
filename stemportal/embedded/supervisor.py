"""What `make run` executes: every part of the portal on one machine, watched, and stopped in order.

Environment: PORT (8000; 0 takes a free one), PORTAL_VAR (var/), DATABASE_URL, REDIS_URL and EMAIL_HOST (servers of
your own instead of the embedded ones), SECRET_KEY (else made once and kept), PORTAL_THROWAWAY=1 (tests and benchmarks:
the database need not survive a power cut). Logs stand in PORTAL_VAR/log, pids in PORTAL_VAR/run/<name>.pid.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from stemportal.embedded.process import (
    LOOPBACK,
    die_with_parent,
    free_port,
    port_is_free,
    remembered_port,
    spawn,
    tail,
    wait_until,
)
from stemportal.embedded.program import Program
from stemportal.embedded.servers import Postgres, Server, ServerError, Valkey
from stemportal.embedded.state import AlreadyRunningError, State

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 90
LONGEST_PAUSE = 30.0
# A child that ran this long before it died is started again without a pause.
STEADY_SECONDS = 30.0
# Signals this close together are one wish: make passes SIGTERM on to us, and a terminal signals the whole group.
SAME_WISH_SECONDS = 1.0


class CannotStartError(RuntimeError):
    """The portal cannot start; the message tells a person why and what to do."""


@dataclass
class Watched:
    """A child with its history of restarts."""

    part: Server | Program
    key: str
    started: float = field(default_factory=time.monotonic)
    failures: int = 0
    restart_at: float | None = None

    def pause(self) -> float:
        """Seconds to wait before the next start: 0, 1, 2, 4 ... for a child that keeps dying."""
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.failures = 0
        self.failures += 1
        return 0.0 if self.failures == 1 else min(2.0 ** (self.failures - 2), LONGEST_PAUSE)


class Supervisor:
    """Starts everything, keeps it running, stops everything. One object lives for one `make run`."""

    def __init__(self, environment: Mapping[str, str]):
        self.given = dict(environment)
        self.state = State(Path(self.given.get("PORTAL_VAR") or ROOT / "var"))
        self.throwaway = self.given.get("PORTAL_THROWAWAY") == "1"
        self.port = self._wanted_port()
        self.children: list[Watched] = []  # in starting order; stopped from the end
        self.stop_asked_at: float | None = None
        self.stop_reason = ""
        self.hurried = False

    def _wanted_port(self) -> int:
        text = self.given.get("PORT") or "8000"
        if not text.isdigit() or int(text) > 65535:
            raise CannotStartError(f"PORT must be a number between 1 and 65535, not {text!r}.")
        return int(text) or free_port()

    # Signals.

    def on_signal(self, signum: int, frame: object) -> None:
        """First wish: stop in order. Second wish: stop now."""
        now = time.monotonic()
        if self.stop_asked_at is None:
            self.stop_asked_at = now
            self.stop_reason = f" ({signal.Signals(signum).name})"
        elif now - self.stop_asked_at > SAME_WISH_SECONDS:
            self.hurried = True

    def stopping(self) -> bool:
        return self.stop_asked_at is not None

    def hurry(self) -> bool:
        return self.hurried

    # The whole life.

    def run(self) -> int:
        """Run the portal until a signal; return the exit code."""
        self.state.lock(port=self.port)
        try:
            self.state.rotate_logs()
            self.state.stop_leftovers()
            if not port_is_free(self.port):
                other = next(filter(port_is_free, range(self.port + 1, 65535)), 0)
                raise CannotStartError(
                    f"Port {self.port} is in use by another program. Choose another: PORT={other} make run"
                )
            try:
                self.start()
                while not self.stopping():
                    self.watch()
                    time.sleep(0.2)
            finally:
                self.stop()
        finally:
            self.state.unlock()
        return 0

    def start(self) -> None:
        """Start all parts in order; returns early when a signal asks to stop."""
        began = time.monotonic()
        env = self.environment()
        steps: list[Callable[[], None]] = [
            lambda: self.start_servers(env),
            lambda: self.prepare(env),
            lambda: self.start_programs(env),
            self.wait_for_web,
        ]
        for step in steps:
            if self.stopping():
                return
            step()
        if not self.stopping():
            say(f"Portal ready: {env['PORTAL_BASE_URL']}")
            say((self.state.run / "demo_accounts.txt").read_text().rstrip())
            say(
                f"Started in {time.monotonic() - began:.1f} s. Logs: {self.state.var / 'log'}. Ctrl-C stops everything."
            )

    def environment(self) -> dict[str, str]:
        """The environment of every program; the addresses of embedded servers are added when those have started."""
        # MAKEFLAGS and friends are about the make that called us, not for a make that some program may call.
        env = {key: value for key, value in self.given.items() if not key.startswith(("MAKE", "MFLAGS"))}
        return env | {
            "DJANGO_SETTINGS_MODULE": "stemportal.settings.demo",
            "PORTAL_VAR": str(self.state.var),
            "PORT": str(self.port),
            "PORTAL_BASE_URL": f"http://{LOOPBACK}:{self.port}",
            "SECRET_KEY": self.given.get("SECRET_KEY") or self.state.secret_key(),
            "PYTHONUNBUFFERED": "1",
        }

    def start_servers(self, env: dict[str, str]) -> None:
        """Start PostgreSQL, Valkey and the mail sink, or check the ones that the environment names."""
        var = self.state.var
        if given := self.given.get("DATABASE_URL"):
            require(postgres_answers, given, "DATABASE_URL is set, but no PostgreSQL answers there")
        else:
            say("Starting PostgreSQL ...")
            postgres = Postgres(var / "postgres", throwaway=self.throwaway, log=self.state.log("postgres"))
            self.add("postgres", postgres)
            env["DATABASE_URL"] = postgres.url
        if given := self.given.get("REDIS_URL"):
            require(listens, given, "REDIS_URL is set, but nothing answers there")
        else:
            say("Starting Valkey ...")
            valkey = Valkey(var / "valkey", throwaway=self.throwaway, log=self.state.log("valkey"))
            self.add("valkey", valkey)
            env["REDIS_URL"] = valkey.url
        if not self.given.get("EMAIL_HOST"):
            port = remembered_port(self.state.run / "smtp_sink.port")
            env |= {"EMAIL_HOST": LOOPBACK, "EMAIL_PORT": str(port)}
            module = ["-m", "stemportal.embedded.smtp_sink", "--port", str(port), "--dir", str(var / "mail")]
            self.add("smtp_sink", self.program("smtp_sink", [sys.executable, *module], env))
        shared = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_HOST", "EMAIL_PORT", "PORTAL_BASE_URL")
        self.state.write_environment({key: env[key] for key in shared if key in env})

    def prepare(self, env: Mapping[str, str]) -> None:
        """Migrate, compile texts, collect static files, load the demo world: one Django start for all of it."""
        log = self.state.log("prepare")
        accounts = self.state.run / "demo_accounts.txt"
        # Its progress goes to the terminal; its own session keeps Ctrl-C for us to pass on.
        script = spawn(
            [sys.executable, "-m", "scripts.prepare", "--accounts", str(accounts)],
            log=log,
            env=env,
            cwd=ROOT,
            stdout=1,
        )
        try:
            wait_until(lambda: script.poll() is not None or self.stopping(), seconds=float("inf"))
        finally:
            if script.poll() is None:
                script.terminate()
                wait_until(lambda: script.poll() is not None or self.hurry(), seconds=10)
                script.kill()
            code = script.wait()
        if code and not self.stopping():
            raise CannotStartError(f"Preparing the database failed. The end of {log}:\n{tail(log)}")

    def commands(self) -> dict[str, list[str]]:
        """Name and command of each program, in the order of starting."""
        celery = [sys.executable, "-m", "celery", "-A", "stemportal"]
        schedule = self.state.var / "beat" / "schedule"
        schedule.parent.mkdir(exist_ok=True)
        return {
            "worker": [*celery, "worker", "--loglevel=INFO", "--concurrency=2", "--without-gossip", "--without-mingle"],
            "beat": [*celery, "beat", "--loglevel=INFO", "--pidfile=", f"--schedule={schedule}"],
            "web": [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "stemportal.wsgi"],
        }

    def start_programs(self, env: Mapping[str, str]) -> None:
        """Start web, worker and beat."""
        say("Starting web, worker and beat ...")
        for name, command in self.commands().items():
            # Celery's answer to SIGQUIT is to stop at once; its tasks are acknowledged late and will be run again.
            self.add(name, self.program(name, command, env, last_word=signal.SIGQUIT if name == "worker" else None))

    def program(self, name: str, args: list[str], env: Mapping[str, str], last_word: int | None = None) -> Program:
        return Program(name, args, log=self.state.log(name), env=env, cwd=ROOT, last_word=last_word)

    def add(self, key: str, part: Server | Program) -> None:
        """Start a part and watch it from now on."""
        self.children.append(Watched(part, key))
        part.start(self.stopping)
        self.state.write_pid(key, part.pid)

    def wait_for_web(self) -> None:
        """Return when /healthz answers 200. A child that dies before that is a failed start, not one to restart."""

        def settled() -> bool:
            return self.stopping() or any(not child.part.alive for child in self.children) or healthy(self.port)

        in_time = wait_until(settled, seconds=READY_SECONDS, step=0.1)
        if self.stopping():
            return
        for child in self.children:
            if not child.part.alive:
                raise CannotStartError(
                    f"{child.part.name} stopped. The end of {child.part.log}:\n{tail(child.part.log)}"
                )
        if not in_time:
            log = self.state.log("web")
            raise CannotStartError(f"/healthz was not healthy in {READY_SECONDS} s. The end of {log}:\n{tail(log)}")

    # While it runs, and its end.

    def watch(self) -> None:
        """Start again what died, with growing pauses for a child that keeps dying."""
        for child in self.children:
            if child.part.alive or self.stopping():
                continue
            now = time.monotonic()
            if child.restart_at is None:
                child.restart_at = now + child.pause()
                say(f"{child.part.name} stopped unexpectedly; starting it again.")
            if now >= child.restart_at:
                self.restart(child)

    def restart(self, child: Watched) -> None:
        child.part.stop()  # reaps it, and kills what it left behind
        child.started = time.monotonic()
        child.restart_at = None
        try:
            child.part.start(self.stopping)
        except (ServerError, OSError) as error:
            say(str(error))
            return
        self.state.write_pid(child.key, child.part.pid)

    def stop(self) -> None:
        """Stop everything, last started first: web, beat, worker (ends its tasks), mail sink, Valkey, PostgreSQL.

        The first three end at the same time: what they still do needs the servers, not each other.
        """
        if self.children:
            say(f"Stopping{self.stop_reason} ...")
        for child in reversed(self.children):
            if isinstance(child.part, Program) and child.key != "smtp_sink":
                child.part.ask_to_stop()
        while self.children:
            self.children.pop().part.stop(self.hurry)
        self.state.forget()


def healthy(port: int) -> bool:
    """True if the portal says that it and its servers are well."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def listens(url: str) -> bool:
    """True if something accepts connections at the host and port of a URL."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or LOOPBACK, parts.port or 6379), timeout=3).close()
    except OSError:
        return False
    return True


def require(check: Callable[[str], bool], url: str, complaint: str) -> None:
    if not wait_until(lambda: check(url), seconds=5, step=0.5):
        raise CannotStartError(f"{complaint}. Start that server, or unset the variable to use the embedded one.")


def say(text: str) -> None:
    """Tell the terminal, if there still is one."""
    try:
        print(text, flush=True)
    except OSError:
        # `make run | head`: nobody listens any more, which is no reason to stop.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123


def main(kind: type[Supervisor] = Supervisor) -> int:
    """Entry of `python -m stemportal.embedded run`."""
    if "MAKELEVEL" in os.environ:  # make started us, and if it is killed hard nobody else will tell us to stop
        die_with_parent()
    try:
        supervisor = kind(os.environ)
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(signum) is not signal.SIG_IGN or signum != signal.SIGHUP:  # nohup keeps its meaning
                signal.signal(signum, supervisor.on_signal)
        return supervisor.run()
    except (AlreadyRunningError, CannotStartError, ServerError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except subprocess.SubprocessError as error:
        print(f"A program could not be started: {error}", file=sys.stderr, flush=True)
        return 1
