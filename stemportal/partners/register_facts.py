"""What Enhetsregisteret says, in the words of the form: which fields it fills and what the person is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from stemportal.lib import brreg, organisation_numbers
from stemportal.lib.brreg import Answer, Unit
from stemportal.partners.models import Partner
from stemportal.partners.queries.applications import approved_relatives
from stemportal.places.models import Municipality

Kind = Partner.Kind

# Organisation forms of the register that say what kind of organisation it is; others are for the person to choose.
KIND_OF_FORM = {
    "AS": Kind.COMPANY,
    "ASA": Kind.COMPANY,
    "ENK": Kind.COMPANY,
    "ANS": Kind.COMPANY,
    "DA": Kind.COMPANY,
    "SE": Kind.COMPANY,
    "NUF": Kind.COMPANY,
    "FLI": Kind.ORGANISATION,
    "STI": Kind.ORGANISATION,
    "KOMM": Kind.MUNICIPALITY,
    "FYLK": Kind.COUNTY_COUNCIL,
    "STAT": Kind.PUBLIC_BODY,
    "ORGL": Kind.PUBLIC_BODY,
    "SF": Kind.PUBLIC_BODY,
}
# Organisation forms of branches (underenheter).
BRANCHES = {"BEDR", "AAFY"}
# Written in capitals or small letters inside a name, whatever the register does.
CAPITALS = {
    "AS",
    "ASA",
    "SA",
    "ANS",
    "DA",
    "BA",
    "KS",
    "NUF",
    "IKS",
    "KF",
    "HF",
    "RHF",
    "SF",
    "SE",
    "IT",
    "NTNU",
    "NHO",
}
SMALL = {"og", "i", "av", "for", "på", "til", "ved", "avd", "the", "of", "and"}


def readable(name: str) -> str:
    """Return a name of the register, which is in capitals, as people write it: a suggestion to be mended by hand."""
    if name != name.upper():
        return name
    words = []
    for position, word in enumerate(name.split()):
        if word in CAPITALS:
            words.append(word)
        elif position and word.lower() in SMALL:
            words.append(word.lower())
        else:
            words.append("-".join(part.capitalize() for part in word.split("-")))
    return " ".join(words)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the person is told after a look-up: how serious it is (success, info, warning, danger) and the words.

    ``offered`` is the organisation that a branch belongs to, to be registered instead. ``relatives`` are partners of
    the same family; they are public.
    """

    color: str
    text: str
    offered: Unit | None = None
    relatives: list[Partner] = field(default_factory=list)


def parent_of(unit: Unit) -> Unit | None:
    """Ask the register which organisation this one belongs to; None when to none, or when the register cannot tell."""
    if unit.answer not in {Answer.FOUND, Answer.BANKRUPT}:
        return None
    try:
        number = organisation_numbers.clean(unit.parent_number)
    except ValueError:
        return None
    parent = brreg.look_up(number)
    return parent if parent.name else None


def tell(unit: Unit, parent: Unit | None) -> Told:
    """Return what to tell the person about an answer of the register and about those of the family who are partners."""
    color, text = message(unit)
    is_branch = unit.form in BRANCHES
    return Told(
        color=color,
        text=f"{text} {_branch(parent)}" if is_branch else text,
        offered=parent if is_branch and parent and parent.answer == Answer.FOUND else None,
        relatives=approved_relatives(unit.number, unit.parent_number),
    )


def _branch(parent: Unit | None) -> str:
    if parent is None:
        return _("It is a branch (underenhet) of another organisation.")
    names = {"name": parent.name, "number": parent.number}
    return _("It is a branch (underenhet) of %(name)s, number %(number)s.") % names


def form_values(unit: Unit, parent: Unit | None = None) -> dict[str, str]:
    """Return values for the form's fields; a fact that the register lacks is left out.

    A branch is of the same kind as the organisation it belongs to.
    """
    municipality = (
        Municipality.objects.filter(number=unit.municipality_number, valid_to__isnull=True).first()
        if unit.municipality_number
        else None
    )
    kind = KIND_OF_FORM.get(unit.form) or (KIND_OF_FORM.get(parent.form) if parent else None)
    values = {
        "legal_name": unit.name[:200],
        "display_name": readable(unit.name)[:120],
        "kind": kind or "",
        "address": unit.address[:160],
        "postal_code": unit.postal_code[:10],
        "postal_place": readable(unit.postal_place)[:80],
        "municipality": str(municipality.pk) if municipality else "",
        "website": unit.website[:200],
    }
    return {name: str(value) for name, value in values.items() if value}


def message(unit: Unit) -> tuple[str, str]:
    """Return how serious the answer is (success, info, warning) and what to tell the person about it."""
    if unit.answer == Answer.FOUND:
        text = _("We found %(name)s and filled in what the register knows. Please check that it is right.")
        return "success", text % {"name": unit.name}
    if unit.answer == Answer.DELETED:
        return "warning", _(
            "The register says that this organisation has been deleted. Is the number right? You can still apply; "
            "we will ask you about it."
        )
    if unit.answer == Answer.BANKRUPT:
        text = _(
            "We found %(name)s. The register says that it is bankrupt or being closed down. You can still apply; "
            "we will ask you about it."
        )
        return "warning", text % {"name": unit.name}
    if unit.answer == Answer.UNKNOWN:
        return "warning", _(
            "The register does not know this number. If it is right, please fill in the rest by hand and go on."
        )
    return "info", _(
        "The register does not answer just now. That is not your fault: fill in the rest by hand and go on."
    )


def number_taken(holder: Partner | None) -> str:
    """Return what somebody can do whose organisation is registered already."""
    secretariat = settings.SECRETARIAT_EMAIL
    if holder is not None and holder.status == Partner.Status.APPLIED:
        text = _(
            "We already have an application with this number and will answer it soon. Ask your colleagues, or write "
            "to %(email)s."
        )
    elif holder is not None and holder.status == Partner.Status.ENDED:
        text = _("This organisation has been a partner before. Write to %(email)s and we will open it again.")
    else:
        text = _("This organisation is already a partner. Ask a colleague there to invite you, or write to %(email)s.")
    return text % {"email": secretariat}
