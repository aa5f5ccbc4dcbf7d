"""Reports in a partner's copy of its data, and what is forgotten of the people who wrote in them."""

from __future__ import annotations

import pytest

from stemportal.partners.extensions import People
from stemportal.reports import partner_ties
from stemportal.reports.models import PartnerReport, ReportEvent
from stemportal.reports.services.versions import save_words
from stemportal.reports.tests.visits import partner_with_owner, visit
from stemportal.testing.papers import PERIOD, PUBLISHED_AT, published, report_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def partner():
    return partner_with_owner()


def test_copy_has_every_published_version_with_its_files_and_the_words_in_what_is_being_made(partner):
    visit(partner, pupils=28, girls=None)
    published(partner, status="superseded", superseded_at=PUBLISHED_AT)
    published(partner, version=2, reason="More came.", foreword="Takk!")
    draft = report_of(partner, period=PERIOD.previous, foreword="Hei!", status="draft", figures={"visits": 3})
    report_of(partner, period=PERIOD.following, status="draft", is_preview=True)

    rows = list(partner_ties.annual_reports(partner))
    files = [name for name, _stored in partner_ties.report_files(partner)]

    assert [(row["year"], row["version"], row["status"], row["foreword"]) for row in rows] == [
        ("2024/25", 2, "published", "Takk!"),
        ("2024/25", 1, "superseded", ""),
        ("2023/24", 1, "in the making", "Hei!"),
    ]
    assert rows[0]["figures"]["pupils"] == 28
    assert (rows[2]["figures"], rows[2]["code"]) == ({}, ""), draft
    assert sorted(files) == [
        "report-2024-25-en.pdf",
        "report-2024-25-nb.pdf",
        "report-2024-25-v2-en.pdf",
        "report-2024-25-v2-nb.pdf",
        "report-2024-25-v2.json",
        "report-2024-25.json",
    ]


def test_visits_of_the_copy_tell_no_more_than_the_reports(partner):
    few = visit(partner, pupils=3, girls=None, at="2024-10-01 09:00")
    visit(partner, pupils=25, at="2024-10-08 09:00")
    early = visit(partner, pupils=22, at="2023-10-01 09:00")
    visit()

    rows = {row["booking"]: row for row in partner_ties.visits(partner)}

    assert len(rows) == 3
    assert rows[few.pk]["pupils"] is None
    assert (rows[early.pk]["pupils"], rows[early.pk]["day"]) == (22, "2023-10-01")
    assert "girls" not in rows[early.pk]


def test_who_wrote_is_forgotten_and_what_was_published_stays(partner):
    writer = partner.memberships.get().user
    report = report_of(partner, status="draft")
    save_words(report_id=report.pk, foreword="Takk fra Kari!", esg_text="", by=writer)
    old = published(partner, period=PERIOD.previous, foreword="Takk!", words_by=writer)
    other = report_of(partner_with_owner(), foreword="Hei!")

    partner_ties.forget(partner, People(pks=frozenset([writer.pk]), words=("Kari",)))

    assert not PartnerReport.objects.filter(words_by=writer).exists()
    assert not ReportEvent.objects.filter(by=writer).exists()
    assert [PartnerReport.objects.get(pk=each.pk).foreword for each in (report, old, other)] == ["", "Takk!", "Hei!"]
