"""The secretariat's pages for importing partners: explain, upload, look at every line, then apply or throw away."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.html import strip_tags
from openpyxl import load_workbook

from stemportal.partners import import_columns
from stemportal.partners.admin import imports as pages
from stemportal.partners.models import ImportRow, Partner, PartnerImport
from stemportal.partners.services import import_apply, imports
from stemportal.partners.tests.importing import TITLES, csv_file, new_line, read, uploaded
from stemportal.testing.factories import PartnerFactory, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
LIST = "/en/admin/partners/partnerimport/"
UPLOAD = f"{LIST}upload/"
Status = PartnerImport.Status


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def person():
    return StaffFactory()


@pytest.fixture
def staff_client(client, person):
    client.force_login(person)
    return client


def page_of(partner_import: PartnerImport, action: str = "change") -> str:
    return f"{LIST}{partner_import.pk}/{action}/"


def send(client, content: bytes, *, name: str = "partners.csv", status: str = "approved", follow: bool = False):
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content), "new_status": status}, follow=follow)


# --- Before


def test_page_explains_every_column_and_leads_to_the_template(staff_client):
    text = staff_client.get(UPLOAD).text
    for column in import_columns.COLUMNS:
        assert column.title in text
    assert f"{LIST}template/" in text
    assert UPLOAD in staff_client.get(LIST).text


def test_template_has_the_titles_and_an_explanation_of_each(staff_client):
    response = staff_client.get(f"{LIST}template/")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    titles, explained = (list(sheet.values) for sheet in book)
    assert titles == [tuple(column.title for column in import_columns.COLUMNS)]
    assert [row[0] for row in explained[1 : len(titles[0]) + 1]] == list(titles[0])
    assert any("Trade union" in row for row in explained)


def test_template_in_norwegian_is_an_import_with_nothing_in_it(staff_client):
    response = staff_client.get(f"{LIST.replace('/en/', '/')}template/")
    with translation.override("en"):
        partner_import = read(b"".join(response.streaming_content), name="mal.xlsx")
    assert "nothing in the file" in partner_import.error


def test_upload_stores_the_file_and_shows_how_far_it_is(staff_client, person):
    response = send(staff_client, csv_file([new_line(1)]), status="applied", follow=True)
    partner_import = PartnerImport.objects.get()
    assert (partner_import.uploaded_by, partner_import.new_status) == (person, "applied")
    assert partner_import.language == "en"
    assert "0 of 0 lines are read" in response.text
    assert "hx-trigger" in response.text
    imports.read_import(partner_import.pk)
    answer = staff_client.get(page_of(partner_import), headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in answer.text


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("partners.pdf", b"a", "approved"),
        ("partners", b"a", "approved"),
        ("partners.csv", b"", "approved"),
        ("partners.csv", b"a", "ended"),
        ("partners.csv", b"a" * 2000, "approved"),
    ],
)
def test_unfit_upload_is_asked_for_again(staff_client, monkeypatch, name, content, status):
    monkeypatch.setattr(pages, "MAX_BYTES", 1000)
    response = send(staff_client, content, name=name, status=status)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not PartnerImport.objects.exists()


def test_upload_beyond_the_servers_limit_is_told_in_words(staff_client, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    response = send(staff_client, b"a" * 100_000)
    assert "too large" in response.text
    assert not PartnerImport.objects.exists()


# --- Looking at it


def test_every_line_is_shown_bad_ones_first(staff_client):
    partner = PartnerFactory(display_name="Nordlys", address="Storgata 1", kind="company")
    lines = [
        [*new_line(1), ""],
        [partner.organisation_number, "", "Trade union", "", "", "Nygata <b>2</b>"],
        [*new_line(2, email="x"), ""],
    ]
    partner_import = read(csv_file(lines, [*TITLES, "Street address"]))
    response = staff_client.get(page_of(partner_import))
    assert [row.line for row, _changes in response.context["lines"]] == [4, 2, 3]
    assert "2 lines can be applied" in response.text
    assert "This is not an e-mail address" in response.text
    text = " ".join(strip_tags(response.text).split())
    assert "Kind of organisation: Company → Trade union" in text
    assert "Street address: Storgata 1 → Nygata &lt;b&gt;2&lt;/b&gt;" in text
    only = staff_client.get(page_of(partner_import), {"action": "change"})
    assert [row.line for row, _changes in only.context["lines"]] == [3]


@pytest.mark.parametrize("query", [{"action": "nonsense", "page": "99"}, {"page": "x"}, {"action": "bad"}])
def test_strange_choice_shows_something(staff_client, query):
    partner_import = read(csv_file([new_line(1)]))
    assert staff_client.get(page_of(partner_import), query).status_code == 200


def test_lines_are_shown_a_page_at_a_time(staff_client):
    partner_import = read(csv_file([new_line(n) for n in range(120)]))
    response = staff_client.get(page_of(partner_import), {"page": 3})
    assert [row.line for row, _changes in response.context["lines"]] == list(range(102, 122))
    assert "Page 3 of 3" in response.text


@pytest.mark.parametrize("count", [1, 30])
def test_page_asks_the_same_number_of_questions(staff_client, django_assert_num_queries, count):
    partner_import = read(csv_file([new_line(n) for n in range(count)]))
    staff_client.get(page_of(partner_import))
    with django_assert_num_queries(7):
        staff_client.get(page_of(partner_import))


def test_file_that_could_not_be_read_says_why(staff_client):
    response = staff_client.get(page_of(read(b"Navn\nA\n")))
    assert "could not be read" in response.text
    assert "Organisation number" in response.text
    assert "/apply/" not in response.text


# --- Applying and throwing away


def test_apply_is_asked_once_more_and_done_by_a_worker(staff_client, person):
    partner_import = read(csv_file([new_line(1), new_line(2, email="x")]))
    text = staff_client.get(page_of(partner_import, "apply")).text
    assert "1 partner is added." in text
    assert "1 line is left out" in text
    partner_import.refresh_from_db()
    assert partner_import.status == Status.READY
    response = staff_client.post(page_of(partner_import, "apply"), follow=True)
    assert "is being applied" in response.text
    assert not Partner.objects.exists()
    import_apply.apply_import(partner_import.pk)
    response = staff_client.get(page_of(partner_import))
    assert "Applied on" in response.text
    assert f"/en/admin/partners/partner/{Partner.objects.get().pk}/change/" in response.text
    again = staff_client.post(page_of(partner_import, "apply"), follow=True)
    assert "somebody else was faster" in again.text


def test_import_that_was_stopped_offers_to_judge_again(staff_client):
    partner_import = read(csv_file([new_line(1)]))
    PartnerFactory(organisation_number=new_line(1)[0])
    staff_client.post(page_of(partner_import, "apply"))
    import_apply.apply_import(partner_import.pk)
    assert "Line 2: BEDRIFT 1 AS" in staff_client.get(page_of(partner_import)).text
    assert staff_client.get(page_of(partner_import, "again")).status_code == 302
    partner_import.refresh_from_db()
    assert partner_import.status == Status.READY
    staff_client.post(page_of(partner_import, "again"))
    imports.read_import(partner_import.pk)
    response = staff_client.get(page_of(partner_import))
    assert "Line 2: BEDRIFT" not in response.text
    assert response.context["counts"]["change"] == 1


def test_throwing_away_is_asked_once_more(staff_client):
    partner_import = read(csv_file([new_line(1)]))
    staff_client.get(page_of(partner_import, "discard"))
    assert ImportRow.objects.exists()
    assert "thrown away" in staff_client.post(page_of(partner_import, "discard"), follow=True).text
    assert not ImportRow.objects.exists()
    assert "somebody else was faster" in staff_client.post(page_of(partner_import, "discard"), follow=True).text


@pytest.mark.parametrize("missing", ["add_partnerimport", "add_partner", "change_partner"])
def test_import_needs_the_right_to_add_and_change_partners(client, missing):
    person = UserFactory(is_staff=True)
    rights = {"add_partnerimport", "add_partner", "change_partner", "view_partnerimport"} - {missing}
    person.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    client.force_login(person)
    partner_import = read(csv_file([new_line(1)]))
    assert client.get(page_of(partner_import)).status_code == 200
    assert client.get(UPLOAD).status_code == 403
    for action in ("apply", "discard", "again", "bad-rows"):
        assert client.post(page_of(partner_import, action)).status_code == 403
    partner_import.refresh_from_db()
    assert partner_import.status == Status.READY


def test_page_of_an_import_is_closed_to_who_may_not_see_it(client):
    client.force_login(UserFactory(is_staff=True))
    assert client.get(page_of(uploaded(csv_file([new_line(1)])))).status_code == 403
    assert client.get(f"{LIST}999/change/").status_code == 404
