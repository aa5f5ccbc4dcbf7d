"""Names of organisations as the database compares them: without case, signs and legal forms."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower, Trim

# How a name says what the organisation is in law: in Norway, Denmark, Sweden and among foreign companies.
LEGAL_FORMS = (
    "as|asa|sa|ans|da|ba|ks|nuf|iks|kf|fkf|hf|rhf|sf|se|enk|a/s|aps|i/s|k/s|p/s|ivs|amba|"
    "ab|hb|kb|ekonomisk förening|oyj?|ltd|llc|inc|gmbh"
)


def plain_name(name: Combinable | str) -> Combinable:
    """Return an expression for a name in small letters, with spaces for signs and no legal form at either end.

    The indexes of ``Partner`` are on this very expression: whoever changes it makes a migration.
    """
    bare = _replace(Lower(name), r"\s*\(publ\.?\)\s*$", "")
    bare = _replace(bare, rf"^({LEGAL_FORMS})\s+|\s+({LEGAL_FORMS})\.?\s*$", "")
    return Trim(_replace(bare, "[^[:alnum:]]+", " "))


def _replace(text: Any, pattern: str, by: str) -> Func:
    return Func(text, Value(pattern), Value(by), Value("g"), function="regexp_replace", output_field=TextField())
