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


def report_ready(report: PartnerReport, figures: Figures, owner: User) -> Mail:
    """Tell an owner that the year's report can be fetched. It opens the partner's room; no file by mail."""
    partner = report.partner
    with translation.override(owner.language):
        letter = Letter(
            subject=_("Your report for %(year)s is ready") % {"year": report.period.label},
            greeting=_("Hello %(name)s") % {"name": owner.get_short_name()},
            paragraphs=[
                headline(figures, partner),
                _("The report has the figures, the visits behind them, and words for your sustainability report."),
                _("Thank you for opening your doors."),
            ],
            action_url=absolute_url(reverse("reports:partner_reports", args=[partner.pk])),
            action_label=_("Read the report"),
            reason=_("you are an owner of %(partner)s in %(portal)s")
            % {"partner": partner.display_name, "portal": settings.PORTAL_NAME},
        )
    return queue_mail(
        template="report_ready",
        to=owner.email,
        language=owner.language,
        letter=letter,
        about=f"partner:{partner.pk}",
    )
