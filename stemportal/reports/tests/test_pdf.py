"""What a reader of the PDF meets: tags, title, language, alternative texts, table headers, and the figures."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.utils import translation

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.documents.partner import report_data, visit_row
from stemportal.reports.figures.counting import figure_rows, partner_figures
from stemportal.reports.services import building
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import ActivityFactory, MembershipFactory, PartnerFactory, UserFactory

pytestmark = pytest.mark.django_db

PDFUA = "{http://www.aiim.org/pdfua/ns/id/}part"


def pdf_of(partner: Partner) -> pikepdf.Pdf:
    figures = partner_figures(period=Period("school", YEAR), partner=partner)
    return pikepdf.open(io.BytesIO(building.make_pdf(partner, figures)))


def elements(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Return the structure elements in reading order."""
    found, todo = [], [pdf.Root.StructTreeRoot]
    while todo:
        node = todo.pop()
        if not isinstance(node, pikepdf.Dictionary):
            continue
        if "/S" in node:
            found.append(node)
        kids = node.get("/K", [])
        todo.extend(reversed(list(kids) if isinstance(kids, pikepdf.Array) else [kids]))
    return found


def test_pdf_is_pdf_ua():
    partner = partner_with_owner(display_name="Nordlys Robotikk")
    visit(partner)
    pdf = pdf_of(partner)

    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "nb"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as metadata:
        assert metadata[PDFUA] == "1"
        assert "Nordlys Robotikk" in metadata["dc:title"]
    tags = [str(element.S) for element in elements(pdf)]
    assert tags[0] == "/Document"
    assert {"/Title", "/H1", "/H2", "/Figure", "/Table", "/THead", "/TH", "/TD"} <= set(tags)
    assert tags.index("/Title") < tags.index("/H1") < tags.index("/H2")
    for element in elements(pdf):
        if element.S == "/Figure":
            assert "20" in str(element.Alt)


def test_every_font_is_in_the_file():
    partner = partner_with_owner()
    visit(partner)
    fonts = set()
    for page in pdf_of(partner).pages:
        for font in page.Resources.get("/Font", {}).values():
            descendant = font.DescendantFonts[0]
            fonts.add(str(descendant.BaseFont).split("+")[1])
            assert "/FontFile2" in descendant.FontDescriptor or "/FontFile3" in descendant.FontDescriptor
    assert fonts == {"Inter-Regular", "Inter-SemiBold"}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_pdf_is_in_the_first_owners_language(language):
    partner = PartnerFactory()
    MembershipFactory(partner=partner, user=UserFactory(language=language))
    MembershipFactory(partner=partner, user=UserFactory(language="nb"))

    assert str(pdf_of(partner).Root.Lang) == language


@pytest.mark.parametrize(
    "name",
    [
        "X",
        "Å" * 120,
        "Ærlig & Sønn <script> #set text() $x$ *y* _z_ @ref \\ \" '",
        "北极光机器人",
        "Roboter 🤖 AS",
        "\u0378",
    ],
)
def test_any_name_makes_a_report(name):
    partner = partner_with_owner(display_name=name)
    visit(partner, activity=ActivityFactory(partner=partner, title=name[:90]))

    assert len(pdf_of(partner).pages) >= 3


def test_partner_without_visits_gets_a_report_that_says_so():
    partner = partner_with_owner()
    figures = partner_figures(period=Period("school", YEAR), partner=partner)

    data = report_data(partner=partner, figures=figures, visits=[], made_on=figures_day())

    assert data["visits"] == data["months"] == data["sections"] == []
    assert partner.display_name in data["headline"]
    assert len(pdf_of(partner).pages) >= 2


def test_long_year_goes_over_many_pages():
    partner = partner_with_owner()
    activity = ActivityFactory(partner=partner)
    for _number in range(120):
        visit(activity=activity)

    assert len(pdf_of(partner).pages) > 5


def test_small_counts_stand_nowhere_in_the_report():
    partner = partner_with_owner()
    visit(partner, pupils=28, girls=3)
    visit(partner, pupils=4, girls=None, at="2024-11-05 10:00")
    figures = partner_figures(period=Period("school", YEAR), partner=partner)

    data = report_data(
        partner=partner, figures=figures, visits=figure_rows(partner, Period("school", YEAR)), made_on=figures_day()
    )

    girls = data["tiles"][1]
    assert girls["value"] == "Fewer than 5"
    assert "%" not in girls["note"]
    assert [month["shown"] for month in data["months"] if month["value"]] == ["28", "<5"]
    assert [row[-1] for row in data["visits"]] == ["28", "<5"]
    assert "girls" not in data["esg_text"]


def test_numbers_follow_the_language():
    partner = partner_with_owner()
    for _number in range(6):
        visit(partner, pupils=250, hours=1.25)
    figures = partner_figures(period=Period("school", YEAR), partner=partner)
    facts = {"partner": partner, "figures": figures, "visits": [], "made_on": figures_day()}

    with translation.override("nb"):
        assert [tile["value"] for tile in report_data(**facts)["tiles"]][:4:3] == ["1\xa0500", "7,5"]
    with translation.override("en"):
        assert [tile["value"] for tile in report_data(**facts)["tiles"]][:4:3] == ["1,500", "7.5"]


def test_row_of_a_visit_says_when_who_what_and_how_many():
    booking = visit(at="2024-10-01 09:00", pupils=26, grade=9)
    day, school, activity, grade, pupils = visit_row(booking)

    assert (day, pupils) == ("1 Oct 2024", "26")
    assert school == f"{booking.school.name}, Alta"
    assert activity == booking.activity.title
    assert "9" in grade
    with translation.override("nn"):
        assert visit_row(booking)[0] == "01.10.2024"


def figures_day():
    from datetime import date

    return date(2025, 8, 12)
