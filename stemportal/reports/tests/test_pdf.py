"""What a reader of the PDF meets, with eyes or a screen reader: it is for everybody, to last, and says the year."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from stemportal.lib import pdf
from stemportal.lib.periods import Period
from stemportal.reports.documents.files import TEMPLATE, file_name, make_files
from stemportal.reports.documents.material import Material, canonical
from stemportal.reports.documents.partner import MOST_LINES, report_data
from stemportal.reports.tests.materials import figures, lines, material, quiet_figures
from stemportal.testing.pdfs import check_pdf, elements, fonts, keep_pages, opened, tags, text_of

LANGUAGES = ["nb", "nn", "en"]
SPACE = "\N{NO-BREAK SPACE}"


def data_of(told: Material, language: str = "en") -> dict[str, Any]:
    with translation.override(language):
        return report_data(told)


def pdf_of(told: Material, language: str = "en") -> bytes:
    return pdf.render(TEMPLATE, data_of(told, language))


@pytest.fixture(scope="module")
def english() -> bytes:
    return pdf_of(material())


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_is_for_everybody_and_to_last_in_each_language(language):
    content = pdf_of(material(version=2, reason="En skole rettet et antall."), language)

    document = check_pdf(content, language=language)

    found = tags(document)
    assert {"/Title", "/H1", "/H2", "/Figure", "/Table", "/THead", "/TH", "/TD", "/L", "/Link"} <= set(found)
    assert found.index("/Title") < found.index("/H1") < found.index("/H2") < found.index("/Table")
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        assert metadata["dc:title"].endswith(": Nordlys Robotikk, 2025/26")
    assert all(path.stat().st_size for path in keep_pages(content, f"partner-report-{language}"))


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"figures": quiet_figures(), "before": None, "medians": None, "lines": []}, id="no-visits"),
        pytest.param({"foreword": "", "level": None, "esg_text": "Vår egen tekst."}, id="no-foreword"),
        pytest.param({"made_on": "2026-02-01"}, id="year-not-over"),
        pytest.param({"lines": lines(MOST_LINES + 1)}, id="too-many-visits"),
    ],
)
def test_every_shape_of_report_is_for_everybody(told):
    check_pdf(pdf_of(material(**told)), language="en")


def test_only_the_portals_fonts_are_in_the_file(english):
    document = opened(english)

    assert {str(font.BaseFont).split("+")[1] for font in fonts(document)} == {"Inter-Regular", "Inter-SemiBold"}


def test_charts_and_map_say_in_words_what_they_show(english):
    said = [str(element.Alt) for element in elements(opened(english)) if element.S == "/Figure"]

    months = next(text for text in said if "October" in text)
    assert "September 96, October 168, November 144, December not shown" in months
    assert "Bar chart, Pupils reached: 2025/26 1,104, 2024/25 883, Median 640.5." in said
    assert any("Finnmark 31 visits, Troms 14 visits" in text for text in said)
    assert any("K7MB-2QXD-9RTA" in text for text in said)


def test_words_of_the_pdf_have_the_figures(english):
    text = text_of(english)

    for words in (
        "In the school year 2025/26, 1,104 pupils from 21 schools in 3 counties met Nordlys Robotikk.",
        "97.5 hours given",
        "48% of the pupils",
        "Company visit 24 598",
        "Finnmark 12 31 744",
        "Svalbard and abroad 1 1 18",
        "9th grade 37 884",
        "Places for groups 64 50 46",
        "31,250 kr",
        "48,900.50 kr",
        "Company visit (visits) 20 24 120%",
        "4.6 33",
        "Change of the class pulse +0.9 19",
        "The median is that of the 12 partners on the level Driving force.",
        "Median time to answer 1.6 days",
        "Films played 1,312",
        "Pupils reached 1,104 883 +25% 640.5",
        "Share of girls 48% 45% +3 points 46%",
        "K7MB-2QXD-9RTA",
        "https://stemportal.example.no/verify/K7MB-2QXD-9RTA/",
        material().fingerprint,
    ):
        assert words in text, words
    # The partner's own word stands apart, and is named so.
    own = text[text.index("By the partner's own word") :]
    assert (
        "outside the portal 3 Pupils reached outside the portal 140 Of whom girls, outside the portal 66" in own[:200]
    )


def test_numbers_follow_the_language():
    tiles = {language: [tile["value"] for tile in data_of(material(), language)["tiles"]] for language in LANGUAGES}

    assert tiles["en"][:4:3] == ["1,104", "97.5"]
    assert tiles["nb"][:4:3] == tiles["nn"][:4:3] == [f"1{SPACE}104", "97,5"]
    rows = {language: data_of(material(), language)["comparison"]["rows"] for language in LANGUAGES}
    assert rows["en"][0][1:] == ["1,104", "883", "+25%", "640.5"]
    assert rows["nb"][0][1:] == [f"1{SPACE}104", "883", f"+25{SPACE}%", "640,5"]


def test_fewer_than_the_year_before_has_a_minus():
    told = material(figures=figures(pupils=600, rating=4.1), before=figures(2024))
    rows = {row[0]: row[3] for row in data_of(told)["comparison"]["rows"]}

    assert rows["Pupils reached"] == "−46%"
    assert rows["What schools thought of it"] == "−0.5"
    assert rows["Schools reached"] == "0%"


def test_hidden_counts_stand_nowhere_and_the_report_says_why():
    told = material(
        figures=figures(pupils=None, pupil_hours=None, girls=None, girls_share=None, girls_state="few"),
        lines=lines(10),
        before=None,
        medians=None,
    )
    data = data_of(told)

    assert [tile["value"] for tile in data["tiles"][:2]] == ["not shown", "not shown"]
    assert data["headline"].startswith("In the school year 2025/26, pupils from 21 schools")
    assert data["months"]["bars"][4]["shown"] == "*"
    assert data["months"]["bars"][4]["length"] == 0
    assert data["months"]["note"].startswith("*")
    assert data["tables"]["kinds"]["rows"][2] == ["Work week", "2", "not shown"]
    assert "under five" in data["hidden"]
    assert data["visits"][9][-1] == "not shown"
    assert "girls" not in " ".join(run["text"] for block in data["esg_blocks"] for run in block["runs"])


def test_year_without_visits_says_so_without_empty_tables():
    data = data_of(material(figures=quiet_figures(), before=None, medians=None, lines=[]))

    assert data["headline"] == "In the school year 2025/26, no class visited Nordlys Robotikk."
    assert (data["tables"], data["months"], data["map"], data["comparison"]) == ({}, None, None, None)
    assert data["visits"] == data["places"] == []


def test_calendar_year_is_named_so():
    told = material(period_kind="calendar", figures=figures(period_kind="calendar"), before=None)
    data = data_of(told)

    assert data["headline"].startswith("In 2025, 1,104 pupils")
    assert data["year"] == "Calendar year 2025"


def test_year_that_is_not_over_is_a_preview():
    assert "01.02.2026" in data_of(material(made_on="2026-02-01"), "nb")["preview"]
    assert data_of(material(made_on="2026-08-01"))["preview"] == ""


def test_new_version_says_why():
    text = text_of(pdf_of(material(version=2, reason="Alta rettet antallet.", lines=[])))

    assert "Alta rettet antallet." in text
    assert "Version 2" in text


def test_own_words_stand_as_the_partner_wrote_them():
    told = material(esg_text="Vi gir **tid**.\n\n- Hver uke", lines=[])
    text = text_of(pdf_of(told))

    assert "Vi gir tid. – Hver uke" in text
    assert "gave 97.5 hours" not in text
    assert "Takk for energien!" in text


def test_very_many_visits_stand_by_municipality_and_point_to_the_spreadsheet():
    told = material(lines=lines(20_000))
    data = data_of(told)

    assert data["visits"] == []
    assert data["places"][0] == ["Alta", "6", "4,000"]
    assert sum(int(row[2].replace(",", "")) for row in data["places"]) == 20_000
    assert "20,000 visits" in data["words"]["appendix_places"]


def test_as_many_visits_as_fit_are_listed_each():
    data = data_of(material(lines=lines(MOST_LINES)))

    assert len(data["visits"]) == MOST_LINES
    assert data["places"] == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("X", id="one-letter"),
        pytest.param("Å" * 200, id="200-letters-without-a-space"),
        pytest.param("Norsk senter for robotikk, havteknologi og bærekraft " * 4, id="200-letters"),
        pytest.param("Ærlig & Sønn <script> #set text() $x$ *y* _z_ @ref \\ \" '", id="signs"),
        pytest.param("北极光机器人 שלום الروبوتات", id="scripts"),
        pytest.param("Roboter 🤖 AS", id="picture"),
        pytest.param("\u0378\ue000\ufeff\ufffe\u202eX", id="no-characters"),
    ],
)
def test_any_name_makes_a_report(name):
    content = pdf_of(material(display_name=name, legal_name=name, lines=lines(1, school=name, activity=name)))

    check_pdf(content, language="en")


def test_same_data_gives_the_same_files_also_in_another_process(tmp_path):
    told = material(lines=lines(12))
    (tmp_path / "told.json").write_bytes(canonical(told))
    script = (
        "import django, json, sys; django.setup()\n"
        "from hashlib import sha256\n"
        "from stemportal.reports.documents.files import make_files\n"
        "from stemportal.reports.documents.material import Material\n"
        "told = Material.from_json(json.load(open(sys.argv[1])))\n"
        "print(*(sha256(made.content).hexdigest() for made in make_files(told)))\n"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "told.json")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        cwd=Path(__file__).resolve().parents[3],
    )

    with translation.override("nn"):
        made = list(make_files(told))
    assert [sha256(file.content).hexdigest() for file in made] == elsewhere.stdout.split()
    assert [(file.format, file.language) for file in made] == [
        *(("pdf", language) for language in LANGUAGES),
        *(("xlsx", language) for language in LANGUAGES),
        ("json", ""),
    ]
    assert made[-1].content == canonical(told)


def test_name_of_a_file_says_whose_and_which():
    year = Period("school", 2025)

    assert file_name("Ærlig & Sønn AS", year, 1, "pdf", "nn") == "aerlig-sonn-as-2025-26-nn.pdf"
    assert file_name("北", year, 3, "json", "") == "partner-2025-26-v3.json"
