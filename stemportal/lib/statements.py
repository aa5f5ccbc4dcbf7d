"""A query whose text Django makes once, and PostgreSQL plans once: for the few that run while others wait for a lock.

Making the SQL of a QuerySet anew takes longer than PostgreSQL needs to run a small one. A Statement makes it from a
QuerySet once in a process, with samples in the places of its values, and runs it with other values from then on.
Reading and planning it anew takes PostgreSQL longer than running it, too: `prepared_cursor` has that done once a
connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django_prometheus.db.common import ExportingCursorWrapper

# Counted among the portal's figures as the queries of other cursors are.
_Counted: Any = ExportingCursorWrapper(ServerBindingCursor, DEFAULT_DB_ALIAS, connection.vendor)


class _PreparedCursor(_Counted):
    # A cursor with a name has its text left alone by pghistory, which puts a command of its own before what writes:
    # two commands cannot be prepared.
    name = "prepared"


def prepared_cursor() -> CursorWrapper:
    """Return a cursor that sends values beside the text, so that a text sent before is prepared (``settings.env``).

    What it writes must not be under ``lib.history``: that would not learn from it who did it.
    """
    connection.ensure_connection()
    return connection._prepare_cursor(_PreparedCursor(connection.connection))  # type: ignore[attr-defined]  # no stub


class Statement:
    """``build`` takes named values and returns the QuerySet; ``samples`` are values of their kinds, all different."""

    def __init__(self, build: Callable[..., QuerySet[Any]], **samples: Any) -> None:
        self._build, self._samples = build, samples
        self._sql = ""
        self._places: list[tuple[str | None, Any]] = []

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        """Return the first row as PostgreSQL gives it, or None."""
        if not self._sql:
            self._make()
        with prepared_cursor() as cursor:
            cursor.execute(self._sql, [fixed if name is None else values[name] for name, fixed in self._places])
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    def _make(self) -> None:
        sql, params = self._build(**self._samples).query.sql_with_params()
        names = {sample: name for name, sample in self._samples.items()}
        self._places = [(names.get(param), param) for param in params]
        missing = set(self._samples) - {name for name, _fixed in self._places}
        if missing:
            raise ValueError(f"the query asks for none of {sorted(missing)}")
        self._sql = sql
