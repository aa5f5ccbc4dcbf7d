"""Databases besides the test database, for tests that carry an installation from one to another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, connections
from django.test.utils import override_settings


def _server() -> psycopg.Connection[Any]:
    """A connection to the server, not to the test database."""
    facts = connection.settings_dict
    return psycopg.connect(
        host=facts["HOST"] or None,
        port=facts["PORT"] or None,
        user=facts["USER"] or None,
        password=facts["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    )


@contextmanager
def copy_of_test_database(name: str, *, empty: bool = False) -> Iterator[str]:
    """Make a database with the tables of the test database (none when it is to be empty); give its name, drop it."""
    connections.close_all()
    original = connection.settings_dict["NAME"]
    made = f"{original}_{name}"
    template = psycopg.sql.Identifier("template0" if empty else original)
    with _server() as server:
        # Connections that earlier tests left open would be in the way of copying.
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [original])
        drop = psycopg.sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(psycopg.sql.Identifier(made))
        server.execute(drop)
        server.execute(psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(psycopg.sql.Identifier(made), template))
        try:
            yield made
        finally:
            server.execute(drop)


@contextmanager
def at_work_in(database: str, folder: Path) -> Iterator[None]:
    """Let Django work in another database, with another folder of files."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    ContentType.objects.clear_cache()
    cache.clear()
    try:
        with override_settings(MEDIA_ROOT=folder):
            yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
        ContentType.objects.clear_cache()
        cache.clear()
