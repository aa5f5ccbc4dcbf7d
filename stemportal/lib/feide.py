"""Feide: what its tokens prove, and what its groups API says about a person.

The API answers ``GET FEIDE_GROUPS_URL`` with a list of groups (docs.feide.no). A school is a group of type ``fc:org``
whose id ends in ``:unit:NO<organisation number>``; the owner of schools is the group it is a part of, and says what the
person is there (``membership.affiliation``, text or list). ``fc:gogroup`` are teaching groups: of them name, subject
and time are read, never members. Other groups, and what has another shape, are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import httpx
import jwt
import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

logger = structlog.get_logger(__name__)

# A teacher with many groups has some hundred kilobytes.
MAX_BYTES = 2 * 1024 * 1024
MAX_GROUPS = 2000
MAX_CLASSES = 60
# What the classes' identities may have at most, as they are kept.
ID_LENGTH, NAME_LENGTH = 200, 80
ALGORITHMS = ("RS256", "ES256")
# Clocks differ by some seconds.
LEEWAY = 30
UNIT = re.compile(r"^(?P<org>fc:org:[^:]+):unit:NO(?P<number>[0-9]{9})$")

TEACHER = {"faculty"}
EMPLOYEE = {"employee", "staff"}
STUDENT = {"student"}


class FeideRefused(Exception):
    """A token that proves nothing: forged, expired, for somebody else, or not a token."""


class FeideAway(Exception):
    """The groups API gave no answer that can be used."""


@dataclass(frozen=True, kw_only=True)
class FeideSchool:
    """A school as Feide knows it; ``teaches`` where Feide calls the person one who teaches there."""

    number: str
    name: str
    is_main: bool = False
    teaches: bool = False


@dataclass(frozen=True, kw_only=True)
class FeideClass:
    """A teaching group: its name, the school's number, a guess of the grade (0: none), and until when it lasts."""

    id: str
    name: str
    number: str
    grade: int = 0
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class FeideAnswer:
    """What the groups say. ``knows_orgs`` is false for an answer without any organisation: it ends nothing."""

    schools: list[FeideSchool] = field(default_factory=list)
    classes: list[FeideClass] = field(default_factory=list)
    knows_orgs: bool = False
    is_student: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as a session keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> FeideAnswer:
        """Return what ``as_json`` gave."""
        return cls(
            schools=[FeideSchool(**school) for school in kept["schools"]],
            classes=[FeideClass(**group) for group in kept["classes"]],
            knows_orgs=kept["knows_orgs"],
            is_student=kept["is_student"],
        )


