"""Feide on loopback for tests, and the steps of a login: the button, Feide's own page, the way back."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from django.test import Client

from stemportal.outbox.models import Mail
from stemportal.places.models import LanguageForm
from stemportal.schools.models import School
from stemportal.schools.tests.conftest import words
from stemportal.settings.feide import providers
from stemportal.testing.factories import SchoolFactory
from stemportal.testing.feide_server import CLIENT_ID, SCOPES, SECRET, Feide, person, serve

LOGIN, SIGNUP = "/en/account/login/", "/en/account/signup/"
FEIDE = "/en/account/oidc/feide/login/"
LISE = "lise.laerer@eksempel.example.no"


@pytest.fixture(scope="module")
def servers() -> Iterator[Feide]:
    people = [
        person("lise", "Lise Lærer", LISE),
        person("vera", "Vera Verifisert", "vera@eksempel.example.no", email_verified=True),
        person("navn", "Uten Adresse"),
        person("rar", "Rar Adresse", "ikke en adresse"),
        person("nin", "Nina Nummer", "nina@eksempel.example.no", userid_sec=["nin:01019012345"], email_verified=True),
    ]
    with serve(*people) as running:
        yield running


@pytest.fixture
def feide(servers, settings) -> Feide:
    settings.SOCIALACCOUNT_PROVIDERS = providers(
        CLIENT_ID, secret=SECRET, issuer=servers.issuer, scopes=SCOPES.split(",")
    )
    settings.FEIDE_GROUPS_URL, settings.FEIDE_TIMEOUT_SECONDS = servers.groups.url, 0.5
    servers.groups.answer, servers.groups.status, servers.groups.wait = [], 200, 0.0
    return servers


@pytest.fixture
def school(db) -> School:
    return SchoolFactory(name="Hosle ungdomsskole", language_form=LanguageForm.NYNORSK)


def to_feide(client: Client, *, address: str = FEIDE) -> str:
    """Press the button; return where Feide sends one back to, as a function of who logs in there."""
    response = client.post(address)
    assert response.status_code == 302, words(response)
    return response["Location"]


def at_feide(address: str, sub: str) -> str:
    """Log in at Feide; return the portal's address that it leads back to."""
    back = httpx.post(address, data={"sub": sub})
    assert back.status_code == 302, back.text
    return back.headers["Location"].removeprefix("http://testserver")


def log_in(client: Client, sub: str = "lise", *, address: str = FEIDE):
    return client.get(at_feide(to_feide(client, address=address), sub), follow=True)


def code_sent_to(email: str) -> str:
    return Mail.objects.filter(to_email=email).latest("id").subject.rpartition(": ")[2]


def prove(client: Client, email: str = LISE):
    """Type the code that was mailed to a new person."""
    return client.post("/en/account/confirm-email/", {"code": code_sent_to(email)}, follow=True)


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
