"""Client for Enhetsregisteret (https://data.brreg.no, NLOD).

``GET /enheter/{number}``; 404 may be a branch, so ``/underenheter/{number}`` is asked next. A deleted organisation is
200 with ``slettedato``, a removed one 410. E-mail, phone and c/o lines are not read.

A form asks with ``look_up``, which remembers answers and never waits long. The nightly comparison asks with ``ask``,
which remembers nothing and says how long the register wants to be left alone.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cache as remembered
from typing import Any

import httpx
import structlog
from django.conf import settings
from django.core.cache import cache

logger = structlog.get_logger(__name__)

# An answer about one organisation has a few thousand bytes.
MAX_BYTES = 1024 * 1024
# After a 429 a form leaves the register in peace for at most so many seconds, after other trouble for so many.
FORM_REST_MOST = 600
FORM_REST = 10
AWAY = "brreg:away"


class Answer(StrEnum):
    """What the register said about a number."""

    FOUND = "found"
    DELETED = "deleted"
    BANKRUPT = "bankrupt"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An organisation or branch as the register knows it; unknown facts are empty."""

    number: str
    answer: Answer
    name: str = ""
    form: str = ""
    sector_code: str = ""
    sector_name: str = ""
    employees: int | None = None
    address: str = ""
    postal_code: str = ""
    postal_place: str = ""
    municipality_number: str = ""
    website: str = ""
    parent_number: str = ""


class RegisterAway(Exception):
    """The register gave no answer that can be used.

    ``is_too_much``: it said that it is asked too often (429). ``rest``: for how many seconds it then wants to be left
    alone, None when it did not say.
    """

    def __init__(self, *, is_too_much: bool = False, rest: int | None = None) -> None:
        super().__init__("the register gave no usable answer")
        self.is_too_much = is_too_much
        self.rest = rest


def look_up(number: str) -> Unit:
    """Ask the register about a valid nine-digit number. Never raises: trouble is ``Answer.UNAVAILABLE``.

    Answers are cached for BRREG_CACHE_SECONDS; after a time-out, an error or 429 the register is left in peace for a
    while, so that a slow register does not slow every form.
    """
    key = f"brreg:{number}"
    cached = cache.get(key)
    if cached is not None:
        return Unit(**cached)
    if cache.get(AWAY):
        return Unit(number=number, answer=Answer.UNAVAILABLE)
    try:
        with connect() as client:
            unit = ask(number, client=client)
    except RegisterAway as away:
        leave_in_peace(FORM_REST if away.rest is None else away.rest)
        return Unit(number=number, answer=Answer.UNAVAILABLE)
    cache.set(key, asdict(unit), timeout=settings.BRREG_CACHE_SECONDS)
    return unit


def leave_in_peace(seconds: int) -> None:
    """Let forms ask nothing for so many seconds (at least one, at most FORM_REST_MOST)."""
    cache.set(AWAY, True, timeout=min(max(seconds, 1), FORM_REST_MOST))


def connect() -> httpx.Client:
    """Return a client for ``ask``; close it (``with``). One connection serves many questions."""
    return httpx.Client(
        base_url=settings.BRREG_BASE_URL,
        timeout=settings.BRREG_TIMEOUT_SECONDS,
        verify=_certificates(),
        headers={"Accept": "application/json", "User-Agent": f"{settings.PORTAL_NAME} ({settings.PORTAL_BASE_URL})"},
    )


@remembered
def _certificates() -> ssl.SSLContext:
    """Whom to trust. Reading them takes longer than asking the register, so a process does it once."""
    return httpx.create_ssl_context()


def ask(number: str, *, client: httpx.Client, before: Callable[[], object] = lambda: None) -> Unit:
    """Ask the register itself about a valid nine-digit number. Raises RegisterAway.

    ``before`` is called before each of the one or two requests, for example to wait for a turn (``lib.pace``).
    """
    before()
    status, body = _get(client, f"/enheter/{number}")
    if status == 404:
        before()
        status, body = _get(client, f"/underenheter/{number}")
    if status == 404:
        return Unit(number=number, answer=Answer.UNKNOWN)
    if status == 410:
        return Unit(number=number, answer=Answer.DELETED)
    try:
        return read_unit(number, json.loads(body))
    except (ValueError, TypeError, AttributeError) as error:
        # The number and what the register wrote stay out of the log.
        logger.warning("register_answer_unreadable", error=type(error).__name__)
        raise RegisterAway from error


def _get(client: httpx.Client, path: str) -> tuple[int, bytes]:
    """Return status (200, 404 or 410) and body. Raises RegisterAway for everything else.

    The client's time-out is for each read; a register that trickles is cut off when twice that time has passed.
    """
    ends = time.monotonic() + 2 * settings.BRREG_TIMEOUT_SECONDS
    body = b""
    try:
        with client.stream("GET", path) as response:
            if response.status_code not in {200, 404, 410}:
                logger.warning("register_error", status=response.status_code)
                is_too_much = response.status_code == 429
                raise RegisterAway(is_too_much=is_too_much, rest=_rest(response) if is_too_much else None)
            for piece in response.iter_bytes():
                body += piece
                if time.monotonic() > ends or len(body) > MAX_BYTES:
                    logger.warning("register_error", error="too slow or too long")
                    raise RegisterAway
    except httpx.HTTPError as error:
        logger.warning("register_unavailable", error=type(error).__name__)
        raise RegisterAway from error
    return response.status_code, body


def _rest(response: httpx.Response) -> int | None:
    """Seconds that the answer asks to wait, given as seconds or as a date (RFC 9110, 10.2.3); None if it does not."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return int(said[:6])
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    if until.tzinfo is None:  # "-0000" says that the zone is not known; HTTP's dates are GMT
        until = until.replace(tzinfo=UTC)
    return max(0, round((until - datetime.now(UTC)).total_seconds()))


def read_unit(number: str, data: dict[str, Any]) -> Unit:
    """Turn the register's JSON into a Unit. Raises ValueError or AttributeError when it is not the shape we know."""
    if data.get("organisasjonsnummer") != number:
        raise ValueError("the register answered about another number")
    if data.get("slettedato"):
        return Unit(number=number, answer=Answer.DELETED, name=_text(data, "navn"))
    address = data.get("forretningsadresse") or data.get("beliggenhetsadresse") or {}
    sector = data.get("naeringskode1") or {}
    employees = data.get("antallAnsatte")
    if not isinstance(employees, int | None):
        raise ValueError("a head-count that is no number")
    lines = [line for line in address.get("adresse") or [] if line and not line.lower().startswith("c/o")]
    in_trouble = (
        data.get("konkurs") or data.get("underAvvikling") or data.get("underTvangsavviklingEllerTvangsopplosning")
    )
    website = _text(data, "hjemmeside").strip()
    return Unit(
        number=number,
        answer=Answer.BANKRUPT if in_trouble else Answer.FOUND,
        name=_text(data, "navn"),
        form=_text(data.get("organisasjonsform") or {}, "kode"),
        sector_code=_text(sector, "kode"),
        sector_name=_text(sector, "beskrivelse"),
        employees=employees,
        address=", ".join(lines),
        postal_code=_text(address, "postnummer"),
        postal_place=_text(address, "poststed"),
        municipality_number=_text(address, "kommunenummer"),
        website=f"https://{website}" if website and "://" not in website else website,
        parent_number=_text(data, "overordnetEnhet"),
    )


def _text(data: dict[str, Any], name: str) -> str:
    """Return a text of the register, "" where it has none. Raises ValueError when it is something else."""
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value
