"""The whole portal as `make run` starts it, a register on loopback beside it, and eyes for accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stemportal.testing import feide_server
from stemportal.testing.portal import Portal
from tests.browser import register_server


@pytest.fixture(scope="session")
def feide() -> Iterator[feide_server.Feide]:
    """Feide on loopback: a provider and the groups API; a test says what the groups answer."""
    people = [
        feide_server.person("lise", "Lise Lærer", "lise.laerer@eksempel.example.no"),
        feide_server.person("elev", "Even Elev", "even.elev@eksempel.example.no"),
    ]
    with feide_server.serve(*people) as running:
        yield running


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory, feide: feide_server.Feide) -> Iterator[Portal]:
    """A real portal with the demo world, which asks the register and Feide on loopback.

    It ends with the last test of this folder: its sweeps, due every few seconds, would slow down all tests after it.
    """
    register = register_server.start()
    var: Path = tmp_path_factory.mktemp("portal") / "var"
    url = f"http://127.0.0.1:{register.server_port}"
    quick = {"OUTBOX_CLAIM_SECONDS": "5", "OUTBOX_SWEEP_SECONDS": "2"}
    quick |= {"SAVED_SEARCH_SECONDS": "3", "SAVED_SEARCH_SETTLE_SECONDS": "1"}
    quick |= {"MESSAGE_MAIL_DELAY_SECONDS": "2", "MESSAGE_SWEEP_SECONDS": "3"}
    with Portal(var, BRREG_BASE_URL=url, **quick, **feide.environment) as running:
        yield running
    register.shutdown()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these are of the kind that `-m "not browser"` leaves out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
