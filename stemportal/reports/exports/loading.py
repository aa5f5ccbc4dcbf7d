"""Reading an archive into an empty database: all of it, or nothing.

The archive is verified before anything is touched. Then everything happens in one transaction: triggers rest, so that
no history is written of what is read; tables are copied in; foreign keys are looked at together; counters go on where
they were; at last the files are stored. Whatever goes wrong, the transaction is taken back and the files are removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from stemportal.reports.exports.contents import FILLED_BY_MIGRATE, OF_MIGRATE
from stemportal.reports.exports.manifest import FilePart, Manifest, TablePart
from stemportal.reports.exports.reading import BLOCK, Archive, ArchiveRefused, opened
from stemportal.reports.exports.writing import columns_of, sequences_of

Say = Callable[[str], None]
# Nobody else may be at work in a database that is to be filled.
LOCK_TIMEOUT = "5s"
NAMED = 5
Node = tuple[str, str]


@dataclass(frozen=True)
class Loaded:
    """What was read."""

    tables: int
    rows: int
    files: int


def load_installation(file: IO[bytes], *, say: Say = lambda _text: None) -> Loaded:
    """Read an archive into the database and the storage. Raises ArchiveRefused; then nothing has changed.

    The database is freshly migrated and empty. For an archive that an older version wrote it has no tables at all:
    they are made as that version had them, filled, and migrated from there.
    """
    with opened(file) as archive:
        say("Looking at every part of the archive …")
        archive.verify()
        _refuse_other_files(archive.files())
        _make_ready(archive.manifest, say)
        say("Reading the tables …")
        loaded = _load(archive)
    ContentType.objects.clear_cache()
    if _unapplied():
        say("Migrating to the present version …")
        call_command("migrate", interactive=False, verbosity=0)
    return loaded


# --- Is the database fit for it?


def _nodes(migrations: dict[str, list[str]]) -> set[Node]:
    return {(app, name) for app, names in migrations.items() for name in names}


def _unapplied() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _make_ready(manifest: Manifest, say: Say) -> None:
    """See that the tables have the shape that they had where the archive was written."""
    loader = MigrationLoader(connection)
    archived = _nodes(manifest.migrations)
    if unknown := archived - set(loader.disk_migrations or {}):
        raise ArchiveRefused(
            f"The archive was made by a newer version of the portal: this one does not know {_some(unknown)}. "
            "Update it first."
        )
    applied = {node for node in loader.applied_migrations if node[0] in manifest.migrations}
    if not loader.applied_migrations:
        say("Making the tables as they were …")
        MigrationExecutor(connection).migrate(_last_of(archived, loader))
    elif lacking := archived - applied:
        raise ArchiveRefused(f"The database has not been migrated: it lacks {_some(lacking)}. Run manage.py migrate.")
    elif later := applied - archived:
        raise ArchiveRefused(
            f"The archive was made by an older version of the portal: it lacks {_some(later)}. Give a database without "
            "any tables; they are made as they were and migrated afterwards."
        )


def _last_of(archived: set[Node], loader: MigrationLoader) -> list[Node]:
    """Return the migrations of each app that no other one of the archive's follows."""
    followed = {
        parent.key for node in archived for parent in loader.graph.node_map[node].parents if parent.key[0] == node[0]
    }
    return sorted(archived - followed)


def _some(nodes: Iterable[Node]) -> str:
    names = [f"{app}.{name}" for app, name in sorted(nodes)]
    return ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


def _refuse_other_files(files: Iterable[FilePart]) -> None:
    for file in files:
        if default_storage.exists(file.name) and not _is_there(file):
            raise ArchiveRefused(
                f"The portal's folder has another file that is called {file.name!r}. Give it an empty folder."
            )


def _is_there(file: FilePart) -> bool:
    """Whether the storage has this very file, for example from an import that was cut off."""
    digest = sha256()
    with default_storage.open(file.name) as stored:
        for block in stored.chunks(BLOCK):
            digest.update(block)
    return digest.hexdigest() == file.sha256


