"""Mails about members, one function each: inviting, and telling those whom a change is about."""

from __future__ import annotations

from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.emails.common import about
from stemportal.partners.models import Invitation, Membership, Partner


def hello(person: User) -> str:
    return _("Hello %(name)s") % {"name": person.get_short_name()}


def to_member(template: str, partner: Partner, person: User, letter: Letter) -> Mail:
    """Queue a mail about a partner to one of its people."""
    return queue_mail(template=template, to=person.email, language=person.language, letter=letter, about=about(partner))


def invitation(*, invitation: Invitation, token: str, inviter: User, language: str) -> Mail:
    """Invite somebody; the link opens a page with a button and does nothing by itself."""
    partner = invitation.partner
    with translation.override(language):
        until = formats.date_format(timezone.localtime(invitation.expires_at), "DATE_FORMAT")
        names = {"who": str(inviter), "partner": partner.display_name}
        letter = Letter(
            subject=_("%(who)s invites you to %(partner)s") % names,
            paragraphs=[
                _("%(who)s would like you to look after %(partner)s in the portal together.") % names,
                _("Open the page, and log in with this e-mail address. You need no password: we mail you a code."),
                _("Did you not expect this? Then you can forget this mail, and nothing happens."),
            ],
            facts=[
                (_("Partner"), partner.display_name),
                (_("Your role"), str(invitation.get_role_display())),
                (_("The link works until"), until),
            ],
            action_url=absolute_url(reverse("partners:invitation", args=[token])),
            action_label=_("Look at the invitation"),
            reason=_("%(who)s wrote this address when inviting a colleague") % names,
        )
    return queue_mail(
        template="partner_invitation", to=invitation.email, language=language, letter=letter, about=about(partner)
    )


def invitation_accepted(*, partner: Partner, owner: User, membership: Membership) -> Mail:
    """Tell an owner that somebody has accepted."""
    with translation.override(owner.language):
        names = {"who": str(membership.user), "partner": partner.display_name}
        letter = Letter(
            subject=_("%(who)s is now a member of %(partner)s") % names,
            greeting=hello(owner),
            paragraphs=[_("%(who)s has accepted the invitation.") % names],
            facts=[
                (_("Who"), f"{membership.user} ({membership.user.email})"),
                (_("Role"), str(membership.get_role_display())),
            ],
            action_url=absolute_url(reverse("partners:members", args=[partner.pk])),
            action_label=_("See all colleagues"),
            reason=_("you are an owner of %(partner)s") % names,
        )
        return to_member("partner_invitation_accepted", partner, owner, letter)


def made_owner(*, partner: Partner, person: User, by: User) -> Mail:
    """Tell somebody that they own the partner now, and what that means."""
    with translation.override(person.language):
        names = {"who": str(by), "partner": partner.display_name}
        letter = Letter(
            subject=_("You are now an owner of %(partner)s") % names,
            greeting=hello(person),
            paragraphs=[
                _("%(who)s has made you an owner of %(partner)s.") % names,
                _("An owner invites colleagues, signs the declaration, and can do everything an editor can."),
            ],
            action_url=absolute_url(reverse("partners:members", args=[partner.pk])),
            action_label=_("See all colleagues"),
            reason=_("your role at %(partner)s has changed") % names,
        )
        return to_member("partner_made_owner", partner, person, letter)


def removed(*, partner: Partner, person: User, by: User) -> Mail:
    """Tell somebody that they are no member any more, and whom to ask."""
    with translation.override(person.language):
        names = {"who": str(by), "partner": partner.display_name}
        letter = Letter(
            subject=_("You are no longer a member of %(partner)s") % names,
            greeting=hello(person),
            paragraphs=[
                _("%(who)s has taken you off the list of those who look after %(partner)s.") % names,
                _("Your account stays, with everything else you use it for."),
                _("Was it a mistake? Then ask %(who)s to invite you again.") % names,
            ],
            reason=_("you were a member of %(partner)s") % names,
        )
        return to_member("partner_member_removed", partner, person, letter)
