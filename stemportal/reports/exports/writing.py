"""Writing an archive of the installation: all tables at one moment, all stored files, and a manifest, as one ZIP.

Everything is streamed: memory does not grow with tables or files, but for the ZIP's own table of contents.
"""

from __future__ import annotations

import json
import platform
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import IO, Any

import django
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone
from psycopg import sql

from stemportal.reports.exports.contents import (
    FILLED_BY_MIGRATE,
    LEFT_OUT,
    OF_MIGRATE,
    WITHOUT_VALUE,
    carried_models,
    file_columns,
    table_of,
)
from stemportal.reports.exports.manifest import (
    FILE_LIST,
    FILES_FOLDER,
    MANIFEST,
    README,
    TABLES_FOLDER,
    FileList,
    FilePart,
    Manifest,
    TablePart,
)
from stemportal.reports.exports.snapshot import snapshot

Progress = Callable[[int, int], None]
BLOCK = 1024 * 1024
# Level 4 is near the best that a ZIP does with tables, in a third of the time.
LEVEL = 4
# Packed already; packing them once more costs time and saves nothing.
PACKED = (".png", ".jpg", ".webp", ".zip", ".xlsx", ".docx", ".pptx")
ABOUT = """This is everything that {portal} knew on {day}: its tables (data/), its files (files/), and a list of both
with fingerprints ({manifest}, {file_list}).

A table is CSV: UTF-8, commas, the names of the columns in the first line. Nothing between two commas means that nothing
is known; two quotation marks are an empty text. Moments are in UTC. {manifest} says the type of each column, and what
was left out on purpose.

The same program reads it into an empty database that has been migrated: manage.py import_portal FILE.

It holds names, addresses and words of people. Keep it as you keep the portal itself.
"""


@dataclass
class Hashed:
    """A stream to write to that counts and fingerprints what goes through it, to ``target`` if there is one."""

    target: IO[bytes] | None = None
    size: int = 0
    digest: Any = field(default_factory=sha256)

    def write(self, block: Any) -> None:
        if self.target:
            self.target.write(block)
        self.digest.update(block)
        self.size += len(block)


@dataclass
class _Archive:
    """The ZIP on its way, and how far it has come."""

    parts: zipfile.ZipFile
    progress: Progress
    total: int
    done: int = 0

    def open(self, name: str) -> IO[bytes]:
        """Open a part for writing."""
        # A ZipInfo of one's own is stored as it is, a name is packed.
        return self.parts.open(zipfile.ZipInfo(name) if name.endswith(PACKED) else name, "w", force_zip64=True)

    def go_on(self) -> None:
        """Tell that one more table or file is written."""
        self.done += 1
        self.progress(self.done, self.total)

    def beat(self) -> None:
        """Tell that a long part goes on."""
        self.progress(self.done, self.total)


def write_installation(target: IO[bytes], *, progress: Progress = lambda _done, _total: None) -> Manifest:
    """Write the archive to a file that is open for writing, and return its manifest. Progress is (done, total)."""
    with snapshot() as database, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as parts:
        columns = file_columns()
        found = carried_models()
        archive = _Archive(parts, progress, total=len(found) + _count_files(database, columns))
        made_at = timezone.localtime()
        about = ABOUT.format(
            portal=settings.PORTAL_NAME, day=f"{made_at:%Y-%m-%d %H:%M}", manifest=MANIFEST, file_list=FILE_LIST
        )
        parts.writestr(README, about)
        manifest = Manifest(
            made_at=made_at.isoformat(),
            portal=f"{settings.PORTAL_NAME} {settings.PORTAL_BASE_URL}",
            versions={
                "python": platform.python_version(),
                "django": django.get_version(),
                "postgresql": database.execute("SHOW server_version").fetchone()[0],
            },
            migrations=applied_migrations(database),
            tables=[_write_table(database, model, archive) for model in found],
            sequences=_last_numbers(database, found),
            file_list=_write_files(_file_names(database, columns), archive),
            left_out=LEFT_OUT,
            without_value=[f"{table}.{column}" for table, column in WITHOUT_VALUE],
        )
        parts.writestr(MANIFEST, manifest.as_json())
    return manifest


def applied_migrations(database: Any) -> dict[str, list[str]]:
    """Return the names of the applied migrations by app, of the apps whose tables are carried."""
    apps = {model._meta.app_label for model in carried_models()}
    applied: dict[str, list[str]] = {}
    statement = sql.SQL("SELECT app, name FROM {} ORDER BY app, name").format(sql.Identifier(OF_MIGRATE))
    for app, name in database.execute(statement):
        if app in apps:
            applied.setdefault(app, []).append(name)
    return applied


