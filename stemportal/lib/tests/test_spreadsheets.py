"""Tables as programs and people make them: every encoding and delimiter, and files that are made to do harm."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from stemportal.lib import spreadsheets
from stemportal.lib.spreadsheets import UnreadableFile, clean_text, csv_lines, defuse, read_lines, undo_defuse

NAMES = [["Nummer", "Navn"], ["312345676", "Blåbær & Ærlig AS"]]


# What is refused says why; here in the language of the message ids.
pytestmark = pytest.mark.usefixtures("english")


def lines_of(data: bytes) -> list[tuple[int, list[str]]]:
    return list(read_lines(io.BytesIO(data)))


def csv_text(delimiter: str = ";", rows=NAMES) -> str:
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


def workbook(rows, *, sheet_name: str = "Ark1") -> bytes:
    book = Workbook()
    book.active.title = sheet_name
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one of its parts replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return file.getvalue()


# --- CSV


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_csv_is_read_whatever_program_wrote_it(delimiter, encoding):
    assert lines_of(csv_text(delimiter).encode(encoding)) == [(1, NAMES[0]), (2, NAMES[1])]


def test_line_numbers_are_those_of_a_spreadsheet_program():
    text = 'Navn;Om\r\n\r\nA;"to\nlinjer; med ""ord"""\r\n;;\r\nB;slutt\r\n'
    assert lines_of(text.encode()) == [
        (1, ["Navn", "Om"]),
        (3, ["A", 'to\nlinjer; med "ord"']),
        (5, ["B", "slutt"]),
    ]


def test_hint_of_excel_names_the_delimiter_and_counts_as_a_line():
    assert lines_of(b"sep=,\r\na;b,c\r\n") == [(2, ["a;b", "c"])]


def test_missing_quotation_mark_is_told_with_its_line():
    with pytest.raises(UnreadableFile, match="after line 2"):
        lines_of(b'a;b\r\n1;2\r\n"3;4\r\n5;6\r\n')


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"%PDF-1.7\n\x00\xff\xfe",
        b"a;b\x00;c\r\n",
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 100,
        b"PK\x03\x04 and then nothing",
        b"\xff\xfea",
    ],
)
def test_other_files_are_refused_in_words(data):
    with pytest.raises(UnreadableFile) as refused:
        lines_of(data)
    assert str(refused.value.reason)


def test_empty_file_has_no_lines():
    assert lines_of(b"") == []
    assert lines_of(b"\r\n;;;\r\n \r\n") == []


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 3)
    assert len(lines_of(b"navn\r\n" + b"a\r\n" * 3 + b"\r\n" * 50)) == 4
    with pytest.raises(UnreadableFile, match="more than 3 rows"):
        lines_of(b"navn\r\n" + b"a\r\n" * 4)


