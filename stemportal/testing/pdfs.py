"""What a PDF must be to be read by everybody (PDF/UA-1, ISO 14289) and in many years (PDF/A-2a, ISO 19005-2).

No validator can be installed from the usual package registries, so the checks of theirs that can be made on the file's
structure are made here with pikepdf. ``check_pdf`` fails with what is wrong; the others are for looking.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from django.conf import settings

PDFUA = "{http://www.aiim.org/pdfua/ns/id/}part"
PDFA_PART = "{http://www.aiim.org/pdfa/ns/id/}part"
PDFA_CONFORMANCE = "{http://www.aiim.org/pdfa/ns/id/}conformance"
# Standard structure types of PDF 1.7 that Typst writes; anything else needs an entry in the role map.
STANDARD = set(
    re.findall(
        r"\w+",
        "Document Part Sect Div Caption BlockQuote TOC TOCI Index P H1 H2 H3 H4 H5 H6 L LI Lbl LBody Table TR TH TD"
        " THead TBody TFoot Span Quote Note Reference Code Link Annot Figure Formula Form NonStruct",
    )
)
# Operators that put something on the page.
TEXT = {"Tj", "TJ", "'", '"'}
PAINTS = {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "INLINE IMAGE", *TEXT}
ARTEFACTS = Path(settings.BASE_DIR) / "var" / "test-artefacts"


def opened(content: bytes) -> pikepdf.Pdf:
    """Return the file for looking into."""
    return pikepdf.open(io.BytesIO(content))


def elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Give the structure elements in reading order, parents before their children."""
    todo = [pdf.Root.StructTreeRoot]
    while todo:
        node = todo.pop()
        if not isinstance(node, pikepdf.Dictionary):
            continue
        if "/S" in node:
            yield node
        todo.extend(reversed(_kids(node)))


def tags(pdf: pikepdf.Pdf) -> list[str]:
    """Return the types of the elements in reading order: "/H1", "/P", …"""
    return [str(element.S) for element in elements(pdf)]


