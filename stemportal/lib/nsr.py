"""Client for the National School Register, Nasjonalt skoleregister (https://data-nsr.udir.no/v4, anonymous, NLOD).

Pages (``/enheter``, ``/enheter/endretetter``) have thin rows: number, name, what the unit is and when it last changed.
Everything else is in the detail (``/enhet/{number}``). The register has some 18,000 units, of which most are owners,
primary schools or closed; so a reader asks for details of what it needs.

What a reader must know, each seen in the register:

* "" and null both mean that a fact is missing, 0,0 means that the point is;
* schools abroad have numbers such as U90099013 under a pseudo-municipality (2599), so a number is text;
* a closed unit keeps the municipality number that it had, and tells no successor;
* "changed since" is coarse: a mass update touches thousands of units at once.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx
import structlog
from django.conf import settings
from django.utils import timezone

from stemportal.lib.pace import Pace

logger = structlog.get_logger(__name__)

NUMBER = re.compile(r"[0-9]{9}|U[0-9]{8}")
# A page of 1,000 rows has some 300 kB, a detail 10 kB.
MAX_BYTES = 16 * 1024 * 1024
# Ten times the register's size of 2026, a hundred rows a page.
MAX_PAGES = 2000
# One answer may take so many times the time-out in all: what trickles is cut off.
PATIENCE = 3
LANGUAGE_FORMS = {"B": "nb", "N": "nn"}


class NsrAway(Exception):
    """The register gave no answer that can be used; the text says to which question.

    ``is_too_much``: it asks for peace, for ``rest`` seconds where it says for how long.
    """

    def __init__(self, message: str, *, is_too_much: bool = False, rest: int | None = None) -> None:
        super().__init__(message)
        self.is_too_much = is_too_much
        self.rest = rest


class NsrUnreadable(NsrAway):
    """The register answered about one unit, but not in the shape that we know. Others may be well."""


@dataclass(frozen=True)
class Row:
    """A unit in a page. ``is_school`` is true for primary schools too: a row does not tell the grades."""

    number: str
    is_school: bool
    is_active: bool
    changed_at: datetime | None


@dataclass(frozen=True)
class Page:
    """One page, and how many there are. ``unreadable`` rows have no number that can be used."""

    rows: list[Row]
    pages: int
    unreadable: int = 0


@dataclass(frozen=True)
class Unit:
    """A unit's facts; "" and None where the register has none. The point is (latitude, longitude) in degrees WGS84.

    Grades are 1 to 10, and 11 to 13 for Vg1 to Vg3.
    """

    number: str
    name: str
    is_school: bool
    is_active: bool
    changed_at: datetime | None
    closed_on: date | None = None
    municipality_number: str = ""
    address: str = ""
    postal_code: str = ""
    point: tuple[float, float] | None = None
    language_form: str = ""
    is_private: bool = False
    is_upper_secondary: bool = False
    pupils: int | None = None
    grades: tuple[int, int] | None = None


class Nsr:
    """``with Nsr() as register: register.page(1); register.unit("974552124")``.

    All workers together ask at most NSR_REQUESTS_PER_SECOND. What is not answered is asked again NSR_RETRIES times,
    each time later; "too many requests" is not, for then the register wants to be left in peace. Raises NsrAway, and
    RedisError when Valkey, which keeps the pace, is away.
    """

    def __init__(self) -> None:
        self._pace = Pace("nsr", per_second=settings.NSR_REQUESTS_PER_SECOND)
        self._client = httpx.Client(
            timeout=settings.NSR_TIMEOUT_SECONDS,
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

    def page(self, number: int, *, changed_since: date | None = None) -> Page:
        """Return a page of all units, or of those that changed since a day; the first page is 1."""
        params: dict[str, str | int] = {"sidenummer": number, "antallPerSide": settings.NSR_PAGE_SIZE}
        path = "/enheter"
        if changed_since is not None:
            path, params["dato"] = "/enheter/endretetter", changed_since.isoformat()
        answer = self._get(path, params)
        if isinstance(answer, list):  # without a wrapper it is all there is
            answer = {"EnhetListe": answer, "AntallSider": 1}
        try:
            return read_page(answer)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise NsrAway(f"{path}, page {number}: not the shape we know") from error

    def unit(self, number: str) -> Unit | None:
        """Return a unit, None when the register has none with this number (404, 410)."""
        if not NUMBER.fullmatch(number):
            return None
        answer = self._get(f"/enhet/{number}", may_be_missing=True)
        if answer is None:
            return None
        try:
            return read_unit(number, answer)
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as error:
            logger.warning("nsr_unit_unreadable", number=number, error=type(error).__name__)
            raise NsrUnreadable(f"/enhet/{number}: not the shape we know") from error

    def _get(self, path: str, params: Mapping[str, str | int] | None = None, *, may_be_missing: bool = False) -> Any:
        """Return the answer's JSON; None: 404 or 410."""
        trouble = ""
        for again in range(settings.NSR_RETRIES + 1):
            self._pace.wait()
            try:
                response, body = self._read(path, params)
                if may_be_missing and response.status_code in {404, 410}:
                    return None
                if response.status_code == 200:
                    return json.loads(body)
                trouble = f"status {response.status_code}"
                if response.status_code == 429:
                    logger.info("nsr_asks_for_peace", path=path)
                    raise NsrAway(f"{path}: {trouble}", is_too_much=True, rest=_asked_to_wait(response))
                if response.status_code < 500:
                    break
            except (httpx.HTTPError, _TooMuch) as error:
                trouble = type(error).__name__.strip("_")
            except ValueError:
                trouble = "broken JSON"
            if again < settings.NSR_RETRIES:
                time.sleep(settings.NSR_RETRY_SECONDS * 2**again)
        logger.warning("nsr_unavailable", path=path, trouble=trouble)
        raise NsrAway(f"{path}: {trouble}")

    def _read(self, path: str, params: Mapping[str, str | int] | None) -> tuple[httpx.Response, bytes]:
        ends = time.monotonic() + PATIENCE * settings.NSR_TIMEOUT_SECONDS
        pieces: list[bytes] = []
        size = 0
        with self._client.stream("GET", f"{settings.NSR_BASE_URL}{path}", params=params) as response:
            for piece in response.iter_bytes():
                pieces.append(piece)
                size += len(piece)
                if size > MAX_BYTES or time.monotonic() > ends:
                    raise _TooMuch
        return response, b"".join(pieces)


