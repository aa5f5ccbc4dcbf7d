"""Saved searches: kept, changed, mailed when something is new and only then, ended with one click."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from stemportal.activities.finding.sentences import understood
from stemportal.activities.models import Activity, SavedSearch
from stemportal.activities.search.store import SearchNotReady
from stemportal.activities.search_index import refresh_availability, refresh_search
from stemportal.activities.services import saved as services
from stemportal.activities.tests.conftest import at, client_of, session_in
from stemportal.outbox.models import Mail
from stemportal.testing.factories import SchoolFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

# A Wednesday in a school week.
WEDNESDAY = datetime(2026, 10, 7, 10, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock():
    """Time goes on by itself too: what is published after a search was saved is later than it."""
    with time_machine.travel(WEDNESDAY) as traveller:
        yield traveller


@pytest.fixture
def person():
    return UserFactory(email="kari@example.org", language="en")


def keep(person, query="q=drone", frequency="instant", name="Drones") -> SavedSearch:
    return services.save_search(user=person, query=query, name=name, frequency=frequency)


def run(clock, later: timedelta = 5 * MINUTE) -> list[Mail]:
    """Go on in time, run once, and return the mails that were written, the newest first."""
    clock.move_to(timezone.now() + later)
    before = set(Mail.objects.values_list("pk", flat=True))
    services.mail_saved_searches()
    return list(Mail.objects.exclude(pk__in=before))


# Keeping


def test_search_is_kept_as_it_was_understood():
    words, name = understood(QueryDict("q=drone&grade=9&place=&page=4&view=map&kind=nonsense&radius=60&sort=best&x=1"))
    assert words == "q=drone&grade=9"
    assert name == "“drone”, 9th grade"


def test_same_search_is_kept_once(person):
    first, second = keep(person), keep(person, name="Droner", frequency="weekly")
    assert first.pk == second.pk
    assert (second.name, second.frequency) == ("Droner", "weekly")
    assert SavedSearch.objects.count() == 1


def test_there_are_thirty_at_most(person):
    for number in range(services.MOST_SAVED):
        keep(person, query=f"q={number}")
    with pytest.raises(services.TooManySaved):
        keep(person, query="q=one+more")
    keep(person, query="q=3", name="Three")


def test_what_is_too_long_is_not_kept(person):
    with pytest.raises(services.TooLongToSave):
        keep(person, query="q=" + "%C3%A6" * 400)


def test_search_page_leads_to_a_form_with_the_name_filled_in(person, kinds):
    client = client_of(person)
    assert at("search_save") + "?q=drone&amp;grade=9" in client.get(at("search") + "?q=drone&grade=9").text
    page = client.get(at("search_save") + "?q=drone&grade=9")
    assert "“drone”, 9th grade" in page.text

    answer = client.post(at("search_save") + "?q=drone&grade=9", {"name": " Drones  9 ", "frequency": "instant"})

    assert answer["Location"] == at("saved_searches")
    saved = SavedSearch.objects.get()
    assert (saved.query, saved.name, saved.frequency, saved.user) == ("q=drone&grade=9", "Drones 9", "instant", person)
    listed = client.get(at("saved_searches")).text
    assert at("search") + "?q=drone&amp;grade=9" in listed
    assert "As soon as something new fits" in listed


def test_visitor_is_led_to_the_login_and_back(kinds):
    answer = Client().get(at("search_save") + "?q=drone")
    assert answer.status_code == 302
    assert "/login/?next=" in answer["Location"]
    assert "q%3Ddrone" in answer["Location"]


def test_one_too_many_is_told_kindly(person, kinds, monkeypatch):
    monkeypatch.setattr(services, "MOST_SAVED", 1)
    keep(person, query="q=1")
    answer = client_of(person).post(at("search_save") + "?q=drone", {"name": "Drones", "frequency": "weekly"})
    assert answer.status_code == 422
    assert "You have 1 saved searches already" in answer.text


def test_saved_search_is_renamed_and_deleted_by_its_owner_only(person):
    saved = keep(person)
    stranger = client_of(UserFactory())
    assert stranger.get(at("saved_search", saved.pk)).status_code == 404
    assert stranger.post(at("search_delete", saved.pk)).status_code == 404
    client = client_of(person)
    client.post(at("saved_search", saved.pk), {"name": "Flying", "frequency": "never"})
    saved.refresh_from_db()
    assert (saved.name, saved.frequency) == ("Flying", "never")
    client.post(at("search_delete", saved.pk))
    assert not SavedSearch.objects.exists()


# Mails


def test_new_offer_is_mailed_with_the_reason(person, offer, clock):
    saved = keep(person)
    offer("Robots at work")
    offer("Bygg en drone", days=9)

    (mail,) = run(clock)

    assert mail.to_email == "kari@example.org"
    assert mail.subject == "1 new offer: Drones"
    assert "Bygg en drone" in mail.text
    assert "Robots at work" not in mail.text
    assert "You get this mail because you saved the search “Drones”" in mail.text
    assert at("search") + "?q=drone" in mail.text
    assert at("search_stop", saved.stop_token) in mail.text
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"/saved-search/one-click/{saved.stop_token}/" in mail.headers["List-Unsubscribe"]
    assert run(clock, 2 * HOUR) == []


def test_mail_is_in_the_language_of_the_person(offer, clock):
    keep(UserFactory(language="nb"))
    offer("Bygg en drone")
    (mail,) = run(clock)
    assert mail.language == "nb"
    assert "/en/" not in mail.text


def test_title_in_a_mail_is_text(person, offer, clock):
    keep(person)
    offer("Drone <b>now</b>")
    (mail,) = run(clock)
    assert "<b>now" not in mail.html
    assert "Drone &lt;b&gt;now&lt;/b&gt;" in mail.html


def test_offers_that_were_there_are_not_news(person, offer, clock):
    offer("Bygg en drone")
    clock.move_to(WEDNESDAY + MINUTE)
    keep(person)
    assert run(clock) == []


def test_first_free_dates_are_news_and_further_ones_are_not(person, offer, clock):
    activity = offer("Bygg en drone")
    clock.move_to(WEDNESDAY + DAY)
    refresh_availability([activity.pk])
    keep(person)
    assert run(clock) == []

    session_in(activity, 9)
    refresh_availability([activity.pk])
    (mail,) = run(clock)
    assert "Bygg en drone" in mail.text

    session_in(activity, 19)
    refresh_availability([activity.pk])
    assert run(clock, 2 * HOUR) == []


def test_what_happened_a_moment_ago_waits_for_the_next_run(person, offer, clock):
    keep(person)
    clock.move_to(WEDNESDAY + 10 * MINUTE)
    offer("Bygg en drone")
    assert run(clock, MINUTE) == []
    assert len(run(clock, 2 * MINUTE)) == 1


def test_what_the_index_does_not_have_yet_is_told_later(person, offer, clock, search_index, monkeypatch):
    keep(person)
    activity = offer("Bygg en drone")
    monkeypatch.setattr(search_index, "changed", set())  # the worker is busy
    clock.move_to(WEDNESDAY + 5 * MINUTE)
    offer("Fly en drone")
    assert run(clock, 20 * MINUTE) == []

    refresh_search([activity.pk])
    (mail,) = run(clock)
    assert mail.subject == "2 new offers: Drones"


def test_offers_taken_down_again_are_not_told_of(person, offer, clock):
    keep(person)
    offer("Bygg en drone", status=Activity.Status.ARCHIVED)
    gone = offer("Fly en drone")
    # The index has not heard of it.
    Activity.objects.filter(pk=gone.pk).update(status=Activity.Status.DRAFT)
    assert run(clock) == []


def test_instant_mails_come_once_an_hour_and_bundle(person, offer, clock):
    keep(person)
    offer("Drone one")
    assert len(run(clock)) == 1
    offer("Drone two")
    assert run(clock, 10 * MINUTE) == []
    offer("Drone three")
    assert run(clock, 40 * MINUTE) == []
    (mail,) = run(clock, 15 * MINUTE)
    assert mail.subject == "2 new offers: Drones"
    assert "Drone one" not in mail.text


def test_weekly_mails_come_on_monday_morning(person, offer, clock):
    keep(person, frequency="weekly")
    offer("Bygg en drone")
    assert run(clock, 10 * MINUTE) == []
    monday = datetime(2026, 10, 12, 5, 0, tzinfo=UTC)  # seven in Norway, in summer time
    clock.move_to(monday)
    assert run(clock, MINUTE) == [], "a little after, so that nothing of the minutes before is left out"
    assert len(run(clock, 5 * MINUTE)) == 1
    offer("Fly en drone")
    assert run(clock, DAY) == []
    clock.move_to(monday + timedelta(days=7, hours=9))
    assert len(run(clock)) == 1, "a Monday on which the portal was down until noon"


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        ("2026-10-12T04:59:59", "2026-10-05T05:00:00"),
        ("2026-10-12T05:00:00", "2026-10-12T05:00:00"),
        ("2026-10-18T22:30:00", "2026-10-12T05:00:00"),
        # Winter time since the night to Sunday: seven is an hour later in UTC.
        ("2026-10-26T05:30:00", "2026-10-19T05:00:00"),
        ("2026-10-26T06:00:00", "2026-10-26T06:00:00"),
    ],
)
def test_monday_morning_is_norwegian(moment, monday):
    found = services.monday_morning(datetime.fromisoformat(f"{moment}+00:00"))
    assert found == datetime.fromisoformat(f"{monday}+00:00")


def test_who_wants_no_mail_gets_none_and_later_only_what_is_new_then(person, offer, clock):
    saved = keep(person, frequency="never")
    offer("Bygg en drone")
    assert run(clock) == []
    services.change_search(saved=saved, name="Drones", frequency="instant")
    assert run(clock) == []
    offer("Fly en drone")
    (mail,) = run(clock)
    assert "Bygg en drone" not in mail.text


def test_accounts_that_are_closed_get_no_mail(person, offer, clock):
    keep(person)
    person.is_active = False
    person.save()
    offer("Bygg en drone")
    assert run(clock) == []


def test_two_workers_mail_once(person, offer, clock):
    saved = keep(person)
    offer("Bygg en drone")
    clock.move_to(WEDNESDAY + 5 * MINUTE)
    seen_by_the_slow_one = SavedSearch.objects.select_related("user").get(pk=saved.pk)
    services.mail_saved_searches()
    assert Mail.objects.count() == 1
    news = services._news(seen_by_the_slow_one.seen_until, timezone.now())
    assert news.moments

    assert services._tell(seen_by_the_slow_one, news) == 0
    assert Mail.objects.count() == 1


def test_filters_and_place_hold_in_mails_too(person, offer, clock, alta, oslo):
    keep(person, query="place=Alta&radius=40&free=on", name="Alta")
    offer("I Oslo", municipality=oslo, days=9)
    offer("I Alta uten datoer", municipality=alta)
    offer("I Alta", municipality=alta, days=9)
    (mail,) = run(clock)
    assert mail.subject == "1 new offer: Alta"
    assert "I Alta\n" in mail.text


def test_offer_with_only_some_of_the_words_is_not_mailed(person, offer, clock):
    keep(person, query="q=drone+kjøkken", name="Both")
    offer("Bygg en drone")
    assert run(clock) == []


def test_many_offers_are_told_in_short(person, offer, clock):
    keep(person)
    for number in range(12):
        offer(f"Drone {number}")
    (mail,) = run(clock)
    assert mail.subject == "12 new offers: Drones"
    assert mail.text.count("- Drone") == 10
    assert "And 2 more." in mail.text


def test_nothing_new_costs_three_queries(person, offer, clock, django_assert_num_queries):
    for number in range(3):
        keep(person, query=f"q=drone+{number}")
    clock.move_to(WEDNESDAY + HOUR)
    with django_assert_num_queries(3):
        assert services.mail_saved_searches() == 0


def test_without_an_index_nothing_is_lost(person, offer, clock, monkeypatch):
    keep(person)
    offer("Bygg en drone")
    clock.move_to(WEDNESDAY + 5 * MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr(services, "run_search", lambda *args, **kwargs: (_ for _ in ()).throw(SearchNotReady))
        with pytest.raises(SearchNotReady):
            services.mail_saved_searches()
    assert len(run(clock)) == 1


# Ending them


def test_link_in_the_mail_asks_first_and_ends_the_mails_without_login(person):
    saved = keep(person)
    visitor = Client()
    assert "No more mails about “Drones”?" in visitor.get(at("search_stop", saved.stop_token)).text
    saved.refresh_from_db()
    assert saved.has_mail

    page = visitor.post(at("search_stop", saved.stop_token), follow=True).text

    assert "You get no more mails about “Drones”" in page
    saved.refresh_from_db()
    assert saved.frequency == "never"


def test_mail_programs_end_the_mails_with_one_click(person):
    saved = keep(person)
    address = f"/saved-search/one-click/{saved.stop_token}/"
    program = Client(enforce_csrf_checks=True)
    assert program.get(address).status_code == 302
    saved.refresh_from_db()
    assert saved.has_mail
    assert program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    saved.refresh_from_db()
    assert not saved.has_mail
    assert program.post("/saved-search/one-click/nobody/").status_code == 404


# The teacher's own school


def test_teacher_is_offered_the_own_school_and_not_limited_to_it(offer, alta, oslo):
    teacher = TeacherFactory(school=SchoolFactory(name="Alta ungdomsskole", municipality=alta))
    offer("I Oslo", municipality=oslo)
    client = client_of(teacher.user)
    page = client.get(at("search") + "?grade=9").text
    assert "Near Alta ungdomsskole" in page
    assert "I Oslo" in page
    assert 'href="?grade=9&amp;place=Alta+ungdomsskole"' in page
    near = client.get(at("search") + "?place=Alta+ungdomsskole").text
    assert "Near Alta ungdomsskole" not in near
    assert "within 60 km of Alta ungdomsskole" in near


def test_schools_of_the_same_name_are_told_apart_by_place(offer, alta, oslo):
    SchoolFactory(name="Sentrum skole", municipality=oslo)
    teacher = TeacherFactory(school=SchoolFactory(name="Sentrum skole", municipality=alta))
    page = client_of(teacher.user).get(at("search")).text
    assert "Near Sentrum skole, Alta" in page
