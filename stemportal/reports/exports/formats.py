"""Writing the rows of a table as CSV, XLSX or Parquet, one after the other: memory does not grow with them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from django.utils import timezone

from stemportal.lib.spreadsheets import csv_lines
from stemportal.reports.exports.tables import Column, Row, Table

# A sheet has room for 1,048,576 lines, one of them the header.
ROWS_OF_SHEET = 1_048_575
ROWS_AT_A_TIME = 5_000
LONGEST_NAME = 28
WIDTH = 18
ARROW = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
    "string": pa.string(),
}


def write_csv(table: Table, rows: Iterable[Row], target: IO[bytes]) -> None:
    """Write UTF-8 with a mark, semicolons between, as Norwegian spreadsheet programs open it. Moments are local."""
    for line in csv_lines(_with_header(table, rows)):
        target.write(line)


def _with_header(table: Table, rows: Iterable[Row]) -> Iterator[Row]:
    yield [column.name for column in table.columns]
    for row in rows:
        yield [_as_text(value) for value in row]


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def write_parquet(table: Table, rows: Iterable[Row], target: IO[bytes]) -> None:
    """Write Apache Parquet; the meaning of each column goes with it. Moments are in UTC."""
    schema = pa.schema([_arrow_field(column) for column in table.columns])
    left = iter(rows)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        while some := list(islice(left, ROWS_AT_A_TIME)):
            arrays = [
                pa.array([_as_arrow(value, column) for value in values], type=ARROW[column.type])
                for values, column in zip(zip(*some, strict=True), table.columns, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _arrow_field(column: Column) -> pa.Field:
    return pa.field(column.name, ARROW[column.type], metadata={"meaning": str(column.meaning)})


def _as_arrow(value: Any, column: Column) -> Any:
    return float(value) if column.type == "number" and value is not None else value


def write_xlsx(table: Table, rows: Iterable[Row], target: IO[bytes]) -> None:
    """Write a workbook; what is more than a sheet holds goes on in the next one. Moments are local."""
    # Sheets are put together in files of their own.
    with tempfile.TemporaryDirectory(prefix="portal-sheets-") as folder:
        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(target, options) as book:
            _Workbook(book, table).write(rows)


class _Workbook:
    """Sheets of one table, then one that says what its columns mean."""

    def __init__(self, book: xlsxwriter.Workbook, table: Table) -> None:
        self.book, self.table = book, table
        self.bold = book.add_format({"bold": True})
        self.formats = {
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }

    def write(self, rows: Iterable[Row]) -> None:
        left, number = iter(rows), 0
        while True:
            number += 1
            if not self._write_sheet(number, left):
                break
        self._write_columns()

    def _write_sheet(self, number: int, rows: Iterator[Row]) -> bool:
        """Write as many rows as one sheet holds; whether it is full."""
        name = self.table.code[:LONGEST_NAME]
        sheet = self._sheet(name if number == 1 else f"{name} {number}", [column.name for column in self.table.columns])
        line = 0
        for line, row in enumerate(islice(rows, ROWS_OF_SHEET), start=1):
            for place, (value, column) in enumerate(zip(row, self.table.columns, strict=True)):
                self._write_cell(sheet, line, place, value, column)
        return line == ROWS_OF_SHEET

    def _write_cell(self, sheet: Any, line: int, place: int, value: Any, column: Column) -> None:
        if value is None:
            return
        if isinstance(value, datetime):
            local = timezone.localtime(value).replace(tzinfo=None)
            sheet.write_datetime(line, place, local, self.formats["datetime"])
        elif isinstance(value, date):
            sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), self.formats["date"])
        elif isinstance(value, bool):
            sheet.write_boolean(line, place, value)
        elif column.type in {"integer", "number"}:
            sheet.write_number(line, place, value)
        else:
            sheet.write_string(line, place, str(value))

    def _sheet(self, name: str, header: list[str]) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header) - 1, WIDTH)
        for place, text in enumerate(header):
            sheet.write_string(0, place, text, self.bold)
        return sheet

    def _write_columns(self) -> None:
        sheet = self._sheet("columns", ["column", "type", "meaning", "unit", "source", "values"])
        for line, column in enumerate(self.table.columns, start=1):
            codes = "; ".join(f"{code} = {words}" for code, words in column.codes)
            texts = [column.name, column.type, str(column.meaning), str(column.unit), column.source, codes]
            for place, text in enumerate(texts):
                sheet.write_string(line, place, text)


Writer = Callable[[Table, Iterable[Row], IO[bytes]], None]
WRITERS: dict[str, Writer] = {"csv": write_csv, "xlsx": write_xlsx, "parquet": write_parquet}
