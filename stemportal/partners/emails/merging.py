"""The mail about two registrations that became one."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.partners.emails.common import greeting, language_of, queue
from stemportal.partners.models import Partner


def merged(*, keep: Partner, gone: Partner, contact: User | None) -> Mail:
    """Tell the contact person of the registration that went where everything is now."""
    with translation.override(language := language_of(contact)):
        letter = Letter(
            subject=_("%(gone)s and %(keep)s are now one partner")
            % {"gone": gone.display_name, "keep": keep.display_name},
            greeting=greeting(gone),
            paragraphs=[
                _("Your organisation was registered twice with us. We have made the two registrations one."),
                _("Members, offers and bookings of both are now under %(keep)s. Nothing else has changed for you.")
                % {"keep": keep.display_name},
                _("Is this a misunderstanding? Write to %(email)s.") % {"email": settings.SECRETARIAT_EMAIL},
            ],
            action_url=absolute_url(reverse("account_login")),
            action_label=_("Log in"),
            reason=_("you are the contact person of %(partner)s") % {"partner": gone.display_name},
        )
    return queue("partner_merged", gone, contact, letter, language)
