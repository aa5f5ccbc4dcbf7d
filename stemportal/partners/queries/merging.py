"""What two registrations of one organisation have, side by side: facts that differ, and rows that would move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, ForeignKey, ManyToOneRel, Model, OuterRef, Q, QuerySet, UniqueConstraint
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models import (
    DataExport,
    ImportRow,
    Invitation,
    Membership,
    Partner,
    PartnerEvent,
    RegisterProposal,
)

# Facts that belong together are taken over together: a number and the name it is registered with, an address whole.
FACTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "number": (
        _("Organisation number"),
        (
            "country",
            "organisation_number",
            "legal_name",
            "register_status",
            "register_checked_at",
            "parent_number",
            "parent_name",
        ),
    ),
    "display_name": (_("Name shown to schools"), ("display_name",)),
    "kind": (_("Kind of organisation"), ("kind", "answers")),
    "sector": (_("Sector"), ("sector_code", "sector_revision", "sector_name")),
    "employees": (_("Employees"), ("employees",)),
    "address": (_("Address"), ("address", "postal_code", "postal_place", "municipality")),
    "website": (_("Web site"), ("website",)),
    "about": (_("About the organisation"), ("about",)),
    "contact": (_("Contact person"), ("contact_name", "contact_email", "contact_role")),
    "logo": (_("Logo"), ("logo",)),
    "responsible": (_("Responsible in the secretariat"), ("responsible",)),
}
# What the registers say about the number decides nothing here: two different answers are no difference to choose from.
NOT_COMPARED = {"register_status", "register_checked_at", "sector_revision"}
# The history of a registration stays with it, and so does what is about its own number or a copy of its own data, and
# which line of a file it came from.
STAYS: tuple[type[Model], ...] = (PartnerEvent, RegisterProposal, DataExport, ImportRow)
# An organisation that is further in stays: its offers are public, and a waiting one's are not.
RANK = {Partner.Status.APPLIED: 1, Partner.Status.PAUSED: 2, Partner.Status.APPROVED: 3}
# Their people and signatures must not come into a partnership by the back door.
NEVER_IN = (Partner.Status.DECLINED, Partner.Status.UNCONFIRMED)


@dataclass(frozen=True)
class Difference:
    """One fact in which the two differ, as people read it; ``suggests_other`` when only the one that goes has it."""

    name: str
    label: Any
    kept: str
    other: str
    suggests_other: bool


@dataclass(frozen=True)
class Belongings:
    """Rows of one kind that belong to the registration that goes: how many move, and how many cannot."""

    label: str
    moves: int
    stays: int


def rank(partner: Partner) -> int:
    """Return how far in the programme a partner is: 3 approved, 2 paused, 1 applied, 0 anything else."""
    return RANK.get(Partner.Status(partner.status), 0)


def suggested_order(one: Partner, two: Partner) -> tuple[Partner, Partner]:
    """Return (the one to keep, the one to let go): the one further in stays, of two alike the older one."""
    first, second = sorted((one, two), key=lambda partner: (-rank(partner), partner.applied_at, partner.pk))
    return first, second


def refusal(keep: Partner, gone: Partner) -> Promise | None:
    """Say why the two cannot become one; None when they can."""
    if keep.pk == gone.pk:
        return _("A registration cannot be merged with itself.")
    if keep.merged_into_id or gone.merged_into_id:
        return _("One of the two is already merged into another registration.")
    if gone.status in NEVER_IN:
        return _("An application that was declined or never confirmed stays what it is: it has nothing to bring along.")
    if not rank(keep):
        return _("The one you keep must be approved, paused or waiting for approval.")
    if rank(keep) < rank(gone):
        return _("Keep the other one: it is further in the programme, and its offers can be seen.")
    return None


def differences(keep: Partner, gone: Partner) -> list[Difference]:
    """Return the facts in which the two differ, in the order of ``FACTS``."""
    found = []
    for name, (label, fields) in FACTS.items():
        compared = [field for field in fields if field not in NOT_COMPARED]
        if all(_same(keep, gone, field) for field in compared):
            continue
        kept, other = _words(keep, compared), _words(gone, compared)
        found.append(Difference(name, label, kept, other, suggests_other=not kept and bool(other)))
    return found


def _same(keep: Partner, gone: Partner, field: str) -> bool:
    return bool(getattr(keep, field) == getattr(gone, field))


def _words(partner: Partner, fields: list[str]) -> str:
    words = []
    for field in fields:
        value = getattr(partner, f"get_{field}_display", lambda field=field: getattr(partner, field))()
        if isinstance(value, dict):
            value = "; ".join(str(answer) for answer in value.values())
        words.append("" if value is None else str(value))
    return ", ".join(word for word in words if word)


# Rows


def relations() -> Iterator[tuple[type[Model], str]]:
    """Every (model, name of its foreign key) whose rows belong to a partner and move with it, of whatever app.

    Tables of history are the database's own and stay as they were written.
    """
    # Also those that give a partner no way back to them (related_name="+"); views have nothing of their own to move.
    for relation in Partner._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel):
            continue
        model = relation.related_model
        if model not in STAYS and model._meta.managed and not hasattr(model, "pgh_tracked_model"):
            yield model, relation.field.name


def rows_of(model: type[Model], name: str, partner: Partner) -> QuerySet[Any]:
    """Return the rows of a model that belong to a partner."""
    return model._base_manager.filter(**{name: partner})


def conflicting(model: type[Model], name: str, keep: Partner, gone: Partner) -> QuerySet[Any]:
    """Return the rows that cannot move because the one that stays has such a row already (a unique constraint)."""
    clash = Q(pk__in=[])
    field = model._meta.get_field(name)
    if isinstance(field, ForeignKey) and field.unique:
        clash |= Q(Exists(rows_of(model, name, keep)))
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and name in constraint.fields:
            same = {other: OuterRef(other) for other in constraint.fields if other != name}
            condition = constraint.condition or Q()
            clash |= condition & Q(Exists(rows_of(model, name, keep).filter(condition, **same)))
    return rows_of(model, name, gone).filter(clash)


def belongings(keep: Partner, gone: Partner) -> list[Belongings]:
    """Count what moves and what cannot, kind by kind; kinds without rows are left out.

    A person who is a member of both moves nothing and loses nothing; an invitation to somebody who has one already is
    taken back.
    """
    found = []
    for model, name in relations():
        if model is Partner:
            continue
        total = rows_of(model, name, gone).count()
        if total:
            stays = 0 if model in (Membership, Invitation) else conflicting(model, name, keep, gone).count()
            found.append(Belongings(capfirst(str(model._meta.verbose_name_plural)), total - stays, stays))
    return sorted(found, key=lambda row: row.label)
