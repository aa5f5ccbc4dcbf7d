"""A film on the page of an offer: nothing is fetched from its host before play, and a text says what it shows."""

from __future__ import annotations

import re

import pytest

from stemportal.activities.rules import missing_for_publishing

pytestmark = pytest.mark.django_db
ID = "demo_robot0"
NOCOOKIE = "https://www.youtube-nocookie.com"
# What a browser fetches by itself; a link is not among it.
FETCHED = re.compile(r"<(?:iframe|img|script|link|source|video)\b[^>]*>")


@pytest.fixture
def film(offer):
    facts = {"format": "digital", "link": f"https://youtu.be/{ID}", "captions": ["nb", "en"], "municipality": None}
    return offer("Natt i robothallen", kind="film", transcript="**Klokka 22** slår vi av lyset.", **facts)


def frame_in(response) -> str:
    """The frame's tag, "" without one."""
    found = re.search(r"<iframe\b[^>]*>", response.text)
    return found[0] if found else ""


def film_in(response) -> str:
    """The part of the page that is about the film, "" without one."""
    found = re.search(r'<section[^>]*id="film".*?</section>', response.text, re.DOTALL)
    return found[0] if found else ""


def test_film_is_not_fetched_before_play(client, film):
    response = client.get(film.get_absolute_url())
    assert not [tag for tag in FETCHED.findall(response.text) if "youtube" in tag]
    assert frame_in(response) == ""
    assert "The film comes from YouTube" in film_in(response)
    assert "may set cookies" in film_in(response)
    assert "Play the film" in film_in(response)


def test_play_shows_the_film_without_cookies_in_a_closed_frame(client, film):
    frame = frame_in(client.get(film.get_absolute_url(), {"play": 1}))
    assert f'src="{NOCOOKIE}/embed/{ID}?rel=0"' in frame
    assert 'title="Natt i robothallen – film at YouTube"' in frame
    assert 'sandbox="allow-scripts allow-same-origin allow-presentation"' in frame
    assert 'referrerpolicy="strict-origin-when-cross-origin"' in frame


def test_with_script_only_the_film_comes(client, film):
    response = client.get(film.get_absolute_url(), {"play": 1}, headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert NOCOOKIE in frame_in(response)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_link_from_elsewhere_presses_no_button(client, film, site):
    response = client.get(film.get_absolute_url(), {"play": 1}, headers={"Sec-Fetch-Site": site})
    assert frame_in(response) == ""


def test_only_the_page_of_a_film_lets_its_host_in(client, film, offer):
    with_film = client.get(film.get_absolute_url())["Content-Security-Policy"]
    without = client.get(offer("Se robotene").get_absolute_url())["Content-Security-Policy"]
    assert f"frame-src {NOCOOKIE};" in f"{with_film};"
    assert "frame-src" not in without
    assert "frame-src" not in client.get("/en/activities/")["Content-Security-Policy"]


def test_captions_and_transcript_are_told(client, film):
    page = film_in(client.get(film.get_absolute_url()))
    assert "Norwegian bokmål, English" in page
    assert "<strong>Klokka 22</strong>" in page


def test_a_transcript_brings_no_script(client, offer):
    text = "<script>alert(1)</script> [x](javascript:y)"
    page = film_in(
        client.get(offer("Film", kind="film", link=f"https://youtu.be/{ID}", transcript=text).get_absolute_url())
    )
    assert "<script" not in page
    assert 'href="javascript' not in page


def test_an_ordinary_link_is_not_made_a_film(client, offer):
    response = client.get(offer("Konkurranse", kind="competition", link="https://x.example.no/").get_absolute_url())
    assert film_in(response) == ""
    assert 'href="https://x.example.no/"' in response.text


@pytest.mark.parametrize(
    ("link", "is_missing"),
    [
        (f"https://youtu.be/{ID}", False),
        ("https://film.example.no/w/kkGMgK9ZtnKfYAgnEtQxbv", False),
        ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", True),
        ("https://filmer.example.org/robot.mp4", True),
    ],
)
def test_a_film_must_lie_at_a_known_host_to_be_published(film, link, is_missing):
    film.link = link
    missing = [item for item in missing_for_publishing(film) if item.field == "link"]
    assert bool(missing) == is_missing
    assert all("YouTube, Vimeo, film.example.no" in str(item.what) for item in missing)


def test_a_film_without_dates_does_not_ask_to_wait_for_some(client, film):
    page = client.get(film.get_absolute_url()).text
    assert "There is nothing to book" in page
    assert "has not set new dates yet" not in page
