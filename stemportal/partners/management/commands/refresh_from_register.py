"""`manage.py refresh_from_register`: compare all partners with Enhetsregisteret now, and watch."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from stemportal.partners.models import RegisterRun
from stemportal.partners.services import register_refresh


class Command(BaseCommand):
    """Works itself; where Celery runs too they take turns, for only one is ever at a comparison."""

    told = ""
    help = "Compare all Norwegian partners with Enhetsregisteret. Changes are proposed, not made. Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--resume", action="store_true", help="go on with the comparison that was stopped last")

    def handle(self, **options: Any) -> None:
        run = self._begin(resume=options["resume"])
        try:
            while run.status == RegisterRun.Status.RUNNING:
                has_more = register_refresh.work(run.pk)
                run.refresh_from_db()
                self._tell(run)
                if run.status == RegisterRun.Status.RUNNING and not has_more:
                    time.sleep(1)  # another worker is at it, or the register asked for a rest
        except KeyboardInterrupt:
            register_refresh.stop_run(run=run)
            self.stdout.write("Stopped. Go on with --resume.")

    def _begin(self, *, resume: bool) -> RegisterRun:
        try:
            if not resume:
                return register_refresh.start_run()
            run = RegisterRun.objects.filter(status=RegisterRun.Status.STOPPED).first()
            if run is None:
                raise CommandError("No comparison was stopped.")
            register_refresh.resume_run(run=run)
        except register_refresh.RefreshError as error:
            raise CommandError(str(error)) from error
        run.refresh_from_db()
        return run

    def _tell(self, run: RegisterRun) -> None:
        """Write how far it is, when that is new."""
        line = (
            f"{run.done} of {run.total} compared, {run.proposed} changes proposed, {run.flagged} flagged, "
            f"{run.unanswered} without an answer"
        )
        rest = f", rests until {timezone.localtime(run.resume_at):%H:%M:%S}" if run.resume_at else ""
        if self.told != f"{line}{rest}":
            self.told = f"{line}{rest}"
            self.stdout.write(self.told)
