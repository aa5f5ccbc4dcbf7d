"""Files that people send to each other: taken by their content, whatever their name says."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from django.utils import translation
from PIL import Image

from stemportal.lib import images
from stemportal.lib.documents import DocumentRefused, prepare
from stemportal.lib.stored_files import CONTENT_TYPES, content_type

MAX = 200_000


def file(content: bytes, name: str) -> BytesIO:
    upload = BytesIO(content)
    upload.name = name
    return upload


def office(*parts: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for part in parts:
            packed.writestr(part, b"<x/>")
    return target.getvalue()


def photo() -> bytes:
    target = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Kameraet til Kari"
    Image.new("RGB", (40, 30), "red").save(target, "JPEG", exif=exif)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kept_as"),
    [
        (b"%PDF-1.7 ...", "Kart.pdf", "Kart.pdf"),
        (b"%PDF-1.7 ...", "Kart.exe", "Kart.pdf"),
        (office("[Content_Types].xml", "word/document.xml"), "Program.docx", "Program.docx"),
        (office("[Content_Types].xml", "xl/workbook.xml"), "tider.zip", "tider.xlsx"),
        (office("[Content_Types].xml", "ppt/presentation.xml"), "Velkommen.pptx", "Velkommen.pptx"),
        (photo(), "Inngangen.jpeg", "Inngangen.png"),
    ],
    ids=["pdf", "pdf named otherwise", "word", "excel named otherwise", "powerpoint", "picture"],
)
def test_document_is_what_its_content_says(content, name, kept_as):
    document = prepare(file(content, name), max_bytes=MAX)

    assert document.name == kept_as
    assert document.random_name().endswith(f".{document.extension}")
    assert content_type(document.random_name()) in CONTENT_TYPES.values()


def test_picture_is_drawn_anew_without_what_the_camera_wrote():
    document = prepare(file(photo(), "a.jpg"), max_bytes=MAX)

    assert b"Kari" not in document.content
    assert document.content.startswith(images.PNG_SIGNATURE)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "tom.pdf"),
        (b"<html><script>alert(1)</script>", "side.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "logo.png"),
        (b"MZ\x90\x00", "setup.docx"),
        (b"PK\x03\x04 cut off", "Program.docx"),
        (office("[Content_Types].xml", "evil.exe"), "Program.docx"),
        (office("word/document.xml"), "Program.docx"),
        (office("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"), "begge.docx"),
        (office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "Program.docx"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"old", "Gammel.doc"),
        (b"%PDF-1.7 " + b"x" * MAX, "stor.pdf"),
    ],
    ids=["empty", "page", "drawing", "program", "cut", "zip", "no types", "two kinds", "macros", "old", "large"],
)
def test_document_is_refused_with_words(content, name):
    with pytest.raises(DocumentRefused) as refused:
        prepare(file(content, name), max_bytes=MAX)

    assert len(str(refused.value)) > 20


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\kari\\Kart over hallen.pdf", "Kart over hallen.pdf"),
        ("kart\u202efdp.exe", "kartfdp.pdf"),
        ('a"b\r\nc.pdf', "abc.pdf"),
        ("", "fil.pdf"),
        ("." * 300 + "x" * 300 + ".pdf", "x" * 80 + ".pdf"),
    ],
    ids=["up", "windows", "backwards", "lines", "nothing", "long"],
)
def test_name_shows_nothing_but_letters(name, shown):
    with translation.override("nb"):
        assert prepare(file(b"%PDF-1.7", name), max_bytes=MAX).name == shown
