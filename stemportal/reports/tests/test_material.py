"""What a report is made of: gathered once, the same in every language, read again as it was stored."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import translation

from stemportal.partners.models import Engagement
from stemportal.reports.documents.material import Material, canonical, load, material_of
from stemportal.reports.models import PartnerReport, PartnerReportFile, ReportRun
from stemportal.reports.tests.materials import material
from stemportal.reports.tests.visits import YEAR, moment, partner_with_owner, visit
from stemportal.testing.factories import LevelFactory


@pytest.fixture
def report(db) -> PartnerReport:
    """A report that was begun late on a summer evening."""
    run = ReportRun.objects.create(
        year=YEAR, medians={"mover": {"partners": 6, "pupils": 31.0}, "other": {"partners": 5, "pupils": 2.0}}
    )
    partner = partner_with_owner(display_name="Nordlys", legal_name="NORDLYS AS")
    return PartnerReport.objects.create(
        run=run, partner=partner, year=YEAR, foreword=" Takk! \n", created_at=moment("2025-08-12 23:30")
    )


def test_material_has_the_partner_its_words_and_its_year(report, settings):
    settings.PORTAL_BASE_URL = "https://stem.example.no"
    visit(report.partner, pupils=26)
    visit(report.partner, pupils=20, at="2023-10-01 09:00")

    with time_machine.travel("2027-01-01", tick=False):
        told = material_of(report)

    assert (told.display_name, told.legal_name, told.foreword) == ("Nordlys", "NORDLYS AS", "Takk!")
    assert (told.figures.pupils, told.before.pupils) == (26, 20)
    assert [line.pupils for line in told.lines] == [26]
    # The day on which it was begun, in Norway: not the day on which somebody draws it again.
    assert told.made_on == "2025-08-12"
    assert told.address == f"https://stem.example.no/verify/{report.code}/"
    assert not told.is_preview


def test_material_compares_with_the_level_of_the_year(report):
    assert (material_of(report).level, material_of(report).medians) == (None, None)
    for year, code in ((YEAR, "mover"), (YEAR + 1, "other")):
        level = LevelFactory(school_year=year, code=code, name_nb="Pådriver", name_nn="Pådrivar", name_en="Mover")
        Engagement.objects.create(partner=report.partner, school_year=year, level=level)

    told = material_of(report)

    assert told.level == {"nb": "Pådriver", "nn": "Pådrivar", "en": "Mover"}
    assert told.medians == {"partners": 6, "pupils": 31.0}


def test_year_before_without_anything_is_not_compared(report):
    visit(report.partner)

    assert material_of(report).before is None


def test_material_is_the_same_in_every_language_and_when_it_is_read_again(report):
    visit(report.partner, pupils=26)
    with translation.override("nn"):
        told = material_of(report)
    with translation.override("en"):
        assert canonical(material_of(report)) == canonical(told)

    again = Material.from_json(json.loads(canonical(told)))

    assert again == told
    assert canonical(again) == canonical(told)
    assert told.fingerprint == sha256(canonical(told)).hexdigest()


def test_report_is_read_from_its_stored_file(report):
    told = material()
    PartnerReportFile.objects.create(
        report=report, format="json", file=ContentFile(canonical(told), name="told.json"), size=1, sha256="0"
    )

    assert load(report) == told


def test_report_that_was_not_built_has_no_material_to_load(report):
    with pytest.raises(PartnerReportFile.DoesNotExist):
        load(report)


@pytest.mark.parametrize("change", [{"kind": "something"}, {"format_version": 2}], ids=["kind", "version"])
def test_data_of_another_kind_or_version_is_refused(change):
    with pytest.raises(ValueError, match="no partner report"):
        Material.from_json({**material().as_json(), **change})
