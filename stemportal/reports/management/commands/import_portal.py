"""Read an archive of an installation into an empty one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemportal.reports.exports.loading import load_installation
from stemportal.reports.exports.reading import ArchiveRefused


class Command(BaseCommand):
    help = "Read an archive of manage.py export_portal into an empty, migrated database and an empty folder of files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                loaded = load_installation(file, say=self.stdout.write)
        except OSError as error:
            raise CommandError(str(error)) from error
        except ArchiveRefused as error:
            raise CommandError(f"{error} Nothing has been changed.") from error
        self.stdout.write(f"{loaded.tables} tables, {loaded.rows} rows and {loaded.files} files have been read.")
        self.stdout.write(
            "Now run manage.py rebuild_search. Passwords and second factors are not part of an archive: people log in "
            "with a mailed code and choose new ones."
        )
