"""The columns of a table of partners, the same for export and import.

A cell is read into a canonical text: the code of a kind, the number of a municipality, a number without spaces. That
text is what is compared, shown and stored until the import is applied; ``fields`` says what it means for a Partner.
Titles are data and not translated words: a file may carry those of any language, whoever reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stemportal.lib.organisation_numbers import COUNTRIES
from stemportal.partners import countries
from stemportal.partners.models import Partner
from stemportal.places.models import Municipality

MOST_EMPLOYEES = 1_000_000


class BadCell(Exception):
    """A cell cannot be used; ``reason`` is for the person, and never repeats what stands in the cell."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Lists:
    """What cells are looked up in; one query, for a whole file."""

    municipalities: dict[str, Municipality]
    numbers_by_name: dict[str, set[str]] = field(default_factory=dict)
    country: str = "NO"

    @classmethod
    def load(cls) -> Lists:
        """Today's municipalities, by number and by their names."""
        found = {place.number: place for place in Municipality.objects.filter(valid_to__isnull=True)}
        names: dict[str, set[str]] = {}
        for place in found.values():
            for name in (place.name, place.official_name):
                names.setdefault(name.casefold(), set()).add(place.number)
        return cls(municipalities=found, numbers_by_name=names)

    def of_country(self, country: str) -> Lists:
        return Lists(municipalities=self.municipalities, numbers_by_name=self.numbers_by_name, country=country or "NO")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. ``code`` is its name in stored rows; ``read`` raises BadCell."""

    code: str
    titles: tuple[str, str, str]  # bokmål, nynorsk, English
    help: Promise
    ours: Callable[[Partner], str]
    read: Callable[[str, Lists], str]
    fields: Callable[[str, Lists], dict[str, Any]]
    shown: Callable[[str, Lists], str] = lambda text, _lists: text
    needed: bool = False  # for a new partner
    width: int = 20

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        return in_language(self.titles)

    def cell(self, partner: Partner, lists: Lists) -> str:
        """Return what stands in this column about a partner."""
        text = self.ours(partner)
        return self.shown(text, lists) if text else ""


def in_language(titles: tuple[str, str, str]) -> str:
    """Return the one of three titles that belongs to the page's language."""
    return titles[{"nb": 0, "nn": 1}.get(get_language() or "", 2)]


# --- Reading cells


def _short(text: str, lists: Lists, *, most: int) -> str:
    text = " ".join(text.split())
    return _long(text, lists, most=most)


def _long(text: str, lists: Lists, *, most: int) -> str:
    if len(text) > most:
        raise BadCell(str(_("Too long: at most %(count)s characters.")) % {"count": most})
    return text


def _country(text: str, lists: Lists) -> str:
    if text.upper() not in COUNTRIES:
        raise BadCell(str(_("Write one of %(codes)s.")) % {"codes": ", ".join(COUNTRIES)})
    return text.upper()


def _kind(text: str, lists: Lists) -> str:
    wanted = " ".join(text.split()).casefold()
    for code in Partner.Kind.values:
        if wanted in {code, *(label.casefold() for label in _labels(code))}:
            return str(code)
    raise BadCell(_("No kind of organisation is called so. The template lists them."))


@cache
def _labels(code: str) -> list[str]:
    """What a kind is called in each language of the portal."""
    labels = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            labels.append(str(Partner.Kind(code).label))
    return labels


def _sector_code(text: str, lists: Lists) -> str:
    """A NACE code; spreadsheet programs turn 26.510 into 26.51."""
    text = text.replace(",", ".")
    if not re.fullmatch(r"[0-9]{2}(\.[0-9]{1,3})?", text):
        raise BadCell(_("A sector code looks like 26.510."))
    code, dot, rest = text.partition(".")
    return f"{code}.{rest:0<3}" if dot and lists.country == "NO" else text


def _employees(text: str, lists: Lists) -> str:
    digits = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[0-9]{1,7}", digits) or int(digits) > MOST_EMPLOYEES:
        raise BadCell(_("Write a whole number."))
    return str(int(digits))


def _postal_code(text: str, lists: Lists) -> str:
    """As the forms write it; a spreadsheet program takes the zeros in front of a number away."""
    rules = countries.rules_of(lists.country)
    if lists.country == "NO" and re.fullmatch(r"[0-9]{3}", text):
        text = f"0{text}"
    match = re.fullmatch(rules.postal_pattern, text, re.IGNORECASE)
    if not match:
        raise BadCell(rules.postal_wrong)
    return " ".join(match.groups())


def _municipality(text: str, lists: Lists) -> str:
    """By number, with or without the name after it, or by a name that only one has."""
    if lists.country != "NO":
        raise BadCell(_("Only Norwegian municipalities are known. Leave it empty."))
    number = re.match(r"([0-9]{3,4})\b", text)
    if number:
        found = {number[1].zfill(4)} & lists.municipalities.keys()
    else:
        found = lists.numbers_by_name.get(" ".join(text.split()).casefold(), set())
    if len(found) > 1:
        message = str(_("Several municipalities have this name. Write the number: %(numbers)s."))
        raise BadCell(message % {"numbers": ", ".join(sorted(found))})
    if not found:
        raise BadCell(_("No municipality of today has this number or name."))
    return min(found)


def _website(text: str, lists: Lists) -> str:
    url = text if "://" in text else f"https://{text}"
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError as error:
        raise BadCell(_("This is not a web address.")) from error
    return _long(url, lists, most=200)


def _email(text: str, lists: Lists) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise BadCell(_("This is not an e-mail address.")) from error
    return _long(text, lists, most=254)


