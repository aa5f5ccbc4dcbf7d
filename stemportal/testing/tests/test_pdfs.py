"""The checks of PDFs find what they are there to find."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest

from stemportal.lib import pdf
from stemportal.testing.pdfs import check_pdf, elements, fonts

TEMPLATE = """#set document(title: "Test")
#set text(font: "Inter", lang: "nb")
#title[Test]
= Tall
#figure(alt: "En søyle", rect(width: 2cm))
#table(columns: 2, table.header[A][B], [1], [2])
#link("https://stem.example.no")[Les mer]
"""


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    template = tmp_path_factory.mktemp("typst") / "good.typ"
    template.write_text(TEMPLATE)
    return pdf.render(template, {})


def test_a_good_file_passes(good):
    check_pdf(good, language="nb")


def no_mark(document: pikepdf.Pdf) -> None:
    document.Root.MarkInfo.Marked = False


def no_words_for_a_figure(document: pikepdf.Pdf) -> None:
    for element in elements(document):
        if element.S == "/Figure":
            del element.Alt


def no_header_cells(document: pikepdf.Pdf) -> None:
    for element in elements(document):
        if element.S == "/TH":
            element.S = pikepdf.Name.TD


def skipped_heading(document: pikepdf.Pdf) -> None:
    for element in elements(document):
        if element.S == "/H1":
            element.S = pikepdf.Name.H3


def silent_link(document: pikepdf.Pdf) -> None:
    del document.pages[0].Annots[0].Contents


def drawn_but_not_told(document: pikepdf.Pdf) -> None:
    document.pages[0].contents_add(b"0 0 10 10 re f")


def told_in_another_order(document: pikepdf.Pdf) -> None:
    root = next(iter(elements(document)))
    root.K = pikepdf.Array(reversed(list(root.K)))


def no_font(document: pikepdf.Pdf) -> None:
    for font in fonts(document):
        if "/FontDescriptor" in font:
            del font.FontDescriptor.FontFile2


def acts_by_itself(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")


@pytest.mark.parametrize(
    "spoil",
    [
        no_mark,
        no_words_for_a_figure,
        no_header_cells,
        skipped_heading,
        silent_link,
        drawn_but_not_told,
        told_in_another_order,
        no_font,
        acts_by_itself,
    ],
)
def test_what_is_wrong_is_found(good, spoil: Callable[[pikepdf.Pdf], None]):
    document = pikepdf.open(io.BytesIO(good))
    spoil(document)
    spoiled = io.BytesIO()
    document.save(spoiled)

    with pytest.raises(AssertionError):
        check_pdf(spoiled.getvalue(), language="nb")


def test_another_language_is_found(good):
    with pytest.raises(AssertionError):
        check_pdf(good, language="en")
