"""Reads for those who decide about applications."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Lower

from stemportal.partners.models import Partner


def same_name(partner: Partner) -> QuerySet[Partner]:
    """Other applications and partners with the same number or the same name, for the one who decides."""
    names = {partner.legal_name.strip().lower(), partner.display_name.strip().lower()}
    others = Partner.objects.annotate(legal_lower=Lower("legal_name"), shown_lower=Lower("display_name"))
    return (
        (
            others.filter(legal_lower__in=names)
            | others.filter(shown_lower__in=names)
            | others.filter(country=partner.country, organisation_number=partner.organisation_number)
        )
        .exclude(pk=partner.pk)
        .order_by("-applied_at")
    )
