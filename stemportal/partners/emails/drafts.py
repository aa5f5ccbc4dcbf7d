"""The mail with the link to a registration that somebody has begun.

Nothing that was typed stands in it: anybody may have given the address.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stemportal.lib.templatetags.portal import weekdate
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.models import RegistrationDraft


def about_draft(pk: int) -> str:
    """Return the outbox's key for mails about a draft."""
    return f"draft:{pk}"


def draft_saved(*, draft: RegistrationDraft, token: str) -> Mail:
    """Mail the link with which the person goes on; whoever has it can read and change what was typed."""
    with translation.override(draft.language):
        letter = Letter(
            subject=_("Go on with your registration"),
            paragraphs=[
                _("You began to register an organisation as a partner, and what you typed is kept for you."),
                _("With this link you go on where you stopped. It works until %(day)s, then everything is deleted.")
                % {"day": weekdate(timezone.localtime(draft.expires_at).date())},
                _("Nothing has been sent to us yet, and nobody reads it before you send it."),
                _(
                    "Whoever has the link can read and change what you typed, so pass it on only to those "
                    "who fill in the form with you."
                ),
            ],
            action_url=absolute_url(reverse("partners:register_resume", args=[token])),
            action_label=_("Go on with the form"),
            reason=_("somebody gave this address in a registration; if it was not you, you can forget this mail"),
        )
    return queue_mail(
        template="partner_draft_saved",
        to=draft.email,
        language=draft.language,
        letter=letter,
        about=about_draft(draft.pk),
    )
