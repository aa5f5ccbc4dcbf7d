"""Mails about applications, one function each. They go to the address in the application, in the contact's language."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.lib.templatetags.portal import weekdate
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners import countries
from stemportal.partners.emails.common import about, greeting, language_of, queue
from stemportal.partners.models import Partner


def _application_facts(partner: Partner) -> list[tuple[str, str]]:
    return [
        (_("Organisation"), partner.legal_name),
        (_("Organisation number"), partner.organisation_number),
        (_("Name shown to schools"), partner.display_name),
        (_("Contact person"), partner.contact_name),
    ]


def application_received(*, partner: Partner, contact: User, answer_by: date) -> Mail:
    """Thank the contact and say by when the answer comes."""
    with translation.override(language := language_of(contact)):
        letter = Letter(
            subject=_("We have received the application from %(partner)s") % {"partner": partner.display_name},
            greeting=greeting(partner),
            paragraphs=[
                _("Thank you for wanting to show young people what working with science and technology is like."),
                _("We read every application ourselves. You will have an answer by %(day)s.")
                % {"day": weekdate(answer_by)},
                _("There is nothing you need to do until then."),
            ],
            facts=_application_facts(partner),
            reason=_("this address was given as the contact in an application to become a partner"),
        )
    return queue("partner_application_received", partner, contact, letter, language)


def confirm_application(*, partner: Partner, contact: User, days: int) -> Mail:
    """Ask the contact to confirm the address; the link opens a page with a button and does nothing by itself."""
    with translation.override(language := language_of(contact)):
        letter = Letter(
            subject=_("Please confirm the application from %(partner)s") % {"partner": partner.display_name},
            greeting=greeting(partner),
            paragraphs=[
                _("Somebody filled in an application to become a partner and gave this e-mail address."),
                _("If it was you, please confirm it. We can read the application after that."),
                ngettext(
                    "The link works for %(days)s day. If it was not you, you can forget this mail.",
                    "The link works for %(days)s days. If it was not you, you can forget this mail.",
                    days,
                )
                % {"days": days},
            ],
            facts=_application_facts(partner),
            action_url=absolute_url(reverse("partners:confirm", args=[partner.confirm_token])),
            action_label=_("Confirm the application"),
            reason=_("this address was given as the contact in an application to become a partner"),
        )
    return queue("partner_application_confirm", partner, contact, letter, language)


def new_application(*, partner: Partner) -> Mail:
    """Tell the secretariat that an application waits."""
    language = settings.LANGUAGE_CODE
    with translation.override(language):
        letter = Letter(
            subject=_("New application: %(partner)s") % {"partner": partner.display_name},
            paragraphs=[_("An organisation wants to become a partner and waits for an answer.")],
            facts=[
                *_application_facts(partner),
                (_("Country"), str(countries.NAMES.get(partner.country, partner.country))),
                (_("Kind of organisation"), str(partner.get_kind_display())),
                (_("Place"), partner.postal_place or (partner.municipality.name if partner.municipality else "–")),
            ],
            action_url=absolute_url(reverse("admin:partners_partner_change", args=[partner.pk])),
            action_label=_("Read the application"),
            reason=_("you work in the secretariat"),
        )
    return queue_mail(
        template="partner_application_new",
        to=settings.SECRETARIAT_EMAIL,
        language=language,
        letter=letter,
        about=about(partner),
    )


def approved(*, partner: Partner, contact: User | None) -> Mail:
    """Welcome the partner: how to log in and what to do first."""
    with translation.override(language := language_of(contact)):
        letter = Letter(
            subject=_("%(partner)s is now a partner") % {"partner": partner.display_name},
            greeting=greeting(partner),
            paragraphs=[
                _("Welcome! Your organisation has been approved and has its own page in the portal."),
                _("Log in with this e-mail address. You need no password: we mail you a code."),
                _("A good first step is to publish one activity with a few dates, so that teachers can book it."),
            ],
            facts=[(_("Your page"), absolute_url(partner.get_absolute_url()))],
            action_url=absolute_url(reverse("account_login")),
            action_label=_("Log in"),
            reason=_("you are the contact person of %(partner)s") % {"partner": partner.display_name},
        )
    return queue("partner_approved", partner, contact, letter, language)


def decline_letter(*, partner: Partner, contact: User | None, reason: str) -> Letter:
    """Say no kindly, with the reason and what the organisation can do. For the mail, and to look at before it goes."""
    with translation.override(language_of(contact)):
        return Letter(
            subject=_("About the application from %(partner)s") % {"partner": partner.display_name},
            greeting=greeting(partner),
            paragraphs=[
                _("Thank you for your interest. We can not take %(partner)s in as a partner now.")
                % {"partner": partner.display_name},
                *[block.strip() for block in reason.split("\n\n") if block.strip()],
                _("If something has changed, or we have misunderstood, please write to us or apply again."),
            ],
            facts=[(_("Write to us"), settings.SECRETARIAT_EMAIL)],
            action_url=absolute_url(reverse("partners:register")),
            action_label=_("Apply again"),
            reason=_("you are the contact person of %(partner)s") % {"partner": partner.display_name},
        )


def declined(*, partner: Partner, contact: User | None, reason: str) -> Mail:
    """Send the letter that says no."""
    letter = decline_letter(partner=partner, contact=contact, reason=reason)
    return queue("partner_declined", partner, contact, letter, language_of(contact))
