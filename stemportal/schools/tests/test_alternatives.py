"""What a group could book instead: the best dates with room, in a constant number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity, Session
from stemportal.schools.services.alternatives import alternatives_for
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    KindFactory,
    MunicipalityFactory,
    PartnerFactory,
    SessionFactory,
    SubjectFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking():
    return BookingFactory(pupils=25, grade=9)


def free(title: str = "Annet", *, days: int = 14, **facts) -> Session:
    """A date with room of another offer."""
    names = ("capacity", "places_taken", "pupil_capacity", "where")
    of_session = {name: facts.pop(name) for name in names if name in facts}
    start = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=days)
    activity = ActivityFactory(title=title, **facts)
    return SessionFactory(activity=activity, starts_at=start, ends_at=start + timedelta(hours=2), **of_session)


def titles(booking, **options) -> list[str]:
    return [found.activity.title for found in alternatives_for(booking, **options)]


@pytest.mark.parametrize(
    "facts",
    [
        {"grade_from": 11},
        {"group_max": 20},
        {"status": Activity.Status.DRAFT},
        {"partner__status": "paused"},
        {"capacity": 2, "places_taken": 2},
        {"pupil_capacity": 20},
        {"kind__code": "work_week", "kind__unit": "pupils", "capacity": 20},
        {"days": 0},
        {"days": 130},
        {"policy": Activity.Policy.ON_REQUEST},
    ],
)
def test_what_does_not_fit_is_no_alternative(booking, facts):
    free(**facts)
    assert titles(booking) == []


def test_alternative_is_near_or_digital(booking):
    oslo = MunicipalityFactory(number="0301", name="Oslo", latitude=59.9, longitude=10.7)
    free("Langt borte", partner__municipality=oslo)
    free("På nettet", partner__municipality=oslo, format=Activity.Format.DIGITAL)
    free("Kommer til hele landet", partner__municipality=oslo, format="at_school", reach="national")
    free("Like ved")
    assert set(titles(booking)) == {"På nettet", "Like ved", "Kommer til hele landet"}


def test_date_of_a_hybrid_offer_that_is_held_at_the_partners_place_is_no_alternative_far_away(booking):
    oslo = MunicipalityFactory(number="0301", name="Oslo", latitude=59.9, longitude=10.7)
    hybrid = {"partner__municipality": oslo, "format": Activity.Format.HYBRID}
    free("Der borte", where="partner", **hybrid)
    free("På video", where="video", **hybrid)
    found = alternatives_for(booking)
    assert [(alternative.activity.title, alternative.where, alternative.km) for alternative in found] == [
        ("På video", "Digital", None)
    ]


def test_same_kind_and_shared_subjects_come_first(booking):
    subject = SubjectFactory()
    booking.activity.subjects.add(subject)
    other = KindFactory(code="digital", name_nb="Digitalt")
    free("Annen type", kind=other)
    shared = free("Annen type, samme fag", kind=other)
    shared.activity.subjects.add(subject)
    free("Samme type")
    assert titles(booking) == ["Samme type", "Annen type, samme fag", "Annen type"]


def test_what_is_nearer_in_time_comes_first(booking):
    free("Seks uker senere", days=56)
    free("Samme dag", days=14)
    free("To uker senere", days=28)
    assert titles(booking) == ["Samme dag", "To uker senere", "Seks uker senere"]


def test_partner_that_is_silent_comes_last(booking):
    free("Samme partner", partner=booking.activity.partner)
    free("En annen", kind=KindFactory(code="digital"))
    assert titles(booking) == ["En annen", "Samme partner"]
    assert titles(booking, limit=1) == ["En annen"]


def test_three_are_of_different_partners(booking):
    eager = PartnerFactory()
    for number in range(3):
        free(f"Ivrig {number}", partner=eager)
    free("B", days=40)
    free("C", days=60)
    assert titles(booking) == ["Ivrig 0", "B", "C"]


def test_one_offer_is_shown_once_with_its_nearest_date(booking):
    first = free("Flere datoer", days=30)
    near = SessionFactory(activity=first.activity)
    assert [found.session_id for found in alternatives_for(booking)] == [near.pk]


def test_alternatives_of_a_proposed_date(booking):
    booking.session, booking.proposed_at = None, timezone.now() + timedelta(days=20)
    free("Like ved")
    assert titles(booking) == ["Like ved"]


def test_alternatives_ask_as_much_for_three_as_for_one(booking, django_assert_num_queries):
    free("A")
    alternatives_for(booking)
    with django_assert_num_queries(2):
        assert len(alternatives_for(booking)) == 1
    free("B")
    free("C")
    with django_assert_num_queries(2):
        assert len(alternatives_for(booking)) == 3
