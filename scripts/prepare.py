"""Everything between "the servers run" and "the programs may start", in one Django process.

    python -m scripts.prepare --accounts FILE

Progress for people goes to stdout, all else to stderr. The demo accounts are written to FILE. Each step looks first
whether its input changed; when no input of any step did, not even Django is started.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import sys
from pathlib import Path

import psycopg

from scripts import messages

ROOT = Path(__file__).resolve().parents[1]


def say(text: str) -> None:
    print(text, flush=True)


def migrate() -> None:
    """Bring the database to the code's state; nothing to apply costs one query."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Migrating the database ...")
        call_command("migrate", interactive=False, verbosity=1, stdout=sys.stderr)


def fingerprint(*patterns: str) -> str:
    """A hash over the names, sizes and times of the project's files that match."""
    digest = hashlib.sha256()
    for file in sorted(path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()):
        stat = file.stat()
        digest.update(f"{file.relative_to(ROOT)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


ASSETS = ("static/**/*", "requirements.txt", "package-lock.json", "stemportal/settings/*.py")
EVERYTHING = (
    *ASSETS,
    "stemportal/**/*.py",
    "stemportal/**/data/*",
    "stemportal/**/*.json",
    "locale/**/*.po",
    "scripts/*.py",
)


def state_of_database() -> str | None:
    """What must stay as it is for a start without work: migrations applied and a world loaded; None if it is not so."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT count(*), max(id), EXISTS (SELECT FROM partners_partner) FROM django_migrations"
            ).fetchone()
    except psycopg.Error:
        return None
    return f"{row[0]} migrations to {row[1]}" if row and row[2] else None


def collect_static() -> None:
    """Collect and compress the assets when they changed since last time."""
    from django.conf import settings
    from django.core.management import call_command

    note = Path(settings.STATIC_ROOT) / ".fingerprint"
    now = fingerprint(*ASSETS)
    if note.exists() and note.read_text() == now:
        return
    say("Collecting static files ...")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, stdout=sys.stderr)
    note.write_text(now)


def seed() -> None:
    """Load the demo world into an empty database."""
    from django.core.management import call_command

    from stemportal.partners.models import Partner

    if not Partner.objects.exists():
        say("Loading the demo world ...")
    call_command("seed_demo", "--if-empty")


def build_search() -> None:
    """Build the search index where there is none that belongs to this code and this database."""
    from stemportal.activities.models import Activity
    from stemportal.activities.search import store, writer

    published = Activity.objects.published().count()
    if writer.is_missing() or store.reader.searcher().num_docs != published:
        say("Building the search index ...")
        writer.rebuild(wait_seconds=60)


def write_accounts(file: Path) -> None:
    """Write the lines that tell how to log in."""
    from django.core.management import call_command

    lines = io.StringIO()
    call_command("demo_accounts", stdout=lines)
    file.write_text(lines.getvalue())


def prepare(accounts: Path) -> None:
    """Take all steps, each as far as it is needed."""
    import django

    django.setup()
    migrate()
    collect_static()
    seed()
    build_search()
    write_accounts(accounts)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.prepare")
    parser.add_argument("--accounts", type=Path, required=True)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stemportal.settings.demo")
    messages.compile_catalogues()
    note = options.accounts.with_name("prepared")
    code, database = fingerprint(*EVERYTHING), state_of_database()
    var = options.accounts.parents[1]
    index = Path(os.environ.get("SEARCH_DIR") or var / "search") / "current"
    made = [options.accounts, note, var / "static" / ".fingerprint", index]
    if all(file.exists() for file in made) and note.read_text() == f"{code} {database}":
        return 0
    prepare(options.accounts)
    note.write_text(f"{code} {state_of_database()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
