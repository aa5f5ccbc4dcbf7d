"""The mark "STEM-partner 2026" for those who were partners in that year, as SVG and PNG, all from one drawing."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.utils import timezone

from stemportal.lib import pdf
from stemportal.partners.models import Partner

TEMPLATE = Path(__file__).resolve().parents[1] / "typst" / "logo.typ"
# For light and for dark ground.
SCHEMES = ("light", "dark")
FORMATS = ("svg", "png")
CONTENT_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
# About 1,300 pixels wide: enough for print on a business card's whole width.
PPI = 360


def logo_years(partner: Partner) -> list[int]:
    """Return the calendar years whose mark a partner may show, the latest first: those in which it was approved."""
    if partner.decided_at is None or partner.status not in {Partner.Status.APPROVED, Partner.Status.ENDED}:
        return []
    last = timezone.localtime(partner.ended_at).year if partner.ended_at else timezone.localdate().year
    return list(range(last, timezone.localtime(partner.decided_at).year - 1, -1))


@lru_cache(maxsize=64)
def logo(*, year: int, scheme: str, format: str) -> bytes:
    """Return the mark of a year as a file. Raises ValueError for a scheme or format that there is not."""
    if scheme not in SCHEMES or format not in FORMATS:
        raise ValueError(f"{scheme}.{format}")
    data = {"year": str(year), "scheme": scheme}
    if format == "png":
        return pdf.draw(TEMPLATE, data, format="png", ppi=PPI)
    # Its letters are outlines: the title is what is read out, and found by those who search.
    head, end, rest = pdf.draw(TEMPLATE, data, format="svg").partition(b">")
    return head + b' role="img"' + end + f"<title>STEM-partner {year}</title>".encode() + rest


def logo_name(*, year: int, scheme: str, format: str) -> str:
    """Return the name of the file: "stem-partner-2026-light.svg"."""
    return f"stem-partner-{year}-{scheme}.{format}"
