"""Write the whole installation, data and files, to one archive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemportal.reports.exports.writing import write_installation


class Command(BaseCommand):
    help = "Write all tables and stored files to one archive that manage.py import_portal reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive to write; it must not be there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if path.exists():
            raise CommandError(f"{path} is there already.")
        unfinished = path.with_name(f"{path.name}.unfinished")
        try:
            # Only whoever runs this may read it: it holds what the portal knows about people.
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                manifest = write_installation(file)
            unfinished.rename(path)
        except OSError as error:
            raise CommandError(str(error)) from error
        finally:
            unfinished.unlink(missing_ok=True)
        rows, files = sum(table.rows for table in manifest.tables), manifest.file_list
        self.stdout.write(f"{path}: {len(manifest.tables)} tables, {rows} rows, {files.files} files.")
        if files.missing:
            self.stdout.write(f"{files.missing} files that rows name were not there.")
