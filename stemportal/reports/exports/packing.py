"""A ZIP of tables with their data dictionary, written one table after the other."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import IO

from django.utils import timezone

from stemportal.reports.exports.dictionary import Written, as_markdown, datapackage
from stemportal.reports.exports.tables import Row, Table, chosen_tables

BLOCK = 1024 * 1024
ROWS_A_BEAT = 1000


class _Rows:
    """The rows of a table on their way: counts them, and says now and then that it goes on."""

    def __init__(self, table: Table, beat: Callable[[], None]) -> None:
        self.table, self.beat = table, beat
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.table.rows():
            self.count += 1
            if self.count % ROWS_A_BEAT == 0:
                self.beat()
            yield row


def write_tables(
    target: IO[bytes],
    *,
    codes: Sequence[str],
    file_format: str,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Written]:
    """Write these tables (all where there are no codes) as csv, xlsx or parquet, and their dictionary.

    Progress is (tables done, tables in all). Words are in the active language. Returns what was written.
    """
    tables = chosen_tables(list(codes))
    written: list[Written] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as parts:
        for table in tables:
            progress(len(written), len(tables))
            rows = _Rows(table, lambda: progress(len(written), len(tables)))
            written.append(_write_table(parts, rows, file_format))
        package = datapackage(written, file_format=file_format, made_at=timezone.localtime().isoformat())
        parts.writestr("datapackage.json", json.dumps(package, ensure_ascii=False, indent=1))
        parts.writestr("dictionary.md", as_markdown(tables))
    progress(len(tables), len(tables))
    return written


def _write_table(parts: zipfile.ZipFile, rows: _Rows, file_format: str) -> Written:
    """Write one table to a temporary file, as some formats jump to and fro in theirs, and from there into the ZIP."""
    # pyarrow is large, and only who writes needs it.
    from stemportal.reports.exports.formats import WRITERS

    path = f"data/{rows.table.code}.{file_format}"
    digest, size = sha256(), 0
    with tempfile.TemporaryFile() as temporary:
        WRITERS[file_format](rows.table, rows, temporary)
        temporary.seek(0)
        with parts.open(path, "w", force_zip64=True) as handle:
            while block := temporary.read(BLOCK):
                handle.write(block)
                digest.update(block)
                size += len(block)
    return Written(table=rows.table, path=path, rows=rows.count, size=size, sha256=digest.hexdigest())
