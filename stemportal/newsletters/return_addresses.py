"""Addresses to which newsletters come back (VERP): each names its delivery or its subscriber, and is signed.

The local part of ``RETURN_ADDRESS`` is followed by a plus sign, a letter, the id and a signature, such as
``retur+d4711-abcdefghijklm@example.org``. Whoever writes to such an address has got the mail that carries it; what
comes to any other address says nothing about a subscriber, for its sender can be anybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from stemportal.newsletters import signed

PURPOSE = "return"
TAG = re.compile(r"^(?P<local>.+)\+(?P<kind>[du])(?P<pk>[0-9]{1,18})-(?P<signature>[a-z2-7]{13})$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What a signed address names: the delivery that came back, or the subscriber who wants to leave."""

    delivery_id: int | None = None
    subscriber_id: int | None = None


def sender(delivery_id: int) -> str:
    """Return the envelope sender of a delivery: its failure reports come there. Without RETURN_ADDRESS the portal's."""
    return _address("d", delivery_id) or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def leave_by_mail(subscriber_id: int) -> str:
    """Return the address to which any mail takes the subscriber off the list; empty without RETURN_ADDRESS."""
    return _address("u", subscriber_id)


def read(address: str) -> Returned | None:
    """Return what the address names, or None: it is none of ours, or its signature is wrong."""
    local, _at, domain = address.strip().strip("<>").rpartition("@")
    own_local, _at, own_domain = settings.RETURN_ADDRESS.rpartition("@")
    match = TAG.match(local)
    if not own_domain or match is None or domain.lower() != own_domain.lower():
        return None
    kind, pk = match["kind"].lower(), match["pk"]
    is_ours = match["local"].lower() == own_local.lower()
    if not is_ours or not signed.is_signed(PURPOSE, f"{kind}{pk}", match["signature"]):
        return None
    return Returned(delivery_id=int(pk)) if kind == "d" else Returned(subscriber_id=int(pk))


def _address(kind: str, pk: int) -> str:
    local, _at, domain = settings.RETURN_ADDRESS.rpartition("@")
    if not local:
        return ""
    return f"{local}+{kind}{pk}-{signed.signature(PURPOSE, f'{kind}{pk}')}@{domain}"
