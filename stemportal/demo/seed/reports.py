"""Published reports of two partners on the school year that ended last, built as the portal builds them."""

from __future__ import annotations

from stemportal.accounts.models import User
from stemportal.lib.periods import Period
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner
from stemportal.reports.models import PartnerReport
from stemportal.reports.services.building import build_report
from stemportal.reports.services.checking import check_reports
from stemportal.reports.services.publishing import ask_to_publish, publish_report
from stemportal.reports.services.runs import start_run

# The partner of the demo account, with its own words, and one without.
FOREWORDS = {
    "nordlys-robotikk": (
        "Vi åpnet hallen for klasser fra hele fylket i år, og det ble like mye lærdom for oss som for dem.\n\n"
        "Takk til lærerne som tok bussen til oss også da veien var stengt, og til rollemodellene våre, som svarte på "
        "alt fra dreiemoment til hva de spiser til lunsj."
    ),
    "skavl-sensor": "",
}


def seed_reports() -> None:
    """Built, checked and published, without the mails: loading the world mails nobody. Runs once."""
    partners = Partner.objects.approved().filter(slug__in=FOREWORDS)
    if PartnerReport.objects.exists() or not partners:
        return
    staff = User.objects.filter(is_superuser=True).earliest("pk")
    run = start_run(period=Period.current().previous, by=staff, partners=[partner.pk for partner in partners])
    for report in run.reports.select_related("partner"):
        PartnerReport.objects.filter(pk=report.pk).update(foreword=FOREWORDS[report.partner.slug])
        build_report(report.pk)
        check_reports(report_ids=[report.pk], by=staff)
        ask_to_publish(report_ids=[report.pk], by=staff)
        publish_report(report.pk)
    Mail.objects.filter(template="report_published").delete()
