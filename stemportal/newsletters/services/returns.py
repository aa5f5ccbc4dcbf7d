"""Emptying the mailbox for returned mail: what is understood is noted and deleted, what is not is left for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from imaplib import IMAP4
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import structlog
from django.conf import settings
from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from stemportal.newsletters.models import Bounce
from stemportal.newsletters.returned_mail import read_report
from stemportal.newsletters.services.bounces import note_bounce

logger = structlog.get_logger(__name__)

# Mails read in one go; the rest waits for the next time.
AT_MOST = 500
TIMEOUT_SECONDS = 20


def read_return_mailbox() -> int:
    """Read the new mail in RETURN_MAILBOX_URL; return how many told something new. Nothing is set up: 0.

    A crash between noting and deleting makes a mail be read twice, which its fingerprint makes harmless. A mailbox that
    does not answer is tried again the next time.
    """
    if not settings.RETURN_MAILBOX_URL:
        return 0
    parts = urlsplit(settings.RETURN_MAILBOX_URL)
    try:
        return _read_maildir(unquote(parts.path)) if parts.scheme == "maildir" else _read_imap(parts)
    except (OSError, IMAP4.error, ImapToolsError) as error:
        logger.warning("return_mailbox_away", host=parts.hostname, error=str(error))
        return 0


def _note(raw: bytes) -> tuple[bool, bool]:
    """Return whether a mail was understood, and whether it was news."""
    try:
        report = read_report(raw)
    except Exception:
        # Anybody can write to the mailbox, and the standard library trips over some headers. The next mail is read.
        logger.exception("returned_mail_unreadable")
        return False, False
    if report is None:
        return False, False
    is_news = note_bounce(
        kind=report.kind,
        source=Bounce.Source.MAILBOX,
        delivery_id=report.about.delivery_id,
        subscriber_id=report.about.subscriber_id,
        code=report.code,
        diagnosis=report.diagnosis,
        fingerprint=report.fingerprint,
    )
    return True, is_news


def _read_maildir(path: str) -> int:
    """New mails lie in ``new``; those that stay move on to ``cur`` as seen, and are not opened again."""
    news = 0
    for file in sorted(Path(path, "new").iterdir())[:AT_MOST]:
        is_understood, is_news = _note(file.read_bytes())
        news += is_news
        if is_understood:
            file.unlink()
        else:
            file.rename(Path(path, "cur", f"{file.name.partition(':')[0]}:2,S"))
    return news


def _read_imap(parts: SplitResult) -> int:
    news = 0
    with _imap(parts) as box:
        for uid in box.uids(AND(seen=False))[:AT_MOST]:
            is_understood, is_news = _note(_raw(box, uid))
            news += is_news
            if is_understood:
                box.delete(uid)
            else:
                box.flag(uid, MailMessageFlags.SEEN, True)
    return news


def _raw(box: BaseMailBox, uid: str) -> bytes:
    """The mail as it came. Writing it anew from what was parsed fails for mails that anybody can send."""
    _answer, found = box.client.uid("fetch", uid, "(BODY.PEEK[])")
    return next((part[1] for part in found if isinstance(part, tuple)), b"")


@contextmanager
def _imap(parts: SplitResult) -> Iterator[BaseMailBox]:
    host = parts.hostname or "localhost"
    box: BaseMailBox
    if parts.scheme == "imaps":
        box = MailBox(host, port=parts.port or 993, timeout=TIMEOUT_SECONDS)
    else:
        box = MailBoxUnencrypted(host, port=parts.port or 143, timeout=TIMEOUT_SECONDS)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    with box.login(unquote(parts.username or ""), unquote(parts.password or ""), initial_folder=folder) as opened:
        yield opened
