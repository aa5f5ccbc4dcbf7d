"""pytest plugin: real PostgreSQL and Valkey for the suite, thrown away at its end.

`-p stemportal.testing.plugin` (pyproject.toml) loads it. The servers start before Django's settings are read, once for
all xdist processes; each process gets a Valkey database and a mail folder of its own, and from pytest-django a test
database. Set DATABASE_URL and REDIS_URL to use servers that already run. Fixtures: stemportal.testing.fixtures.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit, urlunsplit

import pytest

from stemportal.embedded.process import free_port
from stemportal.embedded.servers import Postgres, Valkey
from stemportal.testing import database
from stemportal.testing.fixtures import *  # noqa: F403  (pytest finds fixtures by name in its plugins)
from stemportal.testing.search import search_index  # noqa: F401
from stemportal.testing.telling import told_at_once  # noqa: F401

_cleanup = ExitStack()
# As many as scripts/run_tests.py starts processes on the smallest machine.
PORTALS = 2


def xdist_number() -> int:
    """0 for the only or first process, 1 for the second, and so on."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def start_servers(folder: Path) -> None:
    """Start what the environment does not name, and name it there."""
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = _cleanup.enter_context(Postgres(folder / "postgres", throwaway=True)).url
        os.environ["PORTAL_TESTS_OWN_POSTGRES"] = "1"
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = _cleanup.enter_context(Valkey(folder / "valkey", throwaway=True)).url


def claim_own_corner(folder: Path) -> None:
    """Test settings, and a Valkey database, a state folder and a mail address of this process alone."""
    # Importing the package has already named the production settings (stemportal.celery).
    os.environ["DJANGO_SETTINGS_MODULE"] = "stemportal.settings.test"
    parts = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = urlunsplit(parts._replace(path=f"/{xdist_number() % 16}"))
    os.environ["PORTAL_VAR"] = str(folder / "var")
    os.environ["DEMO_MAIL_DIR"] = str(folder / "mail")
    # An index is written many times in a run; in memory, where there is such a place, no disk has to keep up.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
    os.environ["SEARCH_DIR"] = _cleanup.enter_context(tempfile.TemporaryDirectory(prefix="portal-search-", dir=memory))
    # The port is only reserved here; the fixture `smtp_server` starts something on it.
    os.environ["EMAIL_HOST"] = "127.0.0.1"
    os.environ["EMAIL_PORT"] = str(free_port())


def end_politely(signum: int, frame: FrameType | None) -> None:
    """SIGTERM ends a run as Ctrl-C does: fixtures are torn down and the servers stopped."""
    raise KeyboardInterrupt


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """A wrapper, because pytest-django reads the settings in the same hook and asks to be first."""
    gc.disable()  # until `pytest_collection_finish`
    folder = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    folder.chmod(0o711)  # PostgreSQL's own user passes through when we are root
    _cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(_cleanup.close)
    signal.signal(signal.SIGTERM, end_politely)
    start_servers(folder)
    claim_own_corner(folder)
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(database, "stemportal.testing.database")


def pytest_unconfigure(config: pytest.Config) -> None:
    _cleanup.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the running portal share it, and take longest: with `--dist loadgroup` each process has one portal.

    A file stays together. The files are dealt out by their number of tests, the largest first.
    """
    of_portal = [item for item in items if "portal" in getattr(item, "fixturenames", ())]
    numbers = Counter(item.path for item in of_portal)
    sizes = [0] * PORTALS
    group_of: dict[Path, str] = {}
    for path, number in sorted(numbers.items(), key=lambda entry: (-entry[1], entry[0])):
        smallest = sizes.index(min(sizes))
        sizes[smallest] += number
        group_of[path] = f"portal{smallest}"
    for item in of_portal:
        item.add_marker(pytest.mark.xdist_group(group_of[item.path]))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among modules, models and collected tests: there are millions, and they stay.

    With Python's own thresholds a fifth of the processor's time went into looking at them again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    gc.enable()


def red_checks() -> str:
    """Names of checks that were red before the tests began (scripts/run_tests.py), else an empty text."""
    return os.environ.get("PORTAL_RED_CHECKS", "")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if red_checks() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if red_checks():
        terminalreporter.section("red checks")
        terminalreporter.write_line(f"These failed before the tests, see above: {red_checks()}", red=True)