def columns_of(database: Any, table: str) -> list[tuple[str, str]]:
    """Return name and type of each column of a table, in its order; nothing when there is no such table."""
    statement = """
        SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = to_regclass(quote_ident(%s)) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
    """
    return list(database.execute(statement, [table]).fetchall())


def _write_table(database: Any, model: type[models.Model], archive: _Archive) -> TablePart:
    table = table_of(model)
    columns = columns_of(database, table)
    values = [
        sql.SQL("{} AS {}").format(sql.Literal(WITHOUT_VALUE[table, name]), sql.Identifier(name))
        if (table, name) in WITHOUT_VALUE
        else sql.Identifier(name)
        for name, _type in columns
    ]
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT csv, HEADER)").format(
        sql.SQL(", ").join(values), sql.Identifier(table), sql.Identifier(str(model._meta.pk.column))
    )
    part = f"{TABLES_FOLDER}{table}.csv"
    with archive.open(part) as handle, database.cursor() as cursor:
        hashed, since = Hashed(handle), 0
        with cursor.copy(statement) as blocks:
            for block in blocks:
                hashed.write(block)
                if hashed.size - since > BLOCK:
                    archive.beat()
                    since = hashed.size
        rows = cursor.rowcount
    archive.go_on()
    return TablePart(
        part=part, size=hashed.size, sha256=hashed.digest.hexdigest(), table=table, rows=rows, columns=columns
    )


def _last_numbers(database: Any, found: list[type[models.Model]]) -> dict[str, int]:
    """Return the last number of each counter that has given one, by "table.column"."""
    numbers = {}
    for model in found:
        table = table_of(model)
        if table in FILLED_BY_MIGRATE:
            continue
        for sequence, column in sequences_of(database, table):
            statement = sql.SQL("SELECT last_value, is_called FROM {}").format(sequence)
            last, is_called = database.execute(statement).fetchone()
            if is_called:
                numbers[f"{table}.{column}"] = last
    return numbers


def sequences_of(database: Any, table: str) -> list[tuple[sql.Identifier, str]]:
    """Return the counters of a table, each with its column."""
    statement = """
        SELECT space.nspname, counter.relname, attname FROM pg_depend
        JOIN pg_class counter ON counter.oid = objid AND counter.relkind = 'S'
        JOIN pg_namespace space ON space.oid = counter.relnamespace
        JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
        WHERE refobjid = to_regclass(quote_ident(%s)) AND pg_depend.deptype IN ('a', 'i')
    """
    found = database.execute(statement, [table]).fetchall()
    return [(sql.Identifier(space, name), column) for space, name, column in found]


def _count_files(database: Any, columns: list[tuple[str, str]]) -> int:
    statements = [
        sql.SQL("SELECT DISTINCT {0} AS name FROM {1} WHERE {0} <> ''").format(
            sql.Identifier(column), sql.Identifier(t)
        )
        for t, column in columns
    ]
    statement = sql.SQL("SELECT count(DISTINCT name) FROM ({}) named").format(sql.SQL(" UNION ALL ").join(statements))
    count: int = database.execute(statement).fetchone()[0]
    return count


def _file_names(database: Any, columns: list[tuple[str, str]]) -> Iterator[str]:
    """Give the name of every stored file once."""
    seen: set[str] = set()
    for table, column in columns:
        statement = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE {0} <> '' ORDER BY 1")
        with database.cursor(name="files") as cursor:
            cursor.execute(statement.format(sql.Identifier(column), sql.Identifier(table)))
            for (name,) in cursor:
                if name not in seen:
                    seen.add(name)
                    yield name


def _write_files(names: Iterator[str], archive: _Archive) -> FileList:
    files = missing = size = 0
    with tempfile.TemporaryFile() as written:
        lines = Hashed(written)
        for name in names:
            part = _write_file(name, archive)
            archive.go_on()
            if part is None:
                missing += 1
                continue
            lines.write(json.dumps(asdict(part), ensure_ascii=False).encode() + b"\n")
            files, size = files + 1, size + part.size
        written.seek(0)
        with archive.open(FILE_LIST) as handle:
            while block := written.read(BLOCK):
                handle.write(block)
    return FileList(
        part=FILE_LIST,
        size=lines.size,
        sha256=lines.digest.hexdigest(),
        files=files,
        bytes=size,
        missing=missing,
    )


def _write_file(name: str, archive: _Archive) -> FilePart | None:
    """Write a stored file; None when it is not there. History keeps names of files that are long gone."""
    try:
        source = default_storage.open(name)
    except (FileNotFoundError, SuspiciousFileOperation):
        return None
    part = f"{FILES_FOLDER}{name}"
    with source, archive.open(part) as handle:
        hashed = Hashed(handle)
        for block in source.chunks(BLOCK):
            hashed.write(block)
    return FilePart(part=part, size=hashed.size, sha256=hashed.digest.hexdigest(), name=name)
