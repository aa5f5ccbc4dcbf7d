"""Work for Celery, one function a task: each fetches by id and calls a service."""

from celery import shared_task

from stemportal.outbox.services import hand_over
from stemportal.partners.services import (
    declarations,
    drafts,
    exports,
    import_apply,
    imports,
    merging,
    register_refresh,
    registration,
    retention,
)


@shared_task
def compare_with_register(run_id: int) -> None:
    """One slice of a comparison with Enhetsregisteret; the next is handed over by the service."""
    register_refresh.work(run_id)


@shared_task
def start_comparison() -> None:
    """Every night: compare all partners with Enhetsregisteret."""
    register_refresh.start_nightly_run()


@shared_task
def sweep_comparison() -> None:
    """Every minute: go on with a comparison whose worker died, or whose rest is over."""
    register_refresh.sweep()


@shared_task
def work_on_import(import_id: int) -> None:
    """Read an uploaded table of partners, or apply one that was read, whichever waits."""
    imports.read_import(import_id)
    import_apply.apply_import(import_id)


@shared_task
def sweep_imports() -> None:
    """Every minute: imports whose worker died, files left behind, lines whose days are over."""
    imports.sweep()


@shared_task
def build_copy(export_id: int) -> None:
    """Build one copy of a partner's data; one that is not waiting any more is left alone."""
    exports.build_copy(export_id)


@shared_task
def sweep_copies() -> None:
    """Every minute: copies whose worker died, or that never reached a worker."""
    exports.sweep()


@shared_task
def expire_copies() -> None:
    """Every hour: delete the files of copies whose days are over."""
    exports.expire_copies()


@shared_task
def delete_personal_data() -> None:
    """Every night: tell owners whose data is deleted soon, and delete what has been kept long enough."""
    retention.tell_owners()
    retention.delete_personal_data()


@shared_task
def ask_for_signatures() -> None:
    """Every night, and when staff ask: mail those who have not signed the declaration in force, batch by batch."""
    if declarations.ask_for_signatures() == declarations.ASK_BATCH:
        hand_over(ask_for_signatures.delay)


@shared_task
def delete_unfinished_registrations() -> None:
    """Every night: delete drafts and unconfirmed applications whose links have run out."""
    drafts.delete_expired_drafts()
    registration.delete_unconfirmed_applications()


@shared_task
def move_late_rows() -> None:
    """Every ten minutes: what was being written to a registration while it was merged into another one."""
    merging.move_late_rows()
