"""Nothing found: what to let go of, asking for it, and the secretariat's answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stemportal.accounts.deletion import delete_unused_account
from stemportal.activities.models import UnmetSearch
from stemportal.activities.services import asking as services
from stemportal.activities.tests.conftest import at, client_of
from stemportal.outbox.models import Mail
from stemportal.testing.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits(settings) -> None:
    """All these visitors come from one address."""
    settings.PORTAL_RATE_LIMITS = dict.fromkeys(settings.PORTAL_RATE_LIMITS, (10_000, 3600))


def wish(**facts) -> UnmetSearch:
    facts = {"query": "q=jetpack", "words": "“jetpack”", "email": "kari@example.org", "language": "en"} | facts
    return UnmetSearch.objects.create(**facts)


# What to let go of


def test_each_wish_is_dropped_alone_and_counted(offer, alta, oslo):
    for number in range(3):
        offer(f"Drone {number}", municipality=oslo)
    offer("Robot", municipality=alta, kind="workshop")
    page = Client().get(at("search") + "?q=drone&place=Alta&radius=10").text
    assert "Anywhere in the country: 3 offers" in page
    assert "Without the words: 1 offer" in page
    assert page.index("Anywhere in the country") < page.index("Without the words")
    assert 'href="?q=drone"' in page
    assert 'href="?place=Alta&amp;radius=10"' in page


def test_at_most_three_are_shown_and_five_tried(offer, kinds, monkeypatch):
    from stemportal.activities.finding import relaxing

    offer("Drone")
    asked = []
    search = relaxing.run_search
    monkeypatch.setattr(relaxing, "run_search", lambda *a, **k: asked.append(a) or search(*a, **k))
    page = (
        Client()
        .get(
            at("search")
            + "?q=robot&pupils=200&free=on&kind=film&subject=MAT&grade=13&language=se&new=on&format=digital"
        )
        .text
    )
    assert "No offers fit all of this" in page
    assert len(asked) == 5
    assert "Let go of one thing" not in page
    assert "See all offers" in page


# Asking


def test_visitor_asks_with_an_address(kinds):
    page = Client().get(at("search") + "?q=jetpack&grade=9").text
    assert at("ask") + "?q=jetpack&amp;grade=9" in page
    form = Client().get(at("ask") + "?q=jetpack&grade=9").text
    assert "You look for: “jetpack”, 9th grade" in form
    assert 'value="q=jetpack&amp;grade=9"' in form

    answer = Client().post(
        at("ask"), {"search": "q=jetpack&grade=9", "email": "Kari@Example.org", "message": "I mai?"}, follow=True
    )

    assert "What happens next" in answer.text
    asked = UnmetSearch.objects.get()
    assert (asked.query, asked.words) == ("q=jetpack&grade=9", "“jetpack”, 9th grade")
    assert (asked.email, asked.message, asked.language, asked.user) == ("kari@example.org", "I mai?", "en", None)


def test_person_who_is_logged_in_asks_with_one_button(kinds):
    person = UserFactory()
    client = client_of(person)
    page = client.get(at("search") + "?q=jetpack").text
    assert 'form="ask-form" name="search" value="q=jetpack"' in page
    client.post(at("ask"), {"search": "q=jetpack"})
    client.post(at("ask"), {"search": "q=jetpack", "message": "For 9B"})
    asked = UnmetSearch.objects.get()
    assert (asked.user, asked.email, asked.message) == (person, "", "For 9B")


def test_address_is_asked_of_visitors(kinds):
    answer = Client().post(at("ask"), {"search": "q=jetpack"})
    assert answer.status_code == 422
    assert "This field is required" in answer.text
    assert not UnmetSearch.objects.exists()


def test_personal_numbers_are_thrown_away(kinds):
    answer = Client().post(at("ask"), {"email": "kari@example.org", "message": "Ola 01016050012 trenger det"})
    assert answer.status_code == 422
    assert "01016050012" not in answer.text
    assert not UnmetSearch.objects.exists()


def test_programs_that_fill_in_everything_are_refused(kinds):
    answer = Client().post(at("ask"), {"email": "kari@example.org", "nickname": "bot"})
    assert answer.status_code == 422
    assert not UnmetSearch.objects.exists()


def test_many_questions_are_stopped_and_kept_in_the_form(kinds, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "ask": (1, 3600)}
    visitor = Client(REMOTE_ADDR="192.0.2.77")
    visitor.post(at("ask"), {"search": "q=a", "email": "a@example.org"})
    answer = visitor.post(at("ask"), {"search": "q=b", "email": "a@example.org", "message": "Hei igjen"})
    assert answer.status_code == 429
    assert "Hei igjen" in answer.text
    assert UnmetSearch.objects.count() == 1


@pytest.mark.parametrize("search", ["", "q=\x00", "%" * 400, "a=" + "b" * 4000, "kind=nothing&page=9"])
def test_any_search_can_be_asked_for(kinds, search):
    answer = Client().post(at("ask"), {"search": search, "email": "kari@example.org"})
    assert answer.status_code == 302
    assert UnmetSearch.objects.count() == 1


# The answer


@pytest.fixture
def staff() -> Client:
    return client_of(StaffFactory())


def test_secretariat_answers_by_mail_once(staff):
    asked = wish(message="I mai?")
    page = reverse("admin:activities_unmetsearch_change", args=[asked.pk])
    assert "Your answer" in staff.get(page).text

    staff.post(page, {"answer": "Hei!\n\nJetforeningen kan komme."})

    mail = Mail.objects.get()
    assert mail.to_email == "kari@example.org"
    assert "Jetforeningen kan komme." in mail.text
    assert "You looked for: “jetpack”" in mail.text
    assert at("search") + "?q=jetpack" in mail.text
    asked.refresh_from_db()
    assert asked.answered_at
    assert "Your answer" not in staff.get(page).text
    staff.post(page, {"answer": "Enda en gang"})
    assert Mail.objects.count() == 1


def test_answer_goes_to_the_account_in_its_language(staff):
    asked = wish(user=UserFactory(email="ny@example.org", language="nb"), email="")
    services.answer_wish(asked=asked, text="Hei")
    mail = Mail.objects.get()
    assert (mail.to_email, mail.language) == ("ny@example.org", "nb")


def test_two_colleagues_answer_once():
    asked = wish()
    services.answer_wish(asked=UnmetSearch.objects.get(pk=asked.pk), text="Hei")
    with pytest.raises(services.CannotAnswer):
        services.answer_wish(asked=asked, text="Hei igjen")
    assert Mail.objects.count() == 1


def test_answer_with_a_personal_number_is_not_sent(staff):
    asked = wish()
    staff.post(reverse("admin:activities_unmetsearch_change", args=[asked.pk]), {"answer": "Ring 01016050012"})
    assert not Mail.objects.exists()


def test_list_has_what_waits_and_takes_it_off_without_a_mail(staff):
    asked = wish()
    listed = reverse("admin:activities_unmetsearch_changelist")
    assert "jetpack" in staff.get(f"{listed}?answer=waiting").text
    staff.post(listed, {"action": "close", "_selected_action": [asked.pk]})
    assert staff.get(f"{listed}?answer=waiting").context["cl"].result_count == 0
    assert staff.get(f"{listed}?answer=given").context["cl"].result_count == 1
    assert not Mail.objects.exists()


# Forgetting


def test_who_asked_is_forgotten_in_time_and_the_wish_stays():
    now = timezone.now()
    answered = wish(message="Fra Kari", answered_at=now, asked_at=now)
    with time_machine.travel(now + services.FORGET_AFTER_ANSWER - timedelta(seconds=1), tick=False):
        assert services.forget_who_asked() == 0
    with time_machine.travel(now + services.FORGET_AFTER_ANSWER + timedelta(seconds=1), tick=False):
        waiting = wish(user=UserFactory(), email="")
        assert services.forget_who_asked() == 1
        assert services.forget_who_asked() == 0
    answered.refresh_from_db()
    waiting.refresh_from_db()
    assert (answered.email, answered.message, answered.words) == ("", "", "“jetpack”")
    assert waiting.user is not None
    with time_machine.travel(waiting.asked_at + services.FORGET_UNANSWERED + timedelta(seconds=1), tick=False):
        assert services.forget_who_asked() == 1


def test_wishes_forget_a_person_whose_account_is_deleted():
    person = UserFactory(email="borte@example.org")
    asked, before = wish(user=person, email="", message="Fra meg"), wish(email="Borte@example.org", query="q=x")
    assert delete_unused_account(user_pk=person.pk) == "borte@example.org"
    for row in (asked, before):
        row.refresh_from_db()
        assert (row.user, row.email, row.message) == (None, "", "")
