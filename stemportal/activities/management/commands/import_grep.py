"""``manage.py import_grep``: bring curricula and competence goals up to date from Grep."""

from __future__ import annotations

from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemportal.activities.services.curriculum import ImportReport, import_grep
from stemportal.lib.grep import GrepAway


class Command(BaseCommand):
    help = "Reads curricula and competence goals from Grep. Run again, it goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--plans",
            default="",
            help="codes of plans, or their beginnings, separated by commas: MAT01,NAT01-05; without: those we have",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_grep(plans=options["plans"].split(","))
        except GrepAway as away:
            raise CommandError(f"Grep gave no usable answer ({away}). Nothing was changed.") from away
        except redis.RedisError as error:
            raise CommandError("Valkey, which keeps the pace, is away. Nothing was changed.") from error
        self._tell(report, details=options["verbosity"] > 1)

    def _tell(self, report: ImportReport, *, details: bool) -> None:
        self.stdout.write(f"{len(report.plans)} plans read, {len(report.new_plans)} of them new")
        for words, codes in (
            ("new goals", report.added),
            ("changed goals", report.changed),
            ("goals that are over", report.expired),
            ("goals with a new successor", report.succeeded),
            ("goals without a text, left out", report.without_text),
        ):
            self.stdout.write(f"{len(codes)} {words}")
            if details and codes:
                self.stdout.write(f"  {', '.join(codes)}")
        for code, why in report.failed.items():
            self.stderr.write(f"{code} is as it was: {why}")
        if report.left:
            self.stderr.write(f"Not asked about: {', '.join(report.left)}")
        if report.failed or report.left:
            raise CommandError("Some plans could not be read. Run the command again to go on with them.")
