"""The declaration that partners sign: which text is in force."""

from __future__ import annotations

from django.utils import timezone

from stemportal.partners.models import Declaration


def current_declaration() -> Declaration | None:
    """Return the newest text that is valid today."""
    return Declaration.objects.filter(valid_from__lte=timezone.localdate()).first()
