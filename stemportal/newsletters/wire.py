"""An edition as the bytes that go to the mail server: made once a language, with gaps for what is each receiver's own.

The parts are quoted-printable, so they pass every server. What is put in stands between soft line breaks: the pieces
around it are encoded once, and however long an address is, no line gets longer than RFC 2045 allows (76).
"""

from __future__ import annotations

import re
import secrets
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from django.conf import settings
from django.core.mail.message import sanitize_address
from django.urls import reverse
from django.utils import formats, timezone, translation

from stemportal.lib.identifiers import portal_host
from stemportal.newsletters import links, return_addresses
from stemportal.newsletters.models import Edition
from stemportal.newsletters.rendering import marks
from stemportal.outbox.letters import absolute_url

LONGEST_LINE = 76
SOFT_BREAK = b"=\r\n"
A_TOKEN = "TOKEN"  # noqa: S105  # stands where a subscriber's token goes
ANY_MARK = re.compile(f"({'|'.join(marks.MARKS)})")


@dataclass(frozen=True, slots=True)
class Receiver:
    """One delivery and whom it goes to."""

    delivery_id: int
    subscriber_id: int
    email: str
    language: str
    unsubscribe_token: str
    since: datetime
    attempts: int


class UnfitAddress(ValueError):
    """An address that cannot stand in a mail's envelope and headers."""


class Mould:
    """One edition, ready to be filled in for one receiver after the other: a join of bytes each."""

    def __init__(self, edition: Edition) -> None:
        self.language = edition.language
        self._host = portal_host()
        with translation.override(self.language):
            self._choices = absolute_url(reverse("newsletters:preferences", args=[A_TOKEN]))
        self._leave = links.leave_url(A_TOKEN, self.language)
        self._one_click = absolute_url(reverse("newsletters_machine:one_click", args=[A_TOKEN]))
        # "=_" cannot stand in quoted-printable text.
        boundary = f"=_newsletter_{secrets.token_hex(8)}"
        self._head = _head(edition, self._host, boundary)
        text, html = (_part(kind, body) for kind, body in (("plain", edition.text), ("html", edition.html)))
        between = f"--{boundary}\r\n".encode()
        self._body: list[bytes | str] = [b"\r\n", between, *text, between, *html, f"--{boundary}--\r\n".encode()]

    def fill(self, receiver: Receiver) -> bytes:
        """Return the whole mail, lines ended by CRLF, dots at their beginning doubled (RFC 5321, 4.5.2)."""
        values = self._values(receiver)
        return b"".join(
            [
                self._headers_of(receiver),
                self._head,
                *(values[piece] if isinstance(piece, str) else piece for piece in self._body),
            ]
        )

    def _values(self, receiver: Receiver) -> Mapping[str, bytes]:
        return {
            marks.UNSUBSCRIBE: _open_ended(self._leave.replace(A_TOKEN, receiver.unsubscribe_token)),
            marks.PREFERENCES: _open_ended(self._choices.replace(A_TOKEN, links.choices_token(receiver.subscriber_id))),
            marks.SINCE: _open_ended(_day(timezone.localdate(receiver.since), self.language)),
        }

    def _headers_of(self, receiver: Receiver) -> bytes:
        by_mail = return_addresses.leave_by_mail(receiver.subscriber_id)
        leave = f"<{self._one_click.replace(A_TOKEN, receiver.unsubscribe_token)}>"
        lines = [
            f"Date: {format_datetime(timezone.now())}",
            f"Message-ID: <newsletter-{receiver.delivery_id}@{self._host}>",
            f"To: {checked(receiver.email)}",
            f"List-Unsubscribe: {leave}" + (f",\r\n <mailto:{by_mail}?subject=unsubscribe>" if by_mail else ""),
        ]
        return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def checked(address: str) -> str:
    """Return the address if it can stand in a mail; raise UnfitAddress if it has blanks, line ends or odd letters."""
    if not address.isascii() or not address.isprintable() or any(sign in " <>," for sign in address):
        raise UnfitAddress(address)
    return address


def _head(edition: Edition, host: str, boundary: str) -> bytes:
    """The headers that are the same for all (RFC 2919 names the list, RFC 8058 the one click)."""
    subject = Header(edition.subject, "us-ascii" if edition.subject.isascii() else "utf-8", header_name="Subject")
    lines = [
        f"From: {sanitize_address(settings.DEFAULT_FROM_EMAIL, 'utf-8')}",
        f"Subject: {subject.encode(linesep=chr(13) + chr(10))}",
        f"List-Id: <newsletter.{host}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Auto-Submitted: auto-generated",
        f"Content-Language: {edition.language}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _part(kind: str, text: str) -> list[bytes | str]:
    """One part of the mail as pieces of bytes and the marks between them."""
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    pieces: list[bytes | str] = [head.encode()]
    *with_mark_behind, last = ANY_MARK.split(text)
    for piece, mark in zip(with_mark_behind[::2], with_mark_behind[1::2], strict=True):
        pieces += [_open_ended(piece), mark]
    return [*pieces, _quoted(last), b"\r\n"]


def _open_ended(text: str) -> bytes:
    """Quoted-printable that goes on in its last line, after a break that a reader does not see."""
    quoted = _quoted(text)
    start = quoted.rfind(b"\n") + 1
    if len(quoted) - start >= LONGEST_LINE:
        cut = start + LONGEST_LINE - 4
        while b"=" in quoted[cut - 2 : cut]:  # not through an escape such as =C3
            cut -= 1
        quoted = quoted[:cut] + SOFT_BREAK + quoted[cut:]
    return quoted + SOFT_BREAK


def _quoted(text: str) -> bytes:
    quoted = b2a_qp(text.replace("\r\n", "\n").encode(), istext=True)
    return re.sub(rb"(?m)^\.", b"..", quoted.replace(b"\n", b"\r\n"))


@lru_cache(maxsize=512)
def _day(day: date, language: str) -> str:
    with translation.override(language):
        return formats.date_format(day, "DATE_FORMAT")
