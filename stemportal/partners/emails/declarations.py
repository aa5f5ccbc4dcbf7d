"""Mails about the declaration."""

from __future__ import annotations

from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.partners.emails.members import hello, to_member
from stemportal.partners.models import Declaration, Partner


def please_sign(*, partner: Partner, owner: User, declaration: Declaration, has_signed_before: bool) -> Mail:
    """Ask an owner to sign the text in force: what is new for those who signed an older one."""
    with translation.override(owner.language):
        names = {"partner": partner.display_name}
        paragraphs = [_("Every partner signs what it promises young people and schools.")]
        if has_signed_before:
            subject = _("A new declaration for %(partner)s to sign") % names
            paragraphs += [
                _("The declaration has a new version. This is what is new:"),
                *[block.strip() for block in str(localized(declaration, "changes")).split("\n\n") if block.strip()],
                _("On the page you see every change, and sign in a minute."),
            ]
        else:
            subject = _("The declaration waits for the signature of %(partner)s") % names
            paragraphs.append(_("Please read it, and sign it on behalf of your organisation."))
        letter = Letter(
            subject=subject,
            greeting=hello(owner),
            paragraphs=paragraphs,
            facts=[
                (_("Version"), str(declaration.version)),
                (_("Valid from"), formats.date_format(declaration.valid_from, "DATE_FORMAT")),
            ],
            action_url=absolute_url(reverse("partners:declaration", args=[partner.pk])),
            action_label=_("Read and sign"),
            reason=_("you are an owner of %(partner)s") % names,
        )
        return to_member("partner_please_sign", partner, owner, letter)
