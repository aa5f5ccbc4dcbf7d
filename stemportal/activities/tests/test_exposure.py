"""Offers that nobody opens: to the day, with advice that fits, for the owner and the secretariat."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from stemportal.activities.models import Activity, ActivityImage, CurriculumPlan, Goal
from stemportal.activities.queries import exposure
from stemportal.activities.services.activities import count_view
from stemportal.activities.tests.conftest import at, client_of, session_in
from stemportal.activities.today import offer_tasks
from stemportal.testing.factories import MembershipFactory, StaffFactory

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def days_after(moment, days, seconds=0):
    return time_machine.travel(moment + days * DAY + seconds * SECOND, tick=False)


def test_offer_counts_as_unseen_after_sixty_days(offer):
    activity = offer()
    with days_after(activity.published_at, 60):
        assert not exposure.unseen().exists()
        assert not exposure.is_unseen(activity)
    with days_after(activity.published_at, 60, 1):
        assert exposure.unseen().get() == activity
        assert exposure.is_unseen(activity)


def test_one_look_gives_it_sixty_days_more(offer):
    activity = offer()
    with days_after(activity.published_at, 50):
        count_view(activity.pk)
    activity.refresh_from_db()
    assert activity.views_count == 1
    with days_after(activity.published_at, 110):
        assert not exposure.unseen().exists()
    with days_after(activity.published_at, 110, 1):
        assert exposure.unseen().get() == activity


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_what_is_not_published_is_nobodys_to_open(offer, status):
    activity = offer(status=status)
    with days_after(activity.published_at, 90):
        assert not exposure.unseen().exists()
        assert exposure.advise([activity])[0].advice == []


GOOD = {
    "title": "Bygg en drone og fly den",
    "summary": "Elevene bygger en drone av deler, programmerer den og flyr den i hallen vår sammen med ingeniører.",
    "description": "Vi møtes i hallen. " * 20,
    "languages": ["nb", "nn"],
    "grade_from": 8,
    "grade_to": 10,
    "group_max": 30,
    "reach": "county",
    "days": 200,
}


@pytest.fixture
def well_made(offer):
    """An offer that every rule is content with, but for what is changed in it."""

    def make(**changes) -> Activity:
        activity = offer(**(GOOD | changes))
        plan = CurriculumPlan.objects.get_or_create(code="NAT01-05", defaults={"title": "Naturfag"})[0]
        activity.goals.add(Goal.objects.get_or_create(plan=plan, code="KM1", defaults={"text_nb": "utforske"})[0])
        ActivityImage.objects.create(activity=activity, file="x.webp", alt_text="En drone")
        return activity

    return make


def advice(activity: Activity) -> list[str]:
    """What is advised 61 days later, by the names of the rules."""
    with days_after(activity.published_at, 61):
        (advised,) = exposure.advise([Activity.objects.select_related("kind").get(pk=activity.pk)])
        texts = {str(rule.text): rule.name for rule in exposure.RULES}
        return [texts.get(text, "tell others") for text in advised.advice]


def test_well_made_offer_needs_people_who_tell_of_it(well_made):
    assert advice(well_made()) == ["tell others"]


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("dates", {"days": 30}),
        ("dates", {"days": None}),
        ("title", {"title": "Bedriftsbesøk"}),
        ("title", {"title": "Company visit"}),
        ("summary", {"summary": "En dag hos oss."}),
        ("subjects", {"subjects": []}),
        ("grades", {"grade_from": 9, "grade_to": 9}),
        ("reach", {"reach": "local"}),
        ("group", {"group_max": 10}),
        ("description", {"description": "Vi viser rundt."}),
    ],
)
def test_rule_speaks_where_it_applies(well_made, rule, changes):
    assert advice(well_made(**changes)) == [rule]


def test_goals_and_pictures_are_missed(well_made):
    activity = well_made()
    activity.goals.clear()
    activity.images.all().delete()
    assert advice(activity) == ["goals", "picture"]


def test_what_has_no_dates_is_not_asked_for_any(well_made):
    assert advice(well_made(days=None, policy="on_request")) == ["tell others"]


def test_a_digital_offer_reaches_everybody(well_made):
    assert "reach" not in advice(well_made(reach="local", format="digital"))


def test_four_sentences_at_most_the_best_first(offer):
    activity = offer("Besøk", subjects=[], reach="local", grade_from=9, grade_to=9)
    assert advice(activity) == ["dates", "title", "summary", "subjects"]


def test_advice_for_many_costs_one_query(offer, django_assert_num_queries):
    offers = [offer(), offer(), offer()]
    with days_after(offers[-1].published_at, 61), django_assert_num_queries(1):
        exposure.advise(offers)
    with django_assert_num_queries(0):
        exposure.advise(offers)


def test_owner_reads_it_in_the_list_and_among_the_tasks(offer, partner, monkeypatch):
    activity = offer("Besøk", partner=partner)
    membership = MembershipFactory(partner=partner)
    client = client_of(membership.user)
    address = at("listings", partner.pk)
    assert "Nobody has opened it in 60 days" not in client.get(address).text
    Activity.objects.filter(pk=activity.pk).update(published_at=timezone.now() - 61 * DAY)
    page = client.get(address).text
    assert "Nobody has opened it in 60 days" in page
    assert "Add dates: offers with free dates come first in every search." in page

    (task,) = list(offer_tasks(membership))
    assert task.title == "Nobody has opened “Besøk” in 60 days"
    assert task.text.startswith("Add dates: ")
    assert task.url == at("edit", activity.pk)


def test_reader_sees_no_task(offer, partner):
    offer(partner=partner, published_at=timezone.now() - 61 * DAY)
    assert list(offer_tasks(MembershipFactory(partner=partner, role="reader"))) == []


def test_secretariat_finds_them_by_a_filter(offer):
    offer("Sett i går", published_at=timezone.now() - 90 * DAY, last_viewed_at=timezone.now() - DAY)
    offer("Aldri sett", published_at=timezone.now() - 90 * DAY)
    client = client_of(StaffFactory())
    page = client.get(reverse("admin:activities_activity_changelist") + "?opened=not")
    assert [activity.title for activity in page.context["cl"].result_list] == ["Aldri sett"]


def test_sessions_that_are_full_are_no_free_dates(well_made):
    activity = well_made(days=None)
    session_in(activity, 200, capacity=1, places_taken=1)
    assert advice(activity) == ["dates"]
