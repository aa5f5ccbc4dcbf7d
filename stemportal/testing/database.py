"""The test database: the first process that needs one migrates a template, and each process copies that.

Registered by the plugin in `pytest_configure`, because of two fixtures with one name the one that was registered last
counts, and pytest-django's come later than what `-p` names.
"""

from __future__ import annotations

import os

import psycopg
import pytest
from pytest_django.plugin import DjangoDbBlocker

TEMPLATE = "portal_migrated"
# Any number that nobody else takes as an advisory lock on this server.
LOCK = 20_260_801


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Where other processes need the same tables, let Django make the database as a copy of the template.

    Django then migrates the copy as it does any test database; there is nothing left to apply.
    """
    from django.db import connection

    if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) < 2 or "PORTAL_TESTS_OWN_POSTGRES" not in os.environ:
        return
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as lock, django_db_blocker.unblock():
        # Held until the connection is closed: whoever comes second waits, and finds the template.
        lock.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if lock.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is None:
            migrate_template()
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


def migrate_template() -> None:
    """Make the template as Django makes a test database, and leave it alone."""
    from django.db import connection

    settings = connection.settings_dict
    name, own = settings["NAME"], settings["TEST"]["NAME"]
    settings["TEST"]["NAME"] = TEMPLATE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.creation.destroy_test_db(name, verbosity=0, keepdb=True)
    settings["TEST"]["NAME"] = own
