"""Reading an uploaded table of partners: what each line would do, and why a bad one cannot be used."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone, translation

from stemportal.lib.organisation_numbers import synthetic
from stemportal.partners.models import ImportRow, Partner, PartnerImport
from stemportal.partners.services import imports
from stemportal.partners.tests.importing import (
    TITLES,
    csv_file,
    errors_of,
    new_line,
    read,
    rows_of,
    uploaded,
    xlsx_file,
)
from stemportal.testing.factories import MunicipalityFactory, PartnerFactory, PostalCodeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Action, Status = ImportRow.Action, PartnerImport.Status
# A made-up person of the test series of Skatteetaten (80 is added to the month), with the right check digits.
IDENTITY_NUMBER = "01819010001"


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def stored_files() -> list[str]:
    return default_storage.listdir("imports")[1] if default_storage.exists("imports") else []


def changes_of(text: str, titles: str = "Organisation number;Street address", **facts) -> ImportRow:
    """The row that comes of one cell about a partner we have."""
    partner = PartnerFactory(**facts)
    partner_import = read(f"{titles}\n{partner.organisation_number};{text}\n".encode())
    return partner_import.rows.get()


# --- The four things a line may do


@pytest.mark.parametrize("make_file", [csv_file, xlsx_file])
def test_lines_are_sorted_into_new_changed_same_and_bad(make_file):
    changed = PartnerFactory(display_name="Nordlys", legal_name="NORDLYS AS", contact_name="Kari Prøve")
    same = PartnerFactory()
    titles = [*TITLES, "Street address"]
    about_same = [
        same.organisation_number,
        same.legal_name,
        "company",
        same.contact_name,
        same.contact_email,
        same.address,
    ]
    about_changed = [
        changed.organisation_number,
        "NORDLYS HAVN AS",
        "",
        changed.contact_name,
        changed.contact_email,
        "Havnegata 4",
    ]
    partner_import = read(
        make_file([[*new_line(1), ""], about_changed, about_same, [*new_line(2, number="123"), ""]], titles)
    )
    rows = rows_of(partner_import)
    assert (partner_import.status, partner_import.total, partner_import.done) == (Status.READY, 4, 4)
    assert [rows[line].action for line in (2, 3, 4, 5)] == [Action.NEW, Action.CHANGE, Action.SAME, Action.BAD]
    assert rows[3].partner == changed
    assert rows[3].changes == {"legal_name": ["NORDLYS AS", "NORDLYS HAVN AS"], "address": ["", "Havnegata 4"]}
    assert rows[2].changes["display_name"] == ["", "Bedrift 1 AS"]
    assert not rows[5].changes
    assert Partner.objects.count() == 2, "nothing is written"
    changed.refresh_from_db()
    assert changed.legal_name == "NORDLYS AS"


def test_norwegian_titles_in_any_order_and_spelling_are_known():
    MunicipalityFactory()
    number = f"NO {synthetic(9)[:3]} {synthetic(9)[3:6]} {synthetic(9)[6:]} MVA"
    titles = "KOMMUNE;e-post_til kontaktpersonen;Type  organisasjon;Kontaktperson *;Registrert namn;Organisasjonsnummer"
    text = f"\ufeff{titles}\nAlta;kari@example.no;Bedrift;Kari Prøve;NORDLYS AS;{number}"
    row = read(text.encode()).rows.get()
    assert (row.action, row.errors) == (Action.NEW, [])
    assert row.changes["municipality"] == ["", "5601"]
    assert row.changes["kind"] == ["", "company"]


def test_columns_that_nobody_knows_are_named_and_not_kept():
    partner_import = read(csv_file([[*new_line(1), "hemmelig"]], [*TITLES, "Favourite colour"]))
    assert "Favourite colour" in partner_import.error
    assert "hemmelig" not in repr(partner_import.rows.values().get())


def test_columns_for_the_reader_are_passed_over():
    partner_import = read(csv_file([[*new_line(1), "Approved", "7"]], [*TITLES, "Status", "Linje"]))
    assert partner_import.error == ""
    assert partner_import.rows.get().action == Action.NEW


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing in the file"),
        ("Organisation number\n", "nothing in the file"),
        ("Name;Number\nA;1\n", "Organisation number"),
        ("Organisation number;Organisasjonsnummer\n1;1\n", "twice"),
        ('Organisation number\n"312345676\n', "quotation mark"),
        ("\x00", "neither a CSV file nor"),
    ],
)
def test_file_that_is_no_such_table_is_refused_as_a_whole(text, words):
    partner_import = read(text.encode())
    assert partner_import.status == Status.FAILED
    assert words in partner_import.error
    assert not partner_import.rows.exists()
    assert stored_files() == []


def test_file_that_breaks_off_in_the_middle_stores_nothing():
    content = csv_file([new_line(n) for n in range(1200)]) + b'"312345676;A\r\n'
    partner_import = read(content)
    assert partner_import.status == Status.FAILED
    assert "after line 1201" in partner_import.error
    assert not ImportRow.objects.exists()


def test_reasons_are_in_the_language_of_the_page():
    with translation.override("nb"):
        partner_import = uploaded(csv_file([new_line(1, number="")]))
    imports.read_import(partner_import.pk)
    assert partner_import.rows.get().errors[0][0] == "Organisasjonsnummer"


# --- What is wrong with a cell


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("Organisation number", "312345675"),
        ("Organisation number", "31234567O"),
        ("Registered name", "A" * 201),
        ("Kind of organisation", "Circus"),
        ("Contact person", "K" * 121),
        ("E-mail of the contact person", "kari at example.no"),
        ("Country", "FI"),
        ("Name shown to schools", "A" * 121),
        ("Sector code", "maskiner"),
        ("Employees", "mange"),
        ("Employees", "-3"),
        ("Employees", "99999999"),
        ("Postal code", "95101"),
        ("Postal code", "ALTA"),
        ("Municipality", "Atlantis"),
        ("Municipality", "9999"),
        ("Web site", "ikke en adresse"),
        ("Web site", "javascript://alert(1)"),
        ("Web site", "https://a.example.no/" + "a" * 200),
        ("About the organisation", "x" * 3001),
        ("Role", "r" * 81),
        ("Employees", "#REF!"),
        ("Street address", "#N/A"),
    ],
)
def test_bad_cell_is_told_by_its_column_with_a_reason(title, cell):
    titles = TITLES if title in TITLES else [*TITLES, title]
    line = dict(zip(TITLES, new_line(1), strict=True)) | {title: cell}
    (found,) = errors_of(read(csv_file([[line[name] for name in titles]], titles))).values()
    assert [column for column, _reason in found] == [title]
    assert len(found[0][1]) > 5
    assert cell not in found[0][1]


def test_every_error_of_a_line_is_told_in_the_order_of_the_columns():
    titles = [*TITLES, "Employees"]
    found = errors_of(read(csv_file([["1", "", "Circus", "", "x", "many"]], titles)))[2]
    assert [column for column, _reason in found] == [
        "Organisation number",
        "Kind of organisation",
        "Employees",
        "E-mail of the contact person",
    ]


def test_new_partner_needs_what_a_known_one_has_already():
    partner = PartnerFactory()
    text = f"Organisation number\n{synthetic(9)}\n{partner.organisation_number}\n"
    partner_import = read(text.encode())
    assert [column for column, _reason in errors_of(partner_import)[2]] == TITLES[1:]
    assert rows_of(partner_import)[3].action == Action.SAME


def test_same_number_twice_is_told_with_the_first_line_also_across_batches(monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    lines = [new_line(n) for n in range(5)] + [new_line(0, number=f"NO {new_line(0)[0]} MVA")]
    found = errors_of(read(csv_file(lines)))
    assert list(found) == [7]
    assert found[7][0][0] == "Organisation number"
    assert "line 2" in found[7][0][1]


def test_organisation_that_left_is_not_changed_by_an_import():
    partner = PartnerFactory(status=Partner.Status.ENDED)
    found = errors_of(read(f"Organisation number;Role\n{partner.organisation_number};Leder\n".encode()))
    assert "left the programme" in found[2][0][1]


@pytest.mark.parametrize("status", [Partner.Status.DECLINED, Partner.Status.UNCONFIRMED])
def test_number_of_a_declined_application_is_free(status):
    PartnerFactory(status=status, organisation_number=new_line(1)[0])
    assert read(csv_file([new_line(1)])).rows.get().action == Action.NEW


def test_danish_and_swedish_numbers_are_read_by_their_countries_rules():
    PartnerFactory(country="SE", organisation_number="5560125790", display_name="Volvo")
    text = "Country;Organisation number;Postal code;Role;Municipality\n"
    text += "SE;556012-5790;41878;Chef;\nse;556012-5791;;;\nDK;13 58 56 28;1000;;\nDK;13585628;;;Alta\n"
    partner_import = read(text.encode())
    rows = rows_of(partner_import)
    assert rows[2].partner.display_name == "Volvo"
    assert rows[2].changes == {"postal_code": ["", "418 78"], "contact_role": ["", "Chef"]}
    assert errors_of(partner_import)[3][0][0] == "Organisation number"
    assert "needed" in errors_of(partner_import)[4][0][1]
    assert "line 4" in errors_of(partner_import)[5][0][1]


# --- Identity numbers


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("Organisation number", IDENTITY_NUMBER),
        ("Organisation number", "010190 12345"),
        ("Contact person", f"Kari Prøve {IDENTITY_NUMBER}"),
        ("Registered name", "018190 10001"),
        ("About the organisation", f"Ring Kari, {IDENTITY_NUMBER[:6]} {IDENTITY_NUMBER[6:]}, om formiddagen."),
        ("Favourite colour", IDENTITY_NUMBER),
        ("", IDENTITY_NUMBER),
    ],
)
@pytest.mark.parametrize("make_file", [csv_file, xlsx_file])
def test_identity_number_in_any_cell_is_kept_nowhere(make_file, title, cell, caplog):
    titles = TITLES if title in TITLES else [*TITLES, title]
    line = dict(zip(TITLES, new_line(1), strict=True)) | {title: cell}
    partner_import = read(make_file([[line[name] for name in titles], [*new_line(2), ""]], titles))
    rows = rows_of(partner_import)
    assert (rows[2].action, rows[3].action) == (Action.BAD, Action.NEW)
    assert [column for column, _reason in rows[2].errors] == [title or "a column without a title"]
    assert "personal identity number" in rows[2].errors[0][1]
    kept = repr(list(PartnerImport.objects.values())) + repr(list(ImportRow.objects.values())) + caplog.text
    assert cell not in kept
    assert IDENTITY_NUMBER not in kept
    assert stored_files() == []


def test_identity_number_in_a_title_or_the_file_name_is_kept_nowhere():
    content = csv_file([[*new_line(1), "x"]], [*TITLES, f"Kari {IDENTITY_NUMBER}"])
    partner_import = read(content, name=f"{IDENTITY_NUMBER}.csv")
    assert IDENTITY_NUMBER not in repr(list(PartnerImport.objects.values()))
    assert partner_import.status == Status.READY


def test_telephone_and_account_numbers_are_no_identity_numbers():
    row = changes_of("Ring 22 33 44 55 eller 0047 99 88 77 66", "Organisation number;About the organisation")
    assert row.action == Action.CHANGE


# --- How cells are read


@pytest.mark.parametrize(
    ("title", "cell", "field", "read_as"),
    [
        ("Kind of organisation", "FAGFORENING", "kind", "union"),
        ("Kind of organisation", "Trade union", "kind", "union"),
        ("Kind of organisation", "union", "kind", "union"),
        ("Employees", "1 200", "employees", "1200"),
        ("Employees", "0", "employees", "0"),
        ("Postal code", "150", "postal_code", "0150"),
        ("Sector code", "26,51", "sector_code", "26.510"),
        ("Web site", "nordlys.example.no", "website", "https://nordlys.example.no"),
        ("Municipality", "301", "municipality", "0301"),
        ("Municipality", "0301 Oslo", "municipality", "0301"),
        ("Municipality", "oslo", "municipality", "0301"),
        ("Street address", " Storgata   1 ", "address", "Storgata 1"),
        ("Street address", "'=Storgata 1", "address", "=Storgata 1"),
    ],
)
def test_cell_is_read_as_people_write_it(title, cell, field, read_as):
    MunicipalityFactory(number="0301", name="Oslo", official_name="Oslo - Oslove")
    row = changes_of(cell, f"Organisation number;{title}")
    assert row.changes == {field: [row.changes[field][0], read_as]}


def test_name_of_two_municipalities_asks_for_the_number():
    MunicipalityFactory(number="1515", name="Herøy")
    MunicipalityFactory(number="1818", name="Herøy")
    row = changes_of("Herøy", "Organisation number;Municipality")
    assert "1515, 1818" in row.errors[0][1]
    assert changes_of("1818 Herøy", "Organisation number;Municipality").changes["municipality"][1] == "1818"


def test_empty_cell_changes_nothing():
    partner = PartnerFactory(address="Storgata 1", employees=7, website="https://a.example.no")
    text = f"Organisation number;Street address;Employees;Web site\n{partner.organisation_number};; ;\n"
    assert read(text.encode()).rows.get().action == Action.SAME


def test_place_and_municipality_of_a_new_partner_are_found_from_the_postal_code():
    PostalCodeFactory()
    text = csv_file([[*new_line(1), "9510"]], [*TITLES, "Postal code"])
    changes = read(text).rows.get().changes
    assert (changes["postal_place"][1], changes["municipality"][1]) == ("Alta", "5601")


def test_fact_that_could_not_be_typed_in_today_is_no_change():
    """What an export writes about an old partner comes back as it is."""
    gone = MunicipalityFactory(number="2012", name="Gamle Alta", valid_to=timezone.localdate())
    partner = PartnerFactory(postal_code="N-9510", municipality=gone, contact_email="not an address")
    titles = "Organisation number;Postal code;Municipality;E-mail of the contact person"
    partner_import = read(f"{titles}\n{partner.organisation_number};N-9510;2012;not an address\n".encode())
    assert partner_import.rows.get().action == Action.SAME


# --- The worker


def test_file_is_deleted_once_it_is_read():
    partner_import = uploaded(csv_file([new_line(1)]))
    assert len(stored_files()) == 1
    assert "partners" not in stored_files()[0], "its name tells nothing and cannot be guessed"
    imports.read_import(partner_import.pk)
    assert stored_files() == []
    partner_import.refresh_from_db()
    assert partner_import.file.name == ""


def test_import_is_read_once():
    partner_import = read(csv_file([new_line(1)]))
    assert not imports.read_import(partner_import.pk)
    assert partner_import.rows.count() == 1


def test_import_of_a_dead_worker_is_read_again_from_the_start(monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    partner_import = uploaded(csv_file([new_line(n) for n in range(5)]))
    store, batches = imports._still_mine, []

    def die_after_the_second_batch(*args) -> None:
        store(*args)
        batches.append(args)
        if len(batches) == 2:
            raise SystemExit

    monkeypatch.setattr(imports, "_still_mine", die_after_the_second_batch)
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        with pytest.raises(SystemExit):
            imports.read_import(partner_import.pk)
        monkeypatch.setattr(imports, "_still_mine", store)
        clock.shift(imports.CLAIM - timedelta(seconds=1))
        assert imports.sweep() == 0
        assert not imports.read_import(partner_import.pk)
        clock.shift(2)
        assert imports.sweep() == 1
        assert imports.read_import(partner_import.pk)
    assert [row.line for row in partner_import.rows.all()] == [2, 3, 4, 5, 6]


def test_file_that_kills_its_worker_is_given_up(monkeypatch):
    partner_import = uploaded(csv_file([new_line(1)]))

    def die(*args):
        raise SystemExit

    monkeypatch.setattr(imports, "_read_file", die)
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for _ in range(imports.MAX_ATTEMPTS):
            with pytest.raises(SystemExit):
                imports.read_import(partner_import.pk)
            clock.shift(imports.CLAIM + timedelta(seconds=1))
        assert not imports.read_import(partner_import.pk)
    partner_import.refresh_from_db()
    assert partner_import.status == Status.FAILED
    assert stored_files() == []


def test_import_thrown_away_while_it_is_read_leaves_nothing(monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    partner_import = uploaded(csv_file([new_line(n) for n in range(5)]))
    store, batches = imports._still_mine, []

    def thrown_away_meanwhile(*args) -> None:
        store(*args)
        batches.append(args)
        if len(batches) == 1:
            assert imports.discard(partner_import=partner_import)

    monkeypatch.setattr(imports, "_still_mine", thrown_away_meanwhile)
    assert not imports.read_import(partner_import.pk)
    imports.sweep()
    partner_import.refresh_from_db()
    assert (partner_import.status, partner_import.rows.count(), stored_files()) == (Status.DISCARDED, 0, [])


def test_throwing_away_deletes_the_lines_and_works_once():
    partner_import = read(csv_file([new_line(1)]))
    assert imports.discard(partner_import=partner_import)
    assert not imports.discard(partner_import=partner_import)
    assert not ImportRow.objects.exists()


def test_lines_are_deleted_after_thirty_days_and_not_before():
    partner_import = read(csv_file([new_line(1)]))
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        imports.sweep()
        assert partner_import.rows.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        imports.sweep()
    partner_import.refresh_from_db()
    assert (partner_import.status, partner_import.rows.count()) == (Status.DISCARDED, 0)


def test_judging_again_follows_what_changed_meanwhile():
    partner = PartnerFactory(address="Storgata 1")
    lines = [[partner.organisation_number, "", "", "", "", "Nygata 2"], [*new_line(1), ""], ["1", "", "", "", "", ""]]
    partner_import = read(csv_file(lines, [*TITLES, "Street address"]))
    assert [row.action for row in partner_import.rows.all()] == [Action.CHANGE, Action.NEW, Action.BAD]
    Partner.objects.filter(pk=partner.pk).update(address="Nygata 2")
    PartnerFactory(organisation_number=new_line(1)[0], display_name="Raskere")
    assert imports.judge_again(partner_import=partner_import)
    assert not imports.judge_again(partner_import=partner_import)
    imports.read_import(partner_import.pk)
    partner_import.refresh_from_db()
    rows = rows_of(partner_import)
    assert partner_import.status == Status.READY
    assert [rows[line].action for line in (2, 3, 4)] == [Action.SAME, Action.CHANGE, Action.BAD]
    assert rows[3].partner.display_name == "Raskere"
    assert rows[3].changes["legal_name"][1] == "BEDRIFT 1 AS"
    assert rows[4].errors
