"""The page of one activity."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from stemportal.activities import tasks
from stemportal.activities.models import CurriculumPlan, Goal
from stemportal.activities.tests.conftest import at, session_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted(monkeypatch) -> list[int]:
    """Views that would be counted by a worker."""
    views: list[int] = []
    monkeypatch.setattr(tasks.count_view, "delay", views.append)
    return views


def get(activity, client=None):
    return (client or Client()).get(activity.get_absolute_url())


def test_page_shows_texts_facts_and_a_button_for_each_date(offer):
    activity = offer(
        "Bygg en drone", description="Vi *flyr* dem.", learning="Kontroll", accessibility="Heis", place="Hangar 4"
    )
    first, second = session_in(activity, 5, capacity=3), session_in(activity, 9, capacity=1, places_taken=1)
    html = get(activity).content.decode()
    assert "<em>flyr</em>" in html
    for text in (
        "Kontroll",
        "Heis",
        "Hangar 4",
        "8th grade to Vg3",
        "Room for 3 groups",
        "Full",
        "Free for the school",
    ):
        assert text in html, text
    assert reverse("schools:book", args=[first.pk]) in html
    assert reverse("schools:book", args=[second.pk]) not in html


def test_on_request_leads_to_proposing_a_date(offer):
    activity = offer(policy="on_request")
    assert reverse("schools:propose", args=[activity.pk]) in get(activity).content.decode()


def test_past_and_cancelled_sessions_are_not_offered(offer):
    activity = offer()
    session_in(activity, -1)
    session_in(activity, 3, status="cancelled")
    assert "No dates right now" in get(activity).content.decode()


def test_script_in_texts_stays_text(offer):
    activity = offer("<b>Drone</b>", description="<script>alert(1)</script> [x](javascript:alert(1))")
    html = get(activity).content.decode()
    assert "<script>alert" not in html
    assert 'href="javascript' not in html
    assert "<b>Drone" not in html


@pytest.mark.parametrize("field", ["description", "programme", "bring", "safety", "getting_there", "transcript"])
@pytest.mark.parametrize(
    "text",
    [
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\nscript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.org/track.png)",
        "<data:text/html,x>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_no_text_of_an_offer_brings_a_script_or_a_foreign_picture(offer, field, text):
    html = get(offer("Robot", **{field: text})).content.decode().lower()
    assert 'href="data:' not in html
    assert 'href="java' not in html
    assert "<img src=x" not in html
    assert 'src="https://example.org' not in html


@pytest.mark.parametrize("slug", ["wrong", "bygg-en-drone-2"])
def test_wrong_end_of_the_address_leads_to_the_right_page(offer, slug):
    activity = offer("Bygg en drone")
    response = Client().get(at("detail", activity.pk, slug))
    assert (response.status_code, response["Location"]) == (301, activity.get_absolute_url())
    assert Client().get(at("detail_short", activity.pk)).status_code == 301


def test_expired_goal_names_its_successor(offer):
    new = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag")
    old = CurriculumPlan.objects.create(code="NAT01-04", title="Naturfag", valid_to=date(2026, 8, 1), successor=new)
    activity = offer()
    activity.goals.add(Goal.objects.create(plan=old, code="KM1", text_nb="utforske"))
    assert "replaced by NAT01-05" in get(activity).content.decode()


def test_similar_offers_share_a_subject_and_are_near_or_digital(offer, oslo):
    activity = offer("Dette", subjects=["TEK"])
    offer("Nær", subjects=["TEK"])
    offer("Digitalt", subjects=["TEK"], format="digital", municipality=oslo)
    offer("Langt borte", subjects=["TEK"], municipality=oslo)
    offer("Annet fag", subjects=["KJE"])
    html = get(activity).content.decode()
    assert "Nær" in html
    assert "Digitalt" in html
    assert "Langt borte" not in html
    assert "Annet fag" not in html


def test_draft_is_seen_by_its_members_only(offer, partner, member, stranger):
    draft = offer("Kladd", partner=partner, status="draft")
    assert get(draft).status_code == 404
    assert get(draft, stranger).status_code == 404
    html = get(draft, member).content.decode()
    assert "Only you and your colleagues see this." in html
    assert at("edit", draft.pk) in html


def test_reader_sees_a_draft_without_the_way_to_the_editor(offer, partner, reader):
    draft = offer("Kladd", partner=partner, status="draft")
    assert at("edit", draft.pk) not in get(draft, reader).content.decode()


def test_missing_activity_is_not_found(db):
    assert Client().get(at("detail", 10**12, "x")).status_code == 404


def test_view_is_counted_for_visitors_not_for_members_or_drafts(offer, partner, member, counted):
    activity, draft = offer(partner=partner), offer(partner=partner, status="draft")
    get(activity)
    Client().head(activity.get_absolute_url())
    get(activity, member)
    get(draft, member)
    assert counted == [activity.pk]


def test_page_is_shown_when_the_view_cannot_be_counted(offer, monkeypatch):
    def broken(pk: int) -> None:
        raise BrokerError("away")

    monkeypatch.setattr(tasks.count_view, "delay", broken)
    assert get(offer()).status_code == 200


def test_page_asks_the_same_number_of_queries_for_one_and_three(offer, django_assert_num_queries):
    activity = offer("Bygg en drone")
    session_in(activity, 5)
    offer("Likt 5", days=5)
    get(activity)  # kinds and places are remembered for a while
    with django_assert_num_queries(11):
        get(activity)
    for days in (6, 7):
        session_in(activity, days)
        offer(f"Likt {days}", days=days)
    with django_assert_num_queries(11):
        get(activity)


def test_session_over_several_days_says_when_it_ends(offer):
    activity = offer(kind="work_week", duration_minutes=2400)
    session = session_in(activity, 5)
    session.ends_at = session.starts_at + timedelta(days=4)
    session.save()
    html = get(activity).content.decode()
    assert "5 days" in html
    assert f"{timezone.localtime(session.ends_at):%B}" in html
