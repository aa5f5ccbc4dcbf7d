""" "I teach this in week 41": the goal first, then the subject; what is let go; and the text for the year plan."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stemportal.activities.finding.teaching import next_school_week, week_words
from stemportal.activities.models import CurriculumPlan, Goal, Subject
from stemportal.activities.search_index import refresh_search
from stemportal.activities.tests.conftest import at
from stemportal.testing.factories import SessionFactory

pytestmark = pytest.mark.django_db
OSLO = ZoneInfo("Europe/Oslo")
WEEK = "2026-W50"


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel("2026-11-20 10:00:00+01:00", tick=True):
        yield


@pytest.fixture
def goal(kinds):
    """A goal of natural science in force, which came after an older one."""
    plan = CurriculumPlan.objects.create(
        code="NAT01-05", title="Naturfag", subject=Subject.objects.get(code="NAT"), valid_from=date(2026, 8, 1)
    )
    old = CurriculumPlan.objects.create(code="NAT01-04", title="Naturfag", valid_to=date(2026, 8, 1), successor=plan)
    texts = {"text_nb": "utforske energi", "text_nn": "utforske energien", "text_en": "explore energy"}
    goal = Goal.objects.create(plan=plan, code="KM2", after_grade="10", **texts)
    Goal.objects.create(plan=old, code="KM1", text_nb="gammelt", successor=goal)
    return goal


@pytest.fixture
def teachable(offer, goal):
    """Make an offer with goals, and a session on a day: teachable("Energi", ["KM2"], "2026-12-08")."""

    def make(title: str, codes=("KM2",), day: str = "", **facts):
        facts = {"subjects": ["NAT"], "reach": "local", **facts}
        activity = offer(title, **facts)
        activity.goals.set(Goal.objects.filter(code__in=codes))
        if day:
            start = datetime.fromisoformat(f"{day} 09:00").replace(tzinfo=OSLO)
            SessionFactory(activity=activity, starts_at=start, ends_at=start + timedelta(hours=2))
        refresh_search([activity.pk])
        return activity

    return make


def page(client, **asked) -> str:
    return client.get(at("teach"), asked).text


def titles(html: str, heading: str) -> list[str]:
    """Titles of the offers below a heading (its id)."""
    part = html.split(f'id="{heading}"')[1].split("</section>", maxsplit=1)[0] if f'id="{heading}"' in html else ""
    return re.findall(r"<h3[^>]*><a[^>]*>([^<]*)</a></h3>", part)


def test_goal_comes_first_then_the_subject(client, teachable):
    teachable("Med mål", day="2026-12-08")
    teachable("Samme fag", [], day="2026-12-09")
    teachable("Annet fag", [], day="2026-12-09", subjects=["MAT"])
    html = page(client, plan="NAT01-05", goal="KM2", week=WEEK)
    assert titles(html, "with-goal") == ["Med mål"]
    assert titles(html, "same-subject") == ["Samme fag"]
    assert "1 offer for the goal" in html
    assert html.count(">Same subject<") == 1


def test_offers_that_name_the_older_goal_are_found(client, teachable):
    teachable("Gammelt mål", ["KM1"], day="2026-12-08")
    assert titles(page(client, goal="KM2", week=WEEK), "with-goal") == ["Gammelt mål"]


def test_a_shared_address_with_an_older_goal_uses_what_came_after(client, teachable):
    teachable("Med mål", day="2026-12-08")
    html = page(client, goal="KM1", week=WEEK)
    assert "KM1 is no longer in force. We use what came after it: KM2 (NAT01-05)." in html
    assert titles(html, "with-goal") == ["Med mål"]


def test_the_week_is_let_go_first(client, teachable):
    teachable("Senere", day="2027-01-20")
    html = page(client, goal="KM2", week=WEEK)
    assert titles(html, "with-goal") == ["Senere"]
    assert "Nobody has a date in that week" in html


def test_then_the_place_and_then_the_goal(client, teachable, oslo):
    teachable("Langt borte", day="2026-12-08", municipality=oslo)
    html = page(client, goal="KM2", week=WEEK, place="Alta")
    assert "There is nothing near Alta" in html
    assert titles(html, "with-goal") == ["Langt borte"]
    Goal.objects.create(plan=CurriculumPlan.objects.get(code="NAT01-05"), code="KM3", text_nb="ingen har dette")
    html = page(client, goal="KM3", week=WEEK)
    assert "No offer names this goal yet" in html
    assert titles(html, "same-subject") == ["Langt borte"]


def test_what_can_be_had_in_any_week_is_found_in_every_week(client, teachable):
    teachable("På forespørsel", policy="on_request")
    film = {"kind": "film", "format": "digital", "municipality": None}
    teachable("En film", policy="instant", link="https://youtu.be/demo_robot0", **film)
    assert set(titles(page(client, goal="KM2", week=WEEK), "with-goal")) == {"På forespørsel", "En film"}


def test_without_a_goal_the_subject_is_enough(client, teachable):
    teachable("Samme fag", [], day="2026-12-09")
    html = page(client, plan="NAT01-05", week=WEEK)
    assert "1 offer of the subject" in html
    assert "Same subject" not in html
    assert "explore energy" in html, "the goals to choose from"


def test_a_week_that_is_over_is_told(client, teachable):
    teachable("Med mål", day="2026-12-08")
    html = page(client, goal="KM2", week="2026-W41")
    assert "That week is over" in html
    assert titles(html, "with-goal") == ["Med mål"]


def test_nothing_at_all_has_a_way_on(client, goal):
    html = page(client, goal="KM2", week=WEEK)
    assert "No offers of this subject yet" in html
    assert "See all offers" in html


def test_the_first_look_explains_and_stands_on_the_next_school_week(client, goal):
    html = page(client)
    assert "How it works" in html
    assert '<option value="2026-W48" selected>' in html
    assert 'label="School year 2026/27"' in html


@pytest.mark.parametrize(
    ("today", "week"),
    [
        ("2026-11-20", "2026-W48"),
        ("2026-12-18", "2026-W52"),
        ("2026-12-22", "2027-W01"),
        ("2026-06-20", "2026-W34"),
        ("2027-03-21", "2027-W12"),
    ],
)
def test_next_school_week_leaves_out_christmas_and_summer(today, week):
    with time_machine.travel(f"{today} 10:00:00+01:00", tick=False):
        assert next_school_week() == week


def test_weeks_are_named_with_their_school_year(client, goal):
    assert week_words("2026-W53") == "Week 53 (December 28 to January 3), school year 2026/27"
    assert '<option value="2026-W53" selected>' in page(client, week="53")
    # 2027 has no week 53.
    assert '<option value="2026-W48" selected>' in page(client, week="2027-W53")


def plan_text(html: str) -> str:
    return html.split("readonly>")[1].split("</textarea>", maxsplit=1)[0]


def test_text_for_the_year_plan_has_all_that_a_plan_asks_for(client, teachable, goal):
    facts = {"preparation": "Les om energi.", "follow_up": "Skriv rapport.", "place": "Resepsjonen"}
    activity = teachable("Med mål", day="2026-12-08", **facts)
    text = plan_text(page(client, goal="KM2", week=WEEK, offer=activity.pk))
    assert text.startswith("Week 50 (December 7 to December 13), school year 2026/27")
    assert "- explore energy (KM2, Naturfag NAT01-05, after 10th grade)" in text
    assert f"Partner: {activity.partner.display_name}" in text
    assert "When: Tuesday 8 December, 09:00–11:00" in text
    assert re.search(r"^Where: .*, Resepsjonen, Alta$", text, re.MULTILINE)
    assert "Before the visit:\nLes om energi." in text
    assert "After the visit:\nSkriv rapport." in text
    assert f"http://testserver{activity.get_absolute_url()}" in text


def test_text_is_in_the_readers_language(client, teachable, goal):
    activity = teachable("Med mål", day="2026-12-08")
    response = client.get(f"/nn/teach/{activity.pk}.txt", {"goal": "KM2", "week": WEEK})
    assert "utforske energien" in response.text


def test_text_names_another_date_when_there_is_none_in_the_week(client, teachable, goal):
    activity = teachable("Senere", day="2027-01-20")
    assert "20 January 2027, 09:00–11:00 (no free date in that week)" in plan_text(
        page(client, goal="KM2", week=WEEK, offer=activity.pk)
    )


def test_text_without_a_chosen_goal_has_the_offers_own(client, teachable):
    activity = teachable("Med mål", ["KM1", "KM2"])
    text = plan_text(page(client, offer=activity.pk))
    assert "KM2" in text
    assert "KM1" not in text, "it is over"


def test_file_has_the_same_text(client, teachable):
    activity = teachable("Med mål", day="2026-12-08")
    response = client.get(at("teach_text", activity.pk), {"goal": "KM2", "week": WEEK})
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="year-plan-week-50.txt"'
    assert response.text.replace("\r\n", "\n").startswith("Week 50")


def test_an_offer_that_is_not_published_has_no_text(client, offer, goal):
    draft = offer("Kladd", status="draft")
    assert client.get(at("teach_text", draft.pk)).status_code == 404
    html = page(client, offer=draft.pk)
    assert "This offer is not there any more" in html
    assert "Kladd" not in html


def test_a_teachers_school_is_the_place_unless_it_is_emptied(client, goal, monkeypatch):
    monkeypatch.setattr("stemportal.activities.views.teach.own_place", lambda user: "Alta")
    assert 'name="place" value="Alta"' in page(client)
    assert 'name="place" value=""' in page(client, place="")


@pytest.mark.parametrize(
    "asked",
    [
        {
            "plan": "x" * 5000,
            "goal": "' OR 1=1",
            "week": "2026-W99",
            "place": "\x00" * 10,
            "grade": "99",
            "offer": "-1",
        },
        {"goal": [f"KM{n}" for n in range(300)], "week": "9999-W01", "offer": "9" * 400},
        {"plan": ["NAT01-05", "NAT01-05"], "goal": ["KM2", "KM2", ".*"], "week": "0", "offer": "٣"},
        {"plan": "NAT01-04", "goal": "KM1", "week": "1900-W10", "place": "Alta" * 2000},
    ],
)
def test_no_address_is_an_error(client, teachable, asked):
    teachable("Med mål", day="2026-12-08")
    assert client.get(at("teach"), asked).status_code == 200
    assert client.get(at("teach_text", 999_999_999), asked).status_code == 404


def test_page_asks_the_same_number_of_queries_for_one_and_three(client, teachable):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(at("teach"), {"goal": "KM2", "week": WEEK}).status_code == 200
        return len(found)

    teachable("En", day="2026-12-08")
    teachable("Fag", [], day="2026-12-08")
    queries()
    one = queries()
    for number in range(2):
        teachable(f"Med {number}", day="2026-12-08")
        teachable(f"Fag {number}", [], day="2026-12-08")
        Goal.objects.create(plan=CurriculumPlan.objects.get(code="NAT01-05"), code=f"KM5{number}", text_nb="mer")
    queries()
    assert queries() == one <= 7
