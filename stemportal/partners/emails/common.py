"""What every mail about a partner shares: whom it goes to, in which language, and the key it is found by."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.models import Partner


def about(partner: Partner) -> str:
    """Return the outbox's key for mails about a partner."""
    return f"partner:{partner.pk}"


def queue(template: str, partner: Partner, contact: User | None, letter: Letter, language: str) -> Mail:
    to = partner.contact_email or (contact.email if contact else "")
    return queue_mail(template=template, to=to, language=language, letter=letter, about=about(partner))


def greeting(partner: Partner) -> str:
    return _("Hello %(name)s") % {"name": partner.contact_name}


def language_of(contact: User | None) -> str:
    return contact.language if contact else settings.LANGUAGE_CODE
