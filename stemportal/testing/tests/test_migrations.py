"""Migrations that change tables in use must not lock them for long or break the version that still runs (squawk)."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command

APPS = Path(__file__).resolve().parents[2]
# Written before the portal was installed anywhere: their tables were empty.
BEFORE_FIRST_INSTALLATION = {"0002_initial", "0004_years_and_versions"}
# Initial migrations create tables that nobody uses yet.
MIGRATIONS = sorted(
    file
    for file in APPS.glob("*/migrations/[0-9]*.py")
    if "_initial" not in file.name and file.stem not in BEFORE_FIRST_INSTALLATION
)
# What Django does by design (lengths, key types, its own transaction, a default that lives only while a column is
# added), and time-outs, which belong to the connection that deploys (PGOPTIONS) and not to each file.
EXCLUDED = [
    "prefer-text-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "transaction-nesting",
    "ban-drop-default",
    "require-lock-timeout",
    "require-statement-timeout",
]


@pytest.mark.django_db
@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_migration_is_safe_on_tables_in_use(file: Path, tmp_path: Path) -> None:
    statements = io.StringIO()
    call_command("sqlmigrate", file.parts[-3], file.stem, stdout=statements)
    sql = tmp_path / "migration.sql"
    sql.write_text(statements.getvalue())
    squawk = Path(sys.executable).parent / "squawk"
    options = ["--pg-version=18.0", "--reporter=gcc", f"--exclude={','.join(EXCLUDED)}"]
    # An index that is built beside the writing that goes on needs a migration without a transaction.
    if import_module(f"stemportal.{file.parts[-3]}.migrations.{file.stem}").Migration.atomic:
        options.append("--assume-in-transaction")
    done = subprocess.run([str(squawk), *options, str(sql)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
