"""Two registrations of one organisation become one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pgtrigger
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.partners import extensions
from stemportal.partners.emails import merging as emails
from stemportal.partners.models import Membership, Partner, PartnerEvent, RegisterProposal
from stemportal.partners.queries.merging import FACTS, conflicting, refusal, relations, rows_of
from stemportal.partners.services.decisions import contact_of

Role, Status = Membership.Role, Partner.Status
# The longest that a transaction may have been open that was writing while two became one.
LATE = timedelta(hours=1)
STRENGTH = {Role.READER: 1, Role.EDITOR: 2, Role.OWNER: 3}


class CannotMerge(Exception):
    """The two cannot become one; ``reason`` says why to the secretariat."""

    def __init__(self, reason: Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


def merge_partners(*, keep: Partner, gone: Partner, facts: Collection[str] = (), by: User) -> None:
    """Move everything that belongs to ``gone`` to ``keep``, end ``gone`` and tell its contact person.

    ``facts`` names those of ``FACTS`` that ``keep`` takes over; all others stay as they are. Where both have a row that
    may exist once (a signature on the same version, a pledge for the same year and kind), the row of ``gone`` stays
    with it. Of a person's two memberships the stronger role counts. Raises CannotMerge.
    """
    with transaction.atomic():
        keep, gone = _locked(keep.pk, gone.pk)
        if reason := refusal(keep, gone):
            raise CannotMerge(reason)
        contact = contact_of(gone)
        _move_rows(keep, gone)
        gone.proposals.waiting().update(status=RegisterProposal.Status.OUTDATED, decided_at=timezone.now())
        if gone.contact_email or contact:
            emails.merged(keep=keep, gone=gone, contact=contact)
        _join_facts(keep, gone, facts)
        _write_history(keep, gone, by)
        for tell in extensions.name_changed:
            tell(keep)


def move_late_rows() -> int:
    """Move what was being written to a registration while it was merged. Returns how many registrations were looked at.

    No lock of ours meets a row that another transaction is adding: its foreign key is checked when that commits.
    """
    recent = Partner.objects.filter(merged_into__isnull=False, ended_at__gte=timezone.now() - LATE)
    pairs = list(recent.order_by("pk").values_list("merged_into_id", "pk"))
    for keep_id, gone_id in pairs:
        with transaction.atomic():
            keep, gone = _locked(keep_id, gone_id)
            if gone.merged_into_id == keep.pk and _move_rows(keep, gone):
                for tell in extensions.name_changed:
                    tell(keep)
    return len(pairs)


def _locked(keep_id: int, gone_id: int) -> tuple[Partner, Partner]:
    """Lock both, always in the same order, and return them as they are now."""
    partners = Partner.objects.select_for_update(no_key=True).filter(pk__in=[keep_id, gone_id])
    found = partners.order_by("pk").in_bulk()
    return found[keep_id], found[gone_id]


def _move_rows(keep: Partner, gone: Partner) -> int:
    """Move every row that can move; return how many."""
    _join_members(keep, gone)
    _join_invitations(keep, gone)
    moved = 0
    for model, name in relations():
        clash = list(conflicting(model, name, keep, gone).values_list("pk", flat=True))
        moved += rows_of(model, name, gone).exclude(pk__in=clash).update(**{name: keep})
    return moved


def _join_members(keep: Partner, gone: Partner) -> None:
    """Who is a member of both keeps one membership, with the stronger of the two roles."""
    kept = {membership.user_id: membership for membership in keep.memberships.all()}
    for membership in gone.memberships.filter(user__in=kept):
        mine = kept[membership.user_id]
        if STRENGTH[Role(membership.role)] > STRENGTH[Role(mine.role)]:
            mine.role = membership.role
            mine.save(update_fields=["role"])
        membership.delete()


def _join_invitations(keep: Partner, gone: Partner) -> None:
    """Of two open invitations to one address the one that stays is good; the other is taken back."""
    open_here = keep.invitations.filter(accepted_at=None, revoked_at=None).annotate(address=Lower("email"))
    twice = gone.invitations.filter(accepted_at=None, revoked_at=None).annotate(address=Lower("email"))
    twice.filter(address__in=list(open_here.values_list("address", flat=True))).update(revoked_at=timezone.now())


def _join_facts(keep: Partner, gone: Partner, facts: Collection[str]) -> None:
    """Give ``keep`` the chosen facts, end ``gone``, and let both numbers stay taken."""
    fields = [field for name in FACTS if name in facts for field in FACTS[name][1]]
    taken = {field: getattr(gone, field) for field in fields}
    old = {field: getattr(keep, field) for field in ("country", "organisation_number")}
    ended: dict[str, Any] = {"merged_into": keep, "status": Status.ENDED, "ended_at": gone.ended_at or timezone.now()}
    if "logo" in taken:
        # One file has one owner.
        ended["logo"] = ""
    if "organisation_number" in taken:
        # They swap numbers, and at no moment may two have the same. The step between is no change to remember.
        with pgtrigger.ignore("partners.Partner:update_update"):
            Partner.objects.filter(pk=gone.pk).update(organisation_number=f"#{gone.pk}")
    Partner.objects.filter(pk=keep.pk).update(**taken, revision=F("revision") + 1)
    Partner.objects.filter(pk=gone.pk).update(**ended, **(old if "organisation_number" in taken else {}))


def _write_history(keep: Partner, gone: Partner, by: User) -> None:
    """One row for each; the names and numbers are those from before."""
    into = _("Merged into %(partner)s (%(number)s).")
    note = into % {"partner": keep.display_name, "number": keep.organisation_number}
    PartnerEvent.objects.create(partner=gone, by=by, from_status=gone.status, to_status=Status.ENDED, note=note)
    with_other = _("Merged with %(partner)s (%(number)s).")
    note = with_other % {"partner": gone.display_name, "number": gone.organisation_number}
    PartnerEvent.objects.create(partner=keep, by=by, from_status=keep.status, to_status=keep.status, note=note)
