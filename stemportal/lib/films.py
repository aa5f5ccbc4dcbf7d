"""Addresses of films: from what a person pastes to the film at a host that we know how to show without tracking.

Known are YouTube (shown from youtube-nocookie.com), Vimeo (with ``dnt=1``), and the PeerTube hosts that the programme
names in ``settings.FILM_HOSTS``. Everything else is refused with a text that says which hosts are possible. Nothing is
ever fetched here: an address is only read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

# Activity.link takes as much; an address of a film has less than a hundred characters.
LONGEST = 300
YOUTUBE = {"youtube.com", "www.youtube.com", "m.youtube.com", "youtube-nocookie.com", "www.youtube-nocookie.com"}
VIMEO = {"vimeo.com", "www.vimeo.com", "player.vimeo.com"}
YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
VIMEO_ID = re.compile(r"[0-9]{6,12}")
# The second part of an unlisted film's address.
VIMEO_KEY = re.compile(r"[0-9a-f]{8,16}")
# PeerTube names a film by a UUID or by the same in base 58.
PEERTUBE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{22}")
# What browsers drop or read as something else inside an address.
ODD = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"'`^{|}]")


class FilmRefused(ValueError):
    """The address is no film that can be shown. Its text is for people: what is wrong and which hosts are possible."""


@dataclass(frozen=True)
class Film:
    """A film at a known host. ``embed_url`` is the player's address, without cookies where the host offers that."""

    host: str
    id: str
    embed_url: str
    watch_url: str

    @property
    def origin(self) -> str:
        """Scheme and host of the player, as a content security policy names it."""
        parts = urlsplit(self.embed_url)
        return f"{parts.scheme}://{parts.netloc}"


def parse_film(url: str) -> Film:
    """Return the film that the address names. Raises FilmRefused for everything else, however it is written."""
    text = url.strip()
    if not text or len(text) > LONGEST or ODD.search(text):
        raise _unknown()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _unknown() from error
    # Names, passwords and ports are how a foreign host is dressed up as a known one.
    if parts.scheme.lower() not in {"http", "https"} or "@" in parts.netloc or port is not None:
        raise _unknown()
    host = (parts.hostname or "").lower()
    read = _reader(host)
    if read is None:
        raise _unknown()
    film = read(parts)
    if film is None:
        raise FilmRefused(
            _("This is an address at %(host)s, but not of one film. Open the film there and copy its address.")
            % {"host": host}
        )
    return film


def find_film(url: str) -> Film | None:
    """Return the film that the address names, None if it names none."""
    try:
        return parse_film(url)
    except FilmRefused:
        return None


def wants_to_play(request: HttpRequest) -> bool:
    """Whether the viewer pressed play on the page itself: ``?play=1``, asked for from one of the portal's own pages.

    A link from elsewhere that ends in ``?play=1`` shows the button like any other, for its reader has pressed nothing.
    Browsers that do not tell where a request comes from (Sec-Fetch-Site) are believed.
    """
    return "play" in request.GET and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def let_in(response: HttpResponse, film: Film | None) -> HttpResponse:
    """Let this one page show this one host's player in a frame. Nothing is fetched before there is a frame."""
    if film is not None:
        response._csp_update = {"frame-src": [film.origin]}  # type: ignore[attr-defined]  # how django-csp is told
    return response


def host_names() -> list[str]:
    """Return the names of the hosts whose films can be shown, as people know them."""
    return ["YouTube", "Vimeo", *settings.FILM_HOSTS]


def _unknown() -> FilmRefused:
    return FilmRefused(
        _("Films can be shown from: %(hosts)s. Copy the film's address from there.")
        % {"hosts": ", ".join(host_names())}
    )


def _reader(host: str) -> Callable[[SplitResult], Film | None] | None:
    """Hosts are compared whole: youtube.com.example.org is not YouTube."""
    if host in YOUTUBE or host == "youtu.be":
        return _youtube
    if host in VIMEO:
        return _vimeo
    if host in settings.FILM_HOSTS:
        return _peertube
    return None


def _segments(parts: SplitResult) -> list[str]:
    return [segment for segment in parts.path.split("/") if segment]


def _youtube(parts: SplitResult) -> Film | None:
    """``/watch?v=ID``, ``youtu.be/ID``, and /shorts/, /embed/, /live/ and /v/ before the ID."""
    match _segments(parts):
        case [found] if parts.hostname == "youtu.be":
            pass
        case ["watch"]:
            found = parse_qs(parts.query, max_num_fields=50).get("v", [""])[0]
        case ["shorts" | "embed" | "live" | "v", found]:
            pass
        case _:
            return None
    if not YOUTUBE_ID.fullmatch(found) or found == "videoseries":  # which would be a whole playlist
        return None
    # rel=0: what it suggests afterwards comes from the same channel.
    embed = f"https://www.youtube-nocookie.com/embed/{found}?{urlencode({'rel': 0})}"
    return Film("YouTube", found, embed, f"https://www.youtube.com/watch?v={found}")


def _vimeo(parts: SplitResult) -> Film | None:
    """``/ID``, ``/ID/KEY`` (unlisted), ``/channels/NAME/ID``, ``/groups/NAME/videos/ID`` and the player's own."""
    key = parse_qs(parts.query, max_num_fields=50).get("h", [""])[0]
    match _segments(parts):
        case [found] | ["video", found] | ["channels", _, found] | ["groups", _, "videos", found]:
            pass
        case [found, key]:
            pass
        case _:
            return None
    if not VIMEO_ID.fullmatch(found) or (key and not VIMEO_KEY.fullmatch(key)):
        return None
    asked = {"dnt": "1", **({"h": key} if key else {})}
    watch = f"https://vimeo.com/{found}" + (f"/{key}" if key else "")
    return Film("Vimeo", found, f"https://player.vimeo.com/video/{found}?{urlencode(asked)}", watch)


def _peertube(parts: SplitResult) -> Film | None:
    """``/w/ID``, ``/videos/watch/ID``, ``/videos/embed/ID``."""
    match _segments(parts):
        case ["w", found] | ["videos", "watch" | "embed", found]:
            pass
        case _:
            return None
    if not PEERTUBE_ID.fullmatch(found):
        return None
    host = str(parts.hostname).lower()
    # p2p=0: viewers do not send each other pieces of the film, and so do not learn each other's addresses.
    embed = f"https://{host}/videos/embed/{found}?{urlencode({'p2p': 0, 'warningTitle': 0})}"
    return Film(host, found, embed, f"https://{host}/w/{found}")
