"""Links of a newsletter: whole addresses, and addresses that count where the programme counts clicks at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape, unescape

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from stemportal.newsletters.models import Link, Newsletter
from stemportal.outbox.letters import absolute_url

INSIDE = re.compile(r'(?P<name>href|src)="(?P<path>/(?!/)[^"]*)"')
TO_COUNT = re.compile(r'href="(?P<url>https?://[^"]+)"')
LONGEST = 1000
SALT = "newsletters.link"


def with_whole_addresses(html: str) -> str:
    """A link within the portal must name the portal once it is read in a mail program or a feed."""
    return INSIDE.sub(lambda match: f'{match["name"]}="{absolute_url(match["path"])}"', html)


def addresses_in(html: str) -> list[str]:
    """Return where the links of a newsletter lead, each once, in the order they stand in."""
    found = (unescape(match["url"]) for match in TO_COUNT.finditer(html))
    return list(dict.fromkeys(url for url in found if len(url) <= LONGEST))


def note_links(newsletter: Newsletter, urls: Iterable[str]) -> dict[str, str]:
    """Make a row for each address and return the address that counts instead. Nothing in it is about a receiver."""
    wanted = list(urls)
    Link.objects.bulk_create([Link(newsletter=newsletter, url=url) for url in wanted], ignore_conflicts=True)
    rows = Link.objects.filter(newsletter=newsletter, url__in=wanted)
    return {row.url: counting_address(row) for row in rows}


def counting_address(link: Link) -> str:
    """Return the portal's address that counts one click and leads on."""
    return absolute_url(reverse("newsletters_machine:link", args=[_signer().sign(str(link.pk))]))


def link_of(signed: str) -> Link | None:
    """Return the link of a counting address, None when the address was not made here."""
    try:
        return Link.objects.filter(pk=int(_signer().unsign(signed))).first()
    except (BadSignature, ValueError):
        return None


def counted(html: str, addresses: Mapping[str, str]) -> str:
    """Return HTML whose links lead over the portal, which counts them."""

    def change(match: re.Match[str]) -> str:
        url = addresses.get(unescape(match["url"]))
        return f'href="{escape(url)}"' if url else match[0]

    return TO_COUNT.sub(change, html)


def counts_clicks() -> bool:
    """Whether this programme counts clicks; it does not unless somebody decided so."""
    return bool(settings.NEWSLETTER_COUNT_CLICKS)


def _signer() -> Signer:
    return Signer(salt=SALT)
