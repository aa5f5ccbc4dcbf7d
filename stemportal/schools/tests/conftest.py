"""Pages in English, limits of the test's own, and the people of a booking."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stemportal.accounts.models import User
from stemportal.activities.models import Session
from stemportal.lib.tests.fake_nsr import FakeNsr, running_nsr
from stemportal.partners.models import Membership
from stemportal.schools.models import Teacher, Wish
from stemportal.schools.tests.register_scene import ALTA, BOSSEKOP, KOMSA
from stemportal.testing.clients import client_of
from stemportal.testing.factories import (
    MembershipFactory,
    MunicipalityFactory,
    SchoolClassFactory,
    SessionFactory,
    TeacherFactory,
    WishFactory,
    WishMatchFactory,
)


@pytest.fixture(autouse=True)
def in_own_corner(own_corner: None, english: None) -> None:
    """No limit of another test counts here, and pages are in the language of the code."""


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


def owner_of(session: Session) -> User:
    """The one who answers for the session's partner."""
    return session.activity.partner.memberships.get(role=Membership.Role.OWNER).user


def at(name: str, *args: Any) -> str:
    """The address of a page of this app."""
    return reverse(f"schools:{name}", args=args)


def words(response) -> str:
    """The page as its reader sees the letters: entities are letters again, lines do not matter."""
    return " ".join(html.unescape(response.content.decode()).split())


@pytest.fixture
def wish(teacher) -> Wish:
    return WishFactory(school=teacher.school, teacher=teacher.user)


@pytest.fixture
def match(wish):
    match = WishMatchFactory(wish=wish)
    MembershipFactory(partner=match.partner)
    return match


@pytest.fixture
def member_client(match):
    return client_of(match.partner.memberships.get().user)


@pytest.fixture
def alta():
    return MunicipalityFactory(number="5601", name="Alta", latitude=69.7, longitude=23.5, language_form="nb")


@pytest.fixture
def nsr_server(settings, alta) -> Iterator[FakeNsr]:
    """The school register on loopback, with three schools."""
    with running_nsr() as fake:
        settings.NSR_BASE_URL = fake.url
        settings.NSR_REQUESTS_PER_SECOND = 10_000
        settings.NSR_RETRY_SECONDS = 0.001
        settings.NSR_RETRIES = 1
        settings.NSR_PAGE_SIZE = 2
        fake.add(ALTA, "Alta ungdomsskole")
        fake.add(BOSSEKOP, "Bossekop skole", SkoletrinnGSFra=1, SkoletrinnGSTil=7)
        fake.add(KOMSA, "Komsa ungdomsskole")
        yield fake
