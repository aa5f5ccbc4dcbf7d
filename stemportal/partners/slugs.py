"""Addresses of partner pages: readable, unique, and never the name of another page."""

from __future__ import annotations

from django.utils.text import slugify

from stemportal.partners.models import Partner

# Letters that Unicode does not take apart; the others (å, ä, č, š ...) lose their marks in slugify.
LETTERS = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ŋ": "n", "ŧ": "t", "ð": "d", "þ": "th", "ß": "ss"})
# First parts of addresses below /partners/, now or probably soon.
RESERVED = {"become", "register", "challenge", "signatories", "directory", "today", "new", "map", "declaration", "logo"}
MAX_LENGTH = 140


def slug_of(name: str) -> str:
    """Return the name in a-z, 0-9 and hyphens; "partner" when no such letter is left."""
    slug = slugify(name.lower().translate(LETTERS))[: MAX_LENGTH - 10].strip("-")
    return slug or "partner"


def free_slug(name: str) -> str:
    """Return an address that no other partner has at this moment; the unique constraint is the net."""
    base = slug_of(name)
    taken = set(Partner.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED
    # A page of digits only would read like a number of the register or a year.
    if base not in taken and not base.isdigit():
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
