"""The countries that organisations may come from, and how they write their numbers and postal codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NAMES = {"NO": _("Norway"), "DK": _("Denmark"), "SE": _("Sweden")}

LETTERS = _(
    "There are letters or signs in it that do not belong in an organisation number. Please type the digits only."
)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a form says and asks about a country. ``postal_pattern`` has the parts of the code as groups."""

    number_help: _StrPromise
    number_wrong: _StrPromise
    # With %(email)s, the secretariat's address.
    number_is_personal: _StrPromise
    postal_pattern: str
    postal_wrong: _StrPromise


RULES = {
    "NO": Rules(
        number_help=_("Nine digits, as in the Norwegian register of organisations."),
        number_wrong=_(
            "This is not a valid organisation number. It has nine digits; please check that they are all right."
        ),
        number_is_personal=_(
            "That looked like a personal identity number, so we have thrown it away. "
            "Please type the organisation's number; it has nine digits."
        ),
        postal_pattern=r"([0-9]{4})",
        postal_wrong=_("A postal code has four digits."),
    ),
    "DK": Rules(
        number_help=_("The CVR number: eight digits."),
        number_wrong=_("This is not a valid CVR number. It has eight digits; please check that they are all right."),
        number_is_personal=_(
            "That looked like a personal identity number (CPR), so we have thrown it away. "
            "Please type the CVR number; it has eight digits."
        ),
        postal_pattern=r"(?:DK[- ]?)?([0-9]{4})",
        postal_wrong=_("A Danish postal code has four digits."),
    ),
    "SE": Rules(
        number_help=_("Ten digits, for example 556016-0680."),
        number_wrong=_(
            "This is not a valid Swedish organisation number. It has ten digits; please check that they are all right."
        ),
        number_is_personal=_(
            "That looked like a personal identity number, so we have thrown it away. Please type the organisation's "
            "number; it has ten digits. A sole trader in Sweden has no other number than the personal one, which we "
            "do not keep: write to %(email)s, and we will find a way."
        ),
        postal_pattern=r"(?:SE?[- ]?)?([0-9]{3})\s?([0-9]{2})",
        postal_wrong=_("A Swedish postal code has five digits."),
    ),
}


def rules_of(country: str) -> Rules:
    """Return the rules of one of the countries."""
    return RULES[country]
