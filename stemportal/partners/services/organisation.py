"""What a partner's members change on the page about their organisation, and its logo."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from stemportal.accounts.models import User
from stemportal.lib.images import Picture
from stemportal.partners import extensions
from stemportal.partners.emails import organisation as emails
from stemportal.partners.logos import FOLDER
from stemportal.partners.models import Partner
from stemportal.places.models import Municipality


class ChangedMeanwhile(Exception):
    """Somebody saved the page after the person had opened it; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class OrganisationFacts:
    """What members may say about their organisation. The registered name, number and kind are the secretariat's."""

    display_name: str
    about: str
    website: str
    address: str
    postal_code: str
    postal_place: str
    municipality: Municipality | None
    contact_name: str
    contact_role: str
    contact_email: str
    answers: dict[str, Any]


def change_organisation(*, partner_id: int, revision: int, facts: OrganisationFacts, by: User) -> list[str]:
    """Save the page if it is still the one with this revision; return the names of the fields that changed.

    ``Partner.revision`` is counted by the database whoever changes the partner. The address of the public page stays,
    so that links go on working. A new contact address is told, and the old one too. Raises ChangedMeanwhile.
    """
    with transaction.atomic():
        partner = Partner.objects.select_for_update(no_key=True).get(pk=partner_id)
        if partner.revision != revision:
            raise ChangedMeanwhile
        old_name, old_email = partner.contact_name, partner.contact_email
        changed = []
        for fact in fields(facts):
            value = getattr(facts, fact.name)
            if getattr(partner, fact.name) != value:
                setattr(partner, fact.name, value)
                changed.append(fact.name)
        if changed:
            partner.save(update_fields=changed)
        if "display_name" in changed:
            for tell in extensions.name_changed:
                tell(partner)
        if "contact_email" in changed and old_email.lower() != partner.contact_email.lower():
            emails.contact_changed(partner=partner, old_name=old_name, old_email=old_email, by=by)
            emails.now_contact(partner=partner, by=by)
    return changed


def set_logo(*, partner_id: int, picture: Picture) -> str:
    """Show this picture as the partner's logo; return its name in the storage. The old file goes after the commit."""
    name = default_storage.save(f"{FOLDER}/{picture.random_name()}", ContentFile(picture.content))
    try:
        _change_logo(partner_id, name)
    except BaseException:
        default_storage.delete(name)
        raise
    return name


def remove_logo(*, partner_id: int) -> bool:
    """Show no logo. False: there was none."""
    return bool(_change_logo(partner_id, ""))


def _change_logo(partner_id: int, name: str) -> str:
    """Write the new name and return the old one, whose file is deleted once the change stands."""
    with transaction.atomic():
        partner = Partner.objects.select_for_update(no_key=True).get(pk=partner_id)
        old = partner.logo.name or ""
        partner.logo = name
        partner.save(update_fields=["logo"])
        if old:
            transaction.on_commit(partial(default_storage.delete, old))
    return old
