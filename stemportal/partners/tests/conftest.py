"""Each test has limits, look-ups and proofs of work of its own: Valkey is shared by all of them."""

from __future__ import annotations

import pytest

from stemportal.lib.tests.fake_register import FakeRegister, running_register
from stemportal.partners.models import Partner
from stemportal.testing.factories import (
    DeclarationFactory,
    MembershipFactory,
    MunicipalityFactory,
    PostalCodeFactory,
    UserFactory,
)


@pytest.fixture(autouse=True)
def own_corner(own_corner, settings):
    """With proofs of work that cost next to nothing, and a register that is soon given up."""
    settings.ALTCHA_COST = 1
    settings.ALTCHA_COUNTER = (1, 5)
    settings.BRREG_TIMEOUT_SECONDS = 0.4
    # Nobody listens on port 9 of loopback: a test that needs the register asks for it.
    settings.BRREG_BASE_URL = "http://127.0.0.1:9"


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


@pytest.fixture
def files(settings, tmp_path):
    """An empty folder for uploads, and what lies in it when it is asked."""
    settings.MEDIA_ROOT = tmp_path
    return lambda: sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())


@pytest.fixture
def owner():
    """The owner of a partner; tests that need somebody else say so."""
    person = UserFactory(full_name="Ingrid Prøve", email="ingrid@nordlys.example.no", language="en")
    MembershipFactory(user=person, partner__display_name="Nordlys Robotikk", partner__slug="nordlys-robotikk")
    return person


@pytest.fixture
def partner(owner) -> Partner:
    """The partner of that owner."""
    return owner.memberships.get().partner
