"""Every address of the portal for every role: who gets in, who is sent to the login, who learns nothing.

The table itself is tests/permissions/table.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import LocalePrefixPattern
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from tests.permissions.people import ROLES, World
from tests.permissions.table import LOGIN, OPEN_TO_VISITORS, ROWS, RULES, Row, allowed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_corner", "english")]


@pytest.fixture(autouse=True)
def no_limits(settings) -> None:
    """Ten people from one address in a second."""
    settings.PORTAL_RATE_LIMITS = dict.fromkeys(settings.PORTAL_RATE_LIMITS, (10_000, 3600))


BY_NAME = {row.name: row for row in ROWS}
# The admin's login leads on to the portal's (test_admin_has_no_login_of_its_own).
LOGIN_PAGES = ("/account/login/?", "/admin/login/")


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf: its full name (its path where it has none) and its path as written there."""

    name: str
    path: str
    needs_login: bool


def addresses(patterns: list[Any], path: str = "", space: str = "") -> Iterator[Address]:
    """Every address below these patterns, without the language in front."""
    for pattern in patterns:
        here = path if isinstance(pattern.pattern, LocalePrefixPattern) else path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(
                pattern.url_patterns, here, f"{space}{pattern.namespace}:" if pattern.namespace else space
            )
        elif isinstance(pattern, URLPattern):
            name = f"{space}{pattern.name}" if pattern.name else here
            yield Address(name, here, getattr(pattern.callback, "login_required", True))


def all_addresses() -> list[Address]:
    return list(addresses(get_resolver().url_patterns))


def status_of(response: Any) -> Any:
    """The status code, or LOGIN for the way to the login page."""
    if response.status_code == 302 and any(page in response["Location"] for page in LOGIN_PAGES):
        return LOGIN
    return response.status_code


@dataclass
class Cast:
    """The world's people, each logged in once: the cookies of each role."""

    world: World
    cookies: dict[str, SimpleCookie]

    def client(self, role: str, **options: Any) -> Client:
        """A new client with the role's login."""
        client = Client(**options)
        client.cookies = deepcopy(self.cookies[role])
        return client


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """Really written, so that each test's own changes can be rolled back; gone after the module."""
    with django_db_blocker.unblock(), translation.override("en"):
        world = World()
        before, clients = everything(), {role: Client() for role in ROLES}
        for role, client in clients.items():
            if (person := world.people[role]) is not None:
                client.force_login(person)
        assert everything() == before, "whoever logs in changes nothing"
    yield Cast(world, {role: client.cookies for role, client in clients.items()})
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def world(cast: Cast) -> World:
    """The test's own copy: what it asks for and changes is not there for the next test."""
    return deepcopy(cast.world)


@pytest.fixture
def clients(cast: Cast) -> dict[str, Client]:
    """A client for each role."""
    return {role: cast.client(role) for role in ROLES}


def everything() -> dict[str, str]:
    """A fingerprint of every table of the portal, but for when somebody logged in last."""
    kept: list[type[models.Model]] = [EmailAddress]
    for config in apps.get_app_configs():
        if config.name.startswith("stemportal."):
            kept += config.get_models(include_auto_created=True)
    # What is not managed is a view of the others.
    kept = [model for model in kept if model._meta.managed]
    tables = [model._meta.db_table for model in kept]
    row = "(to_jsonb(t) - 'last_login')::text"
    one = "SELECT '{0}', md5(coalesce(string_agg({1}, '|' ORDER BY id), '')) FROM \"{0}\" t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(table, row) for table in tables))
        return dict(cursor.fetchall())


def address_of(row: Row, world: World) -> str:
    return "/favicon.ico" if row.name == "favicon.ico" else reverse(row.name, args=row.args(world))


# --- The table is whole


def test_every_address_has_a_row_or_a_rule():
    missing = [
        f"{address.name} ({address.path})"
        for address in all_addresses()
        if address.name not in BY_NAME
        and not address.name.startswith("admin:")
        and not address.path.startswith("admin/")
        # allauth's old addresses, which lead on to those of the rule for "socialaccount_".
        and not address.path.startswith("account/social/")
        and not any(address.name.startswith(rule.prefix) for rule in RULES)
    ]
    assert not missing, (
        "Nobody has said who may open these addresses. Add a Row for each to ROWS in tests/permissions/table.py:\n"
        + "\n".join(missing)
    )


def test_every_row_has_an_address_and_stands_once():
    names = [row.name for row in ROWS]
    gone = set(names) - {address.name for address in all_addresses()}
    assert not gone, f"Take these rows out of tests/permissions/table.py, their addresses are gone: {sorted(gone)}"
    assert len(names) == len(set(names))


def test_every_address_that_needs_a_login_sends_a_visitor_there():
    """Whatever stands behind it: the arguments below name nothing that exists."""
    somewhere = {"<int:": "1", "<str:": "x", "<slug:": "x", "<path:": "1"}
    for address in all_addresses():
        if not address.needs_login:
            continue
        path = "/".join(
            next((value for kind, value in somewhere.items() if kind in part), part) for part in address.path.split("/")
        )
        if "(?P" in path:  # the admin's patterns for whatever is left over
            path = "admin/partners/" if "app_label" in path else "admin/nothing-here/"
        response = Client().get(f"/en/{path}")
        assert status_of(response) == LOGIN, f"{address.name} {path}: {response.status_code}"
        assert "next=/en/" in response["Location"]


