"""What feeds for programs (RSS, Atom, iCalendar) have in common, whatever they are about."""

from __future__ import annotations

import re

from stemportal.lib.identifiers import portal_host

# Characters that XML 1.0 and iCalendar cannot hold.
FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return the text without characters that feeds cannot hold."""
    return FORBIDDEN.sub("", text)


def tag_for(what: str) -> str:
    """Return the name of an entry for its whole life (RFC 4151): ``tag:portal.example.no,2026:story-12``."""
    return f"tag:{portal_host()},2026:{what}"
