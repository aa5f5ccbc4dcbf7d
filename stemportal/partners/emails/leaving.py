"""Mails about leaving: what ended, the copy of the data, and what is deleted when. To owners, in their language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.emails.common import about
from stemportal.partners.extensions import Consequence
from stemportal.partners.models import DataExport, Partner

# By this name the retention finds out whether the owners have been told (services.retention).
DELETED_SOON = "partner_data_deleted_soon"


def _data_page(partner: Partner) -> str:
    return absolute_url(reverse("partners:data", args=[partner.pk]))


def _greeting(owner: User) -> str:
    return _("Hello %(name)s") % {"name": owner.get_short_name()}


def _why(partner: Partner) -> str:
    return _("you are an owner of %(partner)s in %(portal)s") % {
        "partner": partner.display_name,
        "portal": settings.PORTAL_NAME,
    }


def _send(template: str, partner: Partner, owner: User, letter: Letter) -> Mail:
    return queue_mail(template=template, to=owner.email, language=owner.language, letter=letter, about=about(partner))


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def ended(*, partner: Partner, owner: User, told: Sequence[Consequence], kept_until: date) -> Mail:
    """Tell an owner that the partnership has ended, what that did, and until when the data is kept."""
    with translation.override(owner.language):
        letter = Letter(
            subject=_("The partnership of %(partner)s has ended") % {"partner": partner.display_name},
            greeting=_greeting(owner),
            paragraphs=[
                _("The partnership has ended. Thank you for what you have given to pupils and schools."),
                *[consequence.text for consequence in told],
                _(
                    "Names, e-mail addresses and logins are kept until %(day)s and deleted after that. Until then an "
                    "owner can log in and make a copy of all data."
                )
                % {"day": _day(kept_until)},
                _("Would you like to come back? Write to %(email)s before that day, and you can go on where you left.")
                % {"email": settings.SECRETARIAT_EMAIL},
            ],
            action_url=_data_page(partner),
            action_label=_("Make a copy of our data"),
            reason=_why(partner),
        )
    return _send("partner_ended", partner, owner, letter)


def reopened(*, partner: Partner, owner: User) -> Mail:
    """Tell an owner that the partnership has been taken up again, and what to do first."""
    with translation.override(owner.language):
        letter = Letter(
            subject=_("Welcome back, %(partner)s") % {"partner": partner.display_name},
            greeting=_greeting(owner),
            paragraphs=[
                _("The partnership has been taken up again, and your page can be seen by everybody."),
                _("Your offers are in the archive. Take out those you want to give again, add dates and publish them."),
            ],
            action_url=absolute_url(reverse("partners:detail", args=[partner.slug])),
            action_label=_("See your page"),
            reason=_why(partner),
        )
    return _send("partner_reopened", partner, owner, letter)


def partner_left(*, partner: Partner, by: User, reason: str) -> Mail:
    """Tell the secretariat that an owner has ended the partnership."""
    with translation.override(language := settings.LANGUAGE_CODE):
        letter = Letter(
            subject=_("%(partner)s has left the programme") % {"partner": partner.display_name},
            paragraphs=[
                _("An owner has ended the partnership. Offers are archived and visits to come are called off."),
                *([f"«{reason}»"] if reason else []),
            ],
            facts=[
                (_("Organisation"), partner.legal_name),
                (_("Organisation number"), partner.organisation_number),
                (_("Ended by"), f"{by} ({by.email})"),
            ],
            action_url=absolute_url(reverse("admin:partners_partner_change", args=[partner.pk])),
            action_label=_("See the partner"),
            reason=_("you work in the secretariat"),
        )
    return queue_mail(
        template="partner_left", to=settings.SECRETARIAT_EMAIL, language=language, letter=letter, about=about(partner)
    )


def copy_ready(*, export: DataExport, person: User) -> Mail:
    """Tell the owner who asked for it that the copy can be fetched. It opens the page; no file by mail."""
    partner = export.partner
    with translation.override(person.language):
        letter = Letter(
            subject=_("Your copy of the data of %(partner)s is ready") % {"partner": partner.display_name},
            greeting=_greeting(person),
            paragraphs=[
                _("The copy is one ZIP file with tables, your files and a text that explains them."),
                _("You can fetch it until %(day)s. After that it is deleted, and you can make a new one.")
                % {"day": _day(export.expires_at.date()) if export.expires_at else ""},
            ],
            action_url=_data_page(partner),
            action_label=_("Fetch the copy"),
            reason=_why(partner),
        )
    return _send("partner_copy_ready", partner, person, letter)


def deleted_soon(*, partner: Partner, owner: User, kept_until: date) -> Mail:
    """Tell an owner in good time that names, addresses and logins are deleted."""
    with translation.override(owner.language):
        letter = Letter(
            subject=_("Fetch the data of %(partner)s before %(day)s")
            % {"partner": partner.display_name, "day": _day(kept_until)},
            greeting=_greeting(owner),
            paragraphs=[
                _("The partnership has ended. After %(day)s we delete names, e-mail addresses and logins.")
                % {"day": _day(kept_until)},
                _("Make a copy of your data before that day if you need it. You need not do anything else."),
                _("Figures about visits and your annual reports stay, without names."),
            ],
            action_url=_data_page(partner),
            action_label=_("Make a copy of our data"),
            reason=_why(partner),
        )
    return _send(DELETED_SOON, partner, owner, letter)