# --- Reading it in


def _load(archive: Archive) -> Loaded:
    stored: list[str] = []
    try:
        with transaction.atomic(durable=True):
            rows = _load_tables(connection.connection, archive)
            files = _store_files(archive, stored)
    except BaseException as error:
        for name in stored:
            default_storage.delete(name)
        if isinstance(error, psycopg.Error | DatabaseError):
            reason = str(error).strip().splitlines()[0]
            raise ArchiveRefused(f"The database does not take what the archive holds: {reason}") from error
        raise
    return Loaded(tables=len(archive.manifest.tables), rows=rows, files=files)


def _load_tables(database: Any, archive: Archive) -> int:
    tables = archive.manifest.tables
    _hold_empty_tables(database)
    shapes = {table.table: {name for name, _type in columns_of(database, table.table)} for table in tables}
    for table in tables:
        if shapes[table.table] != {name for name, _type in table.columns}:
            raise ArchiveRefused(f"The table {table.table} has other columns than the archive.")
    with_triggers = [table.table for table in tables if _has_triggers(database, table.table)]
    for name in with_triggers:
        database.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(name)))
    for name in FILLED_BY_MIGRATE:
        database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    for table in tables:
        _copy(database, archive, table)
    database.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        _go_on_counting(database, table.table, archive.manifest.sequences)
    for name in with_triggers:
        database.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(name)))
    return sum(table.rows for table in tables)


def _hold_empty_tables(database: Any) -> None:
    """Lock every table and see that nothing stands in any."""
    statement = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    names = sorted({name for (name,) in database.execute(statement)} - {OF_MIGRATE})
    database.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
    try:
        database.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(map(sql.Identifier, names)))
        )
    except psycopg.errors.LockNotAvailable as error:
        raise ArchiveRefused("Somebody is at work in the database. Stop the portal and its workers first.") from error
    full = [
        name
        for name in names
        if name not in FILLED_BY_MIGRATE
        and database.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(name))).fetchone()[0]
    ]
    if full:
        raise ArchiveRefused(
            f"The database is not empty: there are rows in {', '.join(full[:NAMED])}. An archive is only read into an "
            "empty one."
        )


def _has_triggers(database: Any, table: str) -> bool:
    statement = "SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass(quote_ident(%s)) AND NOT tgisinternal"
    return database.execute(statement, [table]).fetchone() is not None


def _copy(database: Any, archive: Archive, table: TablePart) -> None:
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _type in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER)").format(sql.Identifier(table.table), names)
    with archive.open(table) as source, database.cursor() as cursor:
        with cursor.copy(statement) as target:
            while block := source.read(BLOCK):
                target.write(block)
        if cursor.rowcount != table.rows:
            raise ArchiveRefused(f"The archive is damaged: {table.table} has {cursor.rowcount} rows, not {table.rows}.")


def _go_on_counting(database: Any, table: str, last: dict[str, int]) -> None:
    """Let the table's counters go on after the last number, also of rows that are gone: ids are never used again."""
    for sequence, column in sequences_of(database, table):
        statement = sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(sql.Identifier(column), sql.Identifier(table))
        highest = max(database.execute(statement).fetchone()[0], last.get(f"{table}.{column}", 0))
        # Unlike setval, this is taken back with the transaction.
        database.execute(sql.SQL("ALTER SEQUENCE {} RESTART WITH {}").format(sequence, sql.Literal(highest + 1)))


def _store_files(archive: Archive, stored: list[str]) -> int:
    """Store the files under their names, each added to ``stored``; those that are there already stay."""
    count = 0
    for file in archive.files():
        count += 1
        if default_storage.exists(file.name):
            continue
        with archive.open(file) as source:
            name = default_storage.save(file.name, File(source, name=file.name))
        stored.append(name)
        if name != file.name:
            raise ArchiveRefused(f"The file {file.name!r} could not be stored under its name.")
    return count
