"""Mails about taking part in a working group: asked, answered, invited, taken out, leading."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.templatetags.portal import localized
from stemportal.network.models import GroupMember, WorkingGroup
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail


def about(group_pk: int) -> str:
    """Return the outbox's key for mails about a working group."""
    return f"group:{group_pk}"


def name_of(group: WorkingGroup) -> str:
    """Return the group's name in the language of now."""
    return str(localized(group, "name"))


def send(template: str, group: WorkingGroup, to: User, make: Callable[[], Letter]) -> None:
    """Queue one mail about a group, written in the person's language; accounts that are closed get none."""
    if to.is_active:
        _queue(template, group, to.email, to.language, make)


def _queue(template: str, group: WorkingGroup, address: str, language: str, make: Callable[[], Letter]) -> None:
    with translation.override(language):
        letter = make()
    queue_mail(template=template, to=address, language=language, letter=letter, about=about(group.pk))


def lead_at_work(group: WorkingGroup) -> User | None:
    """Return the lead who takes part still; None where the secretariat has to look after the group."""
    member = GroupMember.objects.taking_part().filter(group=group, user=group.lead_id).select_related("user").first()
    return member.user if member else None


def _who(member: GroupMember) -> str:
    return f"{member.user}, {member.partner}" if member.partner else str(member.user)


def application(member: GroupMember) -> None:
    """To the lead, else to the secretariat: somebody would like to take part."""
    group, lead = member.group, lead_at_work(member.group)

    def letter() -> Letter:
        return Letter(
            subject=_("%(name)s would like to join %(group)s") % {"name": member.user, "group": name_of(group)},
            paragraphs=[
                _("%(who)s has asked to take part in the working group %(group)s.")
                % {"who": _who(member), "group": name_of(group)},
                *([f"«{member.message}»"] if member.message else []),
            ],
            action_url=absolute_url(reverse("network:group_members", args=[group.slug])),
            action_label=_("See and answer"),
            reason=_("you lead this working group") if lead else _("nobody leads this working group now"),
        )

    if lead is not None:
        send("group_application", group, lead, letter)
    else:
        _queue("group_application", group, settings.SECRETARIAT_EMAIL, settings.LANGUAGE_CODE, letter)


def answered(member: GroupMember, *, by: User, line: str) -> None:
    """To the one who asked: in, or not this time."""
    group, is_in = member.group, member.status == GroupMember.Status.MEMBER

    def letter() -> Letter:
        name = name_of(group)
        subject = _("You are in: %(group)s") if is_in else _("About your wish to join %(group)s")
        text = (
            _("Welcome to the working group %(group)s. You can read and write there from now on.")
            if is_in
            else _("You cannot be taken into the working group %(group)s this time.")
        )
        return Letter(
            subject=subject % {"group": name},
            paragraphs=[
                text % {"group": name},
                *([_("%(who)s wrote:") % {"who": by}, f"«{line}»"] if line else []),
                *([_how_you_hear()] if is_in else []),
            ],
            action_url=absolute_url(group.get_absolute_url()),
            action_label=_("Go to the group") if is_in else _("See the group"),
            reason=_("you asked to join this working group"),
        )

    send("group_answer", group, member.user, letter)


def _how_you_hear() -> str:
    return _("You get one mail a day when there is something new. On the page of the group you can change that.")


def invited(member: GroupMember, *, by: User) -> None:
    """To the person: come along? The button leads to the page on which one says yes or no."""
    group = member.group

    def letter() -> Letter:
        return Letter(
            subject=_("Invitation to the working group %(group)s") % {"group": name_of(group)},
            paragraphs=[
                _("%(who)s invites you to take part in the working group %(group)s.")
                % {"who": by, "group": name_of(group)},
                _("On its page you see what it is about, and say yes or no."),
            ],
            action_url=absolute_url(group.get_absolute_url()),
            action_label=_("See the invitation"),
            reason=_("you act for %(partner)s in the portal") % {"partner": member.partner}
            if member.partner
            else _("the secretariat asks you to take part"),
        )

    send("group_invitation", group, member.user, letter)


def removed(member: GroupMember, *, by: User) -> None:
    """To somebody who was taken out."""
    group = member.group

    def letter() -> Letter:
        return Letter(
            subject=_("You are not a member of %(group)s any more") % {"group": name_of(group)},
            paragraphs=[
                _("%(who)s has taken you out of the working group %(group)s.") % {"who": by, "group": name_of(group)},
                _("Is this a misunderstanding? Write to %(email)s.") % {"email": settings.SECRETARIAT_EMAIL},
            ],
            reason=_("you were a member of this working group"),
        )

    send("group_removed", group, member.user, letter)


def made_lead(member: GroupMember, *, by: User) -> None:
    """To the new lead: what it means."""
    group = member.group

    def letter() -> Letter:
        return Letter(
            subject=_("You lead the working group %(group)s now") % {"group": name_of(group)},
            paragraphs=[
                _("%(who)s has made you the lead of the working group %(group)s.")
                % {"who": by, "group": name_of(group)},
                _("You let people in, invite others, and can take away what should not stand there."),
            ],
            action_url=absolute_url(reverse("network:group_members", args=[group.slug])),
            action_label=_("See the members"),
            reason=_("you are a member of this working group"),
        )

    send("group_lead", group, member.user, letter)


def ended(member: GroupMember) -> None:
    """To somebody who has asked and got no answer before the group ended."""
    group = member.group

    def letter() -> Letter:
        return Letter(
            subject=_("About your wish to join %(group)s") % {"group": name_of(group)},
            paragraphs=[_("The working group %(group)s has ended and takes nobody in.") % {"group": name_of(group)}],
            action_url=absolute_url(reverse("network:groups")),
            action_label=_("See other working groups"),
            reason=_("you asked to join this working group"),
        )

    send("group_ended", group, member.user, letter)
