"""``manage.py import_schools``: bring the schools up to date from the National School Register, and watch."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from stemportal.schools.models import SchoolChange, SchoolRegisterRun
from stemportal.schools.services import register_import

Status = SchoolRegisterRun.Status
# A rest of so many seconds is waited for here; a longer one is left to the sweep, or to the next time.
PATIENCE = 120


class Command(BaseCommand):
    """Works itself; where Celery runs too they take turns, for only one is ever at an import."""

    help = (
        "Read the National School Register: what changed since the last time, or all of it the first time. "
        "An import that was stopped or killed goes on where it was."
    )
    told = ""

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--whole", action="store_true", help="read the whole register")
        which.add_argument("--since", type=date.fromisoformat, help="read what changed since a day: 2026-10-01")

    def handle(self, **options: Any) -> None:
        run = self._begin(options)
        try:
            while run.status == Status.RUNNING:
                has_more = register_import.work(run.pk)
                run.refresh_from_db()
                self._tell_progress(run)
                if run.status == Status.RUNNING and not has_more:
                    self._wait(run)
        except KeyboardInterrupt:
            self.stdout.write("Stopped. Run the command again to go on.")
            return
        except redis.RedisError as error:
            raise CommandError("Valkey, which keeps the pace, is away. Run the command again to go on.") from error
        self._tell(run, details=options["verbosity"] > 1)
        if run.status == Status.FAILED:
            raise CommandError(run.error)

    def _begin(self, options: dict[str, Any]) -> SchoolRegisterRun:
        """The run that is on its way, else the one that failed last and was to read the same, else a new one."""
        run = SchoolRegisterRun.objects.filter(status=Status.RUNNING).first()
        if run is None:
            newest = SchoolRegisterRun.objects.first()
            if newest is not None and newest.status == Status.FAILED and not (options["whole"] or options["since"]):
                run = newest
        if run is not None:
            register_import.resume_run(run=run)
            self.stdout.write(f"Going on with the import of {timezone.localtime(run.started_at):%Y-%m-%d %H:%M}.")
            run.refresh_from_db()
            return run
        since = options["since"] or (None if options["whole"] else register_import.next_since())
        try:
            return register_import.start_run(changed_since=since)
        except register_import.RunError as error:  # somebody else was faster just now
            raise CommandError(str(error)) from error

    def _wait(self, run: SchoolRegisterRun) -> None:
        """Wait for another worker, or for the end of a short rest."""
        rest = (run.resume_at - timezone.now()).total_seconds() if run.resume_at else 1.0
        if rest > PATIENCE:
            raise CommandError(
                f"The register does not answer as it should ({run.error}). What was read is kept. "
                "The import goes on by itself where Celery runs; else run the command again."
            )
        time.sleep(max(rest, 0))

    def _tell_progress(self, run: SchoolRegisterRun) -> None:
        line = f"{run.page} of {run.pages if run.pages is not None else '?'} pages read"
        if run.resume_at:
            line += f", rests until {timezone.localtime(run.resume_at):%H:%M:%S}"
        if line != self.told:
            self.told = line
            self.stdout.write(line)

    def _tell(self, run: SchoolRegisterRun, *, details: bool) -> None:
        self.stdout.write(
            f"{run.added} added, {run.changed} changed, {run.closed} closed, {run.unchanged} unchanged, "
            f"{run.skipped} left out"
        )
        if details:
            for change in SchoolChange.objects.filter(run=run).select_related("school"):
                facts = "; ".join(f"{name}: {old} -> {new}" for name, (old, new) in change.facts.items())
                self.stdout.write(f"  {change.kind}: {change.school.number} {change.school.name} {facts}".rstrip())
