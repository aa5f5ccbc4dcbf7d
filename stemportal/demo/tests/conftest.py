"""The demo world, loaded once for the tests that look at it."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command


class Loaded:
    """Whether the demo world is in this process's database, and whether the test after this one asks for it."""

    now = False
    asked_for_next = False


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    Loaded.asked_for_next = "demo_world" in getattr(nextitem, "fixturenames", ())


@pytest.fixture(scope="module")
def demo_world(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Really written, so that each test's own changes can be rolled back.

    It takes a minute, so it stays when the next module begins with a test that asks for it too; else it is gone
    after the module.
    """
    if not Loaded.now:
        with django_db_blocker.unblock():
            call_command("seed_demo", stdout=StringIO())
        Loaded.now = True
    yield
    if not Loaded.asked_for_next:
        with django_db_blocker.unblock():
            call_command("flush", interactive=False, verbosity=0)
        Loaded.now = False
