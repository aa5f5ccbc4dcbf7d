"""Client for Grep, the register of curricula (https://data.udir.no/kl06/v201906, NLOD).

Lists (``/laereplaner-lk20``) have thin rows: code, status and when the element was last changed. Everything else is in
the element itself (``/laereplaner-lk20/MAT01-06``). Addresses are made from kind and code, as the register documents
them; ``url-data`` in a row is not followed, so that no answer can send the portal to another host.

Shapes that a reader must know, each seen in the register:

* a text is a string, a list of ``{spraak, verdi}``, or ``{"tekst": [...]}``; ``default`` is the language in which the
  curriculum was laid down, so it may be nynorsk, and bokmål may be missing;
* references stand bare or inside ``referanse``;
* a day of validity is a string, or stands under ``dato`` beside a heading; ``gyldig-til`` is the last day in force;
* goals have no ``erstattes-av``, but the new one may point back to the old one (``gjenbruk-av``).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx
import structlog
from django.conf import settings

from stemportal.lib.pace import Pace

logger = structlog.get_logger(__name__)

PLANS, SETS, GOALS = "laereplaner-lk20", "kompetansemaalsett-lk20", "kompetansemaal-lk20"
# A whole list has some megabytes.
MAX_BYTES = 64 * 1024 * 1024
MAX_PAGES = 100
# Longer than this no server is waited for, whatever it asks.
LONGEST_WAIT = 60.0
# One answer may take so many times the time-out in all: what trickles is cut off.
PATIENCE = 6
CODE = re.compile(r"[A-Z]{2,4}[0-9]{1,6}(?:-[0-9]{2})?")
GRADES = {f"aarstrinn{grade}": grade for grade in range(1, 11)} | {"vg1": 11, "vg2": 12, "vg3": 13}
LANGUAGES = {"nob": "nb", "nno": "nn", "eng": "en", "default": "default"}

Element = Mapping[str, Any]


class GrepAway(Exception):
    """The register gave no answer that can be used. The text says to which question, for people."""


@dataclass(frozen=True)
class Row:
    """One row of a list: the code, when the element was last changed (the register's own text), whether it is over."""

    code: str
    changed: str
    is_over: bool


class Grep:
    """``with Grep() as grep: grep.rows(PLANS); grep.element(PLANS, "MAT01-06")``.

    All workers together ask at most GREP_REQUESTS_PER_SECOND; a question without an answer is asked again GREP_RETRIES
    times, each time later. Raises GrepAway, and RedisError when Valkey, which keeps the pace, is away.
    """

    def __init__(self) -> None:
        self._pace = Pace("grep", per_second=settings.GREP_REQUESTS_PER_SECOND)
        self._client = httpx.Client(
            timeout=settings.GREP_TIMEOUT_SECONDS,
            headers={
                "Accept": "application/json",
                "User-Agent": f"{settings.PORTAL_NAME} ({settings.PORTAL_BASE_URL})",
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def rows(self, kind: str) -> dict[str, Row]:
        """Return a list's rows by code. A list in several pages names the next one in its Link header."""
        rows: dict[str, Row] = {}
        url: str | None = f"{settings.GREP_BASE_URL}/{kind}"
        for _page in range(MAX_PAGES):
            if url is None:
                break
            answer, url = self._get(url)
            if not isinstance(answer, list):
                raise GrepAway(f"/{kind}: not a list")
            for item in answer:
                code = item.get("kode") if isinstance(item, dict) else None
                if isinstance(code, str) and CODE.fullmatch(code):
                    rows[code] = Row(code, str(item.get("sist-endret") or ""), is_over(item))
        if not rows:
            raise GrepAway(f"/{kind}: an empty list")
        return rows

    def element(self, kind: str, code: str) -> Element | None:
        """Return an element, None when the register has none with this code (404, 410)."""
        answer, _next = self._get(f"{settings.GREP_BASE_URL}/{kind}/{code}", may_be_missing=True)
        if answer is None:
            return None
        if not isinstance(answer, dict) or answer.get("kode") != code:
            raise GrepAway(f"/{kind}/{code}: not what was asked for")
        return answer

    def _get(self, url: str, *, may_be_missing: bool = False) -> tuple[Any, str | None]:
        """Return the answer's JSON (None: 404 or 410) and the address of the next page."""
        trouble = ""
        for again in range(settings.GREP_RETRIES + 1):
            self._pace.wait()
            wait = settings.GREP_RETRY_SECONDS * 2**again
            try:
                response, body = self._read(url)
                if may_be_missing and response.status_code in {404, 410}:
                    return None, None
                if response.status_code == 200:
                    return json.loads(body), self._next(response)
                trouble = f"status {response.status_code}"
                if response.status_code < 500 and response.status_code != 429:
                    break
                wait = max(wait, _asked_to_wait(response))
            except (httpx.HTTPError, _TooMuch) as error:
                trouble = type(error).__name__.strip("_")
            except ValueError:
                trouble = "broken JSON"
            if again < settings.GREP_RETRIES:
                time.sleep(min(wait, LONGEST_WAIT))
        path = url.removeprefix(settings.GREP_BASE_URL)
        logger.warning("grep_unavailable", path=path, trouble=trouble)
        raise GrepAway(f"{path}: {trouble}")

    def _read(self, url: str) -> tuple[httpx.Response, bytes]:
        ends = time.monotonic() + PATIENCE * settings.GREP_TIMEOUT_SECONDS
        pieces: list[bytes] = []
        size = 0
        with self._client.stream("GET", url) as response:
            for piece in response.iter_bytes():
                pieces.append(piece)
                size += len(piece)
                if size > MAX_BYTES or time.monotonic() > ends:
                    raise _TooMuch
        return response, b"".join(pieces)

    def _next(self, response: httpx.Response) -> str | None:
        link = response.links.get("next", {}).get("url")
        if link is None:
            return None
        url = str(response.url.join(link))
        if not url.startswith(f"{settings.GREP_BASE_URL}/"):
            raise GrepAway("the next page is on another host")
        return url


class _TooMuch(Exception):
    """An answer that is too long or trickles."""


def _asked_to_wait(response: httpx.Response) -> float:
    said = response.headers.get("Retry-After", "").strip()
    return float(said[:6]) if said.isascii() and said.isdigit() else 0.0


# Reading elements


def texts(value: Any) -> dict[str, str]:
    """Return a text by language: nb, nn, en and default, as far as there are any; spaces tidied."""
    if isinstance(value, str):
        value = [{"spraak": "default", "verdi": value}]
    if isinstance(value, Mapping):
        value = value.get("tekst")
    found: dict[str, str] = {}
    for entry in value if isinstance(value, list) else []:
        if isinstance(entry, Mapping) and isinstance(entry.get("verdi"), str):
            text = " ".join(entry["verdi"].replace("\x00", "").split())
            language = LANGUAGES.get(str(entry.get("spraak")))
            if language and text:
                found.setdefault(language, text)
    return found


def codes(element: Element, name: str) -> list[str]:
    """Return the codes that an element refers to, in their order, each once."""
    return list(dict.fromkeys(_codes(element.get(name))))


def _codes(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        value = {"kode": value.rsplit("/", 1)[-1]}
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, Mapping):
            inside = entry.get("referanse", entry)
            code = inside.get("kode") if isinstance(inside, Mapping) else None
            if isinstance(code, str) and CODE.fullmatch(code):
                yield code


def last_grade(element: Element) -> int | None:
    """Return the grade after which a set of goals is to be reached (11 to 13 for Vg1 to Vg3), None when not told."""
    value = element.get("etter-aarstrinn")
    found = []
    for entry in value if isinstance(value, list) else [value]:
        inside = entry.get("referanse", entry) if isinstance(entry, Mapping) else None
        if isinstance(inside, Mapping):
            found.append(GRADES.get(str(inside.get("kode")).lower()))
    return max((grade for grade in found if grade is not None), default=None)


def validity(element: Element) -> tuple[date | None, date | None]:
    """Return the first day in force and the first day no longer in force; None where the register tells none."""
    period = element.get("gyldighetsperiode") or element.get("gyldighet") or element
    first, last = (_day(period, name) if isinstance(period, Mapping) else None for name in ("gyldig-fra", "gyldig-til"))
    return first, last + timedelta(days=1) if last else None


def _day(period: Mapping[str, Any], name: str) -> date | None:
    value = period.get(name)
    if isinstance(value, Mapping):
        value = value.get("dato")
    try:
        return datetime.fromisoformat(value[:10]).date() if isinstance(value, str) else None
    except ValueError:
        return None


def is_over(element: Element) -> bool:
    """Whether its status says that it is no longer in force ("…/status_utgatt", "…/utgaatt")."""
    return "utg" in str(element.get("status") or "").rsplit("/", 1)[-1].lower()
