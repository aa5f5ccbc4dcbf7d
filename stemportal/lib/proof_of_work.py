"""ALTCHA: the visitor's browser does a little work before a public form is taken; nobody is tracked, nothing is asked.

A browser without JavaScript cannot do the work. Its form is taken all the same, but only counts after the person has
opened a mailed link, and the limits are stricter.
"""

from __future__ import annotations

import random
import time
from typing import Any

import altcha
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from stemportal.lib.widgets import HoneypotInput, SpamCheckInput

ALGORITHM = "PBKDF2/SHA-256"


def _secret(purpose: str) -> str:
    return salted_hmac("stemportal.altcha", purpose, algorithm="sha256").hexdigest()


def new_challenge() -> dict[str, Any]:
    """Return a signed challenge for the widget, good for ALTCHA_EXPIRES_SECONDS."""
    challenge = altcha.create_challenge(
        ALGORITHM,
        settings.ALTCHA_COST,
        counter=random.randint(*settings.ALTCHA_COUNTER),
        expires_at=int(time.time()) + settings.ALTCHA_EXPIRES_SECONDS,
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("key"),
    )
    return challenge.to_dict()


def is_solved(payload: str) -> bool:
    """Check a solution; each challenge counts once, in whatever words its solution is sent."""
    try:
        solved = altcha.Payload.from_base64(payload)
        result = altcha.verify_solution(solved, _secret("challenge"), hmac_key_secret=_secret("key"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    if not result.verified:
        return False
    seen = salted_hmac("stemportal.altcha.seen", str(solved.challenge.signature)).hexdigest()
    return cache.add(f"altcha:{seen}", 1, timeout=settings.ALTCHA_EXPIRES_SECONDS)


class GuardedForm(forms.Form):
    """A public form with a honeypot and, where the browser can, proof of work.

    After validation ``has_proof`` says whether the work was done. A filled honeypot or a wrong solution is an error.
    """

    nickname = forms.CharField(required=False, label=_("Leave this field empty"), widget=HoneypotInput)
    altcha = forms.CharField(required=False, widget=SpamCheckInput)

    has_proof = False

    def clean_nickname(self) -> str:
        if self.cleaned_data["nickname"]:
            raise forms.ValidationError(_("Leave this field empty."))
        return ""

    def clean_altcha(self) -> str:
        payload = self.cleaned_data["altcha"]
        if payload:
            if not is_solved(payload):
                raise forms.ValidationError(_("The check against robots has run out. Please send the form once more."))
            self.has_proof = True
        return payload