def test_too_large_file_is_refused(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_BYTES", 100)
    with pytest.raises(UnreadableFile, match="too large"):
        lines_of(b"a" * 101)


def test_one_enormous_cell_is_refused():
    with pytest.raises(UnreadableFile):
        lines_of(b'a;b\r\n"' + b"x" * 200_000 + b'";1\r\n')


def test_columns_beyond_the_limit_are_left_out():
    assert len(lines_of(b";".join([b"a"] * 500))[0][1]) == spreadsheets.MAX_COLUMNS


# --- Workbooks


def test_workbook_gives_texts_as_people_see_them():
    rows = [["Nummer", "Ansatte", "Dato", "Ja", "Tall"], [312345676, 38.0, date(2026, 11, 21), True, 26.51]]
    assert lines_of(workbook(rows)) == [(1, rows[0]), (2, ["312345676", "38", "2026-11-21", "True", "26.51"])]


def test_empty_rows_of_a_workbook_count_as_lines():
    book = Workbook()
    book.active["A2"] = "Navn"
    book.active["B7"] = "siste"
    file = io.BytesIO()
    book.save(file)
    found = lines_of(file.getvalue())
    assert [number for number, _cells in found] == [2, 7]
    assert found[1][1] == ["", "siste"]


def test_only_the_first_sheet_is_read():
    book = Workbook()
    book.active.append(["Navn"])
    book.create_sheet("Annet").append(["Hemmelig"])
    file = io.BytesIO()
    book.save(file)
    assert len(lines_of(file.getvalue())) == 1


def test_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", 1_000_000)
    bomb = with_part(workbook(NAMES), "xl/styles.xml", b" " * 5_000_000)
    assert len(bomb) < 50_000
    with pytest.raises(UnreadableFile, match="too large"):
        lines_of(bomb)


def test_zip_of_very_many_parts_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        for n in range(spreadsheets.MAX_PARTS + 1):
            parts.writestr(f"xl/{n}", b"")
    with pytest.raises(UnreadableFile, match="too large"):
        lines_of(file.getvalue())


def test_part_that_lies_about_its_size_is_not_unpacked_further():
    """The directory says one byte; zipfile stops there, and the workbook is unreadable."""
    data = bytearray(with_part(workbook(NAMES), "xl/worksheets/sheet1.xml", b"<a>" + b" " * 3_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as parts:
        info = parts.getinfo("xl/worksheets/sheet1.xml")
        size = info.file_size.to_bytes(4, "little")
    place = data.rindex(size)  # in the directory at the end
    data[place : place + 4] = (1).to_bytes(4, "little")
    with pytest.raises(UnreadableFile):
        lines_of(bytes(data))


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">
<!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>&y;</t></is></c></row></sheetData></worksheet>"""


def test_xml_entities_are_refused():
    with pytest.raises(UnreadableFile):
        lines_of(with_part(workbook(NAMES), "xl/worksheets/sheet1.xml", ENTITIES))


def test_row_number_far_out_does_not_keep_the_worker_busy():
    sheet = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
    <row r="1"><c r="A1"><v>1</v></c></row><row r="99999999999"><c r="A99999999999"><v>2</v></c></row>
    </sheetData></worksheet>"""
    with pytest.raises(UnreadableFile):
        lines_of(with_part(workbook(NAMES), "xl/worksheets/sheet1.xml", sheet))


def test_cell_far_to_the_right_does_not_widen_every_row():
    sheet = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
    <row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row></sheetData></worksheet>"""
    assert lines_of(with_part(workbook(NAMES), "xl/worksheets/sheet1.xml", sheet)) == [(1, ["1"])]


# --- Writing


@pytest.mark.parametrize("text", ["=1+1", "+47 99", "-5", "@SUM(A1)", "'=1", "''-1", "\t=1", "\r\n=1", "=\x00cmd"])
def test_formulas_are_defused_in_both_formats(text):
    (mark, line) = csv_lines([[text]])
    assert mark == b"\xef\xbb\xbf"
    assert line.decode().lstrip('"').startswith("'")
    sheet = load_workbook(spreadsheets.write_workbook([("Ark", [[text], [text]], [10])])).active
    for cell in (sheet["A1"], sheet["A2"]):
        assert cell.data_type == "s"
        assert cell.value.startswith("'")


@given(st.text())
def test_defused_text_comes_back(text):
    text = clean_text(text)
    assert undo_defuse(defuse(text)) == text
    assert not defuse(text).startswith(("=", "+", "-", "@"))


cells = st.text(max_size=40).map(clean_text)
tables = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width).filter(any), min_size=1, max_size=8)
)


def trimmed(row: list[str]) -> list[str]:
    """Empty cells at the end of a row are not there."""
    return row[: max(place for place, cell in enumerate(row, start=1) if cell)]


@given(tables)
def test_table_survives_csv(table):
    # The delimiter is told by the first line, as a header of plain words makes easy.
    header = [f"kolonne {n}" for n in range(len(table[0]))]
    data = b"".join(csv_lines([header, *table]))
    assert [cells for _number, cells in lines_of(data)][1:] == [trimmed(row) for row in table]


@settings(max_examples=40)
@given(tables)
def test_table_survives_a_workbook(table):
    with spreadsheets.write_workbook([("Ark", table, [10])]) as file:
        found = [line for _number, line in read_lines(file)]
    assert found == [trimmed(row) for row in table]
