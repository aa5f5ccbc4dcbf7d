"""Reading what comes to the return address: failure reports, complaints, and wishes to leave.

Only what a signed address of ours names is understood (``return_addresses``): a report must have come to the envelope
sender of its delivery, or hold that delivery's own headers. Everything else (answers of people, of holiday programs,
reports without such a word) is nobody's failure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses

from stemportal.newsletters import return_addresses
from stemportal.newsletters.models import Bounce
from stemportal.newsletters.return_addresses import Returned
from stemportal.newsletters.services.bounces import kind_of

# Where mail servers write to whom a mail came, when it was not its To line.
RECEIVERS = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
# Where a newsletter that is sent back names its delivery or its receiver.
OWN_HEADERS = ("return-path", "list-unsubscribe")
MAILTO = re.compile(r"mailto:([^?>\s]+)", re.IGNORECASE)
# Feedback of RFC 5965 that is no complaint: somebody says that it is none, or reports something else.
NO_COMPLAINT = {"not-spam", "auth-failure", "dmarc"}


@dataclass(frozen=True, kw_only=True)
class Report:
    """One thing that a mail tells about one delivery or subscriber."""

    kind: Bounce.Kind
    about: Returned
    code: str = ""
    diagnosis: str = ""
    # The same for the same mail, however often it is read.
    fingerprint: str


def read_report(raw: bytes) -> Report | None:
    """Return what a mail at the return address tells, or None where it tells nothing that counts."""
    mail = message_from_bytes(raw, policy=policy.default)
    fingerprint = hashlib.sha256(raw).hexdigest()
    to = _signed_receiver(mail)
    if _is_report(mail, "feedback-report"):
        return _complaint(mail, to, fingerprint)
    if _is_report(mail, "delivery-status"):
        return _failure(mail, to, fingerprint)
    if to and to.subscriber_id:
        return Report(kind=Bounce.Kind.REPLY, about=to, fingerprint=fingerprint)
    return None


def _failure(mail: EmailMessage, to: Returned | None, fingerprint: str) -> Report | None:
    """RFC 3464. Only ``Action: failed`` is an end; a mail that is delayed may still arrive."""
    about = to or _own_headers(mail)
    if about is None:
        return None
    for block in _blocks(mail, "message/delivery-status"):
        if _field(block, "action").lower() != "failed":
            continue
        status, diagnosis = _field(block, "status"), _field(block, "diagnostic-code")
        return Report(
            kind=kind_of(status, diagnosis),
            about=about,
            code=status,
            diagnosis=diagnosis.partition(";")[2].strip() or diagnosis,
            fingerprint=fingerprint,
        )
    return None


def _complaint(mail: EmailMessage, to: Returned | None, fingerprint: str) -> Report | None:
    """RFC 5965. It comes to an address agreed with the mailbox provider, so the mail inside says whom it is about."""
    for block in _blocks(mail, "message/feedback-report"):
        feedback = _field(block, "feedback-type").lower() or "abuse"
        about = _first_signed([_field(block, "original-mail-from")]) or _own_headers(mail) or to
        if about is None or feedback in NO_COMPLAINT:
            return None
        agent = _field(block, "user-agent")
        return Report(kind=Bounce.Kind.COMPLAINT, about=about, code=feedback, diagnosis=agent, fingerprint=fingerprint)
    return None


def _is_report(mail: EmailMessage, kind: str) -> bool:
    return mail.get_content_type() == "multipart/report" and str(mail.get_param("report-type", "")).lower() == kind


def _blocks(mail: EmailMessage, content_type: str) -> Iterator[Message]:
    """The groups of fields in the machine's part of a report."""
    for part in mail.walk():
        if part.get_content_type() != content_type:
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            yield from (block for block in payload if isinstance(block, Message))
        else:
            yield _fields(part)


def _fields(part: Message) -> Message:
    """Fields that stand in a part as its text."""
    text = part.get_payload(decode=True)
    return message_from_bytes(text if isinstance(text, bytes) else b"")


def _field(block: Message, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())


def _signed_receiver(mail: EmailMessage) -> Returned | None:
    lines = [str(line) for name in RECEIVERS for line in mail.get_all(name, [])]
    return _first_signed(address for _name, address in getaddresses(lines))


def _own_headers(mail: EmailMessage) -> Returned | None:
    """What the headers of the mail that was sent back name: it comes whole, or as headers alone."""
    for part in mail.walk():
        if part is mail:
            continue
        headers: Message = part
        if part.get_content_type() == "text/rfc822-headers":
            headers = _fields(part)
        lines = [str(line) for name in OWN_HEADERS for line in headers.get_all(name, [])]
        found = _first_signed(address for line in lines for address in MAILTO.findall(line) or [line])
        if found:
            return found
    return None


def _first_signed(addresses: Iterator[str] | list[str]) -> Returned | None:
    return next((found for address in addresses if (found := return_addresses.read(address))), None)
