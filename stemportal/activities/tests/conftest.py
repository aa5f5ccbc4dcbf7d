"""The kinds and subjects of the portal, a partner with its people, and pages in English."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, Session, Subject
from stemportal.activities.search_index import refresh_availability, refresh_search
from stemportal.activities.services.seeding import load_kinds, load_subjects
from stemportal.partners.models import Membership, Partner
from stemportal.testing.clients import client_of
from stemportal.testing.factories import (
    ActivityFactory,
    CountyFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
    SessionFactory,
)


@pytest.fixture(autouse=True)
def in_own_corner(own_corner: None, english: None) -> None:
    """No limit of another test counts here, and pages are in the language of the code."""


@pytest.fixture
def kinds(db: None) -> dict[str, Kind]:
    load_kinds()
    load_subjects()
    return {kind.code: kind for kind in Kind.objects.all()}


@pytest.fixture
def partner(kinds: dict[str, Kind]) -> Partner:
    return PartnerFactory(display_name="Nordlys Robotikk", slug="nordlys")


@pytest.fixture
def member(partner: Partner) -> Client:
    """A client logged in as an editor of the partner."""
    return client_of(MembershipFactory(partner=partner, role=Membership.Role.EDITOR).user)


@pytest.fixture
def reader(partner: Partner) -> Client:
    return client_of(MembershipFactory(partner=partner, role=Membership.Role.READER).user)


@pytest.fixture
def stranger(db: None) -> Client:
    return client_of(MembershipFactory(partner=PartnerFactory()).user)


@pytest.fixture
def offer(kinds: dict[str, Kind]) -> Callable[..., Activity]:
    """Make a published offer that the search knows: offer("title", kind="workshop", subjects=["MAT"], days=14)."""

    def make(title: str = "Se robotene på jobb", **facts: Any) -> Activity:
        subjects, days = facts.pop("subjects", ["TEK"]), facts.pop("days", None)
        facts["kind"] = kinds[facts.pop("kind", "company_visit")]
        facts.setdefault("summary", "En dag hos oss.")
        facts.setdefault("description", "Vi viser dere rundt.")
        activity = ActivityFactory(title=title, **facts)
        activity.subjects.set(Subject.objects.filter(code__in=subjects))
        if days is not None:
            session_in(activity, days)
        refresh_search([activity.pk])
        refresh_availability([activity.pk])
        return activity

    return make


def session_in(activity: Activity, days: int, **facts: Any) -> Session:
    """A session that many days from now."""
    start = timezone.now().replace(microsecond=0) + timedelta(days=days)
    return SessionFactory(activity=activity, starts_at=start, ends_at=start + timedelta(hours=2), **facts)


@pytest.fixture
def oslo(db: None) -> Any:
    county = CountyFactory(number="03", name="Oslo")
    return MunicipalityFactory(number="0301", name="Oslo", county=county, latitude=59.91, longitude=10.75)


@pytest.fixture
def alta(db: None) -> Any:
    return MunicipalityFactory()


def at(name: str, *args: Any) -> str:
    """The address of a page of this app."""
    return reverse(f"activities:{name}", args=args)
