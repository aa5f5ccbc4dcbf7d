"""Applying an import: all its good lines or none, in one transaction.

What a line would change was worked out when the file was read. Each partner is locked and compared once more: if
something differs from what the person saw, nothing at all is written, and the lines can be judged again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pghistory
import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.constraints import violated
from stemportal.lib.organisation_numbers import clean
from stemportal.partners import extensions
from stemportal.partners.import_columns import BY_CODE, Lists
from stemportal.partners.models import ImportRow, Partner, PartnerEvent, PartnerImport
from stemportal.partners.services.imports import BATCH, MAX_ATTEMPTS, Lost, announce, claim, mine
from stemportal.partners.services.registration import HOLDING, NUMBER_CONSTRAINT
from stemportal.partners.slugs import RESERVED, slug_of

logger = structlog.get_logger(__name__)

Status = PartnerImport.Status
Action = ImportRow.Action
# So many lines are named when nothing could be written.
NAMED = 20


class Changed(Exception):
    """Partners are not any more as they were when the lines were judged. ``lines`` are (line, name)."""

    def __init__(self, lines: Sequence[tuple[int, str]]) -> None:
        super().__init__("partners have changed since the lines were judged")
        self.lines = lines


def order_apply(*, partner_import: PartnerImport, by: User) -> bool:
    """Have an import applied by a worker. False when somebody else was faster, or it is not ready."""
    with transaction.atomic():
        ordered = PartnerImport.objects.filter(pk=partner_import.pk, status=Status.READY).update(
            status=Status.APPLYING, applied_by=by, claimed_at=None, attempts=0, done=0, error=""
        )
        if ordered:
            transaction.on_commit(lambda: announce(partner_import.pk))
    return bool(ordered)


def apply_import(import_id: int) -> bool:
    """Write what the good lines propose. False when nothing was written; the import then says why."""
    partner_import = claim(import_id, Status.APPLYING)
    if partner_import is None:
        return False
    with translation.override(partner_import.language):
        if partner_import.attempts > MAX_ATTEMPTS:
            return _back(partner_import, _("The worker stopped each time it tried. Nothing was written."))
        try:
            with transaction.atomic(), pghistory.context(user=partner_import.applied_by_id, partner_import=import_id):
                _Writer(partner_import).write()
                if not mine(partner_import).update(status=Status.APPLIED, claimed_at=None, applied_at=timezone.now()):
                    raise Lost
        except Lost:
            return False
        except Changed as error:
            return _back(partner_import, _describe(error.lines))
        except IntegrityError as error:
            # Somebody registered one of the new numbers, or took an address, while this was being written.
            logger.warning("import_not_applied", partner_import=import_id, constraint=violated(error))
            return _back(partner_import, _clash(violated(error)))
    return True


def _back(partner_import: PartnerImport, reason: str) -> bool:
    mine(partner_import).update(status=Status.READY, claimed_at=None, attempts=0, error=reason)
    return False


def _describe(lines: Sequence[tuple[int, str]]) -> str:
    named = "\n".join(_("Line %(line)s: %(name)s") % {"line": line, "name": name} for line, name in lines[:NAMED])
    head = _("Nothing was written: these have changed since the file was read. Judge the lines again.")
    return f"{head}\n{named}" + ("\n…" if len(lines) > NAMED else "")


def _clash(constraint: str) -> str:
    if constraint == NUMBER_CONSTRAINT:
        return _("Nothing was written: one of the organisations was registered just now. Judge the lines again.")
    return _("Nothing was written: something else was being written at the same time. Please try again.")


class _Writer:
    """Writes one import's lines in batches, with the same few statements for each, inside its caller's transaction."""

    def __init__(self, partner_import: PartnerImport) -> None:
        self.partner_import = partner_import
        self.lists = Lists.load()
        self.changed: list[tuple[int, str]] = []

    def write(self) -> None:
        """Write everything, or raise Changed with the lines that are not any more as they were judged."""
        # By partner, so that two who lock many of them do it in the same order.
        for rows in self._batches(Action.CHANGE, "partner_id"):
            self._change(rows)
        for rows in self._batches(Action.NEW, "line"):
            self._create(rows)
        if self.changed:
            raise Changed(sorted(self.changed))

    def _batches(self, action: Action, order: str) -> Iterator[list[ImportRow]]:
        rows = self.partner_import.rows.filter(action=action).order_by(order, "line")
        # A partner that was deleted meanwhile leaves a line without one.
        if order == "partner_id":
            self.changed += rows.filter(partner=None).values_list("line", "name")
            rows = rows.exclude(partner=None)
        last: Any = None
        while batch := list((rows if last is None else rows.filter(**{f"{order}__gt": last}))[:BATCH]):
            yield batch
            last = getattr(batch[-1], order)

    def _change(self, rows: Sequence[ImportRow]) -> None:
        locked = (
            Partner.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality")
            .filter(pk__in=[row.partner_id for row in rows])
            .order_by("pk")
            .in_bulk()
        )
        by_fields: dict[tuple[str, ...], list[Partner]] = {}
        renamed = []
        for row in rows:
            partner = locked[row.partner_id]
            facts = self._facts(row, partner.country) if _is_as_judged(row, partner) else None
            if facts is None:
                self.changed.append((row.line, row.name))
                continue
            for name, value in facts.items():
                setattr(partner, name, value)
            by_fields.setdefault(tuple(sorted(facts)), []).append(partner)
            if "display_name" in facts:
                renamed.append(partner)
        if self.changed:
            return
        for fields, partners in by_fields.items():
            Partner.objects.bulk_update(partners, fields)
        for partner in renamed:
            for tell in extensions.name_changed:
                tell(partner)

    def _facts(self, row: ImportRow, country: str) -> dict[str, Any] | None:
        """The fields that a line's changes stand for; None when a municipality in it is gone."""
        lists = self.lists.of_country(country)
        facts: dict[str, Any] = {}
        for code, (_old, text) in row.changes.items():
            if code == "municipality" and text not in lists.municipalities:
                return None
            facts |= BY_CODE[code].fields(text, lists)
        return facts

    def _create(self, rows: Sequence[ImportRow]) -> None:
        keys = {row.pk: _key(row) for row in rows}
        taken = set(
            Partner.objects.filter(
                organisation_number__in=[number for _country, number in keys.values()], status__in=HOLDING
            ).values_list("country", "organisation_number")
        )
        partners = []
        for row in rows:
            country, number = keys[row.pk]
            facts = self._facts(row, country)
            if facts is None or (country, number) in taken:
                self.changed.append((row.line, row.name))
            elif not self.changed:
                partners.append(self._partner(country, number, facts))
        if self.changed:
            return
        _give_slugs(partners)
        for row, partner in zip(rows, Partner.objects.bulk_create(partners), strict=True):
            row.partner = partner
        ImportRow.objects.bulk_update(rows, ["partner"])
        by, status = self.partner_import.applied_by, self.partner_import.new_status
        note = _("Imported from %(file)s") % {"file": self.partner_import.file_name}
        PartnerEvent.objects.bulk_create(
            PartnerEvent(partner=partner, by=by, to_status=status, note=note) for partner in partners
        )

    def _partner(self, country: str, number: str, facts: dict[str, Any]) -> Partner:
        now = timezone.now()
        status = self.partner_import.new_status
        return Partner(
            country=country,
            organisation_number=number,
            status=status,
            applied_at=now,
            decided_at=now if status == Partner.Status.APPROVED else None,
            **facts,
        )