def test_every_address_without_login_is_declared_open():
    """``login_not_required`` on a page that the table keeps for some is a hole; so is one that it does not know."""
    declared = {row.name for row in ROWS if row.get["visitor"] != LOGIN} | set(OPEN_TO_VISITORS) | {"admin:login"}
    assert {address.name for address in all_addresses() if not address.needs_login} == declared


# --- The rows


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_page_opens_for_the_right_people(row, world, clients):
    address, before = address_of(row, world), everything()

    found = {role: status_of(client.get(address)) for role, client in clients.items()}

    assert found == row.get
    if not row.post:
        for role in ("visitor", "teacher", "owner"):
            assert clients[role].post(address, {"status": "approved", "pk": 1}).status_code < 500, role
    assert everything() == before, "a page that is only read changes nothing"


@pytest.mark.parametrize("row", [row for row in ROWS if row.post], ids=lambda row: row.name)
def test_change_is_for_the_right_people_only(row, world, clients):
    address, data = address_of(row, world), row.data(world)
    before = everything()

    for role in ROLES:
        with transaction.atomic():
            response = clients[role].post(address, data)
            after = everything()
            transaction.set_rollback(True)
        expected = row.post[role] or 200
        assert status_of(response) == expected, f"{role}: {response.status_code}"
        if role not in allowed_in(row.post):
            assert after == before, f"{role} changed something"
        elif row.changes:
            assert after != before, f"{role} may do it, but nothing happened: the refusals of others prove nothing"


def test_post_without_a_token_changes_nothing(cast, world):
    """Forms of other sites carry no token; only mail programs, which have none, may end a kind of mail so.

    Pupils answer the pulse of their class without a cookie, so without a token: nobody's login is used there.
    """
    taken = []
    for row in ROWS:
        if not row.post:
            continue
        client = cast.client(allowed_in(row.post)[-1], enforce_csrf_checks=True)
        if client.post(address_of(row, world), row.data(world)).status_code != 403:
            taken.append(row.name)
    assert sorted(taken) == ["activities_machine:one_click", "newsletters_machine:one_click", "schools:pulse"]


# --- allauth's pages


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.prefix)
def test_login_pages_follow_their_rule(rule, clients):
    visitor, person = clients["visitor"], clients["teacher"]
    for address in all_addresses():
        if not address.name.startswith(rule.prefix):
            continue
        path = reverse(address.name, args=[1] if "<int:pk>" in address.path else [])
        answer = status_of(visitor.get(path))
        if address.name in rule.except_for:
            assert answer in {200, 302, LOGIN}, f"{address.name}: {answer}"
        else:
            assert answer in rule.visitor, f"{address.name}: {answer}"
            found = person.get(path).status_code
            assert found in rule.person, f"{address.name}: {found}"


# --- The admin


def admin_addresses() -> list[str]:
    """Paths of every page of the admin; object pages name an object that does not exist."""
    paths = set()
    for address in all_addresses():
        if address.name.startswith("admin:") and "(?P" not in address.path and address.name != "admin:login":
            path = address.path
            for argument in ("<path:object_id>", "<path:content_type_id>", "<int:pk>"):
                path = path.replace(argument, "1")
            path = re.sub(r"<slug:\w+>", "nb", path)
            paths.add(f"/en/{path}")
    return sorted(paths - {"/en/admin/logout/"})


def test_admin_is_closed_to_everybody_but_staff(clients):
    before = everything()
    assert len(admin_addresses()) > 100
    for path in admin_addresses():
        for answer in (clients["teacher"].get(path), clients["owner"].post(path, {"_save": "1"})):
            assert answer.status_code == 302, f"{path}: {answer.status_code}"
            assert answer["Location"].startswith("/en/admin/login/"), path
    assert everything() == before


@pytest.mark.parametrize("role", ["visitor", "teacher"])
def test_admin_has_no_login_of_its_own(role, world, clients):
    """Its form would pass by the second factor and the limits; a password there opens nothing."""
    person = world.people["staff"]
    person.set_password("a-long-password-1")
    person.save()
    client = clients[role]

    response = client.post("/en/admin/login/", {"username": person.email, "password": "a-long-password-1"})

    assert status_of(response) == (LOGIN if role == "visitor" else 403)
    assert client.session.get("_auth_user_id") != str(person.pk)


# Pages of the admin that show nothing of the portal's data and are for all staff.
ADMIN_FOR_ALL_STAFF = {
    f"/en/admin/{page}" for page in ("", "jsi18n/", "password_change/", "password_change/done/", "search/")
}


def test_admin_shows_staff_without_rights_nothing(clients):
    client, before = clients["rightless"], everything()
    for path in admin_addresses():
        found = client.get(path).status_code
        if path in ADMIN_FOR_ALL_STAFF:
            assert found == 200, f"{path}: {found}"
        else:
            # A page of one object that is not there leads back to the front page before any right is asked for, and a
            # button that is only pressed says so.
            assert found in {302, 403, 404, 405}, f"{path}: {found}"
            assert client.post(path, {"_save": "1", "post": "yes"}).status_code in {302, 403, 404, 405}, path
    assert everything() == before


ONE_ROW = {"/en/admin/schools/bookingrules/"}


def test_admin_opens_for_the_secretariat(clients):
    """Every list, empty form and button page answers; what may not be added or done says so with 403."""
    client = clients["staff"]
    lists = [path for path in admin_addresses() if path.count("/") == 5]
    assert len(lists) > 20
    for path in lists:
        # Where there is one row only, its list leads to it.
        assert client.get(path, follow=path in ONE_ROW).status_code == 200, path
    for path in set(admin_addresses()) - set(lists):
        assert client.get(path).status_code in {200, 302, 403, 404, 405}, path
