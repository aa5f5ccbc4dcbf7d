"""E-mail addresses as mail servers want them."""

from __future__ import annotations

from django.utils.translation import gettext as _


class AddressError(ValueError):
    """The address cannot get mail from us; the message is for the person who typed it."""


def tidy_address(typed: str) -> str:
    """Return the address in small letters, its domain in ASCII (IDNA), so that the same mailbox is one row.

    Raises AddressError for letters such as æøå before the @ sign: hardly any mail server takes them (RFC 6531).
    """
    local, at, domain = typed.strip().lower().rpartition("@")
    if not local.isascii():
        raise AddressError(
            _("We cannot write to addresses with letters such as æ, ø and å before the @ sign. Do you have another?")
        )
    try:
        return f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise AddressError(_("Write a full e-mail address, for example kari@example.org.")) from error
