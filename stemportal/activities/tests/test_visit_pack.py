"""The visit pack: a tagged PDF with everything for the day, in the reader's language, whatever people write."""

import io
from datetime import date

import pikepdf
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from stemportal.activities import visit_pack
from stemportal.activities.services.files import add_file
from stemportal.activities.tests.conftest import at
from stemportal.activities.tests.test_pictures import pdf_bytes
from stemportal.activities.visit_pack import make_pack, visit_pack_data
from stemportal.testing.pdfs import check_pdf, tags

pytestmark = pytest.mark.django_db

NASTY = [
    '#panic("x") #import "a" $x^2$ *b* _i_ @ref <l> `r` \\ " \' ~ // /* */',
    '#sys.inputs.data #read("/etc/passwd")',
    "```\n#set page(width: 1pt)\n```",
    '[x](javascript:alert(1)) [y](https://example.no/a?b=1&c="2") <script>alert(1)</script>',
    "北极光 🤖 \u202eabc\u202c \u200b\u0007 é",
    "x" * 5000,
    "\n".join("#" * 9 for _ in range(50)),
    "- " * 60 + "deep",
    "> " * 60 + "deep",
    "![a](https://example.org/a.png)",
    "---\n***\n[^1]: a",
]


def text_of(data) -> str:
    """Every word of the data, in order."""
    if isinstance(data, dict):
        return " ".join(text_of(value) for value in data.values())
    if isinstance(data, list):
        return " ".join(text_of(value) for value in data)
    return str(data)


def pdf_of(activity) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(make_pack(visit_pack_data(activity))))


@pytest.fixture
def full(offer):
    return offer(
        "Se robotene", kind="work_week", programme="- 09:00 **Velkommen**\n- 10:00 Prøv selv", preparation="Les om oss",
        follow_up="Skriv en side", bring="Matpakke", safety="Hjelm på", getting_there="Buss 12 til Porten",
        accessibility="Heis i bygg B", access_features=["step_free"], place="Porten",
        season_months=[9, 10, 11], risk_assessed_on=date(2026, 3, 12),
    )  # fmt: skip


def test_pack_is_for_everybody_and_to_last_in_the_readers_language(full):
    with translation.override("nb"):
        pdf = check_pdf(make_pack(visit_pack_data(full)), language="nb")
    with pdf.open_metadata() as metadata:
        assert str(metadata["dc:title"]).startswith("Se robotene")
    assert {"/H1", "/L", "/LI", "/P", "/Link"} <= set(tags(pdf))


def test_pack_says_everything_for_the_day(full):
    add_file(activity=full, purpose="risk", title="Risikovurdering", content=pdf_bytes(), extension="pdf")
    words = text_of(visit_pack_data(full))
    for text in (
        "Velkommen", "Les om oss", "Skriv en side", "Matpakke", "Hjelm på", "Buss 12 til Porten", "Heis i bygg B",
        "No steps, or a lift", "written risk assessment on March 12, 2026", "Risikovurdering", "September–November",
        at("file", full.files.get().pk), full.get_absolute_url(), "/write/", "Free for the school",
    ):  # fmt: skip
        assert text in words, text


def test_pack_says_when_no_assessment_is_registered(full):
    full.risk_assessed_on = None
    assert "No written risk assessment is registered yet." in text_of(visit_pack_data(full))


def test_pack_names_no_contact_person(full):
    assert full.partner.contact_name not in text_of(visit_pack_data(full))
    assert full.partner.contact_email not in text_of(visit_pack_data(full))


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_whatever_people_write_stays_words(offer, text):
    activity = offer(text[:90], summary=text[:240], description=text, programme=text, safety=text, place=text[:200])
    pdf = pdf_of(activity)
    assert pdf.pages
    links = [
        str(annotation.A.URI) for page in pdf.pages for annotation in page.get("/Annots", []) if "/A" in annotation
    ]
    assert not [link for link in links if link.startswith("javascript")]


def test_raw_typst_is_shown_as_it_was_written(offer):
    activity = offer("Robot", description='#panic("no") and $x$')
    runs = [run["text"] for block in visit_pack_data(activity)["sections"][0]["blocks"] for run in block["runs"]]
    assert "".join(runs) == '#panic("no") and $x$'


def test_pack_is_public_for_published_offers_and_for_members_before(member, stranger, partner, offer):
    shown, draft = offer(partner=partner), offer(partner=partner, status="draft")
    response = Client().get(at("visit_pack", shown.pk))
    assert response.content.startswith(b"%PDF")
    assert response["Content-Type"] == "application/pdf"
    assert at("visit_pack", shown.pk) in Client().get(shown.get_absolute_url()).content.decode()
    assert Client().get(at("visit_pack", draft.pk)).status_code == 404
    assert stranger.get(at("visit_pack", draft.pk)).status_code == 404
    assert member.get(at("visit_pack", draft.pk)).status_code == 200


def test_pack_is_made_once_until_something_changes(offer, monkeypatch):
    made = []
    monkeypatch.setattr(visit_pack.pdf, "render", lambda template, data: made.append(data["title"]) or b"%PDF-")
    activity = offer("Se robotene")
    for _ in range(3):
        Client().get(at("visit_pack", activity.pk))
    activity.title = "Se dronene"
    activity.save()
    Client().get(at("visit_pack", activity.pk))
    assert made == ["Se robotene", "Se dronene"]


def test_making_many_packs_is_limited_and_told(offer, settings):
    settings.PORTAL_RATE_LIMITS = settings.PORTAL_RATE_LIMITS | {"visit_pack": (1, 60)}
    cache.clear()
    first, second = offer("Ett"), offer("To")
    assert Client().get(at("visit_pack", first.pk)).status_code == 200
    response = Client().get(at("visit_pack", second.pk), follow=True)
    assert "many documents in a short time" in response.content.decode()
    assert Client().get(at("visit_pack", first.pk)).status_code == 200, "made already"
