"""What a partner's room asks it to do about its offers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.activities.today import offer_tasks
from stemportal.partners.extensions import Task, tasks_of
from stemportal.partners.models import Membership
from stemportal.testing.factories import ActivityFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership(partner) -> Membership:
    return MembershipFactory(partner=partner)


def offer(membership: Membership, *, days_ago: int, **facts) -> Activity:
    """Published, or for a draft last changed, so many days ago."""
    then = timezone.now() - timedelta(days=days_ago)
    activity = ActivityFactory(partner=membership.partner, published_at=then, **facts)
    Activity.objects.filter(pk=activity.pk).update(updated_at=then)
    return activity


def tasks(membership: Membership) -> list[Task]:
    return list(offer_tasks(membership))


def test_partner_without_a_published_offer_is_asked_for_one(membership):
    offer(membership, days_ago=1, status="draft")
    asked = tasks(membership)

    assert [task.title for task in asked] == ["Publish an offer"]
    assert asked[0].url == reverse("activities:listings", args=[membership.partner_id])

    offer(membership, days_ago=1, views_count=1)
    assert tasks(membership) == []


def test_offer_that_nobody_opens_is_pointed_to_after_a_week(membership):
    offer(membership, days_ago=6, views_count=0)
    offer(membership, days_ago=30, views_count=1)
    assert tasks(membership) == []

    unseen = offer(membership, days_ago=8, views_count=0, title="Ingen har sett meg")

    assert [task.title for task in tasks(membership)] == ["Nobody has opened “Ingen har sett meg” yet"]
    assert tasks(membership)[0].url == reverse("activities:edit", args=[unseen.pk])


def test_draft_that_lies_is_pointed_to_after_two_weeks(membership):
    offer(membership, days_ago=1, views_count=1)
    offer(membership, days_ago=13, status="draft", views_count=0)
    offer(membership, days_ago=99, status="archived", views_count=0)
    assert tasks(membership) == []

    lying = offer(membership, days_ago=15, status="draft", title="Halvferdig 100 %")

    assert [task.title for task in tasks(membership)] == ["Finish “Halvferdig 100 %”"]
    assert tasks(membership)[0].url == reverse("activities:edit", args=[lying.pk])


def test_many_of_the_same_do_not_hide_the_rest(membership, django_assert_num_queries):
    for _number in range(9):
        offer(membership, days_ago=20, views_count=0)
        offer(membership, days_ago=20, status="draft")

    with django_assert_num_queries(2):
        titles = [task.title.split()[0] for task in tasks(membership)]

    assert (titles.count("Finish"), titles.count("Nobody")) == (3, 3)


@pytest.mark.parametrize(("role", "status"), [("reader", "approved"), ("owner", "applied"), ("owner", "ended")])
def test_who_cannot_do_it_is_not_asked(partner, role, status):
    partner.status = status
    partner.save()
    membership = MembershipFactory(partner=partner, role=role)

    assert tasks(membership) == []


def test_tasks_stand_in_the_room(membership):
    assert "Publish an offer" in [task.title for task in tasks_of(membership)]
