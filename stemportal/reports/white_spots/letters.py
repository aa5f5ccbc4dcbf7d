"""Mails to schools and partners, in the receiver's language. Queue them in the transaction of the fact they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.activities.models import Activity
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.models import Partner
from stemportal.schools.models import School, Teacher


def invitation(*, teacher: Teacher, school: School, offers: Sequence[Activity], text: str, sender: User) -> Letter:
    """Return the mail that invites a school to its first visit, or its first one for long."""
    with translation.override(teacher.user.language):
        return Letter(
            subject=_("Visits that %(school)s can have") % {"school": school},
            greeting=_("Hello %(name)s") % {"name": teacher.user.get_short_name()},
            paragraphs=[
                _why(school),
                *_paragraphs(text),
                str(sender),
                *([_("This is what your school can have now:")] if offers else []),
            ],
            facts=[(offer.title, f"{offer.partner}, {offer.where_label}") for offer in offers],
            action_url=_search_url(school),
            action_label=_("See what there is near you"),
            reason=_("you are a teacher at %(school)s in %(portal)s")
            % {"school": school, "portal": settings.PORTAL_NAME},
        )


def send_invitation(*, teacher: Teacher, school: School, offers: Sequence[Activity], text: str, sender: User) -> Mail:
    """Queue the invitation to one teacher."""
    letter = invitation(teacher=teacher, school=school, offers=offers, text=text, sender=sender)
    return queue_mail(
        template="school_invite",
        to=teacher.user.email,
        language=teacher.user.language,
        letter=letter,
        about=f"school:{school.pk}",
    )


def by_hand(school: School, text: str) -> list[str]:
    """Return the invitation of a school at which the portal knows nobody, in its målform, as paragraphs to copy."""
    with translation.override(school.mail_language):
        return [_why(school), *_paragraphs(text), f"{_('See what there is near you')}: {_search_url(school)}"]


def ask_online(*, partner: Partner, offer: Activity, owner: User, text: str, sender: User) -> Letter:
    """Return the mail that asks a partner to hold an offer on screen too."""
    with translation.override(owner.language):
        return Letter(
            subject=_("Could “%(title)s” be held on screen too?") % {"title": offer.title},
            greeting=_("Hello %(name)s") % {"name": owner.get_short_name()},
            paragraphs=[
                _(
                    "Many schools are too far from you, and from everybody else, for a day's journey. Some of them "
                    "have never met anybody from working life."
                ),
                _(
                    "Could you hold “%(title)s” on screen now and then? Half an hour with somebody who shows their "
                    "work is enough. Change where it takes place to “on site or digital”, and these schools find it."
                )
                % {"title": offer.title},
                *_paragraphs(text),
                str(sender),
            ],
            action_url=absolute_url(reverse("activities:edit", args=[offer.pk])),
            action_label=_("Open the offer"),
            reason=_("you are an owner of %(partner)s in %(portal)s")
            % {"partner": partner.display_name, "portal": settings.PORTAL_NAME},
        )


def send_ask_online(*, partner: Partner, offer: Activity, owner: User, text: str, sender: User) -> Mail:
    """Queue the question to one owner."""
    letter = ask_online(partner=partner, offer=offer, owner=owner, text=text, sender=sender)
    return queue_mail(
        template="partner_ask_online",
        to=owner.email,
        language=owner.language,
        letter=letter,
        about=f"partner:{partner.pk}",
    )


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def _why(school: School) -> str:
    return _(
        "Companies and others invite classes, come to the school or meet pupils on screen. It costs the school "
        "nothing. Nobody has visited or been visited by %(school)s for a while; we would like to change that."
    ) % {"school": school}


def _search_url(school: School) -> str:
    place = school.municipality.name if school.municipality else school.name
    return absolute_url(f"{reverse('activities:search')}?{urlencode({'place': place})}")
