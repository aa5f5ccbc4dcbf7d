"""The secretariat exports tables: built by a worker, fetched, deleted after some days, with no small counts in them."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone, translation

from stemportal.reports.exports import formats
from stemportal.reports.exports.packing import write_tables
from stemportal.reports.exports.tables import TABLES, Column, Row, Table
from stemportal.reports.exports.tables.visits import size_class
from stemportal.reports.exports.tables.years import hidden_totals
from stemportal.reports.models import Export
from stemportal.reports.services import exports
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.schools.models import Feedback
from stemportal.testing.factories import GrantPotFactory, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db

PAGES = "/en/admin/reports/export/"


def _tables(file_format: str = "csv", **chosen: Any) -> zipfile.ZipFile:
    target = io.BytesIO()
    with translation.override("en"):
        write_tables(target, codes=chosen.get("codes", []), file_format=file_format)
    return zipfile.ZipFile(target)


def _rows(parts: zipfile.ZipFile, code: str) -> list[dict[str, str]]:
    text = parts.read(f"data/{code}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


# --- What the tables say


def test_tables_say_what_happened():
    partner = partner_with_owner(display_name="=cmd|' /C calc'!A0", organisation_number="312345676")
    booking = visit(partner, at="2024-10-01 09:00", pupils=22, hours=2.5)
    Feedback.objects.create(booking=booking, side="school", rating=5)
    GrantPotFactory(partner=partner, amount_ore=1_000_000)

    parts = _tables()

    (visits,) = _rows(parts, "visits")
    assert visits["booking_id"] == str(booking.pk)
    assert (visits["day"], visits["hours"], visits["pupils_class"]) == ("2024-10-01", "2.5", "20-29")
    assert visits["school_number"] == booking.school.number
    (figures,) = _rows(parts, "partner_years")
    assert (figures["partner_id"], figures["year"], figures["visits"]) == (str(partner.pk), str(YEAR), "1")
    assert [row["pupils"] for row in _rows(parts, "programme_years")] == ["22", "22"]
    (told,) = _rows(parts, "feedback")
    assert (told["ratings"], told["rating"]) == ("1", "")
    (pot,) = _rows(parts, "pots")
    assert pot["amount_ore"] == "1000000"
    # No spreadsheet program takes a name for a formula.
    assert {row["display_name"] for row in _rows(parts, "partners")} == {"'=cmd|' /C calc'!A0"}


def test_tables_have_no_names_of_people():
    partner = partner_with_owner(contact_name="Kari Nordmann", contact_email="kari@example.org")
    booking = visit(partner, message="Ring Ola", needs="Rullestol")
    booking.teacher.full_name = "Lærer Lærersen"
    booking.teacher.save()

    parts = _tables()

    text = b"".join(parts.read(name) for name in parts.namelist()).decode()
    for word in ("Kari Nordmann", "kari@example.org", "Lærersen", "Ring Ola", "Rullestol", booking.teacher.email):
        assert word not in text


def test_tables_are_written_without_any_rows():
    parts = _tables()
    assert all(_rows(parts, code) == [] for code in TABLES)


def test_tables_that_are_chosen_are_the_only_ones():
    assert set(_tables(codes=["partners", "unknown"]).namelist()) == {
        "data/partners.csv",
        "datapackage.json",
        "dictionary.md",
    }


@pytest.mark.parametrize(
    ("pupils", "told"),
    [(0, "0"), (1, None), (4, None), (5, "5-9"), (9, "5-9"), (10, "10-19"), (29, "20-29"), (50, "50+"), (240, "50+")],
)
def test_size_class_hides_one_to_four(pupils, told):
    assert size_class(pupils) == told


def test_small_visit_and_what_would_tell_it_are_hidden():
    partner = PartnerFactory()
    small = visit(partner, at="2024-10-01 09:00", pupils=3, girls=None)
    others = [visit(partner, at=f"2024-10-0{day} 09:00", pupils=20 + day, girls=None) for day in (2, 3, 4)]
    alone = visit(at="2024-11-01 09:00", pupils=2, girls=None)

    parts = _tables()

    told = {row["booking_id"]: row["pupils_class"] for row in _rows(parts, "visits")}
    assert told[str(small.pk)] == told[str(alone.pk)] == ""
    assert len(told) == len(others) + 2
    years = {row["partner_id"]: row["pupils"] for row in _rows(parts, "partner_years")}
    # The sum of all is public: with the one total it would tell the other.
    assert years == {str(partner.pk): "", str(alone.activity.partner_id): ""}


def test_total_that_would_tell_a_hidden_one_is_hidden():
    assert hidden_totals({1: 3, 2: 40, 3: 50}, hidden={1}) in ({1, 2}, {1, 3})
    assert hidden_totals({1: 30, 2: 40}, hidden=set()) == set()
    assert hidden_totals({1: 3, 2: 4, 3: 50}, hidden={1, 2}) == {1, 2}


# --- Formats and dictionary


def test_dictionary_says_what_every_column_means():
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names), table.code
        assert set(table.key) <= set(names), table.code
        assert all(str(column.meaning) for column in table.columns), table.code
        assert all(column.source or column.name in {"period_kind", "year"} for column in table.columns), table.code


def test_datapackage_is_true_of_the_files():
    visit()
    parts = _tables()
    package = json.loads(parts.read("datapackage.json"))
    dictionary = parts.read("dictionary.md").decode()
    for resource in package["resources"]:
        content = parts.read(resource["path"])
        assert len(content) == resource["bytes"]
        header = content.decode("utf-8-sig").split("\r\n")[0].split(";")
        assert header == [field["name"] for field in resource["schema"]["fields"]]
        assert resource["rows"] == len(_rows(parts, resource["name"]))
        assert f"({resource['name']})" in dictionary
    visits = next(resource for resource in package["resources"] if resource["name"] == "visits")
    assert {"fields": "partner_id", "reference": {"resource": "partners", "fields": "id"}} in visits["schema"][
        "foreignKeys"
    ]


def test_workbook_and_parquet_say_the_same_as_csv():
    booking = visit(at="2024-10-01 09:00", pupils=22)
    book = openpyxl.load_workbook(io.BytesIO(_tables("xlsx", codes=["sessions"]).read("data/sessions.xlsx")))
    sheet = book["sessions"]
    assert sheet.freeze_panes == "A2"
    header, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert row[header.index("starts_at")].isoformat() == "2024-10-01T09:00:00"
    assert row[header.index("id")] == booking.session_id
    assert book["columns"]["A2"].value == "id"

    found = pq.read_table(io.BytesIO(_tables("parquet", codes=["visits"]).read("data/visits.parquet"))).to_pylist()
    assert [(line["booking_id"], line["day"].isoformat(), line["hours"]) for line in found] == [
        (booking.pk, "2024-10-01", 2.0)
    ]


def test_sheet_that_is_full_goes_on_in_the_next_one(monkeypatch):
    monkeypatch.setattr(formats, "ROWS_OF_SHEET", 2)
    table = _generated(5)
    target = io.BytesIO()
    formats.write_xlsx(table, table.rows(), target)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["many", "many 2", "many 3", "columns"]
    assert [sheet.max_row for sheet in book.worksheets[:3]] == [3, 3, 2]


def _generated(count: int) -> Table:
    columns = [Column("id", "integer", "number", "test"), Column("text", "string", "words", "test")]

    def rows() -> Iterator[Row]:
        for number in range(count):
            yield [number, f"row number {number} with some words in it"]

    return Table(code="many", title="Many", meaning="Rows", columns=columns, make_rows=rows)


@pytest.mark.parametrize("file_format", ["csv", "parquet", "xlsx"])
def test_large_table_needs_no_more_memory_than_a_small_one(file_format, tmp_path, monkeypatch):
    def peak(count: int) -> int:
        table = _generated(count)
        with (tmp_path / "table").open("wb+") as target:
            tracemalloc.start()
            formats.WRITERS[file_format](table, table.rows(), target)
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return used

    monkeypatch.setattr(formats, "ROWS_AT_A_TIME", 500)
    peak(100)
    assert peak(6_000) < peak(2_000) + 150_000


# --- Built by a worker


def test_export_is_built_and_expires():
    person = StaffFactory(language="en")
    export = exports.request_tables(codes=["partners"], file_format="csv", by=person)
    assert exports.build_export(export.pk)
    assert not exports.build_export(export.pk)

    export.refresh_from_db()
    assert (export.status, export.done, export.total) == ("ready", 1, 1)
    with export.file.open() as file:
        assert zipfile.ZipFile(file).testzip() is None
        assert file.size == export.size
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert exports.expire_exports() == 1
    assert not default_storage.exists(export.file.name)
    export.refresh_from_db()
    assert export.status == "expired"


def test_export_of_a_dead_worker_is_taken_over_and_leaves_nothing():
    export = exports.request_tables(codes=["partners"], file_format="csv", by=StaffFactory())
    half = default_storage.save(f"{exports.FOLDER}/{'0' * 32}.zip", ContentFile(b"half"))
    Export.objects.update(
        status="building", claim="0" * 32, claimed_at=timezone.now() - timedelta(minutes=6), attempts=1
    )

    exports.sweep()
    assert exports.build_export(export.pk)

    assert not default_storage.exists(half)
    export.refresh_from_db()
    assert (export.status, export.attempts) == ("ready", 2)


def test_export_that_fails_says_why_and_is_given_up(monkeypatch):
    def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(exports, "write_tables", broken)
    export = exports.request_tables(codes=[], file_format="csv", by=StaffFactory())
    for _attempt in range(exports.MAX_ATTEMPTS):
        assert not exports.build_export(export.pk)
    export.refresh_from_db()
    assert (export.status, export.error) == ("failed", "RuntimeError: no room")


def test_worker_that_lost_its_claim_stores_nothing(monkeypatch):
    export = exports.request_tables(codes=["partners"], file_format="csv", by=StaffFactory())

    def overtaken(*args: Any, progress: Any, **options: Any) -> None:
        Export.objects.update(claim="f" * 32)
        progress(1, 1)

    monkeypatch.setattr(exports, "write_tables", overtaken)
    assert not exports.build_export(export.pk)
    export.refresh_from_db()
    assert (export.status, export.file.name) == ("building", "")


def test_two_presses_make_one_archive():
    person = StaffFactory(is_superuser=True)
    assert exports.request_installation(by=person) == exports.request_installation(by=person)


def test_person_cannot_fill_the_queue():
    person = StaffFactory()
    for _number in range(exports.OPEN_AT_MOST):
        exports.request_tables(codes=[], file_format="csv", by=person)
    with pytest.raises(exports.ExportError):
        exports.request_tables(codes=[], file_format="csv", by=person)


# --- The pages


@pytest.fixture
def exporter() -> Any:
    """Somebody in the secretariat who exports, but is no superuser."""
    person = StaffFactory(is_superuser=False, language="en")
    person.user_permissions.add(Permission.objects.get(codename="add_export"))
    return person


@pytest.mark.usefixtures("own_corner")
def test_secretariat_orders_tables_and_fetches_them(exporter, client_of):
    client = client_of(exporter)
    page = client.get(f"{PAGES}add/").content.decode()
    assert "Bookings" in page
    assert "whole installation" not in page

    answer = client.post(f"{PAGES}add/", {"format": "xlsx", "tables": ["partners", "schools"]}, follow=True)
    export = Export.objects.get()
    assert "Waiting" in answer.content.decode()
    assert (export.format, export.tables, export.asked_by) == ("xlsx", ["partners", "schools"], exporter)
    exports.build_export(export.pk)
    assert (
        "Fetch the file" in client.get(f"{PAGES}{export.pk}/change/", headers={"HX-Request": "true"}).content.decode()
    )

    fetched = client.get(f"{PAGES}{export.pk}/download/")
    assert fetched["Content-Disposition"].startswith("attachment;")
    assert "data/schools.xlsx" in zipfile.ZipFile(io.BytesIO(b"".join(fetched))).namelist()

    client.get(f"{PAGES}{export.pk}/delete-now/")
    assert Export.objects.get().status == "ready"
    client.post(f"{PAGES}{export.pk}/delete-now/")
    assert Export.objects.get().status == "expired"
    assert client.get(f"{PAGES}{export.pk}/download/").status_code == 404


@pytest.mark.usefixtures("own_corner")
def test_archive_is_for_superusers(exporter, client_of):
    client = client_of(exporter)
    assert client.post(f"{PAGES}add/", {"format": "archive"}).status_code == 422
    superuser = client_of(StaffFactory(is_superuser=True, language="en"))
    superuser.post(f"{PAGES}add/", {"format": "archive"})
    export = Export.objects.get()
    name = default_storage.save(f"{exports.FOLDER}/archive.zip", ContentFile(b"PK"))
    Export.objects.update(status="ready", file=name, expires_at=timezone.now() + timedelta(days=1))

    assert client.get(f"{PAGES}{export.pk}/download/").status_code == 403
    assert client.post(f"{PAGES}{export.pk}/delete-now/").status_code == 403
    assert "You may not fetch this file" in client.get(f"{PAGES}{export.pk}/change/").content.decode()
    assert superuser.get(f"{PAGES}{export.pk}/download/").status_code == 200


def test_staff_without_the_right_see_no_export(client_of):
    client = client_of(StaffFactory(is_superuser=False))
    export = Export.objects.create()
    for page in ("", "add/", "dictionary/", f"{export.pk}/change/", f"{export.pk}/download/"):
        assert client.get(f"{PAGES}{page}").status_code == 403, page


def test_dictionary_is_a_page(exporter, client_of):
    page = client_of(exporter).get(f"{PAGES}dictionary/").content.decode()
    assert all(f'id="{code}"' in page for code in TABLES)
    assert "schools.LedgerEntry.ore" in page
