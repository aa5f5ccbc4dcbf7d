"""What the register proposes: noting how its answers differ from our facts, and deciding about it.

What the register says about a partner's state (deleted, bankrupt) is its own statement and is written down at once.
Other facts are only proposed: staff accept or reject them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.lib.brreg import Answer, Unit
from stemportal.partners.models import Partner, RegisterProposal, RegisterRun
from stemportal.partners.queries.register import COMPARED, municipality_numbers
from stemportal.partners.register_compare import FACTS, Difference, differences

Status = RegisterProposal.Status
TROUBLE = {Answer.DELETED, Answer.BANKRUPT, Answer.UNKNOWN}
# A partner's id and what the register said about it; None when it did not answer.
Answered = tuple[int, Unit | None]


# --- Noting what the register says


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What came of some answers: new or renewed proposals, and partners whose state is new trouble."""

    proposed: int = 0
    flagged: int = 0


def note_answers(answers: Sequence[Answered], *, run: RegisterRun | None, municipalities: set[str]) -> Noted:
    """Write down what the register said about some partners: their state at once, other facts as proposals.

    Call it in a transaction. A partner that left the programme meanwhile is left alone, and so is one about which
    there was no answer. ``municipalities`` are the numbers of today's. Constant queries.
    """
    units = {pk: unit for pk, unit in answers if unit is not None}
    partners = [
        partner
        for partner in Partner.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality")
        .filter(pk__in=units, status__in=COMPARED)
        .order_by("pk")
        if partner.organisation_number == units[partner.pk].number
    ]
    said = defaultdict(list)
    for partner in partners:
        said[units[partner.pk].answer].append(partner)
    for answer, those in said.items():
        Partner.objects.filter(pk__in=[partner.pk for partner in those]).update(
            register_status=answer, register_checked_at=timezone.now()
        )
    flagged = sum(partner.register_status != answer for answer in TROUBLE for partner in said[answer])
    # The register tells no facts about one that it has deleted or does not know.
    told = {
        partner.pk: differences(partner, units[partner.pk], municipalities=municipalities)
        for partner in said[Answer.FOUND] + said[Answer.BANKRUPT]
    }
    return Noted(proposed=_propose(told, run), flagged=flagged)


def _propose(told: dict[int, dict[str, Difference]], run: RegisterRun | None) -> int:
    """Bring the waiting proposals of these partners in line with what differs now. Returns how many are new or renewed.

    What staff rejected is not proposed again as long as the register says the same.
    """
    known = RegisterProposal.objects.filter(partner__in=told, status__in=[Status.WAITING, Status.REJECTED])
    rejected, waiting = set(), {}
    for row in known.order_by():
        if row.status == Status.WAITING:
            waiting[row.partner_id, row.field] = row
        else:
            rejected.add((row.partner_id, row.field, row.theirs))
    wanted = {
        (pk, name): found
        for pk, differing in told.items()
        for name, found in differing.items()
        if (pk, name, found.theirs) not in rejected
    }
    met = [row.pk for key, row in waiting.items() if key not in wanted]
    if met:
        RegisterProposal.objects.filter(pk__in=met).update(status=Status.OUTDATED, decided_at=timezone.now())
    renewed = 0
    for key in waiting.keys() & wanted.keys():
        row, found = waiting[key], wanted[key]
        if (row.ours, row.theirs) != (found.ours, found.theirs):
            renewed += row.theirs != found.theirs
            row.ours, row.theirs, row.run = found.ours, found.theirs, run
            row.save(update_fields=["ours", "theirs", "run"])
    new = [
        RegisterProposal(partner_id=pk, run=run, field=name, ours=found.ours, theirs=found.theirs)
        for (pk, name), found in wanted.items()
        if (pk, name) not in waiting
    ]
    if new:
        RegisterProposal.objects.bulk_create(new)
    return renewed + len(new)


def drop_proposals_of_those_who_left() -> int:
    """Call off what waits about partners that are not compared any more: nothing will renew it. Returns how many."""
    gone = RegisterProposal.objects.waiting().order_by().exclude(partner__status__in=COMPARED)
    return gone.update(status=Status.OUTDATED, decided_at=timezone.now())


# --- Deciding


@dataclass(frozen=True, kw_only=True)
class Decided:
    """How many proposals were accepted, and how many could not be because our fact changed meanwhile."""

    accepted: int = 0
    outdated: int = 0


def accept_proposals(*, proposal_ids: Iterable[int], by: User) -> Decided:
    """Write the register's facts over ours, each only if ours is still what the proposal says (compare-and-set)."""
    accepted = outdated = 0
    partner_ids = RegisterProposal.objects.waiting().filter(pk__in=list(proposal_ids)).order_by()
    for partner_id in partner_ids.values_list("partner_id", flat=True).distinct():
        with transaction.atomic():
            partner = (
                Partner.objects.select_for_update(no_key=True, of=("self",))
                .select_related("municipality")
                .get(pk=partner_id)
            )
            for row in partner.proposals.waiting().filter(pk__in=list(proposal_ids)).select_for_update(no_key=True):
                if _accept(partner, row):
                    accepted += 1
                    _decide(row, Status.ACCEPTED, by)
                else:
                    outdated += 1
                    _decide(row, Status.OUTDATED, None)
    return Decided(accepted=accepted, outdated=outdated)


def _accept(partner: Partner, row: RegisterProposal) -> bool:
    fact = FACTS.get(row.field)
    # A municipality may have been merged into another since the register named it.
    is_gone = row.field == "municipality" and row.theirs not in municipality_numbers()
    if fact is None or fact.ours(partner) != row.ours or is_gone or partner.status not in COMPARED:
        return False
    fields = fact.fields(row.theirs)
    Partner.objects.filter(pk=partner.pk).update(**fields)
    for name, value in fields.items():
        setattr(partner, name, value)
    return True


def reject_proposals(*, proposal_ids: Iterable[int], by: User) -> int:
    """Keep our facts. The same value is not proposed again. Returns how many were waiting."""
    return (
        RegisterProposal.objects.waiting()
        .order_by()
        .filter(pk__in=list(proposal_ids))
        .update(status=Status.REJECTED, decided_at=timezone.now(), decided_by=by)
    )


def _decide(row: RegisterProposal, status: RegisterProposal.Status, by: User | None) -> None:
    row.status, row.decided_at, row.decided_by = status, timezone.now(), by
    row.save(update_fields=["status", "decided_at", "decided_by"])
