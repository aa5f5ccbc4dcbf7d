"""Pages in English, limits of the test's own, and the people of a booking."""

from __future__ import annotations

import html
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.partners.models import Membership
from stemportal.schools.models import Teacher
from stemportal.testing.factories import MembershipFactory, SchoolClassFactory, SessionFactory, TeacherFactory


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Words and addresses in English, the language the code is written in."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def own_corner(settings) -> None:
    """A corner of Valkey of the test's own, so that no limit of another test counts here."""
    default = {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}
    settings.CACHES = {**settings.CACHES, "default": default}


@pytest.fixture
def teacher(db) -> Teacher:
    return TeacherFactory(school__name="Alta ungdomsskole")


@pytest.fixture
def teacher_client(teacher) -> Client:
    return client_of(teacher.user)


@pytest.fixture
def school_class(teacher):
    return SchoolClassFactory(school=teacher.school, name="9A", grade=9, pupils=28)


@pytest.fixture
def session(db) -> Session:
    """A session with two places of a partner that has one owner."""
    session = SessionFactory(capacity=2, activity__partner__display_name="Nordlys Robotikk")
    MembershipFactory(partner=session.activity.partner)
    return session


@pytest.fixture
def owner_client(session) -> Client:
    return client_of(owner_of(session))


@pytest.fixture
def reader_client(session) -> Client:
    return client_of(MembershipFactory(partner=session.activity.partner, role=Membership.Role.READER).user)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def owner_of(session: Session) -> User:
    """The one who answers for the session's partner."""
    return session.activity.partner.memberships.get(role=Membership.Role.OWNER).user


def at(name: str, *args: Any) -> str:
    """The address of a page of this app."""
    return reverse(f"schools:{name}", args=args)


def words(response) -> str:
    """The page as its reader sees the letters: entities are letters again, lines do not matter."""
    return " ".join(html.unescape(response.content.decode()).split())
