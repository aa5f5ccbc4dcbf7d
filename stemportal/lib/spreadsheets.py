"""Tables as CSV and XLSX: reading what spreadsheet programs make, or somebody sends on purpose, and writing them.

A table is read as lines of texts; the number of a line is the one that a spreadsheet program shows. Nothing of a file
is trusted: its kind is told by its content, and size, unpacked size, rows and columns are bounded.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any

import structlog
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

logger = structlog.get_logger(__name__)

MAX_BYTES = 10 * 1024 * 1024
# A workbook is a ZIP: what its parts unpack to, and how many there are.
MAX_UNPACKED = 100 * 1024 * 1024
MAX_PARTS = 1_000
MAX_ROWS = 20_000
MAX_COLUMNS = 100
# Sheets may go on for a million lines with nothing in them; nobody looks for the rest of a table so far down.
LAST_LINE = 100_000
DELIMITERS = (";", ",", "\t")
# What a formula that went wrong leaves in its cell.
FORMULA_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
# Spreadsheet programs take a text that begins so for a formula; quotes in front are counted so that none gets lost.
FORMULA = re.compile(r"'*[=+\-@]")

Line = tuple[int, list[str]]


class UnreadableFile(Exception):
    """The file is no table that can be read; ``reason`` is for the one who sent it."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


# --- Cells


def clean_text(text: str) -> str:
    """Return a text as it is stored: plain line ends, no control or unpaired characters, nothing empty around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def defuse(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula; ``undo_defuse`` gives it back."""
    return f"'{text}" if FORMULA.match(text) else text


def undo_defuse(text: str) -> str:
    """Take away the quote that ``defuse`` put in front."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def _text_of(value: Any) -> str:
    """A cell's value as the person sees it, near enough."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value
    if isinstance(value, date):
        value = value.isoformat()
    return undo_defuse(clean_text(str(value)))


# --- Reading


def read_lines(file: IO[bytes]) -> Iterator[Line]:
    """Give the lines that hold something, with their numbers. Raises UnreadableFile, also on the way.

    A line has at most MAX_COLUMNS texts, none of them empty at its end. The first is usually the header; at most
    MAX_ROWS may follow it.
    """
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"PK"):
        lines = _lines_of_workbook(file)
    elif start.startswith(bytes.fromhex("d0cf11e0a1b11ae1")):
        raise UnreadableFile(
            _("This is an old or locked Excel file. Save it as an .xlsx workbook without a password, or as CSV.")
        )
    else:
        lines = _lines_of_csv(file)
    count = 0
    for number, cells in lines:
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            count += 1
            if count > MAX_ROWS + 1:
                raise UnreadableFile(_too_many_rows())
            yield number, cells


def _too_many_rows() -> str:
    return str(_("The file has more than %(count)s rows. Please divide it.")) % {"count": f"{MAX_ROWS:,}"}


def _lines_of_csv(file: IO[bytes]) -> Iterator[Line]:
    text = _decode(file.read(MAX_BYTES + 1))
    delimiter = _delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(lines, start=1):
            if number == 1 and _sep(text):
                continue
            yield number, [undo_defuse(clean_text(cell)) for cell in cells[:MAX_COLUMNS]]
    except csv.Error as error:
        message = str(_("The file can not be divided into cells after line %(line)s. Is a quotation mark missing?"))
        raise UnreadableFile(message % {"line": number}) from error


def _decode(data: bytes) -> str:
    """Read UTF-8, with or without a mark in front, UTF-16 with one, else the Western European of Windows."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(_("The file is too large."))
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00" if is_utf16 else data.decode("cp1252", errors="replace")
    # NUL never stands in such a text, and often in a file that is none.
    if "\x00" in text:
        raise UnreadableFile(_("This is neither a CSV file nor an .xlsx workbook."))
    return text


def _sep(text: str) -> str:
    """The delimiter that a first line ``sep=;`` names, as Excel writes it."""
    found = re.match(r'"?sep=([;,\t])"?\r?\n', text)
    return found[1] if found else ""


def _delimiter(text: str) -> str:
    """The delimiter that divides the first line that holds something into the most cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return _sep(text) or max(DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))


def _lines_of_workbook(file: IO[bytes]) -> Iterator[Line]:
    """Lines of the first sheet, values instead of formulas."""
    try:
        _check_parts(file)
        # Links to other workbooks are not followed, and XML entities are refused (defusedxml).
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says about its size may be wrong
        for number, values in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
            if number > LAST_LINE:
                raise UnreadableFile(_("The sheet has very many empty lines. Delete those below the table."))
            if any(value is not None for value in values):
                yield number, [_text_of(value) for value in values]
        book.close()
    except UnreadableFile:
        raise
    except Exception as error:
        # openpyxl fails in many ways on a broken file, and its words may quote what stands in it.
        logger.warning("workbook_unreadable", error=type(error).__name__)
        raise UnreadableFile(_("The workbook can not be read. Open it, save it anew as .xlsx and try again.")) from None


def _check_parts(file: IO[bytes]) -> None:
    """Refuse a ZIP that would unpack to too much. ``zipfile`` never reads more of a part than it claims to have."""
    with zipfile.ZipFile(file) as parts:
        sizes = [part.file_size for part in parts.infolist()]
    if len(sizes) > MAX_PARTS or sum(sizes) > MAX_UNPACKED:
        raise UnreadableFile(_("The file is too large."))
    file.seek(0)


# --- Writing


class _Pipe:
    """What a csv.writer writes to: gives each line back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Give the rows as lines of a CSV file as Norwegian spreadsheet programs open it: UTF-8 with a mark, semicolons."""
    writer = csv.writer(_Pipe(), delimiter=";")
    yield codecs.BOM_UTF8
    for row in rows:
        yield writer.writerow([_safe(value) for value in row]).encode()


def _safe(value: Any) -> Any:
    return defuse(clean_text(value)) if isinstance(value, str) else value


def write_workbook(sheets: Iterable[tuple[str, Iterable[Sequence[Any]], Sequence[int]]]) -> IO[bytes]:
    """Return an .xlsx workbook as a temporary file, ready to be read; it is gone when it is closed.

    A sheet is its name, its rows (the first is the header) and the widths of its columns in characters. Rows are
    written one by one, so memory does not grow with them.
    """
    book = Workbook(write_only=True)
    for name, rows, widths in sheets:
        sheet = book.create_sheet(title=name[:31])
        sheet.freeze_panes = "A2"
        for position, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(position)].width = width
        for number, row in enumerate(rows):
            sheet.append([_cell(sheet, value, is_header=number == 0) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  # whoever gets it closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, value: Any, *, is_header: bool) -> Any:
    value = _safe(value)
    if not is_header and not (isinstance(value, str) and "\n" in value):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.font = Font(bold=is_header)
    cell.alignment = Alignment(wrap_text=not is_header, vertical="top")
    return cell
