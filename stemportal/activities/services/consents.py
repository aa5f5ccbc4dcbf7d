"""A role model says yes to being shown, and takes it back, with the one link in the mails (``consent_links``).

The link opens a page and does nothing by itself: mail filters open links. What the person says yes to is kept word by
word.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from stemportal.activities.emails import role_models as emails
from stemportal.activities.models import RoleModel, RoleModelConsent
from stemportal.activities.services.consent_links import link_token, no_token
from stemportal.activities.services.role_models import (
    FIELDS,
    LISTS,
    NotComplete,
    erase,
    lock_role_model,
    missing_for_showing,
    publish,
    standing_consent,
    withdraw,
)
from stemportal.partners.models import Partner

# The words of templates/activities/role_models/consent/<version>.<language>.txt. New words are a new version.
CONSENT_VERSION = 1


class ConsentClosed(Exception):
    """The link has run out, or was answered already."""


class ProfileChanged(Exception):
    """The profile is not the one that stood on the page; the person has to look again."""


def consent_text(partner: Partner, language: str) -> str:
    """Return the words that a person agrees to, as plain paragraphs, in this language."""
    context = {
        "partner": partner.display_name,
        "portal": settings.PORTAL_NAME,
        "secretariat": settings.SECRETARIAT_EMAIL,
        "days": settings.PARTNER_RETENTION_DAYS,
        "version": CONSENT_VERSION,
    }
    code = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(code):
        return render_to_string(f"activities/role_models/consent/{CONSENT_VERSION}.{code}.txt", context).strip()


def fingerprint(role_model: RoleModel, text: str) -> str:
    """Return what changes when the profile or the words do. Two queries."""
    facts: dict[str, Any] = {name: getattr(role_model, name) for name in FIELDS}
    facts |= {name: sorted(getattr(role_model, name).values_list("pk", flat=True)) for name in LISTS}
    facts |= {"photo": role_model.photo.name or "", "partner": role_model.partner_id, "text": text}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


# Asking


@transaction.atomic
def ask_for_consent(*, role_model: RoleModel) -> RoleModelConsent:
    """Mail the person the link to say yes; a request that waits is replaced by this one, and its link dies.

    Who has said yes already is sent the same link again. Raises NotComplete.
    """
    current = lock_role_model(role_model.pk)
    standing = standing_consent(current)
    if standing is not None:
        emails.link_again(role_model=current, token=link_token(standing))
        return standing
    if missing := missing_for_showing(current):
        raise NotComplete(missing)
    current.consents.filter(given_at__isnull=True).delete()
    consent = RoleModelConsent.objects.create(role_model=current, token_hash=no_token())
    emails.consent_asked(role_model=current, consent=consent, token=link_token(consent))
    return consent


# Answering: each takes the profile's lock and looks at the consent inside it.


def _locked(consent: RoleModelConsent) -> tuple[RoleModel, RoleModelConsent]:
    current = lock_role_model(consent.role_model_id)
    found = current.consents.filter(pk=consent.pk).first()
    if found is None:
        raise ConsentClosed
    return current, found


@transaction.atomic
def give_consent(*, consent: RoleModelConsent, seen: str, language: str) -> bool:
    """The person says yes to what stood on the page (``seen`` is its fingerprint): the profile is shown at once.

    False when the person had said yes before. Raises ConsentClosed, ProfileChanged, NotComplete.
    """
    current, found = _locked(consent)
    if found.stands:
        return False
    if not found.is_open:
        raise ConsentClosed
    text = consent_text(current.partner, language)
    if fingerprint(current, text) != seen:
        raise ProfileChanged
    if missing := missing_for_showing(current):
        raise NotComplete(missing)
    found.text, found.given_at = text, timezone.now()
    found.save(update_fields=["text", "given_at"])
    publish(current, found)
    emails.consent_given(role_model=current, consent=found, token=link_token(found))
    return True


@transaction.atomic
def refuse_consent(*, consent: RoleModelConsent) -> bool:
    """The person says no to a request. False when it was answered already. Raises ConsentClosed."""
    current, found = _locked(consent)
    if found.is_answered:
        return False
    found.withdrawn_at = timezone.now()
    found.save(update_fields=["withdrawn_at"])
    emails.consent_refused(role_model=current)
    return True


@transaction.atomic
def withdraw_consent(*, consent: RoleModelConsent) -> bool:
    """The person takes the yes back: profile, photo and offer are gone from the pages, and the partner is told.

    False when there was nothing to take back. Raises ConsentClosed.
    """
    current, found = _locked(consent)
    if not found.stands:
        return False
    withdraw(current, found)
    emails.consent_withdrawn(role_model=current, token=link_token(found))
    return True


@transaction.atomic
def delete_at_wish(*, consent: RoleModelConsent) -> bool:
    """The person wants the profile deleted: done at once, and the partner is told. False when it was done before.

    Raises ConsentClosed.
    """
    current, _found = _locked(consent)
    if current.is_erased:
        return False
    emails.deleted_at_wish(role_model=current)
    erase(current)
    return True
