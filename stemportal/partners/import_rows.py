"""What each line of an uploaded table would do: a new partner, changes, nothing, or why it cannot be used.

Lines are judged in batches, with the same few queries for each, however many lines they have. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from stemportal.lib import organisation_numbers
from stemportal.lib.identity_numbers import looks_personal, without_personal_numbers
from stemportal.lib.organisation_numbers import WrongNumber
from stemportal.lib.spreadsheets import FORMULA_ERRORS, UnreadableFile, clean_text
from stemportal.partners import countries
from stemportal.partners.import_columns import BY_CODE, COLUMNS, FACTS, BadCell, Lists, code_of
from stemportal.partners.models import ImportRow, Partner, PartnerImport
from stemportal.partners.register_facts import readable
from stemportal.partners.services.registration import HOLDING
from stemportal.places.models import PostalCode

Action = ImportRow.Action
# Longer than any fact may be; what is longer is cut before it is stored with its line.
MOST_KEPT = 4_000
MOST_TITLE = 60
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Header:
    """The first line: for each of its cells the column's code ("" for cells that are passed over) and the title."""

    codes: list[str]
    titles: list[str]
    unknown: list[str]


@dataclass(frozen=True, kw_only=True)
class Raw:
    """One line as it was typed, by column. ``personal`` are the titles under which an identity number stood."""

    line: int
    values: dict[str, str]
    personal: list[str] = field(default_factory=list)


def read_header(cells: Sequence[str]) -> Header:
    """Tell the columns by their titles in any language. Raises UnreadableFile."""
    titles = [without_personal_numbers(" ".join(cell.split()))[:MOST_TITLE] for cell in cells]
    codes = [code_of(cell) for cell in cells]
    known = [code for code in codes if code]
    if "organisation_number" not in known:
        message = _(
            "The first line must name the columns, and one of them must be “%(title)s”. Start from the template."
        )
        raise UnreadableFile(message % {"title": BY_CODE["organisation_number"].title})
    for code in known:
        if known.count(code) > 1:
            raise UnreadableFile(_("The column “%(title)s” is there twice.") % {"title": BY_CODE[code].title})
    unknown = [title for title, code in zip(titles, codes, strict=True) if code is None and title]
    return Header(codes=[code or "" for code in codes], titles=titles, unknown=unknown)


def read_raw(line: int, cells: Sequence[str], header: Header) -> Raw:
    """Sort a line's cells by column. An identity number goes no further than this, in whichever cell it stands."""
    values, personal = {}, []
    for position, cell in enumerate(cells):
        is_titled = position < len(header.codes)
        if _holds_identity_number(cell):
            personal.append((header.titles[position] if is_titled else "") or _("a column without a title"))
        elif is_titled and header.codes[position] and cell:
            values[header.codes[position]] = cell[:MOST_KEPT]
    return Raw(line=line, values=values, personal=personal)


def _holds_identity_number(cell: str) -> bool:
    is_short = len(cell) <= 40 and not any(char.isalpha() for char in cell)
    return (is_short and looks_personal(cell)) or without_personal_numbers(cell) != cell


class Judge:
    """Judges the lines of one file, batch after batch; remembers the numbers it has seen."""

    def __init__(self, partner_import: PartnerImport) -> None:
        self.partner_import = partner_import
        self.lists = Lists.load()
        self.seen: dict[Key, int] = {}

    def judge(self, batch: Iterable[Raw]) -> list[ImportRow]:
        """Return a row for each line, not saved. Two queries, whatever the number of lines."""
        lines = [_Line(raw, self.lists) for raw in batch]
        for line in lines:
            line.read_key(self.seen)
        partners = _partners_of([line.key for line in lines if line.key])
        for line in lines:
            line.compare(partners.get(line.key) if line.key else None)
        _fill_places([line for line in lines if line.action == Action.NEW], self.lists)
        return [line.row(self.partner_import) for line in lines]


def _partners_of(keys: Sequence[Key]) -> dict[Key, Partner]:
    found = Partner.objects.filter(
        organisation_number__in=[number for _country, number in keys], status__in=HOLDING
    ).select_related("municipality")
    return {(partner.country, partner.organisation_number): partner for partner in found}


