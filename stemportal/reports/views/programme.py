"""The programme's yearly report for everybody: the latest one, each year's own page, and the files."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemportal.lib.stored_files import FOR_A_YEAR, stored_file
from stemportal.network.queries.stories import newest
from stemportal.outbox.letters import absolute_url
from stemportal.reports.access import period_of
from stemportal.reports.documents.programme import target_card
from stemportal.reports.documents.programme_files import file_name
from stemportal.reports.documents.programme_material import ProgrammeMaterial, material_of_report
from stemportal.reports.documents.programme_page import page_of_programme
from stemportal.reports.models import ProgrammeReport
from stemportal.reports.queries import programme as queries
from stemportal.reports.queries.room import file_lines


@login_not_required
@require_safe
def programme(request: HttpRequest) -> HttpResponse:
    """The latest report; as long as there is none, the targets and how far the year has come."""
    report = queries.latest_report()
    if report is None:
        cards = [target_card(line, so_far=True) for line in queries.public_targets_now()]
        return render(request, "reports/programme_soon.html", {"targets": cards})
    return _page(request, report)


@login_not_required
@require_safe
def programme_year(request: HttpRequest, slug: str) -> HttpResponse:
    """The report on one year as it stands today."""
    report = queries.published_report(period_of(slug))
    if report is None:
        raise Http404("no report on this year")
    return _page(request, report)


def _page(request: HttpRequest, report: ProgrammeReport) -> HttpResponse:
    lines = file_lines(report)
    material = material_of_report(report)
    others = [other for other in queries.published_reports() if other.pk != report.pk]
    context = {
        **page_context(material),
        "report": report,
        "files": lines,
        "pdf": next((line for line in lines if line.is_pdf), None),
        "others": others,
        "replaced": [(version, file_lines(version)) for version in queries.earlier_versions(report)],
        "crumbs": _crumbs(report),
        "canonical": absolute_url(report.get_absolute_url()),
    }
    return render(request, "reports/programme.html", context)


def page_context(material: ProgrammeMaterial) -> dict[str, Any]:
    """Return what the page shows of a report, published or a draft. A story that was taken down is not shown."""
    slugs = [story.slug for story in material.stories]
    return {
        "material": material,
        "period": material.period,
        "page": page_of_programme(material),
        "stories": newest().filter(slug__in=slugs) if slugs else [],
    }


def _crumbs(report: ProgrammeReport) -> list[tuple[str, str]]:
    return [
        (_("Front page"), reverse("home")),
        (_("Programme reports"), reverse("reports:programme")),
        (report.period.label, report.get_absolute_url()),
    ]


@login_not_required
@require_safe
def programme_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a published report, or of a version that was replaced since."""
    file = queries.handed_out_file(pk)
    if file is None:
        raise Http404("no such file")
    report = file.report
    name = file_name(report.period.slug, report.version, file.format, file.language)
    response = stored_file(file.file, name=name, kind="application/json" if file.format == "json" else "")
    response["Cache-Control"] = FOR_A_YEAR
    return response