def fonts(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Return the fonts in the file, those that others are made of among them."""
    return [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"]


def text_of(content: bytes) -> str:
    """Return the words of all pages in the order in which they are drawn, spaces made plain."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return re.sub(r"\s+", " ", " ".join(pages))


def keep_pages(content: bytes, name: str, *, most: int = 12) -> list[Path]:
    """Draw the first pages as PNG into var/test-artefacts, for people to look at; return where they are."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, page in zip(range(1, most + 1), pypdfium2.PdfDocument(content), strict=False):
        path = ARTEFACTS / f"{name}-{number}.png"
        page.render(scale=1).to_pil().save(path)
        paths.append(path)
    return paths


def check_pdf(content: bytes, *, language: str) -> pikepdf.Pdf:
    """Assert that it is tagged, titled, in the language, readable in order, and complete; return it opened."""
    pdf = opened(content)
    assert not pdf.is_encrypted
    _check_claims(pdf, language)
    _check_fonts(pdf)
    _check_structure(pdf)
    _check_tables(pdf)
    _check_content(pdf)
    return pdf


def _kids(node: pikepdf.Dictionary) -> list[Any]:
    kids: Any = node.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _check_claims(pdf: pikepdf.Pdf, language: str) -> None:
    root = pdf.Root
    assert root.MarkInfo.Marked
    assert not root.MarkInfo.get("/Suspects", False)
    assert str(root.Lang) == language
    assert root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        assert metadata["dc:title"].strip()
        assert metadata[PDFUA] == "1"
        assert (metadata[PDFA_PART], metadata[PDFA_CONFORMANCE]) == ("2", "A")
        # The old place and the new one must say the same.
        assert str(pdf.docinfo["/Title"]) == metadata["dc:title"]
    intents = [str(intent.S) for intent in root.OutputIntents]
    assert intents == ["/GTS_PDFA1"]
    assert "/DestOutputProfile" in root.OutputIntents[0]
    assert "/ID" in pdf.trailer
    # Nothing acts by itself, and nothing is attached.
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(root.keys())
    assert "/EmbeddedFiles" not in root.get("/Names", {})
    assert "/JavaScript" not in root.get("/Names", {})


def _check_fonts(pdf: pikepdf.Pdf) -> None:
    """Every font is in the file, and says which letters its shapes are."""
    found = fonts(pdf)
    assert found
    for font in found:
        if font.Subtype in {"/CIDFontType0", "/CIDFontType2"}:
            assert {"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()), font.BaseFont
        else:
            assert "/ToUnicode" in font, font.get("/BaseFont")


def _check_structure(pdf: pikepdf.Pdf) -> None:
    role_map = {str(key).strip("/") for key in pdf.Root.StructTreeRoot.get("/RoleMap", {})}
    found = list(elements(pdf))
    assert str(found[0].S) == "/Document"
    level = 0
    for element in found:
        kind = str(element.S).strip("/")
        assert kind in STANDARD | role_map, kind
        if kind in {"Figure", "Formula"}:
            assert str(element.get("/Alt", "")).strip(), "a figure without words"
        if re.fullmatch(r"H[1-6]", kind):
            assert int(kind[1]) <= level + 1, f"H{level} is followed by {kind}"
            level = int(kind[1])
    for page in pdf.pages:
        assert page.Tabs == "/S"
        for annotation in page.get("/Annots", []):
            assert annotation.Subtype == "/Link"
            assert str(annotation.get("/Contents", "")).strip(), "a link without words"
            assert "/StructParent" in annotation


def _check_tables(pdf: pikepdf.Pdf) -> None:
    """Each table begins with header cells that say of what, and all its rows are equally wide."""
    for table in (element for element in elements(pdf) if element.S == "/Table"):
        rows = [row for row in _below(table) if row.S == "/TR"]
        heads = [cell for cell in _kids(rows[0]) if cell.S == "/TH"]
        assert len(heads) == len(_kids(rows[0])), "the first row has cells that are no headers"
        assert all(_attribute(head, "/Scope") in {"/Column", "/Both"} for head in heads)
        assert len({sum(int(_attribute(cell, "/ColSpan") or 1) for cell in _kids(row)) for row in rows}) == 1


def _below(node: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
    for kid in _kids(node):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            if kid.S != "/TR":
                yield from _below(kid)


def _attribute(element: pikepdf.Dictionary, name: str) -> Any:
    held: Any = element.get("/A", [])
    for attributes in held if isinstance(held, pikepdf.Array) else [held]:
        if name in attributes:
            value = attributes[name]
            return str(value) if isinstance(value, pikepdf.Name) else value
    return None


def _check_content(pdf: pikepdf.Pdf) -> None:
    """All that is drawn is told or marked as decoration, once, and told in the order in which it is drawn."""
    told: dict[int, list[int]] = {}
    pages = {page.objgen: number for number, page in enumerate(pdf.pages)}
    todo: list[tuple[Any, Any]] = [(pdf.Root.StructTreeRoot, None)]
    while todo:
        node, page = todo.pop()
        if isinstance(node, pikepdf.Dictionary):
            page = node.get("/Pg", page)
            if node.get("/Type") == "/MCR":
                node = int(node.MCID)
        if isinstance(node, int):
            told.setdefault(pages[page.objgen], []).append(node)
        elif isinstance(node, pikepdf.Dictionary):
            todo.extend((kid, page) for kid in reversed(_kids(node)))
    for number, page in enumerate(pdf.pages):
        drawn = _marked(page)
        assert Counter(drawn) == Counter(told.get(number, [])), f"page {number + 1}: what is drawn is not what is told"
        assert drawn == told.get(number, []), f"page {number + 1} is told in another order"


def _marked(page: pikepdf.Page) -> list[int]:
    """The identities of the marked pieces of a page in order; fails on anything drawn outside one."""
    found: list[int] = []
    open_marks: list[bool] = []
    for instruction in pikepdf.parse_content_stream(page):
        name, operands = str(instruction.operator), instruction.operands
        if name in {"BDC", "BMC"}:
            kind = str(operands[0])
            properties: Any = operands[1] if name == "BDC" and isinstance(operands[1], pikepdf.Dictionary) else {}
            if "/MCID" in properties:
                found.append(int(properties["/MCID"]))
            open_marks.append(kind == "/Artifact" or "/MCID" in properties)
        elif name == "EMC":
            open_marks.pop()
        elif name in PAINTS:
            assert any(open_marks), f"{name} draws something that is neither told nor decoration"
    return found
