"""What the tests of registration share: a filled form and a solved proof of work."""

from __future__ import annotations

import base64
import json

import altcha

from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.proof_of_work import new_challenge
from stemportal.outbox.models import Mail

NUMBER = synthetic(77)


def solved_payload() -> str:
    """Do a browser's work on a fresh challenge and return what its widget would send."""
    challenge = new_challenge()
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution is not None
    return base64.b64encode(json.dumps({"challenge": challenge, "solution": solution.to_dict()}).encode()).decode()


def form_data(*, proof: bool = True, **changes: str) -> dict[str, str]:
    """Return the registration form as a person would have filled it in; None takes a field away."""
    data = {
        "form_key": "a-key-of-this-form",
        "organisation_number": NUMBER,
        "legal_name": "SOLVIND MÅLETEKNIKK AS",
        "display_name": "Solvind Måleteknikk",
        "kind": "company",
        "address": "Løkkeveien 41",
        "postal_code": "9510",
        "postal_place": "",
        "municipality": "",
        "website": "solvind.example.no",
        "about": "Vi måler vind.",
        "contact_name": "Ingrid Prøve",
        "contact_email": "ingrid@solvind.example.no",
        "contact_role": "Daglig leder",
        "signed_name": "Ola Sjef",
        "signed": "on",
        "nickname": "",
        "altcha": solved_payload() if proof else "",
    }
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


def mails_to(address: str) -> list[Mail]:
    """Mails written to an address, oldest first."""
    return list(Mail.objects.filter(to_email=address).order_by("pk"))
