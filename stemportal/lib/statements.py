"""A query whose text Django makes once: for the few that run while others wait for a lock.

Making the SQL of a QuerySet anew takes longer than PostgreSQL needs to run a small one. A Statement makes it from a
QuerySet once in a process, with samples in the places of its values, and runs it with other values from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet


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
        with connection.cursor() as cursor:
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
