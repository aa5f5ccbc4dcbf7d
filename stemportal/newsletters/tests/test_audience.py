from __future__ import annotations

import pytest

from stemportal.newsletters.audience import Audience, chosen, reach, receivers
from stemportal.newsletters.models import Interest, Newsletter, Subscriber
from stemportal.newsletters.tests.people import newsletter, subscriber
from stemportal.partners.models import Partner
from stemportal.schools.models import Teacher
from stemportal.testing.factories import CountyFactory, MembershipFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

Role = Newsletter.Role


def emails(audience):
    return sorted(chosen(audience).values_list("email", flat=True))


@pytest.fixture
def people():
    """One of each role, one of two roles, and those whose account does not count (any more)."""
    MembershipFactory(user=UserFactory(email="partner@example.org"), partner__status=Partner.Status.APPROVED)
    TeacherFactory(user=UserFactory(email="larer@example.org"), status=Teacher.Status.VERIFIED)
    both = UserFactory(email="begge@example.org")
    MembershipFactory(user=both, partner__status=Partner.Status.APPROVED)
    TeacherFactory(user=both, status=Teacher.Status.VERIFIED)
    MembershipFactory(user=UserFactory(email="soker@example.org"), partner__status=Partner.Status.APPLIED)
    TeacherFactory(user=UserFactory(email="venter@example.org"), status=Teacher.Status.PENDING)
    TeacherFactory(user=UserFactory(email="sluttet@example.org", is_active=False), status=Teacher.Status.VERIFIED)
    for name in ("Partner", "larer", "begge", "soker", "venter", "sluttet", "fremmed"):
        subscriber(email=f"{name}@example.org")


@pytest.mark.parametrize(
    ("roles", "names"),
    [
        ([], ["Partner", "begge", "fremmed", "larer", "sluttet", "soker", "venter"]),
        ([Role.PARTNER], ["Partner", "begge"]),
        ([Role.TEACHER], ["begge", "larer"]),
        ([Role.PARTNER, Role.TEACHER], ["Partner", "begge", "larer"]),
        ([Role.OTHER], ["fremmed", "sluttet", "soker", "venter"]),
        ([Role.OTHER, Role.TEACHER], ["begge", "fremmed", "larer", "sluttet", "soker", "venter"]),
        (list(Role), ["Partner", "begge", "fremmed", "larer", "sluttet", "soker", "venter"]),
    ],
    ids=["all", "partners", "teachers", "both", "others", "not_only_partners", "every"],
)
def test_roles_follow_from_the_account_with_the_same_address(people, roles, names):
    assert sorted(emails(Audience(roles=roles))) == sorted(f"{name}@example.org" for name in names)


def test_only_who_confirmed_and_has_not_left_gets_it():
    subscriber(email="a@example.org")
    for status in (Subscriber.Status.PENDING, Subscriber.Status.UNSUBSCRIBED, Subscriber.Status.STOPPED):
        subscriber(status=status)

    assert emails(Audience()) == ["a@example.org"]


def test_county_and_language_narrow():
    troms, agder = CountyFactory(number="55", name="Troms"), CountyFactory(number="42", name="Agder")
    subscriber(email="t@example.org", county=troms)
    subscriber(email="t-nn@example.org", county=troms, language="nn")
    subscriber(email="a@example.org", county=agder)
    subscriber(email="nowhere@example.org")

    assert emails(Audience(counties=[troms.pk])) == ["t-nn@example.org", "t@example.org"]
    assert emails(Audience(counties=[troms.pk], languages=["nn"])) == ["t-nn@example.org"]


def test_interests_reach_who_chose_one_of_them_once_and_who_chose_none():
    robots = Interest.objects.create(slug="robots", name_nb="Roboter")
    energy = Interest.objects.create(slug="energy", name_nb="Energi")
    sea = Interest.objects.create(slug="sea", name_nb="Hav")
    subscriber(email="two@example.org").interests.set([robots, energy])
    subscriber(email="sea@example.org").interests.set([sea])
    subscriber(email="all@example.org")

    assert emails(Audience(interests=[robots.pk, energy.pk])) == ["all@example.org", "two@example.org"]


def test_receivers_are_what_the_newsletter_says():
    troms = CountyFactory()
    subscriber(email="t@example.org", county=troms, language="en")
    subscriber(email="t-nb@example.org", county=troms)
    issue = newsletter(audience_languages=["en"])
    issue.audience_counties.add(troms)

    assert [person.email for person in receivers(issue)] == ["t@example.org"]


def test_reach_counts_by_language(django_assert_num_queries):
    for language in ("nb", "nb", "en"):
        subscriber(language=language)

    with django_assert_num_queries(1):
        found = reach(Audience(roles=[Role.OTHER]))

    assert (found.total, found.by_language) == (3, {"en": 1, "nb": 2})
