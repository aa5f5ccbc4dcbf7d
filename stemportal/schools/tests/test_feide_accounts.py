"""Feide and accounts that exist already; forged tokens and a Feide that is away. Over real HTTP on loopback."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from stemportal.accounts import feide as feide_login
from stemportal.accounts.models import User
from stemportal.outbox.models import Mail
from stemportal.schools.models import Teacher
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.schools.tests.feide_flow import (
    FEIDE,
    LISE,
    LOGIN,
    at_feide,
    code_sent_to,
    feide,
    is_logged_in,
    log_in,
    school,
    servers,
    to_feide,
)
from stemportal.settings.feide import providers
from stemportal.testing.factories import TeacherFactory, UserFactory
from stemportal.testing.feide_server import CLIENT_ID, SECRET, org, unit

__all__ = ["feide", "school", "servers"]

pytestmark = pytest.mark.django_db
CONNECTIONS = "/en/account/3rdparty/"


# --- Accounts that exist already


def test_unverified_address_opens_nobodys_account(client, feide, school):
    victim = TeacherFactory(user__email=LISE).user
    feide.groups.answer = [org("faculty"), unit(school.number)]

    page = log_in(client)

    assert not is_logged_in(client)
    assert not SocialAccount.objects.exists()
    assert "You have an account already" in words(page)
    assert User.objects.get() == victim


def test_not_even_a_verified_address_opens_an_account(client, feide, school):
    UserFactory(email="vera@eksempel.example.no")
    feide.groups.answer = [org("faculty"), unit(school.number)]

    log_in(client, "vera")

    assert not is_logged_in(client)
    assert not SocialAccount.objects.exists()


def test_secondary_address_of_an_account_is_taken_too(client, feide, school):
    user = UserFactory()
    user.emailaddress_set.create(email=LISE, verified=True)
    feide.groups.answer = [org("faculty"), unit(school.number)]

    assert "You have an account already" in words(log_in(client))


def test_whoever_proves_the_address_connects_the_account(client, feide, school):
    user = UserFactory(email=LISE)
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client)
    client.post("/en/account/login/code/", {"email": LISE})

    page = client.post("/en/account/login/code/confirm/", {"code": code_sent_to(LISE)}, follow=True)
    assert page.redirect_chain[-1][0] == at("feide_connect")
    assert not SocialAccount.objects.exists(), "only the button connects"
    page = client.post(at("feide_connect"), follow=True)

    assert "From now on you can log in with Feide" in words(page)
    assert SocialAccount.objects.get().user == user
    assert Teacher.objects.get(user=user).is_verified
    log_in(again := Client())
    assert is_logged_in(again)


def test_somebody_else_cannot_take_the_waiting_login(client, feide, school):
    UserFactory(email=LISE)
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client)
    client.force_login(UserFactory())

    client.post(at("feide_connect"))

    assert not SocialAccount.objects.exists()


def test_waiting_login_runs_out(client, feide, school, monkeypatch):
    UserFactory(email=LISE)
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client)
    later = time.time() + 16 * 60
    monkeypatch.setattr("stemportal.schools.adapter.time.time", lambda: later)

    assert client.get(at("feide_connect"))["Location"] == LOGIN


def test_connect_from_the_account_page(feide, school):
    user = UserFactory(email="helt.annen@example.org")
    client = client_of(user)
    feide.groups.answer = [org("faculty"), unit(school.number)]
    assert "Connect Feide" in words(client.get(CONNECTIONS))

    page = log_in(client, address=f"{FEIDE}?process=connect")

    assert "Feide is connected with your account" in words(page)
    assert SocialAccount.objects.get().user == user
    assert Teacher.objects.get(user=user).is_verified
    assert not EmailAddress.objects.filter(email=LISE).exists()
    assert Mail.objects.get(to_email=user.email).template == "account_connected"


def test_connect_takes_no_login_from_another_account(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client, "vera")
    first = User.objects.get()

    page = log_in(client_of(UserFactory()), "vera", address=f"{FEIDE}?process=connect")

    assert "belongs to another account" in words(page)
    assert SocialAccount.objects.get().user == first


def test_disconnect_needs_no_password(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    log_in(client, "vera")

    page = client.post(CONNECTIONS, {"account": SocialAccount.objects.get().pk}, follow=True)

    assert "Feide is disconnected" in words(page)
    assert not SocialAccount.objects.exists()
    assert Teacher.objects.get().is_verified


# --- Tokens and trouble


def forge(monkeypatch, change) -> None:
    """Have the provider's token changed on its way, as by somebody in between."""
    real = feide_login.FeideOAuth2Adapter.get_access_token_data

    def changed(self, *args, **kwargs):
        return change(real(self, *args, **kwargs))

    monkeypatch.setattr(feide_login.FeideOAuth2Adapter, "get_access_token_data", changed)


