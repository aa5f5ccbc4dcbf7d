"""Short signatures for addresses that stand in mails: what carries one was made by the portal and by nobody else."""

from __future__ import annotations

import base64
import hmac
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

# 65 bits in letters and digits of one case: mail servers may change the case of an address.
LENGTH = 13


def signature(purpose: str, text: str) -> str:
    """Return the signature of ``text``, good for this purpose only: 13 letters and digits, in small letters."""
    return _signature(str(settings.SECRET_KEY), purpose, text)


def is_signed(purpose: str, text: str, given: str) -> bool:
    """Say whether ``given`` is the signature, also by a key that has been replaced (SECRET_KEY_FALLBACKS)."""
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return any(constant_time_compare(_signature(key, purpose, text), given.lower()) for key in keys)


def _signature(secret: str, purpose: str, text: str) -> str:
    digest = hmac.digest(_key(secret, purpose), text.encode(), "sha256")
    return base64.b32encode(digest).decode().lower()[:LENGTH]


@lru_cache(maxsize=16)
def _key(secret: str, purpose: str) -> bytes:
    return salted_hmac(f"stemportal.newsletters.{purpose}", "key", secret=secret, algorithm="sha256").digest()
