"""Mails about money for the journey: to the school, to whoever decides, and about a partner's pots.

Who decides is the partner whose pot is to pay, else the secretariat. A partner reads nothing of other pots.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.money import kroner_words
from stemportal.lib.school_year import label
from stemportal.lib.templatetags.portal import weekdate
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail
from stemportal.partners.emails.common import about as about_partner
from stemportal.partners.models import Membership, Partner
from stemportal.schools import journeys
from stemportal.schools.emails.post import quote, send, why_teacher

if TYPE_CHECKING:
    from stemportal.schools.models import GrantPot, TransportGrant

Facts = list[tuple[str, str]]


def members_of(partner: Partner) -> list[User]:
    """Return those who decide for a partner: owners and editors with an account in use."""
    members = Membership.objects.filter(partner=partner, role__in=Membership.EDITORS, user__is_active=True)
    return [member.user for member in members.select_related("user")]


def _journey(grant: TransportGrant) -> Facts:
    booking = grant.booking
    return [
        (_("School"), f"{booking.school}, {booking.school.place_name}"),
        (_("Visit"), booking.activity.title),
        (_("Partner"), booking.activity.partner.display_name),
        (_("When"), str(weekdate(booking.starts_at))),
        (_("Journey"), journey_words(grant)),
        (_("Applied for"), kroner_words(grant.applied_ore)),
        (_("Approved"), kroner_words(grant.approved_ore)),
        (_("Paid"), kroner_words(grant.settled_ore)),
    ]


def journey_words(grant: TransportGrant) -> str:
    """Return how far and by what: "42 km one way, Hired coach"."""
    return _("%(km)s km one way, %(mode)s") % {"km": grant.km, "mode": grant.get_mode_display()}


def _filled(facts: Facts) -> Facts:
    return [(name, value) for name, value in facts if value]


def _to_school(
    grant: TransportGrant, template: str, subject: Callable[[], str], words: Callable[[], list[str]]
) -> None:
    """To the booking's teacher, in the teacher's language."""

    def letter() -> Letter:
        return Letter(
            subject=subject(),
            paragraphs=[text for text in words() if text],
            facts=_filled(_journey(grant)),
            action_url=absolute_url(reverse("schools:grant", args=[grant.booking_id])),
            action_label=_("See the money for the journey"),
            reason=why_teacher(),
        )

    send(grant.booking.teacher, grant.booking, template, letter)


def _to_deciders(
    grant: TransportGrant, template: str, subject: Callable[[], str], words: Callable[[], list[str]]
) -> None:
    """To the owners and editors of the partner whose pot is meant, else to the secretariat."""
    partner = grant.pot.partner if grant.pot else None
    if partner is not None and (people := members_of(partner)):
        address = absolute_url(reverse("schools:partner_grant", args=[partner.pk, grant.pk]))
        for person in people:
            with translation.override(person.language):
                letter = Letter(
                    subject=subject(),
                    paragraphs=[text for text in words() if text],
                    facts=_filled(_journey(grant)),
                    action_url=address,
                    action_label=_("Look at it"),
                    reason=_("you act for %(partner)s in the portal") % {"partner": partner},
                )
            _queue(template, person.email, person.language, letter, grant.booking_id)
        return
    with translation.override(settings.LANGUAGE_CODE):
        letter = Letter(
            subject=subject(),
            paragraphs=[text for text in words() if text],
            facts=_filled(_journey(grant)),
            action_url=absolute_url(reverse("admin:schools_transportgrant_change", args=[grant.pk])),
            action_label=_("Look at it"),
            reason=_("you work in the secretariat"),
        )
    _queue(template, settings.SECRETARIAT_EMAIL, settings.LANGUAGE_CODE, letter, grant.booking_id)


def _queue(template: str, to: str, language: str, letter: Letter, booking_id: int) -> None:
    queue_mail(template=template, to=to, language=language, letter=letter, about=f"booking:{booking_id}")


def applied(grant: TransportGrant) -> None:
    """To whoever decides: a school asks for money."""
    _to_deciders(
        grant,
        "grant_applied",
        lambda: _("%(school)s asks for money for the journey") % {"school": grant.booking.school},
        lambda: [
            _("A class would like to come, and asks for %(amount)s for the journey.")
            % {"amount": kroner_words(grant.applied_ore)},
            quote(grant.why),
        ],
    )


def needs_more(grant: TransportGrant) -> None:
    """To whoever decided: the class shares no bus any more, so its journey costs more than was approved."""
    _to_deciders(
        grant,
        "grant_needs_more",
        lambda: _("%(school)s shares no bus any more") % {"school": grant.booking.school},
        lambda: [
            _("The journey costs %(amount)s now, and %(approved)s is approved. You can change the amount.")
            % {"amount": kroner_words(grant.applied_ore), "approved": kroner_words(grant.approved_ore)}
        ],
    )


def approved(grant: TransportGrant) -> None:
    """To the school: the money is there, and what to do after the visit."""
    _to_school(
        grant,
        "grant_approved",
        lambda: _("Money for the journey: %(amount)s is set aside") % {"amount": kroner_words(grant.approved_ore)},
        lambda: [
            _("You can order the journey. After the visit you send the receipt on the page of the booking."),
            quote(grant.reply),
        ],
    )


def declined(grant: TransportGrant) -> None:
    """To the school: no, and why."""
    _to_school(
        grant,
        "grant_declined",
        lambda: _("No money for the journey this time"),
        lambda: [
            _("Unfortunately your application was declined."),
            quote(grant.reply),
            _("The journey must be free for the pupils all the same. You can change the application and ask again."),
        ],
    )


def released(grant: TransportGrant, why: Callable[[], str]) -> None:
    """To the school: the money is given back."""
    _to_school(
        grant, "grant_released", lambda: _("The money for the journey is not set aside any more"), lambda: [why()]
    )


def bus_shared(grant: TransportGrant, price_ore: int) -> None:
    """To the school: it shares a bus, with which school, and what it pays. No person is named."""
    other = grant.shares_with
    school = other.booking.school if other else ""
    _to_school(
        grant,
        "grant_bus_shared",
        lambda: _("You share a bus with %(school)s") % {"school": school},
        lambda: [
            _("The bus costs %(price)s, divided by the number of people: your part is %(amount)s.")
            % {"price": kroner_words(price_ore), "amount": kroner_words(grant.applied_ore)},
            _("Agree with the school on where and when you get on. You can also go alone again."),
        ],
    )


def bus_lost(grant: TransportGrant) -> None:
    """To the school: the other one does not go along any more."""
    _to_school(
        grant,
        "grant_bus_lost",
        lambda: _("You do not share the bus any more"),
        lambda: [
            _("The other school does not go along after all. Alone, the journey costs %(amount)s.")
            % {"amount": kroner_words(grant.applied_ore)}
        ],
    )


def receipt_reminder(grant: TransportGrant) -> None:
    """To the school: send the receipt, and by when."""
    _to_school(
        grant,
        "grant_receipt_reminder",
        lambda: _("Remember the receipt for the journey"),
        lambda: [
            _("Send the receipt by %(day)s, so that you get your money. After that it goes to other classes.")
            % {"day": weekdate(journeys.receipt_deadline(grant.booking))}
        ],
    )


def receipt_came(grant: TransportGrant) -> None:
    """To whoever pays: a receipt to look at."""
    _to_deciders(
        grant,
        "grant_receipt_came",
        lambda: _("Receipt from %(school)s") % {"school": grant.booking.school},
        lambda: [_("The receipt says %(amount)s.") % {"amount": kroner_words(grant.claimed_ore)}],
    )


def receipt_returned(grant: TransportGrant) -> None:
    """To the school: another receipt, please, and why."""
    _to_school(
        grant,
        "grant_receipt_returned",
        lambda: _("Please send the receipt once more"),
        lambda: [_("We could not settle the journey with the receipt that you sent."), quote(grant.reply)],
    )


def settled(grant: TransportGrant) -> None:
    """To the school: what is paid."""
    _to_school(
        grant,
        "grant_settled",
        lambda: _("The journey is settled: %(amount)s") % {"amount": kroner_words(grant.settled_ore)},
        lambda: [_("The amount is paid to the school."), quote(grant.reply)],
    )


def _pot_facts(pot: GrantPot) -> Facts:
    return [
        (_("Pot"), pot.name),
        (_("School year"), label(pot.school_year)),
        (_("County"), pot.county.name if pot.county else _("The whole country")),
        (_("Amount"), kroner_words(pot.amount_ore)),
    ]


def pot_pledged(pot: GrantPot) -> None:
    """To the secretariat: a partner would like to pay for journeys."""
    if pot.partner is None:
        return
    language = settings.LANGUAGE_CODE
    with translation.override(language):
        letter = Letter(
            subject=_("%(partner)s pledges money for journeys") % {"partner": pot.partner},
            paragraphs=[_("The pot is used as soon as you have opened it.")],
            facts=_pot_facts(pot),
            action_url=absolute_url(reverse("admin:schools_grantpot_change", args=[pot.pk])),
            action_label=_("Look at it"),
            reason=_("you work in the secretariat"),
        )
    about = about_partner(pot.partner)
    queue_mail(template="pot_pledged", to=settings.SECRETARIAT_EMAIL, language=language, letter=letter, about=about)


def pot_opened(pot: GrantPot) -> None:
    """To the partner: schools can have money out of its pot."""
    if pot.partner is None:
        return
    for person in members_of(pot.partner):
        with translation.override(person.language):
            letter = Letter(
                subject=_("Your pot is open: %(name)s") % {"name": pot.name},
                paragraphs=[_("Thank you! Classes that travel can have money out of it. You decide, one by one.")],
                facts=_pot_facts(pot),
                action_url=absolute_url(reverse("schools:partner_pots", args=[pot.partner_id])),
                action_label=_("See your pots"),
                reason=_("you act for %(partner)s in the portal") % {"partner": pot.partner},
            )
        about = about_partner(pot.partner)
        queue_mail(template="pot_opened", to=person.email, language=person.language, letter=letter, about=about)
