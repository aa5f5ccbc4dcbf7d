"""Partners as a table: what is exported can be edited and imported again, and who took it is noted."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import translation
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from stemportal.lib.identity_numbers import without_personal_numbers
from stemportal.partners import table_export
from stemportal.partners.models import ImportRow, Partner, PartnerImport
from stemportal.partners.services import import_apply
from stemportal.partners.tests.importing import read
from stemportal.testing.factories import MunicipalityFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "/en/admin/partners/partner/"
EXPORT = f"{LIST}export/"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def staff_client(client):
    client.force_login(StaffFactory(email="siri@example.org"))
    return client


def table(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def sheet(response) -> list[dict]:
    rows = list(load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def exported(wanted: str) -> bytes:
    if wanted == "csv":
        return b"".join(table_export.partners_as_csv(Partner.objects.order_by("pk")))
    with table_export.partners_as_workbook(Partner.objects.order_by("pk")) as file:
        return file.read()


# --- What stands in it


@pytest.mark.parametrize(("wanted", "rows_of"), [("csv", table), ("xlsx", sheet)])
def test_export_has_the_facts_in_the_language_of_the_page(staff_client, wanted, rows_of):
    PartnerFactory(display_name="Nordlys", employees=38, postal_code="0150", kind="union", municipality=None)
    response = staff_client.post(f"{EXPORT}?status__exact=all", {"format": wanted})
    (row,) = rows_of(response)
    assert row["Name shown to schools"] == "Nordlys"
    assert (str(row["Employees"]), row["Postal code"]) == ("38", "0150")
    assert (row["Kind of organisation"], row["Status"]) == ("Trade union", "Approved")
    assert response["Content-Disposition"] == f'attachment; filename="partners-{localdate():%Y-%m-%d}.{wanted}"'
    response = staff_client.post(f"{EXPORT.replace('/en/', '/')}?status__exact=all", {"format": wanted})
    assert rows_of(response)[0]["Navn som skolene ser"] == "Nordlys"


def test_export_is_what_the_list_is_filtered_to(staff_client):
    for n in range(120):
        PartnerFactory(display_name=f"Fjord {n}")
    PartnerFactory(display_name="Fjell")
    PartnerFactory(display_name="Fjord utenfor", status=Partner.Status.ENDED)
    rows = table(staff_client.post(f"{EXPORT}?status__exact=approved&q=Fjord&p=2", {"format": "csv"}))
    assert len(rows) == 120
    assert {row["Name shown to schools"][:6] for row in rows} == {"Fjord "}


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_chosen_rows_are_exported_by_an_action(staff_client, wanted):
    chosen, _other = PartnerFactory(), PartnerFactory()
    data = {"action": f"export_{wanted}", "_selected_action": [chosen.pk]}
    response = staff_client.post(f"{LIST}?status__exact=all", data)
    rows = table(response) if wanted == "csv" else sheet(response)
    assert [row["Organisation number"] for row in rows] == [chosen.organisation_number]


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_cells_that_a_program_would_take_for_formulas_are_defused(wanted):
    PartnerFactory(display_name='=HYPERLINK("http://evil.example","x")', contact_name="+47", about="@SUM(A1:A9)")
    content = exported(wanted)
    if wanted == "csv":
        text = content.decode("utf-8-sig")
        cells = list(csv.reader(io.StringIO(text), delimiter=";"))[1]
    else:
        cells = [cell.value for cell in list(load_workbook(io.BytesIO(content)).active)[1]]
        assert not any(cell.data_type == "f" for cell in list(load_workbook(io.BytesIO(content)).active)[1])
    assert not any(str(cell or "").startswith(("=", "+", "-", "@")) for cell in cells)


# --- Who may, and who did


def test_export_is_noted_with_who_took_how_many(staff_client):
    PartnerFactory()
    PartnerFactory()
    staff_client.post(f"{EXPORT}?status__exact=all&q=", {"format": "csv"})
    entry = LogEntry.objects.get()
    assert (entry.user.email, entry.object_repr) == ("siri@example.org", "2 partners")
    assert entry.change_message == "Exported as CSV"


@pytest.mark.parametrize("data", [None, {}, {"format": "pdf"}])
def test_opening_the_address_exports_nothing(staff_client, data):
    PartnerFactory()
    response = staff_client.get(EXPORT) if data is None else staff_client.post(EXPORT, data)
    assert response.status_code == 302
    assert not LogEntry.objects.exists()


def test_export_is_for_those_who_see_the_list(client):
    person = UserFactory(is_staff=True)
    client.force_login(person)
    assert client.post(EXPORT, {"format": "csv"}).status_code == 403
    person.user_permissions.add(Permission.objects.get(codename="view_partner"))
    assert client.post(EXPORT, {"format": "csv"}).status_code == 200


def test_list_offers_the_export_with_its_own_filter(staff_client):
    PartnerFactory()
    page = staff_client.get(f"{LIST}?status__exact=approved&kind__exact=company").text
    found = re.search(rf'action="{EXPORT}\?([^"]+)"', page)
    assert set(found[1].split("&amp;")) == {"status__exact=approved", "kind__exact=company"}
    assert EXPORT not in staff_client.get(f"{LIST}?status__exact=declined").text


# --- Round trip

names = st.text(min_size=1, max_size=60).map(str.strip).filter(bool)
texts = st.text(max_size=120)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=names,
    contact=names,
    about=texts,
    address=texts,
    place=st.text(max_size=60),
    employees=st.none() | st.integers(0, 2_000_000),
    sector=st.sampled_from(["", "26.510", "62", "gammel"]),
    kind=st.sampled_from(Partner.Kind.values),
    website=st.sampled_from(["", "https://nordlys.example.no", "ftp://gammel.example.no"]),
    has_municipality=st.booleans(),
    wanted=st.sampled_from(["csv", "xlsx"]),
    language=st.sampled_from(["nb", "nn", "en"]),
)
def test_what_is_exported_and_imported_again_is_no_change(
    name, contact, about, address, place, employees, sector, kind, website, has_municipality, wanted, language
):
    facts = [fact.replace("\x00", "") for fact in (name, contact, about, address, place)]
    Partner.objects.all().delete()
    name, contact, about, address, place = (without_personal_numbers(fact) for fact in facts)
    municipality = MunicipalityFactory() if has_municipality else None
    partner = PartnerFactory(
        display_name=name or "A",
        contact_name=contact or "B",
        about=about,
        address=address,
        postal_place=place,
        employees=employees,
        sector_code=sector,
        kind=kind,
        website=website,
        municipality=municipality,
    )
    before = Partner.objects.values().get()
    with translation.override(language):
        partner_import = read(exported(wanted), name=f"partners.{wanted}")
    row = partner_import.rows.get()
    assert (row.action, row.errors, row.changes) == (ImportRow.Action.SAME, [], {})
    assert row.partner == partner
    assert Partner.objects.values().get() == before


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_edited_export_changes_just_what_was_edited(wanted):
    with translation.override("nb"):
        edited, other = PartnerFactory(address="Storgata 1", about="-Vi bygger\n=roboter"), PartnerFactory()
        if wanted == "csv":
            content = exported("csv").replace(b"Storgata 1", b"Nygata 2")
        else:
            book = load_workbook(io.BytesIO(exported("xlsx")))
            cell = next(cell for row in book.active for cell in row if cell.value == "Storgata 1")
            cell.value = "Nygata 2"
            file = io.BytesIO()
            book.save(file)
            content = file.getvalue()
        partner_import = read(content)
        assert [row.action for row in partner_import.rows.all()] == ["change", "same"]
        import_apply.order_apply(partner_import=partner_import, by=StaffFactory())
        import_apply.apply_import(partner_import.pk)
    edited.refresh_from_db()
    assert (edited.address, edited.about) == ("Nygata 2", "-Vi bygger\n=roboter")
    assert other.changes.count() == 1


def test_bad_rows_come_back_as_a_table_to_mend(staff_client):
    with translation.override("en"):
        partner_import = read(b"Organisation number;Registered name;Employees\n123;=cmd;many\n312345676;BRA AS;4\n")
    response = staff_client.get(f"/en/admin/partners/partnerimport/{partner_import.pk}/bad-rows/")
    rows = table(response)
    assert [row["Line"] for row in rows] == ["2", "3"]
    assert (rows[0]["Organisation number"], rows[0]["Registered name"]) == ("123", "'=cmd")
    assert "Employees: Write a whole number." in rows[0]["What is wrong"]
    assert LogEntry.objects.get().object_repr == "partners.csv"
    again = read(b"".join(table_export.bad_rows_as_csv(PartnerImport.objects.get(pk=partner_import.pk))))
    assert again.error == "", "all its columns are known"
    assert again.rows.get(line=2).values["legal_name"] == "=cmd"


def test_large_export_does_not_hold_all_partners(django_assert_max_num_queries):
    for _ in range(5):
        PartnerFactory()
    rows = table_export.partner_rows(Partner.objects.order_by("pk"))
    with django_assert_max_num_queries(2):
        assert len(list(rows)) == 6
