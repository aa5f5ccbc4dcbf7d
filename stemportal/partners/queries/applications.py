"""Reads about applications: who is registered already, under the same number or nearly the same name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from stemportal.partners.models import Partner
from stemportal.partners.names import plain_name

# Similarity of two names (pg_trgm, 0 to 1) from which they may be the same one, typed in another way. Misspellings,
# split words and an added place lie above it; so does a pair now and then that differs in one short word.
NEARLY_EQUAL = 0.6
# The one who decides sees a little more.
WORTH_A_LOOK = 0.5
SAME = 0.995
# A municipality may have hundreds of branches; nobody looks at all of them.
FAMILY_MOST = 50


COLUMNS = {"plain_legal": plain_name("legal_name"), "plain_shown": plain_name("display_name")}


def _plain(names: Iterable[str]) -> list[Combinable]:
    return [plain_name(Value(name, output_field=TextField())) for name in sorted(set(names)) if name.strip()]


def _with_similarity(partners: QuerySet[Partner], names: Iterable[str]) -> QuerySet[Any]:
    """Annotate ``similarity``: that of the most similar pair of one of the names and one of a partner's two names."""
    scores: list[Any] = [
        TrigramSimilarity(column, name)  # type: ignore[arg-type]  # takes an expression as well
        for column in COLUMNS
        for name in _plain(names)
    ]
    return partners.alias(**COLUMNS).annotate(similarity=Greatest(*scores, Value(0.0), Value(0.0)))


def _alike(partners: QuerySet[Partner], names: list[str], least: float) -> QuerySet[Any]:
    """Partners with a ``similarity`` of at least so much, the most similar first."""
    # The operator %, which the indexes know, lets through all from 0.3.
    close = [Q(**{f"{column}__trigram_similar": name}) for column in COLUMNS for name in _plain(names)]
    found = _with_similarity(partners, names).filter(reduce(or_, close, Q(pk__in=[])), similarity__gte=least)
    return found.order_by("-similarity", "pk")


def similar_partners(
    legal_name: str,
    display_name: str,
    exclude: Partner | None = None,
    limit: int = 5,
    *,
    among: QuerySet[Partner] | None = None,
) -> list[Partner]:
    """Return partners with nearly the same name, the most similar first, each with its ``similarity`` (0.6 to 1).

    Case, signs and legal forms (AS, ApS, AB ...) do not count. ``among`` narrows the choice: an applicant may only be
    told about ``Partner.objects.approved()``, because the names of applications are not public.
    """
    partners = Partner.objects.all() if among is None else among
    if exclude is not None:
        partners = partners.exclude(pk=exclude.pk)
    return list(_alike(partners, [legal_name, display_name], NEARLY_EQUAL)[:limit])


def approved_relatives(number: str, parent_number: str, limit: int = 5) -> list[Partner]:
    """Return approved partners of a Norwegian number's family: its parent, the parent's other branches, its own."""
    family = Q(parent_number=number)
    if parent_number:
        family |= Q(organisation_number=parent_number) | Q(parent_number=parent_number)
    partners = Partner.objects.approved().filter(family, country="NO").exclude(organisation_number=number)
    return list(partners.order_by("display_name", "pk")[:limit])


@dataclass(frozen=True)
class Duplicate:
    """Another registration that may be of the same organisation, and why, in words; similarity of names 0 to 1."""

    partner: Partner
    reasons: list[str]
    similarity: float


def possible_duplicates(partner: Partner, limit: int = 20) -> list[Duplicate]:
    """Return other registrations that may be of the same organisation, for the one who decides; the surest first.

    All statuses are searched: applications, partners, declined, ended and unconfirmed ones.
    """
    others, names = Partner.objects.exclude(pk=partner.pk), [partner.legal_name, partner.display_name]
    same_number = Q(organisation_number=partner.organisation_number)
    # Two questions, because PostgreSQL would read every name if it were one.
    certain = _with_similarity(others.filter(same_number | _family(partner)), names)
    found = {other.pk: other for other in [*certain[:FAMILY_MOST], *_alike(others, names, WORTH_A_LOOK)[:limit]]}
    duplicates = [Duplicate(other, _reasons(partner, other), other.similarity) for other in found.values()]
    return sorted(duplicates, key=lambda one: _surest_first(partner, one))[:limit]


def _surest_first(partner: Partner, one: Duplicate) -> tuple[bool, float, int]:
    return one.partner.organisation_number != partner.organisation_number, -one.similarity, -one.partner.pk


def _family(partner: Partner) -> Q:
    family = Q(parent_number=partner.organisation_number)
    if partner.parent_number:
        family |= Q(organisation_number=partner.parent_number) | Q(parent_number=partner.parent_number)
    return family & Q(country=partner.country)


def _reasons(partner: Partner, other: Any) -> list[str]:
    """Why two registrations may be one; ``other`` is annotated with ``similarity``."""
    reasons = []
    if other.organisation_number == partner.organisation_number:
        is_abroad = other.country != partner.country
        reasons.append(_("Same number in another country") if is_abroad else _("Same number"))
    if other.similarity >= SAME:
        reasons.append(_("Same name"))
    elif other.similarity >= WORTH_A_LOOK:
        reasons.append(_("Nearly the same name (%(score)s %%)") % {"score": round(other.similarity * 100)})
    if other.country == partner.country:
        if partner.parent_number and other.organisation_number == partner.parent_number:
            reasons.append(_("It is the parent organisation"))
        elif other.parent_number == partner.organisation_number:
            reasons.append(_("It is a branch of this one"))
        elif partner.parent_number and other.parent_number == partner.parent_number:
            reasons.append(_("Same parent organisation"))
    return reasons
