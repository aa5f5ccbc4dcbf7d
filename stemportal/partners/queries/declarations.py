"""Reads about declarations and who signed them."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from stemportal.partners.models import Declaration


def with_signature_count(declarations: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """Add ``signature_count``: how many partners signed the text."""
    return declarations.annotate(signature_count=Count("signatures"))
