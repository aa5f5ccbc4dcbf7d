"""Which constraint of the database said no."""

from __future__ import annotations

from django.db import IntegrityError


def violated(error: IntegrityError) -> str:
    """Return the name of the constraint as PostgreSQL gives it, or an empty string."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