class _TooMuch(Exception):
    """An answer that is too long or trickles."""


def _asked_to_wait(response: httpx.Response) -> int | None:
    """Seconds that the answer asks to wait, given as seconds or as a date (RFC 9110, 10.2.3); None if it does not."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return int(said[:6])
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0, round((until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()))


# Reading answers


def read_page(answer: Mapping[str, Any]) -> Page:
    """Turn a page's JSON into rows. Raises ValueError, TypeError, AttributeError or KeyError for another shape."""
    pages = answer["AntallSider"]
    if not isinstance(pages, int) or not 0 <= pages <= MAX_PAGES:
        raise ValueError("a number of pages that cannot be")
    rows: list[Row] = []
    unreadable = 0
    for item in answer["EnhetListe"]:
        number = str(item.get("Organisasjonsnummer") or "").strip()
        if NUMBER.fullmatch(number):
            rows.append(
                Row(
                    number=number,
                    is_school=_is_school(item),
                    is_active=item.get("ErAktiv") is True,
                    changed_at=_moment(item.get("DatoEndret")),
                )
            )
        else:
            unreadable += 1
    return Page(rows=rows, pages=pages, unreadable=unreadable)


def read_unit(number: str, data: Mapping[str, Any]) -> Unit:
    """Turn the detail's JSON into a Unit. Raises ValueError, TypeError or AttributeError for another shape."""
    if data["Organisasjonsnummer"] != number:
        raise ValueError("the register answered about another number")
    address = data.get("Beliggenhetsadresse") or {}
    pupils = _whole(data.get("Elevtall"))
    return Unit(
        number=number,
        name=_text(data, "Navn"),
        is_school=_is_school(data),
        is_active=data.get("ErAktiv") is True,
        changed_at=_moment(data.get("DatoEndret")),
        closed_on=_day(data.get("UtgaattDato")),
        municipality_number=_text(data.get("Kommune") or {}, "Kommunenummer"),
        address=", ".join(filter(None, (_text(address, name) for name in ("Adresse", "Postnummer", "Poststed")))),
        postal_code=_text(address, "Postnummer"),
        point=_point(data.get("Koordinat") or {}, is_abroad=number.startswith("U")),
        language_form=LANGUAGE_FORMS.get(_text(data.get("Maalform") or {}, "Id"), ""),
        is_private=data.get("ErPrivatskole") is True,
        is_upper_secondary=data.get("ErVideregaaendeSkole") is True,
        # No school has none; the register writes 0 where nobody has counted yet.
        pupils=pupils if pupils and 0 < pupils < 100_000 else None,
        grades=_grades(data),
    )


def _is_school(data: Mapping[str, Any]) -> bool:
    teaches = data.get("ErGrunnskole") is True or data.get("ErVideregaaendeSkole") is True
    return data.get("ErSkole") is True and teaches and data.get("ErEkskludert") is not True


def _grades(data: Mapping[str, Any]) -> tuple[int, int] | None:
    """First and last grade of both levels together. Vg1 to Vg3 are written as 11 to 13, or as 1 to 3."""
    found: list[int] = []
    for level, added, highest in (("GS", 0, 10), ("VGS", 10, 13)):
        first, last = (_whole(data.get(f"Skoletrinn{level}{end}")) for end in ("Fra", "Til"))
        if first and last and 0 < first <= last:
            found += [min(grade + (added if last <= 4 else 0), highest) for grade in (first, last)]
    return (min(found), max(found)) if found else None


def _point(data: Mapping[str, Any], *, is_abroad: bool) -> tuple[float, float] | None:
    latitude, longitude = data.get("Breddegrad"), data.get("Lengdegrad")
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (latitude, longitude)):
        return None
    point = (float(latitude or 0), float(longitude or 0))
    if point == (0.0, 0.0):
        return None
    (south, north), (west, east) = ((-90, 90), (-180, 180)) if is_abroad else ((57, 81), (4, 36))
    # A point of a Norwegian school outside of Norway is a slip (the two numbers changed over).
    return point if south <= point[0] <= north and west <= point[1] <= east else None


def _whole(value: Any) -> int | None:
    """A whole number, also when it is written as text; None when it is missing."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    return int(value)


def _moment(value: Any) -> datetime | None:
    """A moment as the register writes it, "2026-09-13T01:05:43.46Z"; without a zone it is taken as UTC."""
    if not value:
        return None
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(value: Any) -> date | None:
    """A day in Norway; None where there is none, also for 0001-01-01, with which the register means it."""
    if not value:
        return None
    moment = datetime.fromisoformat(str(value))
    day = timezone.localtime(moment).date() if moment.tzinfo and moment.year > 1 else moment.date()
    return day if day.year >= 1800 else None


def _text(data: Mapping[str, Any], name: str) -> str:
    """Return a text of the register, tidied, "" where it has none. Raises ValueError when it is something else."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return " ".join(value.replace("\x00", "").split())
