"""A partner writes a foreword and its own text on sustainability, until its report is published."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.partners.models import Partner
from stemportal.reports.access import report_for_words
from stemportal.reports.documents.partner import esg_text
from stemportal.reports.figures.figures import Figures
from stemportal.reports.forms.words import WordsForm
from stemportal.reports.models import PartnerReport
from stemportal.reports.services.runs import ReportError
from stemportal.reports.services.versions import WordsChanged, save_words

CONFLICT, REFUSED, TOO_MANY = 409, 422, 429


@never_cache
@sensitive_post_parameters("foreword", "esg_text")
@require_http_methods(["GET", "HEAD", "POST"])
def partner_words(request: PersonRequest, partner_pk: int, slug: str) -> HttpResponse:
    """The form. Other words have the report built anew, and the secretariat looks at it again."""
    report = report_for_words(request.user, partner_pk, slug)
    if not report.takes_words:
        messages.info(request, _("The report is published already, and stays as it is."))
        return redirect("reports:partner_reports", partner_pk)
    if request.method != "POST":
        return _page(request, report, WordsForm(report=report))
    form = WordsForm(request.POST, report=report)
    if not form.is_valid():
        return _page(request, report, form, status=REFUSED)
    if not allowed(request, "report_words", key=f"partner:{partner_pk}"):
        form.add_error(None, _("That was very often in a short time. Nothing is lost: please save again in an hour."))
        return _page(request, report, form, status=TOO_MANY)
    return _saved(request, report, form)


def _saved(request: PersonRequest, report: PartnerReport, form: WordsForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        changed = save_words(
            report_id=report.pk,
            foreword=data["foreword"],
            esg_text=data["esg_text"],
            by=request.user,
            seen=form.seen_at,
        )
    except WordsChanged as conflict:
        return _page(request, conflict.report, form.rebased(conflict.report), status=CONFLICT, theirs=conflict.report)
    except ReportError as error:
        messages.warning(request, str(error))
        return redirect("reports:partner_reports", report.partner_id)
    if changed:
        messages.success(
            request,
            _("Saved. The report is built with your words, and the secretariat looks at it before it is published."),
        )
    else:
        messages.info(request, _("Nothing was different, so nothing is changed."))
    return redirect("reports:partner_reports", report.partner_id)


def _page(
    request: PersonRequest,
    report: PartnerReport,
    form: WordsForm,
    *,
    status: int = 200,
    theirs: PartnerReport | None = None,
) -> HttpResponse:
    """``theirs``: what somebody else saved while the person was writing."""
    partner = report.partner
    context = {
        "partner": partner,
        "room": "reports",
        "report": report,
        "period": report.period,
        "crumbs": _crumbs(partner),
        "form": form,
        "theirs": theirs,
        "suggestion": _suggestion(partner, report),
    }
    return render(request, "reports/partner_words.html", context, status=status)


def _suggestion(partner: Partner, report: PartnerReport) -> str:
    """Our text on sustainability, as it stands in the report when the partner writes none; empty before it is built."""
    if not report.figures:
        return ""
    return esg_text(Figures.from_json(report.figures), partner.display_name, settings.PORTAL_NAME)


def _crumbs(partner: Partner) -> list[tuple[str, str]]:
    return [
        (partner.display_name, reverse("schools:partner_today", args=[partner.pk])),
        (_("Reports"), reverse("reports:partner_reports", args=[partner.pk])),
        (_("Your words"), ""),
    ]