# --- The columns


def _text(
    code: str,
    titles: tuple[str, str, str],
    help: Promise,
    read: Callable[[str, Lists], str],
    *,
    needed: bool = False,
    width: int = 20,
) -> Column:
    """A column whose canonical text is the field itself."""
    return Column(
        code=code,
        titles=titles,
        help=help,
        ours=lambda partner: getattr(partner, code),
        read=read,
        fields=lambda text, _lists: {code: text},
        needed=needed,
        width=width,
    )


COLUMNS = (
    _text(
        "country",
        ("Land", "Land", "Country"),
        _("NO, DK or SE. Empty means NO."),
        _country,
        width=8,
    ),
    _text(
        "organisation_number",
        ("Organisasjonsnummer", "Organisasjonsnummer", "Organisation number"),
        _("Tells which partner a row is about. A number that no partner has makes a new one."),
        partial(_short, most=40),
        needed=True,
    ),
    _text(
        "legal_name",
        ("Registrert navn", "Registrert namn", "Registered name"),
        _("As in the register of organisations."),
        partial(_short, most=200),
        needed=True,
        width=36,
    ),
    _text(
        "display_name",
        ("Navn som skolene ser", "Namn som skulane ser", "Name shown to schools"),
        _("Empty for a new partner means the registered name."),
        partial(_short, most=120),
        width=30,
    ),
    Column(
        code="kind",
        titles=("Type organisasjon", "Type organisasjon", "Kind of organisation"),
        help=_("One of the kinds below, in any of the portal's languages."),
        ours=lambda partner: partner.kind,
        read=_kind,
        fields=lambda text, _lists: {"kind": text},
        shown=lambda text, _lists: str(Partner.Kind(text).label) if text in Partner.Kind.values else text,
        needed=True,
        width=24,
    ),
    _text(
        "sector_code",
        ("Næringskode", "Næringskode", "Sector code"),
        _("The register's code, for example 26.510."),
        _sector_code,
        width=12,
    ),
    _text(
        "sector_name",
        ("Næring", "Næring", "Sector"),
        _("In words."),
        partial(_short, most=160),
        width=36,
    ),
    Column(
        code="employees",
        titles=("Ansatte", "Tilsette", "Employees"),
        help=_("A whole number."),
        ours=lambda partner: "" if partner.employees is None else str(partner.employees),
        read=_employees,
        fields=lambda text, _lists: {"employees": int(text)},
        width=10,
    ),
    _text(
        "address",
        ("Gateadresse", "Gateadresse", "Street address"),
        _("Street and number."),
        partial(_short, most=160),
        width=30,
    ),
    _text(
        "postal_code",
        ("Postnummer", "Postnummer", "Postal code"),
        _("For a new partner, place and municipality are found from it where they are empty."),
        _postal_code,
        width=12,
    ),
    _text(
        "postal_place",
        ("Poststed", "Poststad", "Place"),
        _("The place that belongs to the postal code."),
        partial(_short, most=80),
    ),
    Column(
        code="municipality",
        titles=("Kommune", "Kommune", "Municipality"),
        help=_("Number or name of a Norwegian municipality, for example 5601 or Alta."),
        ours=lambda partner: partner.municipality.number if partner.municipality else "",
        read=_municipality,
        fields=lambda text, lists: {"municipality": lists.municipalities[text]},
        shown=lambda text, lists: f"{text} {lists.municipalities[text].name}" if text in lists.municipalities else text,
    ),
    _text(
        "website",
        ("Nettsted", "Nettstad", "Web site"),
        _("With or without https:// in front."),
        _website,
        width=30,
    ),
    _text(
        "about",
        ("Om organisasjonen", "Om organisasjonen", "About the organisation"),
        _("A few sentences to a teacher who has never heard of it."),
        partial(_long, most=3000),
        width=50,
    ),
    _text(
        "contact_name",
        ("Kontaktperson", "Kontaktperson", "Contact person"),
        _("Gets no account and no mail by being imported."),
        partial(_short, most=120),
        needed=True,
        width=26,
    ),
    _text(
        "contact_email",
        ("E-post til kontaktpersonen", "E-post til kontaktpersonen", "E-mail of the contact person"),
        _("Shown to nobody but the secretariat and the partner's members."),
        _email,
        needed=True,
        width=32,
    ),
    _text(
        "contact_role",
        ("Rolle", "Rolle", "Role"),
        _("What the contact person does there."),
        partial(_short, most=80),
    ),
)
BY_CODE = {column.code: column for column in COLUMNS}
# Which partner a row is about; everything else is a fact that may change.
KEYS = ("country", "organisation_number")
FACTS = tuple(column for column in COLUMNS if column.code not in KEYS)
# What an export or a list of bad rows adds for the reader; an import passes over it.
STATUS_TITLES = ("Status", "Status", "Status")
LINE_TITLES = ("Linje", "Linje", "Line")
WRONG_TITLES = ("Hva som er feil", "Kva som er feil", "What is wrong")
FOR_READERS = (STATUS_TITLES, LINE_TITLES, WRONG_TITLES)


def plain_title(title: str) -> str:
    """Return a title as it is compared: without regard to case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_\-]+", " ", title).strip(" *:").casefold()


_CODES = {plain_title(title): column.code for column in COLUMNS for title in (*column.titles, column.code)} | {
    plain_title(title): "" for titles in FOR_READERS for title in titles
}


def code_of(title: str) -> str | None:
    """Return the column's code, "" for one that is only there for readers, None for one that nobody knows."""
    return _CODES.get(plain_title(title))
