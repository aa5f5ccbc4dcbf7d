"""Competence goals on an offer: chosen from those in force, marked when they are over, replaced by what came after."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.test import Client

from stemportal.activities.models import CurriculumPlan, Goal
from stemportal.activities.queries.curriculum import heir_of, with_successors
from stemportal.activities.tests.conftest import at
from stemportal.activities.today import goal_tasks
from stemportal.partners.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel("2026-11-20 10:00:00+01:00", tick=True):
        yield


@pytest.fixture
def goals(db):
    """An old and a new plan with one goal each, and one that begins next year."""
    new = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag", valid_from=date(2026, 8, 1))
    old = CurriculumPlan.objects.create(code="NAT01-04", title="Naturfag", valid_to=date(2026, 8, 1), successor=new)
    later = CurriculumPlan.objects.create(code="NAT01-06", title="Naturfag", valid_from=date(2027, 8, 1))
    texts = {"text_nb": "utforske energi", "text_nn": "utforske energien"}
    heir = Goal.objects.create(plan=new, code="KM2", after_grade="10", **texts)
    return {
        "old": Goal.objects.create(plan=old, code="KM1", text_nb="utforske gammel energi", successor=heir),
        "lost": Goal.objects.create(plan=old, code="KM9", text_nb="finnes ikke mer"),
        "new": heir,
        "later": Goal.objects.create(plan=later, code="KM3", text_nb="til neste år"),
    }


def form_of(client: Client, activity) -> str:
    return client.get(at("edit", activity.pk)).text


def written(activity, **facts):
    return {
        "kind": activity.kind.code,
        "title": activity.title,
        "grade_from": 8,
        "grade_to": 10,
        "format": "on_site",
        "reach": "county",
        "policy": "confirm",
        "group_max": 30,
        "duration_minutes": 120,
        "revision": activity.revision,
        **facts,
    }


def test_picker_offers_only_goals_in_force(member, partner, offer, goals):
    page = form_of(member, offer(partner=partner, status="draft"))
    assert "utforske energi" in page
    assert "Naturfag, 10th grade" in page
    assert "utforske gammel energi" not in page
    assert "til neste år" not in page


def test_picker_keeps_a_chosen_goal_that_is_over_and_says_what_came_after(member, partner, offer, goals):
    activity = offer(partner=partner, status="draft")
    activity.goals.set([goals["old"], goals["lost"]])
    page = form_of(member, activity)
    assert "(expired Aug. 1, 2026, replaced by KM2 in NAT01-05)" in page
    assert f'name="use_successor" value="{goals["old"].pk}"' in page
    assert f'name="use_successor" value="{goals["lost"].pk}"' not in page
    assert "(2 chosen)" in page


def test_one_tick_uses_the_successor(member, partner, offer, goals):
    activity = offer(partner=partner, status="draft")
    activity.goals.set([goals["old"], goals["lost"]])
    data = written(activity, goals=[goals["old"].pk, goals["lost"].pk], use_successor=[goals["old"].pk])
    member.post(at("edit", activity.pk), data)
    assert set(activity.goals.values_list("code", flat=True)) == {"KM2", "KM9"}


@pytest.mark.parametrize("bad", ["x", "-1", "9" * 40, "'); drop table", "\x00"])
def test_odd_ticks_break_nothing(member, partner, offer, goals, bad):
    activity = offer(partner=partner, status="draft")
    response = member.post(at("edit", activity.pk), written(activity, goals=[bad], use_successor=[bad]))
    assert response.status_code in {200, 302, 422}


def test_successors_of_successors_are_followed_and_rings_end(goals):
    goals["new"].successor = goals["later"]
    goals["new"].save()
    assert heir_of(Goal.objects.get(pk=goals["old"].pk)) == goals["later"]
    goals["later"].successor = goals["old"]
    goals["later"].save()
    assert heir_of(Goal.objects.get(pk=goals["old"].pk)) == goals["later"]
    assert with_successors([goals["lost"]], [str(goals["lost"].pk)]) == [goals["lost"]]


def test_page_marks_goals_that_are_over(client, offer, goals):
    activity = offer("Energi")
    activity.goals.set([goals["old"], goals["new"]])
    page = client.get(activity.get_absolute_url()).text
    assert page.count("(expired Aug. 1, 2026, replaced by KM2 in NAT01-05)") == 1


def test_page_reads_goals_in_the_readers_language(client, offer, goals):
    activity = offer("Energi")
    activity.goals.set([goals["new"]])
    address = activity.get_absolute_url().removeprefix("/en")
    assert "utforske energien" in client.get(f"/nn{address}").text
    assert "utforske energien" not in client.get(address).text


def test_todays_tasks_name_offers_with_goals_that_are_over(partner, member, offer, goals):
    membership = Membership.objects.get(partner=partner)
    assert list(goal_tasks(membership)) == []
    first, second, archived = (offer(f"Energi {n}", partner=partner) for n in range(3))
    for activity in (first, second, archived):
        activity.goals.set([goals["old"], goals["lost"]])
    archived.status = "archived"
    archived.save()
    (task,) = goal_tasks(membership)
    assert task.title == "Competence goals of 2 offers have expired"
    assert task.url == f"{at('edit', first.pk)}#div_id_goals"


def test_todays_tasks_are_not_for_readers(partner, reader, offer, goals):
    offer(partner=partner).goals.set([goals["old"]])
    assert list(goal_tasks(Membership.objects.get(partner=partner))) == []
