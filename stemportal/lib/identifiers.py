"""The portal's part in identifiers that must be nobody else's: of mails, lists and entries of calendars and feeds."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings


def portal_host() -> str:
    """Return the host of the portal's addresses."""
    return urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
