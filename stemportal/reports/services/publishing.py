"""Publishing: what was checked becomes the partner's, the version before is superseded, and its owners get one mail.

Somebody says which are to be published; a worker does it, one transaction a report. Should the worker die, nothing of
that transaction has happened, and the sweep finds the report again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.outbox.services import hand_over
from stemportal.partners.models import Partner
from stemportal.partners.queries.members import owners_of
from stemportal.reports import emails
from stemportal.reports.documents.material import load, material_of
from stemportal.reports.figures.lines import overlapping
from stemportal.reports.models import PartnerReport
from stemportal.reports.services.runs import hand_out, to_waiting
from stemportal.reports.services.steps import lock, note_steps

Status = PartnerReport.Status
# The sweep hands over so many at a time: Valkey may hold the rest already.
SWEEP_BATCH = 200


def ask_to_publish(*, report_ids: Collection[int], by: User) -> int:
    """Have checked reports published by a worker. Returns how many; those that are asked for already do not count."""
    with transaction.atomic():
        checked = [
            report.pk
            for report in lock(report_ids)
            if report.status == Status.CHECKED and report.publish_asked_at is None
        ]
        PartnerReport.objects.filter(pk__in=checked).update(publish_asked_at=timezone.now(), published_by=by)
        transaction.on_commit(lambda: _hand_out(checked))
    return len(checked)


def _hand_out(report_ids: Sequence[int]) -> None:
    from stemportal.reports.tasks import publish

    for report_id in report_ids:
        if not hand_over(lambda pk=report_id: publish.delay(pk), report=report_id):  # type: ignore[misc]
            return  # the sweep finds the rest once the broker is back


def publish_report(report_id: int) -> bool:
    """Publish one report that somebody asked to have published, and tell its owners. False when there is nothing to do.

    The version before is superseded in the same transaction: a partner has one published report on a year at most. A
    report that would say too much beside another one that was published meanwhile is built again.
    """
    now = timezone.now()
    with transaction.atomic():
        report = next(iter(lock([report_id])), None)
        if report is None or report.status != Status.CHECKED or report.publish_asked_at is None:
            return False
        # Two reports of a partner on years that overlap are published one after the other, so that the second is seen
        # beside the first.
        Partner.objects.select_for_update(no_key=True).get(pk=report.partner_id)
        if _says_too_much(report):
            ids = to_waiting([report], by=None)
            transaction.on_commit(lambda: hand_out(ids))
            return False
        _supersede_others(report)
        PartnerReport.objects.filter(pk=report.pk).update(
            status=Status.PUBLISHED, published_at=now, publish_asked_at=None
        )
        note_steps([(report.pk, Status.CHECKED)], to=Status.PUBLISHED, by=report.published_by)
        for owner in owners_of(report.partner_id):
            emails.report_published(report, owner)
    return True


def _says_too_much(report: PartnerReport) -> bool:
    """Whether a report on some of the same visits was published after this one was built, and now more must be hidden.

    Two reports, on the school year and on the calendar year, together could tell a count under five that neither does.
    """
    others = PartnerReport.objects.handed_out().filter(overlapping(report.period), partner=report.partner_id)
    if not others.filter(published_at__gt=report.built_at).exists():
        return False
    built, now = load(report), material_of(report)
    return (built.figures, built.lines) != (now.figures, now.lines)


def _supersede_others(report: PartnerReport) -> None:
    """Lock first, so that two newer versions cannot both take the place of one."""
    others = PartnerReport.objects.of_period(report.period).published().filter(partner=report.partner_id)
    ids = list(others.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    PartnerReport.objects.filter(pk__in=ids).update(status=Status.SUPERSEDED, superseded_at=timezone.now())
    note_steps([(pk, Status.PUBLISHED) for pk in ids], to=Status.SUPERSEDED, by=report.published_by, note=report.reason)


def note_fetch(report_id: int) -> bool:
    """Note when a member of the partner first fetched the report; return whether it was the first time."""
    unfetched = PartnerReport.objects.filter(pk=report_id, fetched_at__isnull=True)
    return bool(unfetched.update(fetched_at=timezone.now()))


def sweep() -> int:
    """Hand out what was asked to be published and no worker has come to. Returns how many."""
    asked = PartnerReport.objects.to_publish().order_by("publish_asked_at", "pk")
    ids = list(asked.values_list("pk", flat=True)[:SWEEP_BATCH])
    _hand_out(ids)
    return len(ids)
