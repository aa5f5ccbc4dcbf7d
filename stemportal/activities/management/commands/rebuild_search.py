"""``manage.py rebuild_search``: build the search index anew from PostgreSQL."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemportal.activities.search import writer


class Command(BaseCommand):
    help = "Builds the search index anew from the database. Searches use the old one until the new one is complete."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-missing", action="store_true", help="only where there is no index that this version can read"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_missing"] and not writer.is_missing():
            return
        began = time.monotonic()
        try:
            number = writer.rebuild(wait_seconds=600, tell=self._tell if options["verbosity"] > 1 else None)
        except writer.WriterBusy as error:
            raise CommandError(
                "Another process has been writing the index for ten minutes. Try again later."
            ) from error
        self.stdout.write(f"{number:,} offers in the search index, in {time.monotonic() - began:.1f} s")

    def _tell(self, so_far: int) -> None:
        self.stdout.write(f"{so_far:,} ...")
