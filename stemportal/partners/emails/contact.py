"""Mails that pass a message on: one to the partner's contact person, and the copy for the one who wrote it."""

from __future__ import annotations

from email.utils import formataddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.emails.common import about, greeting, language_of
from stemportal.partners.models import Partner

if TYPE_CHECKING:
    from stemportal.partners.services.contact import Message


def to_partner(*, partner: Partner, message: Message, is_known: bool) -> Mail:
    """Pass the message on; pressing "reply" answers the writer."""
    language = language_of(User.objects.filter(email__iexact=partner.contact_email).first())
    with translation.override(language):
        names = {"name": message.name, "partner": partner.display_name}
        facts = [(_("From"), message.name), (_("E-mail address"), message.email)]
        if message.school:
            facts.append((_("School or organisation"), message.school))
        letter = Letter(
            subject=_("%(name)s has written to %(partner)s") % names,
            greeting=greeting(partner),
            paragraphs=[
                _("%(name)s has written to you from your page in the portal:") % names,
                *_quoted(message.text),
                _("Reply to this mail, and your answer goes straight to %(name)s. Your address has not been shown.")
                % names,
                *([] if is_known else [_("We have not checked who it is. Answer as you would answer any stranger.")]),
                _("Is this spam? Tell us: %(email)s.") % {"email": settings.SECRETARIAT_EMAIL},
            ],
            facts=facts,
            reason=_("you are the contact person of %(partner)s") % {"partner": partner.display_name},
        )
    return queue_mail(
        template="partner_message",
        to=partner.contact_email,
        language=language,
        letter=letter,
        about=about(partner),
        headers={"Reply-To": formataddr((message.name, message.email))},
    )


def copy_to_writer(*, partner: Partner, message: Message, language: str) -> Mail:
    """Give the writer a copy. It names the partner and its page, never its people or addresses."""
    with translation.override(language):
        letter = Letter(
            subject=_("Your message to %(partner)s") % {"partner": partner.display_name},
            greeting=_("Hello %(name)s") % {"name": message.name},
            paragraphs=[
                _("We have passed your message on to %(partner)s. The answer comes to this e-mail address.")
                % {"partner": partner.display_name},
                _("This is what you wrote:"),
                *_quoted(message.text),
                _("Was it not you? Then somebody typed your address by mistake, and you can forget this mail."),
            ],
            action_url=absolute_url(partner.get_absolute_url()),
            action_label=_("See the partner's page"),
            reason=_("this address was given for the answer to a message"),
        )
    return queue_mail(
        template="partner_message_copy", to=message.email, language=language, letter=letter, about=about(partner)
    )


def _quoted(text: str) -> list[str]:
    """The message's own paragraphs with > before each line, so that nobody takes them for words of the portal."""
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return ["\n".join(f"> {line}" for line in block.strip().split("\n")) for block in blocks if block.strip()]