def read_id_token(token: object, *, keys: object, issuer: str, audience: str) -> dict[str, Any]:
    """Return the claims of a token that Feide signed for this portal and that is still good, else raise FeideRefused.

    ``keys`` is the provider's JSON Web Key Set. Only signatures with a public key count, whatever the token says.
    """
    try:
        header = jwt.get_unverified_header(token)  # type: ignore[arg-type]
        if header.get("alg") not in ALGORITHMS:
            raise FeideRefused("algorithm")
        known = jwt.PyJWKSet.from_dict(keys).keys  # type: ignore[arg-type]
        # A token need not name its key where there is but one.
        named = [key for key in known if key.key_id == header["kid"]] if "kid" in header else known
        if len(named) != 1:
            raise FeideRefused("unknown key")
        claims: dict[str, Any] = jwt.decode(
            token,  # type: ignore[arg-type]
            key=named[0],
            algorithms=list(ALGORITHMS),
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.PyJWTError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise FeideRefused(type(error).__name__) from error
    return claims


def ask_groups(token: str) -> FeideAnswer:
    """Ask the groups API whom the access token stands for. Raises FeideAway for trouble of any kind."""
    try:
        with (
            httpx.Client(timeout=settings.FEIDE_TIMEOUT_SECONDS) as client,
            client.stream("GET", settings.FEIDE_GROUPS_URL, headers={"Authorization": f"Bearer {token}"}) as response,
        ):
            response.raise_for_status()
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    raise FeideAway("too long")
        groups = httpx.Response(200, content=bytes(body)).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        logger.warning("feide_groups_away", error=type(error).__name__)
        raise FeideAway from error
    if not isinstance(groups, list):
        logger.warning("feide_groups_away", error="no list")
        raise FeideAway("no list")
    return read_groups(groups)


def read_groups(groups: Iterable[object]) -> FeideAnswer:
    """Say what a list of groups means. Doubled groups count once, with all that they say together."""
    orgs: dict[str, set[str]] = {}
    primary: set[str] = set()
    units: dict[str, _Unit] = {}
    teaching: dict[str, dict[str, Any]] = {}
    for group in list(groups)[:MAX_GROUPS]:
        if not isinstance(group, dict) or not isinstance(group.get("id"), str):
            continue
        membership = group["membership"] if isinstance(group.get("membership"), dict) else {}
        roles = _words(membership.get("affiliation"))
        if group.get("type") == "fc:gogroup":
            teaching.setdefault(group["id"], group)
        elif group.get("type") == "fc:org":
            if (first := membership.get("primaryAffiliation")) and isinstance(first, str):
                primary.add(first.lower())
                if first.lower() in STUDENT:
                    roles = STUDENT.copy()
            found = UNIT.match(group["id"])
            if found is None:
                orgs.setdefault(group["id"], set()).update(roles)
                continue
            unit = units.setdefault(found["number"], _Unit(found["org"], _text(group.get("displayName"))))
            unit.roles |= roles
            unit.is_main |= membership.get("primarySchool") is True
    # A school that says nothing itself has the role that its owner says.
    known = {number: unit.roles or orgs.get(unit.org, set()) for number, unit in units.items()}
    every = set().union(primary, *orgs.values(), *known.values())
    return FeideAnswer(
        schools=[
            FeideSchool(number=number, name=unit.name, is_main=unit.is_main, teaches=bool(known[number] & TEACHER))
            for number, unit in units.items()
            if not (known[number] and known[number] <= STUDENT | {"member"})
        ],
        classes=list(_classes(teaching))[:MAX_CLASSES],
        knows_orgs=bool(orgs or units),
        is_student=bool(every & STUDENT)
        and not any(roles & (TEACHER | EMPLOYEE) for roles in (*orgs.values(), *known.values())),
    )


@dataclass
class _Unit:
    org: str
    name: str
    roles: set[str] = field(default_factory=set)
    is_main: bool = False


def _words(value: object) -> set[str]:
    values = value if isinstance(value, list) else [value]
    return {word.strip().lower() for word in values if isinstance(word, str) and word.strip()}


def _text(value: object) -> str:
    return " ".join(value.split())[:NAME_LENGTH] if isinstance(value, str) else ""


def _classes(groups: Mapping[str, Mapping[str, Any]]) -> Iterable[FeideClass]:
    now = timezone.now()
    for identity, group in groups.items():
        unit = UNIT.match(group["parent"]) if isinstance(group.get("parent"), str) else None
        name = _text(group.get("displayName"))
        until = _moment(group.get("notAfter"))
        if unit is None or not name or len(identity) > ID_LENGTH or (until is not None and until < now):
            continue
        grep = group["grep"] if isinstance(group.get("grep"), dict) else {}
        yield FeideClass(
            id=identity,
            name=name,
            number=unit["number"],
            grade=_grade(name) or _grade(_text(grep.get("displayName"))),
            until=until.date().isoformat() if until else "",
        )


def _moment(value: object) -> datetime | None:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


def _grade(text: str) -> int:
    """Guess the grade from a name: 10A, 9. trinn, Vg2, 1STA. 0 where it says nothing; Vg1 to Vg3 are 11 to 13."""
    if found := re.search(r"\bvg\s?([123])", text, re.IGNORECASE):
        return 10 + int(found[1])
    if found := re.search(r"\b(10|[89])(?:[a-zæøå]\b|\.?\s*(?:trinn|årstrinn|klasse)|[\s.-]|$)", text, re.IGNORECASE):
        return int(found[1])
    if found := re.match(r"([123])[A-ZÆØÅ]{2,}", text):
        return 10 + int(found[1])
    return 0
