"""Films: which addresses are films at known hosts, and what is shown for them."""

from __future__ import annotations

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from stemportal.lib.films import FilmRefused, find_film, parse_film

ID = "dQw4w9WgX-_"
UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
SHORT = "kkGMgK9ZtnKfYAgnEtQxbv"


@pytest.fixture(autouse=True)
def programme_host(settings):
    settings.FILM_HOSTS = ("film.example.no",)
    # What is refused says why; here in the language of the message ids.
    with override("en"):
        yield


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.youtube.com/watch?v={ID}",
        f"http://youtube.com/watch?v={ID}&t=42s&list=PL123",
        f"https://m.youtube.com/watch?feature=share&v={ID}",
        f"https://youtu.be/{ID}?si=abc",
        f"https://www.youtube.com/shorts/{ID}",
        f"https://www.youtube.com/live/{ID}",
        f"https://www.youtube.com/embed/{ID}",
        f"https://www.youtube-nocookie.com/embed/{ID}",
        f"  HTTPS://WWW.YOUTUBE.COM/watch?v={ID}  ",
    ],
)
def test_youtube_is_shown_without_cookies(url):
    film = parse_film(url)
    assert film.embed_url == f"https://www.youtube-nocookie.com/embed/{ID}?rel=0"
    assert (film.host, film.watch_url) == ("YouTube", f"https://www.youtube.com/watch?v={ID}")
    assert film.origin == "https://www.youtube-nocookie.com"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://vimeo.com/123456789", "123456789?dnt=1"),
        ("https://vimeo.com/channels/stem/123456789", "123456789?dnt=1"),
        ("https://vimeo.com/groups/stem/videos/123456789", "123456789?dnt=1"),
        ("https://player.vimeo.com/video/123456789", "123456789?dnt=1"),
        ("https://vimeo.com/123456789/0a1b2c3d4e", "123456789?dnt=1&h=0a1b2c3d4e"),
        ("https://player.vimeo.com/video/123456789?h=0a1b2c3d4e&autoplay=1", "123456789?dnt=1&h=0a1b2c3d4e"),
    ],
)
def test_vimeo_is_asked_not_to_track(url, shown):
    film = parse_film(url)
    assert film.embed_url == f"https://player.vimeo.com/video/{shown}"
    assert film.origin == "https://player.vimeo.com"


@pytest.mark.parametrize(
    ("path", "name"), [(f"/w/{SHORT}", SHORT), (f"/videos/watch/{UUID}", UUID), (f"/videos/embed/{UUID}?p2p=1", UUID)]
)
def test_a_host_of_the_programme_is_shown_without_viewers_meeting(path, name):
    film = parse_film(f"https://Film.Example.no{path}")
    assert film.embed_url == f"https://film.example.no/videos/embed/{name}?p2p=0&warningTitle=0"
    assert film.host == "film.example.no"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "robot",
        "https://",
        "https://example.no/film.mp4",
        f"https://youtube.com.evil.example/watch?v={ID}",
        f"https://youtube.com./watch?v={ID}",
        f"https://evilyoutube.com/watch?v={ID}",
        f"https://ｙoutube.com/watch?v={ID}",
        f"https://youtube.com@evil.example/watch?v={ID}",
        f"https://kari:hemmelig@www.youtube.com/watch?v={ID}",
        f"https://www.youtube.com:8443/watch?v={ID}",
        f"https://www.youtube.com:x/watch?v={ID}",
        f"https://www.youtube.com\\@evil.example/watch?v={ID}",
        f"//www.youtube.com/watch?v={ID}",
        f"ftp://www.youtube.com/watch?v={ID}",
        f"javascript:alert('https://www.youtube.com/watch?v={ID}')",
        "data:text/html,<script>alert(1)</script>",
        f"java\nscript://www.youtube.com/watch?v={ID}",
        f"https://www.youtube.com/watch?v={ID}\r\nX: y",
        f"https://www.youtube.com/watch?v={ID}&x={'a' * 5000}",
        "https://[::1/watch",
        f"https://peertube.example.org/w/{SHORT}",
    ],
)
def test_what_is_at_no_known_host_is_refused_with_the_possible_ones(url):
    with pytest.raises(FilmRefused, match="YouTube, Vimeo, film.example.no"):
        parse_film(url)
    assert find_film(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/",
        "https://www.youtube.com/@kanalen",
        "https://www.youtube.com/playlist?list=PL123",
        "https://www.youtube.com/embed/videoseries?list=PL123",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/watch?v=" + "%22onload%3Dx",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQQ",
        "https://youtu.be/",
        f"https://youtu.be/{ID}/../..",
        "https://vimeo.com/kanalen",
        "https://vimeo.com/１２３４５６７８９",
        "https://vimeo.com/123456789/UPPER;x",
        "https://film.example.no/w/../../admin",
        f"https://film.example.no/w/{SHORT}0",
    ],
)
def test_a_page_at_a_known_host_that_is_no_film_is_told_so(url):
    with pytest.raises(FilmRefused, match="not of one film"):
        parse_film(url)


@given(st.text(max_size=400) | st.text(max_size=60).map(lambda text: f"https://www.youtube.com/{text}"))
def test_no_text_breaks_it(text):
    film = find_film(text)
    assert film is None or film.embed_url.startswith(("https://www.youtube-nocookie.com/embed/", "https://player."))
