"""Client for Enhetsregisteret (https://data.brreg.no, NLOD). A form never waits more than its time-out for it.

``GET /enheter/{number}``; 404 may be a branch, so ``/underenheter/{number}`` is asked next. A deleted organisation is
200 with ``slettedato``, a removed one 410. E-mail, phone and c/o lines are not read.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import httpx
import structlog
from django.conf import settings
from django.core.cache import cache

logger = structlog.get_logger(__name__)


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


def look_up(number: str) -> Unit:
    """Ask the register about a valid nine-digit number. Never raises: trouble is ``Answer.UNAVAILABLE``.

    Answers are cached for BRREG_CACHE_SECONDS; after a time-out, an error or 429 the register is left in peace for a
    while, so that a slow register does not slow every form.
    """
    key = f"brreg:{number}"
    cached = cache.get(key)
    if cached is not None:
        return Unit(**cached)
    if cache.get("brreg:away"):
        return Unit(number=number, answer=Answer.UNAVAILABLE)
    try:
        unit = _ask(number)
    except httpx.HTTPStatusError as error:
        _rest(error.response.headers.get("Retry-After", "")) if error.response.status_code == 429 else _rest("")
        logger.warning("register_error", status=error.response.status_code)
        return Unit(number=number, answer=Answer.UNAVAILABLE)
    except (httpx.HTTPError, ValueError, TypeError, AttributeError) as error:
        _rest("")
        logger.warning("register_unavailable", error=repr(error))
        return Unit(number=number, answer=Answer.UNAVAILABLE)
    cache.set(key, asdict(unit), timeout=settings.BRREG_CACHE_SECONDS)
    return unit


def _rest(retry_after: str) -> None:
    """Ask nothing for a while: as long as the register said (at most 10 minutes), else 10 seconds."""
    seconds = min(int(retry_after), 600) if retry_after.isdigit() else 10
    cache.set("brreg:away", True, timeout=max(seconds, 1))


def _ask(number: str) -> Unit:
    # One limit for connecting and reading each; a register that trickles is cut off by the read limit.
    with httpx.Client(
        base_url=settings.BRREG_BASE_URL,
        timeout=settings.BRREG_TIMEOUT_SECONDS,
        headers={"Accept": "application/json", "User-Agent": f"{settings.PORTAL_NAME} ({settings.PORTAL_BASE_URL})"},
    ) as client:
        response = client.get(f"/enheter/{number}")
        if response.status_code == 404:
            response = client.get(f"/underenheter/{number}")
    if response.status_code == 404:
        return Unit(number=number, answer=Answer.UNKNOWN)
    if response.status_code == 410:
        return Unit(number=number, answer=Answer.DELETED)
    response.raise_for_status()
    return read_unit(number, response.json())


def read_unit(number: str, data: dict[str, Any]) -> Unit:
    """Turn the register's JSON into a Unit. Raises ValueError or AttributeError when it is not the shape we know."""
    if data.get("organisasjonsnummer") != number:
        raise ValueError("the register answered about another number")
    if data.get("slettedato"):
        return Unit(number=number, answer=Answer.DELETED, name=data.get("navn") or "")
    address = data.get("forretningsadresse") or data.get("beliggenhetsadresse") or {}
    sector = data.get("naeringskode1") or {}
    lines = [line for line in address.get("adresse") or [] if line and not line.lower().startswith("c/o")]
    in_trouble = (
        data.get("konkurs") or data.get("underAvvikling") or data.get("underTvangsavviklingEllerTvangsopplosning")
    )
    website = (data.get("hjemmeside") or "").strip()
    return Unit(
        number=number,
        answer=Answer.BANKRUPT if in_trouble else Answer.FOUND,
        name=data.get("navn") or "",
        form=(data.get("organisasjonsform") or {}).get("kode") or "",
        sector_code=sector.get("kode") or "",
        sector_name=sector.get("beskrivelse") or "",
        employees=data.get("antallAnsatte"),
        address=", ".join(lines),
        postal_code=address.get("postnummer") or "",
        postal_place=address.get("poststed") or "",
        municipality_number=address.get("kommunenummer") or "",
        website=f"https://{website}" if website and "://" not in website else website,
        parent_number=data.get("overordnetEnhet") or "",
    )
