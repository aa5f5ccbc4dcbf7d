"""Mails of the radar, one function each. Call them in the transaction of the fact they tell of."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.models import Partner
from stemportal.reports.radar.days import Reading


def weekly(*, reader: User, readings: Sequence[Reading]) -> Mail:
    """Tell somebody in the secretariat what stands on the radar this week. Call it in the reader's language."""
    waiting = [reading for reading in readings if reading.count]
    total = sum(reading.count for reading in waiting)
    letter = Letter(
        subject=_("The radar this week")
        if not total
        else ngettext("The radar this week: %(count)s matter", "The radar this week: %(count)s matters", total)
        % {"count": total},
        greeting=_("Hello %(name)s") % {"name": reader.get_short_name()},
        paragraphs=[_("Nothing stands on the radar this week. Well done!")]
        if not waiting
        else [_("This goes wrong quietly, if nobody does anything about it:")],
        facts=[(str(reading.matter.title), _in_words(reading)) for reading in waiting],
        action_url=absolute_url(reverse("admin:reports_radarday_changelist")),
        action_label=_("Open the radar"),
        reason=_("you are in the secretariat of %(portal)s; you can switch it off on the radar's page")
        % {"portal": settings.PORTAL_NAME},
    )
    return queue_mail(
        template="radar_weekly", to=reader.email, language=reader.language, letter=letter, about=f"user:{reader.pk}"
    )


def _in_words(reading: Reading) -> str:
    names = ", ".join(line.name for line in reading.worst)
    rest = reading.count - len(reading.worst)
    more = _(" and %(count)s more") % {"count": rest} if rest > 0 else ""
    since = ""
    if reading.change:
        sign = "+" if reading.change > 0 else "−"
        since = _(" (%(change)s since last week)") % {"change": f"{sign}{abs(reading.change)}"}
    return f"{reading.count}{since}: {names}{more}"


def wake(*, partner: Partner, owner: User, text: str, sender: User) -> Mail:
    """Ask a silent partner how it goes, in the owner's language around the words that staff wrote."""
    with translation.override(owner.language):
        letter = Letter(
            subject=_("How are you, %(partner)s?") % {"partner": partner.display_name},
            greeting=_("Hello %(name)s") % {"name": owner.get_short_name()},
            paragraphs=[*filter(None, (part.strip() for part in text.split("\n\n"))), str(sender)],
            action_url=absolute_url(reverse("schools:partner_today", args=[partner.pk])),
            action_label=_("Open your room"),
            reason=_("you are an owner of %(partner)s in %(portal)s")
            % {"partner": partner.display_name, "portal": settings.PORTAL_NAME},
        )
    return queue_mail(
        template="partner_wake",
        to=owner.email,
        language=owner.language,
        letter=letter,
        about=f"partner:{partner.pk}",
    )