def signed_by_somebody_else(data):
    claims = jwt.decode(data["id_token"], options={"verify_signature": False})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return data | {"id_token": jwt.encode(claims, key, algorithm="RS256")}


def without_signature(data):
    claims = jwt.decode(data["id_token"], options={"verify_signature": False})
    return data | {"id_token": jwt.encode(claims, "", algorithm="none")}


@pytest.mark.parametrize(
    "change",
    [
        signed_by_somebody_else,
        without_signature,
        lambda data: {name: value for name, value in data.items() if name != "id_token"},
        lambda data: data | {"id_token": "nonsense"},
        lambda data: data | {"id_token": ["x"]},
        lambda data: {name: value for name, value in data.items() if name != "access_token"},
        lambda data: data | {"access_token": "of-somebody-else"},
        lambda data: data | {"expires_in": "soon"},
    ],
)
def test_forged_tokens_are_refused(client, feide, school, monkeypatch, change):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    forge(monkeypatch, change)

    page = log_in(client, "vera")

    assert page.status_code == 401
    assert "The login did not work" in words(page)
    assert not is_logged_in(client)
    assert not User.objects.exists()


def test_expired_token_is_refused(client, feide, school, monkeypatch):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    monkeypatch.setattr("stemportal.lib.feide.LEEWAY", -2 * 60 * 60)

    assert log_in(client, "vera").status_code == 401
    assert not User.objects.exists()


def test_token_of_one_and_facts_of_another_are_refused(client, feide, school, monkeypatch):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    monkeypatch.setattr(
        feide_login.FeideOAuth2Adapter, "_fetch_user_info", lambda self, token: {"sub": "vera", "email": LISE}
    )

    assert log_in(client, "lise").status_code == 401
    assert not User.objects.exists()


def test_answer_for_another_browser_is_refused(client, feide, school):
    """The state is kept in the session of whoever pressed the button."""
    back = at_feide(to_feide(client), "vera")

    assert Client().get(back).status_code == 401
    assert not User.objects.exists()


def test_code_works_once(client, feide, school):
    feide.groups.answer = [org("faculty"), unit(school.number)]
    back = at_feide(to_feide(client), "vera")
    client.get(back)
    client.logout()

    assert client.get(back).status_code == 401
    assert not is_logged_in(client)


def test_whoever_changes_ones_mind_at_feide_is_told_kindly(client, feide):
    state = parse_qs(urlsplit(to_feide(client)).query)["state"][0]

    page = client.get(f"{FEIDE}callback/", {"error": "access_denied", "state": state}, follow=True)

    assert "You did not log in" in words(page)


def test_provider_that_is_away_is_said(client, feide, settings):
    settings.SOCIALACCOUNT_PROVIDERS = providers(
        CLIENT_ID, secret=SECRET, issuer="http://127.0.0.1:9", scopes=["openid"]
    )

    page = client.post(FEIDE)

    assert page.status_code == 503
    assert "Feide does not answer just now" in words(page)