def _key(row: ImportRow) -> tuple[str, str]:
    """Country and number of a good line, as it was judged."""
    country = row.values.get("country", "NO").upper()
    return country, clean(row.values["organisation_number"], country)


def _is_as_judged(row: ImportRow, partner: Partner) -> bool:
    """Whether each fact that would be changed is still what the person saw beside its new value."""
    is_here = partner.status in HOLDING and partner.status != Partner.Status.ENDED
    # Two that were merged may have swapped their numbers.
    is_same = (partner.country, partner.organisation_number) == _key(row)
    return is_here and is_same and all(BY_CODE[code].ours(partner) == old for code, (old, _new) in row.changes.items())


def _give_slugs(partners: Sequence[Partner]) -> None:
    """Give each an address of its own: its name, with its number where that is taken. A constraint is the net."""
    bases = {slug_of(partner.display_name) for partner in partners}
    with_numbers = {_with_number(partner) for partner in partners}
    taken = set(Partner.objects.filter(slug__in=bases | with_numbers).values_list("slug", flat=True)) | RESERVED
    for partner in partners:
        slug = slug_of(partner.display_name)
        if slug in taken or slug.isdigit():
            slug = _with_number(partner)
        if slug in taken:
            slug = f"{slug}-{slugify(partner.country)}-{timezone.now():%Y%m%d%H%M%S}"
        taken.add(slug)
        partner.slug = slug


def _with_number(partner: Partner) -> str:
    return f"{slug_of(partner.display_name)[:100]}-{partner.organisation_number}"
