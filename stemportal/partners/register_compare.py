"""Our facts about a partner beside those of Enhetsregisteret: which differ, and what accepting the register's writes.

A fact is compared and stored as text. The register writes in capitals, so case and spaces make no difference; a fact
that the register lacks is no difference either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stemportal.lib.brreg import Unit
from stemportal.partners.models import Partner
from stemportal.partners.register_facts import BRANCHES, readable
from stemportal.places.models import Municipality


def plain(text: str) -> str:
    """Return the text as it is compared: without regard to case and spaces."""
    return " ".join(text.split()).casefold()


def plain_address(text: str) -> str:
    """Return a web address as it is compared: scheme, "www." and a slash at the end say nothing."""
    return re.sub(r"^(https?://)?(www\.)?|/+$", "", plain(text))


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact: its name, both sides as text ("" where a side has none), and the fields that a text stands for."""

    label: Promise
    ours: Callable[[Partner], str]
    theirs: Callable[[Unit, Partner], str]
    fields: Callable[[str], dict[str, Any]]
    plain: Callable[[str], str] = plain


def _name(unit: Unit, partner: Partner) -> str:
    """In capitals when ours is: then somebody took it over as the register writes it."""
    return (unit.name if partner.legal_name.isupper() else readable(unit.name))[:200]


def _sector(unit: Unit, partner: Partner) -> str:
    has_both = unit.sector_code and unit.sector_name
    return f"{unit.sector_code[:10]} {unit.sector_name[:160]}" if has_both else ""


def _sector_fields(text: str) -> dict[str, Any]:
    code, _space, name = text.partition(" ")
    return {"sector_code": code, "sector_name": name}


def _employees(unit: Unit, partner: Partner) -> str:
    return str(unit.employees) if unit.employees is not None and 0 <= unit.employees < 10_000_000 else ""


def _municipality_fields(number: str) -> dict[str, Any]:
    return {"municipality": Municipality.objects.get(number=number, valid_to__isnull=True)}


def _parent(unit: Unit, partner: Partner) -> str:
    """Only of branches: an authority belongs to a ministry, which is no parent in the sense of ``parent_number``."""
    return unit.parent_number[:12] if unit.form in BRANCHES else ""


def _parent_fields(number: str) -> dict[str, Any]:
    parent = Partner.objects.filter(country="NO", organisation_number=number).order_by("-applied_at").first()
    return {"parent_number": number, "parent_name": parent.legal_name if parent else ""}


FACTS = {
    "legal_name": Fact(
        label=_("registered name"),
        ours=lambda partner: partner.legal_name,
        theirs=_name,
        fields=lambda text: {"legal_name": text},
    ),
    "address": Fact(
        label=_("street address"),
        ours=lambda partner: partner.address,
        theirs=lambda unit, _partner: unit.address[:160],
        fields=lambda text: {"address": text},
    ),
    "postal_code": Fact(
        label=_("postal code"),
        ours=lambda partner: partner.postal_code,
        theirs=lambda unit, _partner: unit.postal_code[:10],
        fields=lambda text: {"postal_code": text},
    ),
    "postal_place": Fact(
        label=_("place"),
        ours=lambda partner: partner.postal_place,
        theirs=lambda unit, _partner: readable(unit.postal_place)[:80],
        fields=lambda text: {"postal_place": text},
    ),
    "municipality": Fact(
        label=_("municipality"),
        ours=lambda partner: partner.municipality.number if partner.municipality else "",
        theirs=lambda unit, _partner: unit.municipality_number,
        fields=_municipality_fields,
    ),
    "sector": Fact(
        label=_("sector"),
        ours=lambda partner: f"{partner.sector_code} {partner.sector_name}".strip(),
        theirs=_sector,
        fields=_sector_fields,
    ),
    "employees": Fact(
        label=_("employees"),
        ours=lambda partner: "" if partner.employees is None else str(partner.employees),
        theirs=_employees,
        fields=lambda text: {"employees": int(text)},
    ),
    "website": Fact(
        label=_("web site"),
        ours=lambda partner: partner.website,
        theirs=lambda unit, _partner: unit.website if len(unit.website) <= 200 else "",
        fields=lambda text: {"website": text},
        plain=plain_address,
    ),
    "parent": Fact(
        label=_("number of the parent organisation"),
        ours=lambda partner: partner.parent_number,
        theirs=_parent,
        fields=_parent_fields,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The register says ``theirs`` about ``field``, we say ``ours``. ``theirs`` is never empty."""

    field: str
    ours: str
    theirs: str


def differences(partner: Partner, unit: Unit, *, municipalities: set[str]) -> dict[str, Difference]:
    """Return what the register says otherwise than we do, by the name of the fact.

    ``municipalities`` are the numbers we know: the register has those of Svalbard and of abroad as well.
    """
    found = {}
    for name, fact in FACTS.items():
        ours, theirs = fact.ours(partner), fact.theirs(unit, partner).strip()
        if name == "municipality" and theirs not in municipalities:
            continue
        if theirs and fact.plain(theirs) != fact.plain(ours):
            found[name] = Difference(field=name, ours=ours, theirs=theirs)
    return found
