"""The link that a role model is mailed: one for the whole life of a consent, from the asking to the taking back.

Its token is made from the consent's row with the portal's secret key, so that every mail can carry the same link
although only the token's hash is stored, by which it is found. A copy of the database opens nothing.
"""

from __future__ import annotations

import secrets
from datetime import UTC

from django.utils.crypto import salted_hmac

from stemportal.activities.models import RoleModelConsent
from stemportal.partners.models import token_hash

SALT = "stemportal.activities.role_model_consent"


def token_of(consent: RoleModelConsent) -> str:
    """Return the secret end of the consent's link: 64 letters that nobody can guess without the portal's key."""
    moment = consent.asked_at.astimezone(UTC).isoformat()
    return salted_hmac(SALT, f"{consent.pk}/{moment}", algorithm="sha256").hexdigest()


def link_token(consent: RoleModelConsent) -> str:
    """Return the token for a mail, and see to it that the portal knows it (its key may have been changed)."""
    token = token_of(consent)
    if consent.token_hash != token_hash(token):
        consent.token_hash = token_hash(token)
        consent.save(update_fields=["token_hash"])
    return token


def no_token() -> str:
    """Return a hash that belongs to no link."""
    return token_hash(secrets.token_urlsafe(32))


def kill_link(consent: RoleModelConsent) -> None:
    """Make the mailed link open nothing any more; the record of the consent stays."""
    RoleModelConsent.objects.filter(pk=consent.pk).update(token_hash=no_token())


def find_consent(token: str) -> RoleModelConsent | None:
    """Return the consent behind a link, with its profile and partner."""
    rows = RoleModelConsent.objects.select_related("role_model__partner__municipality__county")
    return rows.filter(token_hash=token_hash(token)).first()
