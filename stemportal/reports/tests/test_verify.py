"""The pages that confirm a report, for everybody who has its code or its file."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from stemportal.reports.codes import read_code
from stemportal.reports.models import PartnerReport
from stemportal.reports.tests.visits import partner_with_owner, visit
from stemportal.testing.papers import PUBLISHED_AT, pdf_of, published, report_of

pytestmark = pytest.mark.django_db

CODE = "K7MB-2QXD-9RTA"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def partner():
    return partner_with_owner(display_name="Nordlys", legal_name="Nordlys AS", organisation_number="312345676")


def page_of(code: str) -> str:
    return reverse("reports:verified", args=[code])


def sent(content: bytes, name: str = "rapport.pdf") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content, content_type="application/pdf")}


def words(response) -> str:
    return response.content.decode()


# By code


def test_code_tells_whose_report_it_is_and_its_figures(client, partner):
    visit(partner, pupils=28, girls=12)
    report = published(partner, code=CODE)

    page = words(client.get(page_of(CODE)))

    assert "Annual report of Nordlys for 2024/25" in page
    assert "This report is genuine, and the newest version" in page
    assert "Nordlys AS" in page
    assert "312345676" in page
    assert '<span class="p-figures__value">28</span>' in page
    assert report.fingerprint in page
    for file in report.files.all():
        assert file.sha256 in page
    assert '<meta name="robots" content="noindex">' in page


def test_names_are_those_that_stand_in_the_report(client, partner):
    published(partner, code=CODE)
    partner.display_name, partner.legal_name = "Sørlys", "Sørlys AS"
    partner.save()

    page = words(client.get(page_of(CODE)))

    assert "Annual report of Nordlys for 2024/25" in page
    assert "Sørlys" not in page


def test_few_pupils_are_not_told(client, partner):
    visit(partner, pupils=4, girls=None)
    published(partner, code=CODE)

    page = words(client.get(page_of(CODE)))

    assert "not shown" in page
    assert '<span class="p-figures__value">4</span>' not in page


@pytest.mark.parametrize(
    "typed",
    [
        "k7mb-2qxd-9rta",
        " K7MB 2QXD 9RTA ",
        "k7mb2qxd9rta",
        "K7MB–2QXD–9RTA.",
        "Ｋ7MB-2QXD-9RTA",
        "https://stemportal.example.org/en/verify/K7MB-2QXD-9RTA/",
    ],
    ids=["small", "spaces", "together", "dashes", "wide", "address"],
)
def test_code_may_be_typed_in_any_way(client, partner, typed):
    published(partner, code=CODE)

    assert read_code(typed) == CODE
    answer = client.get(reverse("reports:verify"), {"code": typed})
    assert (answer.status_code, answer["Location"]) == (302, page_of(CODE))


def test_address_with_small_letters_leads_to_the_page(client, partner):
    published(partner, code=CODE)

    assert client.get(page_of("k7mb2qxd9rta"))["Location"] == page_of(CODE)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("K7MB-2QXD", "twelve"),
        ("K7MB-2QXD-9RT", "A code has 12 letters and digits; these are 11."),
        ("K7MB-2QXD-9RTO", "O is in no code"),
        ("K1MB-2QXD-9RT0", "1, 0 is in no code"),
        ("", "Type the code that stands in the report."),
        ("\x00", "Null characters are not allowed"),
        ("Å" * 400, "at most 300 characters"),
    ],
    ids=["half", "short", "letter", "digits", "empty", "null", "long"],
)
def test_what_can_be_no_code_is_explained(client, typed, said):
    answer = client.get(reverse("reports:verify"), {"code": typed})

    assert answer.status_code == 422
    assert said.lower() in words(answer).lower()


def test_unknown_code_is_answered_kindly(client, partner):
    published(partner)

    answer = client.get(page_of(CODE))

    assert answer.status_code == 404
    assert f"We know no report with the code {CODE}" in words(answer)
    assert f'value="{CODE}"' in words(answer), "to be corrected"


@pytest.mark.parametrize("code", ["x", "K7MB-2QXD-9RTO", "9" * 500, "'", "%00"])
def test_nonsense_in_the_address_is_not_found(client, code):
    assert client.get(f"/en/verify/{code}/").status_code == 404


@pytest.mark.parametrize("status", ["waiting", "failed", "draft", "checked"])
def test_draft_is_not_confirmed_and_nothing_is_told_of_it(client, partner, status):
    visit(partner, pupils=28)
    published(partner, code=CODE, status=status, published_at=None)

    page = words(client.get(page_of(CODE)))

    assert "This report is not published" in page
    assert "Nordlys" not in page
    assert "28" not in page.partition("<main")[2].partition("</main>")[0]


def test_replaced_version_is_genuine_but_leads_to_the_newest(client, partner):
    published(partner, code=CODE, status="superseded", superseded_at=PUBLISHED_AT)
    new = published(partner, version=2, reason="Two visits came late.")

    old_page, new_page = words(client.get(page_of(CODE))), words(client.get(page_of(new.code)))

    assert "a newer version has taken its place" in old_page
    assert page_of(new.code) in old_page
    assert "Two visits came late." in new_page


def test_report_whose_data_is_gone_is_confirmed_all_the_same(client, partner):
    report = published(partner, code=CODE)
    for file in report.files.all():
        file.file.storage.delete(file.file.name)

    assert "Annual report of Nordlys for 2024/25" in words(client.get(page_of(CODE)))


def test_asking_very_often_is_slowed_down(client, partner, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "verify": (1, 3600)}
    published(partner, code=CODE)
    assert client.get(page_of(CODE)).status_code == 200

    answer = client.get(page_of(CODE))

    assert answer.status_code == 429
    assert "very often" in words(answer)


# By file


def test_file_as_it_was_published_is_confirmed(client, partner):
    report = published(partner, code=CODE)

    page = words(client.post(page_of(CODE), sent(pdf_of(report))))

    assert "it is exactly as it was published" in page
    assert "Report (PDF), Bokmål" in page


def test_file_alone_leads_to_its_report(client, partner):
    report = published(partner)

    page = words(client.post(reverse("reports:verify"), sent(pdf_of(report, "en"))))

    assert "it is exactly as it was published" in page
    assert page_of(report.code) in page


def test_file_with_one_other_letter_is_not_confirmed(client, partner):
    report = published(partner, code=CODE)

    page = words(client.post(page_of(CODE), sent(pdf_of(report) + b" ")))

    assert "We have not published exactly this file" in page


def test_file_of_another_report_leads_there(client, partner):
    published(partner, code=CODE)
    other = published(partner_with_owner())

    page = words(client.post(page_of(CODE), sent(pdf_of(other))))

    assert "belongs to another report" in page
    assert page_of(other.code) in page


def test_file_of_a_draft_is_not_known(client, partner):
    draft = published(partner, status="draft", published_at=None)

    page = words(client.post(reverse("reports:verify"), sent(pdf_of(draft))))

    assert "We have not published exactly this file" in page


def test_nothing_of_a_file_is_kept(client, partner, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    before = sorted(tmp_path.rglob("*"))

    client.post(reverse("reports:verify"), sent(b"%PDF" + b"0" * (3 * 1024 * 1024)))

    assert sorted(tmp_path.rglob("*")) == before


def test_no_file_and_an_empty_one(client):
    assert "Choose a file first." in words(client.post(reverse("reports:verify")))
    assert "We have not published exactly this file" in words(client.post(reverse("reports:verify"), sent(b"")))


def test_huge_file_is_refused(client, settings):
    settings.UPLOAD_MAX_BYTES = 1000

    answer = client.post(reverse("reports:verify"), sent(b"0" * 2000))

    assert answer.status_code == 422
    assert "too large to be one of our reports" in words(answer)


def test_comparing_very_often_is_slowed_down(client, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "verify_file": (1, 3600)}
    client.post(reverse("reports:verify"), sent(b"a"))

    assert client.post(reverse("reports:verify"), sent(b"a")).status_code == 429


def test_page_asks_the_same_however_many_versions_there_are(client, partner, django_assert_num_queries):
    published(partner, code=CODE)
    with django_assert_num_queries(3):
        client.get(page_of(CODE))
    PartnerReport.objects.update(status="superseded", superseded_at=PUBLISHED_AT)
    published(partner, version=2, reason="More came.")
    report_of(partner, version=3, reason="And more.")

    with django_assert_num_queries(4):
        client.get(page_of(CODE))
