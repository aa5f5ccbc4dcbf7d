"""Each test has limits, look-ups and proofs of work of its own: Valkey is shared by all of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.utils import translation

from stemportal.lib.tests.fake_register import FakeRegister, running_register
from stemportal.testing.factories import DeclarationFactory, MunicipalityFactory, PostalCodeFactory


@pytest.fixture(autouse=True)
def own_corner(settings):
    """A key prefix of the test's own, and proofs of work that cost next to nothing."""
    default = {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}
    settings.CACHES = {**settings.CACHES, "default": default}
    settings.ALTCHA_COST = 1
    settings.ALTCHA_COUNTER = (1, 5)
    settings.BRREG_TIMEOUT_SECONDS = 0.4
    # Nobody listens on port 9 of loopback: a test that needs the register asks for it.
    settings.BRREG_BASE_URL = "http://127.0.0.1:9"


@pytest.fixture
def english() -> Iterator[None]:
    """Addresses and words in English, the language the code is written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def register(settings) -> FakeRegister:
    """The register of organisations, on loopback."""
    with running_register() as server:
        settings.BRREG_BASE_URL = server.url
        yield server


@pytest.fixture
def programme(db):
    """What every registration needs: a declaration to sign, and Alta with its postal code."""
    PostalCodeFactory()
    return {"declaration": DeclarationFactory(), "alta": MunicipalityFactory()}


@pytest.fixture
def transactional_programme(transactional_db):
    """The same for tests with threads, whose writes are really committed."""
    PostalCodeFactory()
    return {"declaration": DeclarationFactory(), "alta": MunicipalityFactory()}
