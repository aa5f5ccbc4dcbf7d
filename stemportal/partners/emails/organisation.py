"""Mails about a new contact person: one to the address that was, one to the address that is."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.emails.common import about, greeting, language_of
from stemportal.partners.models import Partner


def contact_changed(*, partner: Partner, old_name: str, old_email: str, by: User) -> Mail:
    """Tell the address that was the contact until now; somebody may have changed it who should not."""
    language = language_of(User.objects.filter(email__iexact=old_email).first())
    with translation.override(language):
        letter = Letter(
            subject=_("%(partner)s has a new contact person") % {"partner": partner.display_name},
            greeting=_("Hello %(name)s") % {"name": old_name},
            paragraphs=[
                _("%(person)s has named a new contact person for %(partner)s: %(contact)s.")
                % {"person": by, "partner": partner.display_name, "contact": partner.contact_name},
                _("Mails to %(partner)s go to the new contact person from now on. Your own login works as before.")
                % {"partner": partner.display_name},
                _("Is this a mistake? Write to %(email)s.") % {"email": settings.SECRETARIAT_EMAIL},
            ],
            reason=_("you were the contact person of %(partner)s") % {"partner": partner.display_name},
        )
    return queue_mail(
        template="partner_contact_changed", to=old_email, language=language, letter=letter, about=about(partner)
    )


def now_contact(*, partner: Partner, by: User) -> Mail:
    """Tell the new contact person what comes to the address from now on."""
    language = language_of(User.objects.filter(email__iexact=partner.contact_email).first())
    with translation.override(language):
        letter = Letter(
            subject=_("You are now the contact person of %(partner)s") % {"partner": partner.display_name},
            greeting=greeting(partner),
            paragraphs=[
                _("%(person)s has named you as the contact person of %(partner)s.")
                % {"person": by, "partner": partner.display_name},
                _("Messages from schools and from us come to this address. It is not shown on the public pages."),
                _("Do you not want this? Tell %(person)s, or write to %(email)s.")
                % {"person": by, "email": settings.SECRETARIAT_EMAIL},
            ],
            facts=[(_("Your page"), absolute_url(partner.get_absolute_url()))],
            action_url=absolute_url(reverse("partners:detail", args=[partner.slug])),
            action_label=_("See the page"),
            reason=_("you are the contact person of %(partner)s") % {"partner": partner.display_name},
        )
    return queue_mail(
        template="partner_contact_new", to=partner.contact_email, language=language, letter=letter, about=about(partner)
    )
