"""Schools of a register on loopback, and an import of it from beginning to end."""

from __future__ import annotations

from datetime import date

from stemportal.lib.organisation_numbers import synthetic
from stemportal.schools.models import SchoolRegisterRun
from stemportal.schools.services import register_import

ALTA, BOSSEKOP, KOMSA, ANOTHER, NEW_NUMBER, HIDDEN = (synthetic(n) for n in range(900_001, 900_007))


def import_all(since: date | None = None) -> SchoolRegisterRun:
    return finish(register_import.start_run(changed_since=since))


def finish(run: SchoolRegisterRun) -> SchoolRegisterRun:
    while register_import.work(run.pk):
        pass
    run.refresh_from_db()
    return run


def figures(run: SchoolRegisterRun) -> tuple[int, int, int, int, int]:
    """Added, changed, closed, unchanged, left out."""
    return run.added, run.changed, run.closed, run.unchanged, run.skipped


def changes(run: SchoolRegisterRun) -> dict[str, tuple[str, dict]]:
    return {row.school.name: (row.kind, row.facts) for row in run.changes.select_related("school")}
