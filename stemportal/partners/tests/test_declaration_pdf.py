"""The signed declaration as a file: tags, title, language, what it says, and who may have it."""

from __future__ import annotations

import io
from datetime import datetime

import pikepdf
import pytest
from django.utils import translation

from stemportal.lib.markdown_blocks import blocks_of
from stemportal.partners.declaration_document import make_pdf, signed_document
from stemportal.partners.models import Signature
from stemportal.testing.factories import DeclarationFactory, MembershipFactory, PartnerFactory, StaffFactory
from stemportal.testing.pdfs import check_pdf, tags

pytestmark = pytest.mark.django_db

TEXT = "We promise:\n\n- **Free.** Nobody pays.\n- **Soon.** Five days.\n\n1. one\n2. two\n   - three\n\n## And\n\nmore"


def signature(*, name="Ola Sjef", partner="Nordlys", text=TEXT) -> Signature:
    declaration = DeclarationFactory(version=7, text_en=text, text_nn="Vi lovar.")
    owner = MembershipFactory(partner=PartnerFactory(display_name=partner))
    at = datetime.fromisoformat("2026-03-12T23:30:00+00:00")
    return Signature.objects.create(
        partner=owner.partner, declaration=declaration, signed_by=owner.user, signed_name=name, signed_at=at
    )


def pdf_of(signed: Signature, language="en") -> pikepdf.Pdf:
    with translation.override(language):
        return pikepdf.open(io.BytesIO(make_pdf(signed)))


def test_file_is_for_everybody_and_to_last():
    with translation.override("en"):
        pdf = check_pdf(make_pdf(signature()), language="en")

    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Declaration, version 7: Nordlys"
    found = tags(pdf)
    assert {"/Title", "/H1", "/L", "/LI", "/LBody", "/Strong", "/Link"} <= set(found)
    assert found.index("/Title") < found.index("/L") < found.index("/H1")


def test_every_font_is_in_the_file():
    fonts = set()
    for page in pdf_of(signature()).pages:
        for font in page.Resources.get("/Font", {}).values():
            descendant = font.DescendantFonts[0]
            fonts.add(str(descendant.BaseFont).split("+")[1])
            assert "/FontFile2" in descendant.FontDescriptor or "/FontFile3" in descendant.FontDescriptor
    assert fonts == {"Inter-Regular", "Inter-SemiBold"}


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_file_is_in_the_language_that_is_asked_for(language):
    assert str(pdf_of(signature(), language).Root.Lang) == language


def test_document_says_who_signed_what_when_and_where_to_look():
    with translation.override("en"):
        data = signed_document(signature())
    facts = dict(data["facts"])
    assert facts["Signed by"] == "Ola Sjef"
    assert facts["Version"] == "7"
    assert "13 March 2026" in facts["Signed on"].replace("March 13, 2026", "13 March 2026"), "in Norwegian time"
    assert data["check_url"].endswith("/en/partners/signatories/")
    assert [block["kind"] for block in data["blocks"]] == ["paragraph", "list", "list", "heading", "paragraph"]


def test_markdown_subset_becomes_blocks():
    blocks = blocks_of(TEXT)
    assert blocks[1]["items"][0] == [
        {"kind": "paragraph", "runs": [{"text": "Free.", "bold": True}, {"text": " Nobody pays.", "bold": False}]}
    ]
    assert [block["ordered"] for block in blocks if block["kind"] == "list"] == [False, True]
    assert blocks[2]["items"][1][1]["items"][0][0]["runs"][0]["text"] == "three"


@pytest.mark.parametrize(
    "text", ["", "***", "- ", "1. ", "# ", "> quote", "```\ncode\n```", '#set text(red) $x$ *y* @z \\ " ~ `q`', "---"]
)
def test_any_text_makes_a_file(text):
    assert pdf_of(signature(text=text)).pages


@pytest.mark.parametrize("name", ["X", "Å" * 120, "#panic() $x$ *y* _z_ @ref \\ \" '", "北极光机器人", "Robot 🤖 AS"])
def test_any_name_makes_a_file(name):
    assert pdf_of(signature(name=name, partner=name)).pages


def test_long_text_goes_over_many_pages():
    assert len(pdf_of(signature(text="\n\n".join([TEXT] * 40))).pages) > 3


# --- Fetching it


@pytest.mark.parametrize("role", ["owner", "editor", "reader"])
def test_member_fetches_the_file(client, role):
    signed = signature(partner="Blåtind & Sønn")
    client.force_login(MembershipFactory(partner=signed.partner, role=role).user)

    response = client.get(f"/en/partner/signatures/{signed.pk}/pdf/")

    assert response.content.startswith(b"%PDF")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="blatind-snn-declaration-7.pdf"'
    assert "no-store" in response["Cache-Control"]


def test_nobody_else_fetches_the_file(client):
    signed = signature()
    address = f"/en/partner/signatures/{signed.pk}/pdf/"
    assert client.get(address).status_code == 302
    for person in (MembershipFactory().user, StaffFactory()):
        client.force_login(person)
        assert client.get(address).status_code == 404
        assert client.get("/en/partner/signatures/999999/pdf/").status_code == 404
