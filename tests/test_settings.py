"""Production refuses to start with anything unsafe, and says which variable to look at; what it serves is strict."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from stemportal.testing.factories import StaffFactory

ROOT = Path(__file__).resolve().parents[1]
GOOD = {
    "SECRET_KEY": "k3Yq-8vZ1rTx_0LmNwE5uHsGpBdCfJa7QoXiV2S4nR6tUzW9yKlMjPbD",
    "DATABASE_URL": "postgresql://portal:secret@db.example.no:5432/portal",
    "REDIS_URL": "redis://valkey.example.no:6379/0",
    "EMAIL_HOST": "smtp.example.no",
    "ALLOWED_HOSTS": "portal.example.no",
    "PORTAL_BASE_URL": "https://portal.example.no",
}
# All that a process needs to start; whatever else a shell, or another test, has set must not decide these.
NEEDED = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH"}


def production(*command: str, without: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the production settings and nothing in the environment but what is named."""
    env = {name: value for name, value in os.environ.items() if name in NEEDED}
    env |= GOOD | changes | {"DJANGO_SETTINGS_MODULE": "stemportal.settings.production"}
    env.pop(without, None)
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def read_settings(**changes: str) -> subprocess.CompletedProcess[str]:
    """Only read the settings: what every process of the portal does first."""
    return production("-c", "from django.conf import settings; settings.DEBUG; print('started')", **changes)


def test_production_starts_with_good_settings_and_passes_djangos_own_check():
    result = production("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_production_has_no_demo_pages_and_trusts_nobody_by_default():
    code = """
import django; django.setup()
from django.conf import settings
from django.urls import Resolver404, resolve, reverse, NoReverseMatch
for path in ("/demo/mail/", "/demo/styleguide/", "/demo/mail/x.eml/"):
    try:
        print(path, resolve(path))
    except Resolver404:
        print(path, "is not there")
try:
    print(reverse("demo:mail"))
except NoReverseMatch:
    print("no name either")
print(settings.DEBUG, settings.DEMO_MODE, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)
print(settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS > 3600, settings.ALLAUTH_TRUSTED_PROXY_COUNT)
"""
    result = production("-c", code)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "/demo/mail/ is not there",
        "/demo/styleguide/ is not there",
        "/demo/mail/x.eml/ is not there",
        "no name either",
        "False False True True",
        "True True 0",
    ]


@pytest.mark.parametrize("variable", sorted(GOOD))
def test_production_refuses_to_start_without(variable):
    result = read_settings(without=variable)

    assert result.returncode != 0
    assert "started" not in result.stdout
    assert variable in result.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEBUG", "1"),
        ("DEBUG", "true"),
        ("DEBUG", "On"),
        ("DEMO_MODE", "1"),
        ("DEMO_MODE", "yes"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "abcabcabc" * 10),
        ("SECRET_KEY", "django-insecure-" + GOOD["SECRET_KEY"]),
        ("SECRET_KEY", "demo-only-key-that-make-run-replaces-with-a-random-one"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", " , "),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "portal.example.no,*"),
        ("PORTAL_BASE_URL", "http://portal.example.no"),
        ("PORTAL_BASE_URL", "portal.example.no"),
        ("PORTAL_BASE_URL", ""),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///portal.sqlite3"),
        ("DATABASE_URL", "mysql://db.example.no/portal"),
        ("EMAIL_PORT", "twenty-five"),
        ("NEWSLETTER_PROVIDER", "postmark"),
        ("RETURN_MAILBOX_URL", "pop3://retur@mail.example.org"),
    ],
)
def test_production_refuses_to_start_with(variable, value):
    result = read_settings(**{variable: value})

    assert result.returncode != 0, f"{variable}={value!r} was taken"
    assert "started" not in result.stdout
    assert variable in result.stderr


@pytest.mark.parametrize(("variable", "value"), [("DEBUG", "0"), ("DEBUG", ""), ("DEMO_MODE", "false")])
def test_production_starts_when_the_unsafe_is_named_but_off(variable, value):
    assert read_settings(**{variable: value}).stdout == "started\n"


def test_production_is_what_runs_when_nobody_says_otherwise():
    """Forgetting the variable must end in a refusal, not in a portal without its guards."""
    env = {name: value for name, value in os.environ.items() if name in NEEDED}
    code = "import stemportal.wsgi"

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr


def test_production_tells_no_secrets_when_it_refuses():
    result = read_settings(ALLOWED_HOSTS="*")

    assert GOOD["SECRET_KEY"] not in result.stderr
    assert "secret@" not in result.stderr


# --- What the browser is told


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "about", "activities:search", "partners:register", "account_login"])
def test_public_pages_allow_nothing_inline(name):
    policy = Client().get(reverse(name))["Content-Security-Policy"]

    assert "unsafe" not in policy
    for directive in (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert directive in policy


@pytest.mark.django_db
def test_pages_that_are_not_there_are_strict_too():
    assert "unsafe" not in Client().get("/en/nothing-here/")["Content-Security-Policy"]


@pytest.mark.django_db
def test_admin_alone_is_let_off_and_only_for_itself():
    client = Client()
    client.force_login(StaffFactory())

    policy = client.get("/en/admin/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval' 'unsafe-inline'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in client.get("/en/")["Content-Security-Policy"]


@pytest.mark.django_db
def test_every_page_carries_the_other_guards():
    response = Client().get("/en/")

    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
