"""What allauth needs to know of Feide, from the few values that an operator sets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

# allauth's own provider for OpenID Connect serves Feide under this name.
PROVIDER_ID = "feide"


def providers(client_id: str, *, secret: str, issuer: str, scopes: list[str]) -> dict[str, Any]:
    """Return SOCIALACCOUNT_PROVIDERS: Feide alone, or nothing where the portal has no client id."""
    if not client_id:
        return {}
    app = {
        "provider_id": PROVIDER_ID,
        "name": "Feide",
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer, "scope": scopes, "oauth_pkce_enabled": True, "fetch_userinfo": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def origins(client_id: str, issuer: str) -> list[str]:
    """Return the origin of Feide's login as a content security policy names it; nothing where it is not set up."""
    if not client_id:
        return []
    parts = urlsplit(issuer)
    return [f"{parts.scheme}://{parts.netloc}"]
