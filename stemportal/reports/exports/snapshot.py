"""A look at the database at one moment, however long it takes to read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import IsolationLevel

# Moments and numbers as text that any PostgreSQL reads back to the same value.
SETTINGS = {"timezone": "UTC", "datestyle": "ISO, YMD", "intervalstyle": "iso_8601", "extra_float_digits": "1"}


@contextmanager
def snapshot() -> Iterator[Any]:
    """Give a connection of its own (psycopg) that sees what is committed now, and can change nothing.

    Of its own, so that progress can be written meanwhile.
    """
    settings = connection.copy("snapshot")
    database = settings.get_new_connection(settings.get_connection_params())
    try:
        database.isolation_level = IsolationLevel.REPEATABLE_READ
        database.read_only = True
        for name, value in SETTINGS.items():
            database.execute("SELECT set_config(%s, %s, true)", [name, value])
        yield database
    finally:
        database.close()
