"""Input on the desk of the secretariat: answering, bundling, closing a hearing, publishing a recommendation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.network.models import Hearing, Input, Recommendation
from stemportal.testing.factories import StaffFactory, UserFactory
from stemportal.testing.network_factories import (
    HearingFactory,
    InputFactory,
    InputSupportFactory,
    RecommendationFactory,
)
from stemportal.views.dashboard import queues

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return StaffFactory()


@pytest.fixture
def client(staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def to(name: str, *args: Any) -> str:
    return reverse(f"admin:network_{name}", args=args)


def answered(**changes: Any) -> dict[str, Any]:
    return {"status": "received", "seen": "received", "reason": "", "answer": "", **changes}


def test_input_that_waits_is_a_queue_on_the_dashboard(staff):
    InputFactory(status=Input.Status.IN_WORK)
    first = InputFactory(at=timezone.now() - timedelta(days=3))
    InputFactory()

    queue = next(queue for queue in queues(staff) if queue.label == "Input to answer")

    assert (queue.count, queue.oldest) == (2, first.at)
    assert queue.url == f"{to('input_changelist')}?status__exact=received"


def test_hearing_that_is_over_without_a_summary_is_a_queue(staff, client):
    over = {"opens_at": timezone.now() - timedelta(days=30)}
    unsaid = HearingFactory(title_nb="Hvor langt?", **over)
    HearingFactory(title_nb="Ferdig", summary="Lengre besøk.", **over)
    HearingFactory(title_nb="Pågår")

    queue = next(queue for queue in queues(staff) if queue.label == "Hearings that are over, without a summary")
    html = client.get(queue.url).content.decode()

    assert (queue.count, queue.oldest) == (1, unsaid.closes_at)
    assert "Hvor langt?" in html
    assert "Ferdig" not in html
    assert "Pågår" not in html


def test_list_shows_what_waits_with_its_support(client):
    waiting, done = InputFactory(title="Lengre besøk"), InputFactory(status=Input.Status.TAKEN_UP, title="Kort svar")
    InputSupportFactory(input=waiting)

    html = client.get(f"{to('input_changelist')}?status__exact=received").content.decode()

    assert "Lengre besøk" in html
    assert done.title not in html
    assert "All partners" in html


def test_answer_page_shows_the_input_and_saves_the_answer(client, staff):
    found = InputFactory(title="Lengre besøk", text="To timer er **for lite**.")
    support = InputSupportFactory(input=found, partner__display_name="Sørlys")
    html = client.get(to("input_answer", found.pk)).content.decode()
    assert "To timer er <strong>for lite</strong>." in html
    assert support.partner.display_name in html

    response = client.post(
        to("input_answer", found.pk),
        answered(status="taken_up", reason="Fra høsten", answer="Takk!", answer_is_public="on"),
        follow=True,
    )

    found.refresh_from_db()
    assert (found.status, found.reason, found.answer, found.answer_is_public) == (
        "taken_up", "Fra høsten", "Takk!", True,
    )  # fmt: skip
    assert (found.answered_by, found.answered_at is not None) == (staff, True)
    assert "The partner is told by mail" in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "not_taken_up"}, "Say why it is not taken up"),
        ({"status": "withdrawn"}, "Select a valid choice"),
        ({"answer": "Ring 01010750160"}, "personal identity number"),
        ({"status": "in_work", "seen": "in_work"}, "has moved on meanwhile"),
    ],
    ids=["no reason", "not a move", "identity number", "moved meanwhile"],
)
def test_answer_that_cannot_be_saved_says_why(client, changes, words):
    found = InputFactory()

    response = client.post(to("input_answer", found.pk), answered(**changes), follow=True)

    assert words in response.content.decode()
    assert Input.objects.get().status == Input.Status.RECEIVED
    assert Input.objects.get().answer == ""


def test_withdrawn_input_has_no_answer_page(client):
    found = InputFactory(status=Input.Status.WITHDRAWN)

    html = client.get(to("input_answer", found.pk), follow=True).content.decode()

    assert "The partner has withdrawn this input." in html


def test_what_partners_wrote_cannot_be_changed(client):
    found = InputFactory(title="Lengre besøk")

    client.post(to("input_change", found.pk), {"title": "Noe annet", "text": "Noe annet"})

    assert Input.objects.get().title == "Lengre besøk"
    assert client.get(to("input_add")).status_code == 403


def test_several_are_marked_as_in_work(client):
    waiting, done = InputFactory(), InputFactory(status=Input.Status.TAKEN_UP)

    client.post(to("input_changelist"), {"action": "begin_selected", "_selected_action": [waiting.pk, done.pk]})

    assert set(Input.objects.values_list("pk", "status")) == {(waiting.pk, "in_work"), (done.pk, "taken_up")}


def test_chosen_input_is_bundled_into_a_new_recommendation_and_published(client):
    shared, closed = InputFactory(title="Fire timer"), InputFactory(title="Hemmelig", is_shared=False)
    refused = InputFactory(status=Input.Status.NOT_TAKEN_UP, reason="Nei", title="Seks timer")
    chosen = {"action": "bundle_selected", "_selected_action": [shared.pk, closed.pk, refused.pk]}
    response = client.post(to("input_changelist"), chosen, follow=True)
    html = response.content.decode()
    assert "Fire timer" in html
    assert "Seks timer" in html.partition("Left out")[2]

    refused_form = client.post(response.redirect_chain[-1][0], {"title": ""}).content.decode()
    assert "write the title of a new one" in refused_form
    client.post(response.redirect_chain[-1][0], {"title": "Lengre besøk"})
    made = Recommendation.objects.get()
    preview = client.get(to("recommendation_publish", made.pk)).content.decode()
    assert "Fire timer" in preview
    assert "1 input for the secretariat alone" in preview
    assert made.published_at is None, "looking publishes nothing"
    client.post(to("recommendation_publish", made.pk))

    made.refresh_from_db()
    assert made.published_at is not None
    assert {found.status for found in made.inputs.all()} == {"taken_up"}
    assert made.inputs.count() == 2


def test_recommendation_is_taken_down_and_only_then_deleted(client):
    made = RecommendationFactory(published_at=timezone.now())
    assert client.post(to("recommendation_delete", made.pk), {"post": "yes"}).status_code == 403

    client.post(to("recommendation_take_down", made.pk))
    assert Recommendation.objects.get().published_at is None
    client.post(to("recommendation_delete", made.pk), {"post": "yes"})

    assert not Recommendation.objects.exists()


def test_input_is_taken_out_of_its_recommendation(client):
    found = InputFactory(recommendation=RecommendationFactory(), status=Input.Status.IN_WORK)

    client.post(to("input_changelist"), {"action": "unbundle_selected", "_selected_action": [found.pk]})

    assert Input.objects.get().recommendation is None


def moments(**changes: Any) -> dict[str, Any]:
    now = timezone.localtime()
    times = {"opens_at": now + timedelta(days=1), "closes_at": now + timedelta(days=20), **changes}
    parts = {
        f"{name}_{i}": f"{moment:{form}}"
        for name, moment in times.items()
        for i, form in enumerate(("%Y-%m-%d", "%H:%M:%S"))
    }
    texts = {f"{name}_{code}": "" for name in ("title", "text") for code in ("nb", "nn", "en")}
    return {**texts, "title_nb": "Hvor lange besøk?", **parts}


def test_hearing_is_written_and_nobody_is_mailed_before_it_opens(client, staff):
    assert "08:00" in client.get(to("hearing_add")).content.decode()

    client.post(to("hearing_add"), moments())

    hearing = Hearing.objects.get()
    assert (hearing.created_by, hearing.told_at, hearing.is_open()) == (staff, None, False)


def test_hearing_never_ends_before_it_begins_or_in_the_past(client):
    for wrong in (timezone.localtime() - timedelta(days=2), timezone.localtime() + timedelta(hours=2)):
        client.post(to("hearing_add"), moments(closes_at=wrong))

    assert not Hearing.objects.exists()


def test_new_deadline_is_reminded_of_anew_and_the_beginning_stays(client):
    now = timezone.now()
    hearing = HearingFactory(reminded_at=now, reminded_until=7, told_until=9)

    client.post(to("hearing_change", hearing.pk), moments(closes_at=timezone.localtime() + timedelta(days=40)))

    changed = Hearing.objects.get()
    assert changed.closes_at > now + timedelta(days=39)
    assert (changed.reminded_at, changed.reminded_until, changed.told_until) == (None, 0, 9)
    assert changed.opens_at == hearing.opens_at


def test_hearing_is_closed_with_a_summary(client):
    hearing = HearingFactory()
    InputFactory(hearing=hearing)
    html = client.get(to("hearing_close", hearing.pk)).content.decode()
    assert "1 input came in." in html
    assert "1 is not decided yet." in html

    client.post(to("hearing_close", hearing.pk), {"summary": ""})
    assert Hearing.objects.get().is_open()
    client.post(to("hearing_close", hearing.pk), {"summary": "Besøkene blir lengre."})

    assert not Hearing.objects.get().is_open()
    assert Hearing.objects.get().summary == "Besøkene blir lengre."


def test_hearing_that_partners_answered_is_not_deleted(client):
    hearing = HearingFactory()
    InputFactory(hearing=hearing)

    assert client.post(to("hearing_delete", hearing.pk), {"post": "yes"}).status_code == 403


def test_who_may_only_look_changes_nothing(client):
    looker = UserFactory(is_staff=True)
    names = ("view_input", "view_hearing", "view_recommendation")
    looker.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(looker)
    found, hearing, made = InputFactory(), HearingFactory(), RecommendationFactory()

    assert client.get(to("input_change", found.pk)).status_code == 200
    for address in (
        to("input_answer", found.pk),
        f"{to('input_bundle')}?ids={found.pk}",
        to("hearing_close", hearing.pk),
        to("recommendation_publish", made.pk),
        to("recommendation_take_down", made.pk),
    ):
        assert client.post(address, answered(status="taken_up", summary="x")).status_code == 403
    assert Input.objects.get().status == Input.Status.RECEIVED
