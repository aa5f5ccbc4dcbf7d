"""What partners tell of themselves, and starts of films."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from stemportal.activities.models import FilmPlays, OwnWord
from stemportal.activities.services import film_plays, own_words
from stemportal.partners import extensions
from stemportal.testing.factories import KindFactory, MembershipFactory, StaffFactory

pytestmark = pytest.mark.django_db

TODAY = "2025-03-10 12:00+01:00"


@pytest.fixture
def member():
    return MembershipFactory(role="editor", partner__display_name="Nordlys")


@pytest.fixture
def told(member):
    facts = {"kind": KindFactory(), "title": "Stand på forskningsdagene", "held_on": dt.date(2025, 2, 3)}
    return OwnWord.objects.create(partner=member.partner, said_by=member.user, pupils=140, hours=6, **facts)


def typed(**facts):
    day = {"held_on": "2025-02-03"}
    return {
        "title": "Stand",
        "kind": KindFactory().pk,
        "pupils": 40,
        "girls": 18,
        "hours": "2.5",
        "note": "",
        **day,
        **facts,
    }


def test_an_editor_tells_and_finds_it_in_the_list(client, member):
    client.force_login(member.user)
    with time_machine.travel(TODAY, tick=False):
        response = client.post(reverse("activities:own_word_add", args=[member.partner_id]), typed(), follow=True)

    assert response.redirect_chain[-1][0] == reverse("activities:own_words", args=[member.partner_id])
    assert "1 thing for 40 pupils, 2.5 hours in all" in response.text
    own_word = OwnWord.objects.get()
    assert (own_word.girls, own_word.hours, own_word.said_by) == (18, Decimal("2.5"), member.user)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"held_on": "2025-03-11"}, "Tell of it when it has taken place."),
        ({"held_on": "2020-03-11"}, "too long ago"),
        ({"girls": 41}, "There cannot be more girls than pupils."),
        ({"pupils": 0}, "greater than or equal to 1"),
        ({"title": "Kari 01010750160"}, "looked like a personal identity number"),
    ],
    ids=["future", "old", "girls", "nobody", "identity"],
)
def test_what_cannot_be_is_told_kindly(client, member, facts, words):
    client.force_login(member.user)
    with time_machine.travel(TODAY, tick=False):
        response = client.post(reverse("activities:own_word_add", args=[member.partner_id]), typed(**facts))

    assert response.status_code == 422
    assert words in response.text
    assert not OwnWord.objects.exists()


def test_what_was_told_is_put_right_and_taken_back(client, member, told):
    client.force_login(member.user)
    with time_machine.travel(TODAY, tick=False):
        client.post(reverse("activities:own_word_edit", args=[told.pk]), typed(kind=told.kind_id, pupils=150, girls=""))
    told.refresh_from_db()
    assert (told.pupils, told.girls, told.title) == (150, None, "Stand")

    response = client.post(reverse("activities:own_word_delete", args=[told.pk]), follow=True)

    assert "Nothing told yet" in response.text


def test_a_reader_reads_and_has_no_button(client, member, told):
    reader = MembershipFactory(partner=member.partner, role="reader").user
    client.force_login(reader)

    page = client.get(reverse("activities:own_words", args=[member.partner_id])).text

    assert told.title in page
    assert "Tell of something" not in page
    assert client.get(reverse("activities:own_word_edit", args=[told.pk])).status_code == 403


def test_a_year_takes_so_much_and_no_more(client, member, told, monkeypatch):
    monkeypatch.setattr(own_words, "MOST_A_YEAR", 1)
    client.force_login(member.user)
    with time_machine.travel(TODAY, tick=False):
        address = reverse("activities:own_word_add", args=[member.partner_id])
        full = client.post(address, typed())
        client.post(address, typed(held_on="2023-10-10"))

    assert "as many as fit" in full.text
    assert OwnWord.objects.count() == 2


def test_list_takes_the_same_queries_for_one_and_three(client, member, told, django_assert_num_queries):
    client.force_login(member.user)
    address = reverse("activities:own_words", args=[member.partner_id])
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)
    for title in ("A", "B"):
        facts = {"kind": told.kind, "held_on": told.held_on, "pupils": 5, "hours": 1}
        OwnWord.objects.create(partner=member.partner, title=title, **facts)
    with django_assert_num_queries(8):
        client.get(address)


def test_the_secretariat_sees_no_numbers_of_pupils(client, told):
    OwnWord.objects.update(pupils=4321)
    client.force_login(StaffFactory())

    listed = client.get(reverse("admin:activities_ownword_changelist")).text
    opened = client.get(reverse("admin:activities_ownword_change", args=[told.pk])).text

    assert told.title in listed
    assert told.title in opened
    assert "4321" not in listed + opened


def test_it_is_in_the_copy_of_the_data_and_forgets_who_told(member, told):
    told.note = f"Med {member.user.email}"
    told.save()
    section = next(each for each in extensions.data_sections if each.name == "own_words")
    assert [(row["title"], row["pupils"]) for row in section.rows(member.partner)] == [(told.title, 140)]

    people = extensions.People(pks=frozenset([member.user_id]), words=(member.user.email,))
    for forget in extensions.forget:
        forget(member.partner, people)

    told.refresh_from_db()
    assert (told.said_by, told.note, told.pupils) == (None, "Med …", 140)


# Films

BROWSER = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0 (X11) Firefox/140"}


@pytest.fixture
def film(offer):
    facts = {"format": "digital", "link": "https://youtu.be/demo_robot0", "captions": ["nb"], "municipality": None}
    return offer("Natt i robothallen", kind="film", transcript="Klokka 22.", **facts)


@pytest.fixture
def counted(monkeypatch):
    """Plays as a worker would count them."""
    monkeypatch.setattr("stemportal.activities.views.detail.tasks.announce_play", film_plays.count_play)


def plays() -> list[int]:
    return list(FilmPlays.objects.values_list("number", flat=True))


def test_a_film_counts_when_somebody_presses_play(client, film, counted):
    client.get(film.get_absolute_url(), headers=BROWSER)
    assert plays() == []

    client.get(film.get_absolute_url(), {"play": 1}, headers=BROWSER)

    assert plays() == [1]


def test_the_same_browser_counts_once_in_half_an_hour(client, film, counted):
    for _press in range(3):
        client.get(film.get_absolute_url(), {"play": 1}, headers=BROWSER)
    client.get(film.get_absolute_url(), {"play": 1}, headers=BROWSER | {"User-Agent": "Mozilla/5.0 Safari"})

    assert plays() == [2]


@pytest.mark.parametrize(
    "headers",
    [{"User-Agent": "Mozilla/5.0"}, BROWSER | {"User-Agent": "Googlebot/2.1"}, BROWSER | {"User-Agent": ""}],
    ids=["no browser", "robot", "nameless"],
)
def test_programs_do_not_count(client, film, counted, headers):
    client.get(film.get_absolute_url(), {"play": 1}, headers=headers)

    assert plays() == []


def test_a_partners_own_people_do_not_count(client, film, counted):
    client.force_login(MembershipFactory(partner=film.partner).user)
    client.get(film.get_absolute_url(), {"play": 1}, headers=BROWSER)

    assert plays() == []


def test_each_day_has_its_own_number(film):
    for moment in (TODAY, TODAY, "2025-03-11 08:00+01:00"):
        with time_machine.travel(moment, tick=False):
            film_plays.count_play(film.pk)

    assert list(FilmPlays.objects.order_by("day").values_list("day", "number")) == [
        (dt.date(2025, 3, 10), 2),
        (dt.date(2025, 3, 11), 1),
    ]
