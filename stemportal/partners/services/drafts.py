"""Registrations that somebody has begun and goes on with later, from a mailed link and without an account."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from stemportal.outbox.models import Mail
from stemportal.partners.emails import drafts as emails
from stemportal.partners.models import RegistrationDraft, token_hash
from stemportal.partners.models.drafts import draft_ends
from stemportal.partners.services.registration import new_form_key


@dataclass(frozen=True)
class Saved:
    """A kept draft, and whether its link was mailed."""

    draft: RegistrationDraft
    is_mailed: bool


def draft_token(form_key: str) -> str:
    """Return the link token of the draft that a shown form makes; cannot be guessed, and is kept nowhere.

    Saving one form twice (a double click, or going back to mend the address) keeps one draft.
    """
    return salted_hmac("partners.draft", form_key or new_form_key(), algorithm="sha256").hexdigest()[:40]


def open_draft(token: str) -> RegistrationDraft | None:
    """Return the draft of a mailed link; None when there is none any more."""
    return RegistrationDraft.objects.filter(token_hash=token_hash(token), expires_at__gt=timezone.now()).first()


def would_mail(*, token: str, email: str) -> bool:
    """Say whether ``save_draft`` would mail the link: it is new, or the address has changed."""
    draft = open_draft(token)
    return draft is None or draft.email.lower() != email.lower()


def save_draft(*, token: str, data: dict[str, str], email: str, language: str) -> Saved:
    """Keep what was typed for another 30 days from now, and mail the link where the person does not have it yet.

    ``data`` are the form's values by field name, without signature, proof of work and personal identity numbers.
    """
    now = timezone.now()
    kept = {"data": data, "email": email, "language": language, "updated_at": now, "expires_at": draft_ends()}
    with transaction.atomic():
        # Two savings of one form at once: the second waits here for the first.
        draft, is_new = RegistrationDraft.objects.get_or_create(token_hash=token_hash(token), defaults=kept)
        if is_new:
            is_mailed = True
        else:
            draft = RegistrationDraft.objects.select_for_update(no_key=True).get(pk=draft.pk)
            is_mailed = draft.email.lower() != email.lower() or draft.expires_at <= now
            for name, value in kept.items():
                setattr(draft, name, value)
            draft.save(update_fields=list(kept))
        if is_mailed:
            emails.draft_saved(draft=draft, token=token)
    return Saved(draft, is_mailed)


def delete_draft(*, token: str) -> bool:
    """Delete what was typed, and the mails with its link. False when there was nothing any more."""
    return _delete(RegistrationDraft.objects.filter(token_hash=token_hash(token))) > 0


def delete_expired_drafts() -> int:
    """Delete the drafts whose time is over. Returns how many."""
    return _delete(RegistrationDraft.objects.filter(expires_at__lte=timezone.now()))


@transaction.atomic
def _delete(drafts: QuerySet[RegistrationDraft]) -> int:
    pks = list(drafts.values_list("pk", flat=True))
    Mail.objects.filter(about__in=[emails.about_draft(pk) for pk in pks]).delete()
    deleted, _by_model = RegistrationDraft.objects.filter(pk__in=pks).delete()
    return deleted
