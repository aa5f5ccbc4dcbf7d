"""Reading what the SMTP server of the demo has received: the files that its sink writes."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"^[\w.\-]+\.eml\Z")
NEWEST = 200


@dataclass(frozen=True)
class Attachment:
    """A file in a mail."""

    name: str
    content_type: str
    text: str


@dataclass(frozen=True)
class Received:
    """One mail as the server took it."""

    name: str
    received_at: datetime
    to: str
    sender: str
    subject: str
    text: str = ""
    html: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def _folder() -> Path:
    return Path(settings.DEMO_MAIL_DIR)


def newest(*, to: str = "", limit: int = NEWEST) -> list[Received]:
    """Return the newest mails first, those to one address when ``to`` is given."""
    try:
        files = sorted((path for path in _folder().iterdir() if NAME.match(path.name)), reverse=True)
    except FileNotFoundError:
        return []
    found = []
    for path in files[: limit * 5 if to else limit]:
        mail = _read(path, whole=False)
        if mail and (not to or to.lower() in mail.to.lower()):
            found.append(mail)
        if len(found) == limit:
            break
    return found


def one(name: str) -> Received | None:
    """Return one mail with its texts, or None. ``name`` is a file name without any path."""
    if not NAME.match(name):
        return None
    return _read(_folder() / name, whole=True)


def _read(path: Path, *, whole: bool) -> Received | None:
    try:
        raw = path.read_bytes()
        received_at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except OSError:
        return None
    message = email.message_from_bytes(raw, policy=email.policy.default)
    mail = Received(
        name=path.name,
        received_at=received_at,
        to=str(message["To"] or ""),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
    )
    return _with_content(mail, message) if whole else mail


def _with_content(mail: Received, message: EmailMessage) -> Received:
    texts = {"text/plain": "", "text/html": ""}
    attachments = []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if kind in texts and not texts[kind] and not part.is_attachment():
            texts[kind] = part.get_content()
        else:
            raw = part.get_payload(decode=True) or b""
            content = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
            attachments.append(Attachment(part.get_filename() or kind, kind, content))
    return Received(
        name=mail.name,
        received_at=mail.received_at,
        to=mail.to,
        sender=mail.sender,
        subject=mail.subject,
        text=texts["text/plain"],
        html=texts["text/html"],
        headers=[(key, str(value)) for key, value in message.items()],
        attachments=attachments,
    )
