"""Mails about reports. Call them in the transaction of the fact they tell of."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.reports.documents.partner import headline
from stemportal.reports.figures.figures import Figures
from stemportal.reports.models import PartnerReport


def report_published(report: PartnerReport, owner: User) -> Mail:
    """Tell an owner that the year's report, or a newer version, can be read. It opens the room; no file by mail."""
    partner, year = report.partner, {"year": report.period.label}
    with translation.override(owner.language):
        if report.version == 1:
            subject = _("Your report for %(year)s is ready") % year
            news = [_("The report has the figures, the visits behind them, and words for your sustainability report.")]
        else:
            subject = _("There is a new version of your report for %(year)s") % year
            news = [
                _("Why there is a new version: %(reason)s") % {"reason": report.reason},
                _("It takes the place of the one you have. The old one stays with you, marked as replaced."),
            ]
        letter = Letter(
            subject=subject,
            greeting=_("Hello %(name)s") % {"name": owner.get_short_name()},
            paragraphs=[
                headline(Figures.from_json(report.figures), partner.display_name),
                *news,
                _("Thank you for opening your doors."),
            ],
            action_url=absolute_url(reverse("reports:partner_report", args=[partner.pk, report.period.slug])),
            action_label=_("Read the report"),
            reason=_("you are an owner of %(partner)s in %(portal)s")
            % {"partner": partner.display_name, "portal": settings.PORTAL_NAME},
        )
    return queue_mail(
        template="report_published",
        to=owner.email,
        language=owner.language,
        letter=letter,
        about=f"partner:{partner.pk}",
    )
