"""Offers like the one on the page: about the same, and within reach of the same school."""

from __future__ import annotations

import pytest

from stemportal.activities.models import CurriculumPlan, Goal
from stemportal.activities.queries.offers import similar_offers
from stemportal.activities.search_index import refresh_search

pytestmark = pytest.mark.django_db


def similar(activity) -> list[str]:
    subjects, goals = activity.subjects.all(), activity.goals.all()
    return [card.title for card in similar_offers(activity, subjects=subjects, goals=goals, limit=10)]


@pytest.fixture
def with_goal(db):
    plan = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag")
    goal = Goal.objects.create(plan=plan, code="KM9001", text_nb="måle strøm")

    def add(*activities):
        for activity in activities:
            activity.goals.add(goal)
        refresh_search([activity.pk for activity in activities])

    return add


def test_same_subject_in_the_county_comes_before_digital_and_other_counties_do_not_come(offer, oslo, alta):
    shown = offer("Vis oss broen", municipality=alta)
    offer("Nær", municipality=alta, kind="workshop")
    offer("Nær og samme slag", municipality=alta)
    offer("Nett", municipality=oslo, format="digital")
    offer("Langt unna", municipality=oslo)
    offer("Annet fag", municipality=alta, subjects=["MAT"])
    assert similar(shown) == ["Nær og samme slag", "Nær", "Nett"]


def test_remote_offer_is_followed_by_what_reaches_every_school(offer, oslo, alta):
    shown = offer("Alene her", municipality=alta)
    offer("Nett", municipality=oslo, format="digital")
    offer("Kommer overalt", municipality=oslo, format="at_school", reach="national", kind="role_model_visit")
    assert set(similar(shown)) == {"Nett", "Kommer overalt"}


def test_goal_and_telling_words_make_offers_alike_without_a_shared_subject(offer, alta, with_goal):
    shown = offer("Bygg en drone", municipality=alta, subjects=["TEK"])
    by_goal = offer("Samme mål", municipality=alta, subjects=["MAT"])
    offer("Flyv en drone selv", municipality=alta, subjects=["MAT"])
    offer("Noe helt annet", municipality=alta, subjects=["MAT"])
    with_goal(shown, by_goal)
    assert set(similar(shown)) == {"Samme mål", "Flyv en drone selv"}


def test_more_in_common_comes_first(offer, alta, with_goal):
    shown = offer("Bygg en drone", municipality=alta)
    all_of_it = offer("Drone i praksis", municipality=alta)
    offer("Bare faget", municipality=alta)
    with_goal(shown, all_of_it)
    assert similar(shown) == ["Drone i praksis", "Bare faget"]


def test_offer_without_subject_goal_and_likes_has_none(offer, alta):
    shown = offer("Helt alene", municipality=alta, subjects=[])
    offer("Noe annet", municipality=alta)
    assert similar(shown) == []


def test_among_equals_few_enquiries_come_first(offer, alta):
    shown = offer("Vis oss broen", municipality=alta)
    offer("Mye spurt", municipality=alta, enquiries_count=5)
    offer("Lite spurt", municipality=alta, enquiries_count=0)
    assert similar(shown) == ["Lite spurt", "Mye spurt"]


def test_similar_offers_cost_the_same_for_few_and_many(offer, alta, django_assert_max_num_queries):
    shown = offer("Vis oss broen", municipality=alta)
    offer("Tilbud", municipality=alta)
    similar(shown)
    with django_assert_max_num_queries(3):
        assert len(similar(shown)) == 1
    for number in range(5):
        offer(f"Tilbud {number}", municipality=alta)
    with django_assert_max_num_queries(3):
        assert len(similar(shown)) == 6
