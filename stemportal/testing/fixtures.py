"""Fixtures of the whole suite: language, limits and clients, and what needs a process of its own."""

from __future__ import annotations

import email
import email.policy
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from stemportal.embedded.process import port_is_free, tail, wait_until
from stemportal.embedded.program import Program
from stemportal.testing import clients
from stemportal.testing.chromium import FLAGS, find_or_explain
from stemportal.testing.portal import Portal

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Browser, BrowserContext, Page

__all__ = [
    "browser_context",
    "celery_worker_process",
    "chromium_browser",
    "client_of",
    "english",
    "mails_in_english",
    "own_corner",
    "page",
    "portal",
    "portal_root",
    "smtp_server",
    "smtp_sink",
]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def own_corner(settings: Any) -> None:
    """A corner of Valkey of the test's own, so that no limit or challenge of another test counts here."""
    default = {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}
    settings.CACHES = {**settings.CACHES, "default": default}


@pytest.fixture
def english() -> Iterator[None]:
    """Words and addresses in English, the language the code is written in."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture
def mails_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """People who read English, so that their mails are in the language of the code too."""
    from stemportal.accounts.models import User

    monkeypatch.setattr(User._meta.get_field("language"), "_get_default", lambda: "en")


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Call it with a user for a client that is logged in; without one for a visitor."""
    return clients.client_of


class MailSink:
    """What a real SMTP server was given, oldest first. Stop it with `.server.stop()` to see what happens without."""

    def __init__(self, folder: Path, server: Program):
        self.folder = folder
        self.server = server

    def mails(self) -> list[EmailMessage]:
        """Every mail so far, with the headers X-Envelope-From and X-Envelope-To on top."""
        return [read_mail(file) for file in sorted(self.folder.glob("*.eml"))]

    def wait_for(self, count: int = 1, *, seconds: float = 20) -> list[EmailMessage]:
        """Return the mails as soon as there are `count`; fail with what came when the time is up."""
        wait_until(lambda: len(list(self.folder.glob("*.eml"))) >= count, seconds=seconds)
        mails = self.mails()
        assert len(mails) >= count, f"{len(mails)} mails after {seconds} s: {[mail['Subject'] for mail in mails]}"
        return mails


def read_mail(file: Path) -> EmailMessage:
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


@pytest.fixture(scope="session")
def portal_root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def smtp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The mail sink as a process of its own, on the port that the settings of this test process name."""
    port, folder = int(os.environ["EMAIL_PORT"]), os.environ["DEMO_MAIL_DIR"]
    module = ["-m", "stemportal.embedded.smtp_sink", "--port", str(port), "--dir", folder]
    log = tmp_path_factory.mktemp("smtp") / "smtp_sink.log"
    server = Program("SMTP sink", [sys.executable, *module], log=log, env=os.environ, cwd=ROOT)
    start_listening(server, port)
    yield server
    server.stop()


def start_listening(server: Program, port: int) -> None:
    server.start()
    assert wait_until(lambda: not port_is_free(port), seconds=20), tail(server.log)


@pytest.fixture
def smtp_sink(smtp_server: Program, settings: Any) -> MailSink:
    """Django sends over SMTP in this test, and the mails that arrive can be read. Empty at the start of each test."""
    folder, port = Path(os.environ["DEMO_MAIL_DIR"]), int(os.environ["EMAIL_PORT"])
    if not smtp_server.alive:  # an earlier test stopped it
        start_listening(smtp_server, port)
    for file in folder.glob("*.eml"):
        file.unlink()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEMO_MAIL_DIR = folder
    return MailSink(folder, smtp_server)


@pytest.fixture
def celery_worker_process(transactional_db: None, tmp_path: Path) -> Iterator[Callable[[], Program]]:
    """Call it to start a real Celery worker on this test's database; call again for a second one.

    `os.kill(worker.pid, signal.SIGKILL)` is what a crash looks like; `worker.start()` starts it again.
    """
    from django.db import connection

    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    env = os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "stemportal.settings.test"}
    workers: list[Program] = []

    def start_worker() -> Program:
        name = f"worker{len(workers)}"
        options = [
            "--loglevel=INFO",
            "--concurrency=1",
            f"--hostname={name}@%h",
            "--without-gossip",
            "--without-mingle",
        ]
        args = [sys.executable, "-m", "celery", "-A", "stemportal", "worker", *options]
        worker = Program("worker", args, log=tmp_path / f"{name}.log", env=env, cwd=ROOT, stop_seconds=5)
        workers.append(worker)
        worker.start()
        ready = wait_until(lambda: " ready." in tail(worker.log, 100) or not worker.alive, seconds=40)
        assert ready, tail(worker.log)
        assert worker.alive, tail(worker.log)
        return worker

    yield start_worker
    for worker in workers:
        worker.stop()
    flush_valkey()


def flush_valkey() -> None:
    """Empty this process's Valkey database, so that no task of one test runs in the next."""
    import redis

    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    """A headless Chromium for the whole session."""
    from django.db import connections
    from playwright.sync_api import sync_playwright

    # Playwright's sync API keeps an event loop in this thread. Django takes that for asynchronous code, and gives it
    # database connections of its own, which nobody else can close before the test database is dropped.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_explain(), args=FLAGS)
        yield browser
        browser.close()
        connections.close_all()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def browser_context(chromium_browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Call it with Playwright's options (java_script_enabled, color_scheme, viewport ...) for one more visitor."""
    contexts = []

    def new_context(**options: Any) -> BrowserContext:
        context = chromium_browser.new_context(**{"locale": "nb-NO", "timezone_id": "Europe/Oslo", **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context

    yield new_context
    for context in contexts:
        context.close()


@pytest.fixture
def page(browser_context: Callable[..., BrowserContext]) -> Page:
    """A page of a new visitor."""
    return browser_context().new_page()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The whole portal as `make run` starts it, with the demo world, on a free port, shared by all tests of a file."""
    with Portal(tmp_path_factory.mktemp("portal") / "var") as running:
        yield running