def _fill_places(lines: Sequence[_Line], lists: Lists) -> None:
    """Find place and municipality of new partners from the postal code, where the file does not name them."""
    codes = {line.new.get("postal_code", "") for line in lines if line.country == "NO"} - {""}
    known = {row.code: row for row in PostalCode.objects.filter(code__in=codes).select_related("municipality")}
    for line in lines:
        place = known.get(line.new.get("postal_code", "")) if line.country == "NO" else None
        if place:
            line.new.setdefault("postal_place", readable(place.place))
            if place.municipality and place.municipality.number in lists.municipalities:
                line.new.setdefault("municipality", place.municipality.number)


class _Line:
    """One line on its way from what was typed to what it would do."""

    def __init__(self, raw: Raw, lists: Lists) -> None:
        self.raw = raw
        self.lists = lists
        self.errors: list[tuple[str, str]] = []
        self.country = "NO"
        self.key: Key | None = None
        self.partner: Partner | None = None
        self.old: dict[str, str] = {}
        self.new: dict[str, str] = {}
        for title in raw.personal:
            self.errors.append(
                (title, _("This looks like a personal identity number. It has not been kept; take it out of the file."))
            )

    def wrong(self, code: str, reason: str | Promise) -> None:
        self.errors.append((BY_CODE[code].title, str(reason)))

    def read_key(self, seen: dict[Key, int]) -> None:
        """Read country and number, which say whom the line is about; a number counts once in a file."""
        try:
            self.country = BY_CODE["country"].read(self.raw.values.get("country") or "NO", self.lists)
        except BadCell as error:
            self.wrong("country", error.reason)
            return
        self.lists = self.lists.of_country(self.country)
        typed = self.raw.values.get("organisation_number", "")
        if not typed:
            if not self.raw.personal:
                self.wrong("organisation_number", _("This is needed."))
            return
        try:
            number = organisation_numbers.clean(typed, self.country)
        except WrongNumber as error:
            rules = countries.rules_of(self.country)
            self.wrong("organisation_number", countries.LETTERS if error.has_letters else rules.number_wrong)
            return
        key = (self.country, number)
        first = seen.setdefault(key, self.raw.line)
        if first != self.raw.line:
            self.wrong("organisation_number", _("The same number stands in line %(line)s already.") % {"line": first})
            return
        self.key = key

    def compare(self, partner: Partner | None) -> None:
        """Read the facts and set them beside those of the partner, if there is one."""
        self.partner = partner
        if partner is not None and partner.status == Partner.Status.ENDED:
            self.wrong(
                "organisation_number",
                _("This organisation has left the programme. Take it up again on its own page first."),
            )
        for column in FACTS:
            cell = self.raw.values.get(column.code, "")
            # What an export would write is no change, even if it could not be typed in today.
            if not cell or (partner is not None and cell == clean_text(column.cell(partner, self.lists))):
                continue
            try:
                text = self._read(column.code, cell)
            except BadCell as error:
                self.wrong(column.code, error.reason)
                continue
            ours = column.ours(partner) if partner is not None else ""
            if text != ours:
                self.old[column.code], self.new[column.code] = ours, text
        if partner is None and self.key:
            self._complete()

    def _read(self, code: str, cell: str) -> str:
        if cell in FORMULA_ERRORS:
            raise BadCell(_("The formula in this cell went wrong."))
        return BY_CODE[code].read(cell, self.lists)

    def _complete(self) -> None:
        """A new partner needs some facts, and is shown by its registered name unless it has another."""
        for column in FACTS:
            if column.needed and not self.raw.values.get(column.code) and column.title not in self.raw.personal:
                self.wrong(column.code, _("This is needed for a new partner."))
        if "legal_name" in self.new:
            self.new.setdefault("display_name", readable(self.new["legal_name"])[:120])

    @property
    def action(self) -> Action:
        if self.errors or not self.key:
            return Action.BAD
        if self.partner is None:
            return Action.NEW
        return Action.CHANGE if self.new else Action.SAME

    def row(self, partner_import: PartnerImport) -> ImportRow:
        """Return the line as it is kept. A bad one proposes nothing."""
        values = self.raw.values
        name = self.partner.display_name if self.partner else values.get("display_name") or values.get("legal_name", "")
        is_good = self.action != Action.BAD
        order = {column.title: position for position, column in enumerate(COLUMNS)}
        return ImportRow(
            partner_import=partner_import,
            line=self.raw.line,
            action=self.action,
            partner=self.partner,
            name=" ".join(name.split())[:200],
            values=values,
            changes={code: [self.old.get(code, ""), text] for code, text in self.new.items()} if is_good else {},
            errors=[list(error) for error in sorted(self.errors, key=lambda error: order.get(error[0], 0))],
        )
