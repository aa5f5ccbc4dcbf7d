"""Applying an import: all its good lines or none, by one person, and never over what changed meanwhile."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stemportal.lib.organisation_numbers import synthetic
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.models import ImportRow, Membership, Partner, PartnerEvent, PartnerImport
from stemportal.partners.services import import_apply, imports
from stemportal.partners.tests.importing import (
    TITLES,
    csv_file,
    errors_of,
    new_line,
    read,
    rows_of,
    uploaded,
)
from stemportal.testing.factories import MunicipalityFactory, PartnerFactory, StaffFactory
from stemportal.testing.together import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Action, Status = ImportRow.Action, PartnerImport.Status


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def apply(partner_import: PartnerImport, by=None) -> PartnerImport:
    import_apply.order_apply(partner_import=partner_import, by=by or StaffFactory())
    import_apply.apply_import(partner_import.pk)
    partner_import.refresh_from_db()
    return partner_import


def everything() -> list:
    """All that an import may write."""
    partners = Partner.objects.order_by("pk").values("pk", "legal_name", "address", "employees", "contact_name")
    return [*partners, PartnerEvent.objects.count(), Partner.changes.rel.related_model.objects.count()]


# --- What is written


@pytest.mark.parametrize("status", ["approved", "applied"])
def test_new_partner_comes_in_without_members_or_mail(status):
    MunicipalityFactory()
    titles = [*TITLES, "Municipality", "Employees", "Name shown to schools"]
    content = csv_file([[*new_line(1), "Alta", "38", "Nordlys Robot"]], titles)
    person = StaffFactory()
    partner_import = apply(read(content, status=status), by=person)
    partner = Partner.objects.get()
    assert partner_import.status == Status.APPLIED
    assert (partner.status, partner.slug, partner.legal_name) == (status, "nordlys-robot", "BEDRIFT 1 AS")
    assert (partner.municipality.name, partner.employees, partner.kind) == ("Alta", 38, "company")
    assert (partner.decided_at is not None) == (status == "approved")
    event = PartnerEvent.objects.get()
    assert (event.by, event.to_status, event.note) == (person, status, "Imported from partners.csv")
    assert not Membership.objects.exists()
    assert not Mail.objects.exists()
    assert partner_import.rows.get().partner == partner


def test_changes_are_written_with_who_made_them():
    partner = PartnerFactory(address="Storgata 1", employees=5)
    content = f"Organisation number;Street address;Employees\n{partner.organisation_number};Nygata 2;6\n".encode()
    person = StaffFactory()
    apply(read(content), by=person)
    partner.refresh_from_db()
    assert (partner.address, partner.employees) == ("Nygata 2", 6)
    assert partner.revision == 1, "a member who has the page open is told"
    change = partner.changes.order_by("pgh_id").last()
    assert change.pgh_context.metadata["user"] == person.pk


def test_bad_and_unchanged_lines_write_nothing():
    partner = PartnerFactory()
    content = csv_file([new_line(1, email="x"), [partner.organisation_number, "", "", "", ""], new_line(2)])
    apply(read(content))
    assert set(Partner.objects.values_list("organisation_number", flat=True)) == {
        partner.organisation_number,
        new_line(2)[0],
    }
    assert partner.changes.count() == 1


def test_same_names_get_addresses_of_their_own():
    PartnerFactory(slug="nordlys")
    apply(read(csv_file([new_line(n, name="Nordlys") for n in range(2)] + [new_line(2, name="Signatories")])))
    slugs = set(Partner.objects.exclude(slug="nordlys").values_list("slug", flat=True))
    assert slugs == {f"nordlys-{new_line(0)[0]}", f"nordlys-{new_line(1)[0]}", f"signatories-{new_line(2)[0]}"}


def test_new_name_is_told_to_the_offers(monkeypatch):
    told = []
    monkeypatch.setattr(extensions, "name_changed", [lambda partner: told.append(partner.display_name)])
    renamed, other = PartnerFactory(display_name="Gammelt navn"), PartnerFactory()
    text = f"Organisation number;Name shown to schools;Role\n{renamed.organisation_number};Nytt navn;\n"
    apply(read(f"{text}{other.organisation_number};;Leder\n".encode()))
    assert told == ["Nytt navn"]


# --- Nothing at all is written


def stopped_by(change) -> PartnerImport:
    """An import of two new partners and two changes, during which ``change(partner)`` happened after it was read."""
    partner = PartnerFactory(display_name="Nordlys", address="Storgata 1")
    other = PartnerFactory(address="Storgata 9")
    lines = [
        [*new_line(1), ""],
        [other.organisation_number, "", "", "", "", "Nygata 9"],
        [partner.organisation_number, "", "", "", "", "Nygata 2"],
        [*new_line(2), ""],
    ]
    partner_import = read(csv_file(lines, [*TITLES, "Street address"]))
    change(partner)
    before = everything()
    apply(partner_import)
    assert everything() == before
    assert partner_import.status == Status.READY
    assert "Nothing was written" in partner_import.error
    return partner_import


@pytest.mark.parametrize(
    "change",
    [
        lambda partner: Partner.objects.filter(pk=partner.pk).update(address="Nybrottet 3"),
        lambda partner: Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.ENDED),
        lambda partner: Partner.objects.filter(pk=partner.pk).update(organisation_number=synthetic(900_000)),
        lambda partner: Partner.objects.filter(pk=partner.pk).delete(),
    ],
    ids=["changed", "left", "swapped numbers", "deleted"],
)
def test_partner_that_is_not_as_it_was_stops_the_whole_import(change):
    partner_import = stopped_by(change)
    assert "Line 4: Nordlys" in partner_import.error
    assert "Line 3" not in partner_import.error


def test_number_that_somebody_registered_meanwhile_stops_the_whole_import():
    partner_import = stopped_by(lambda _partner: PartnerFactory(organisation_number=new_line(2)[0]))
    assert "Line 5: BEDRIFT 2 AS" in partner_import.error


def test_change_of_another_fact_does_not_stop_the_import():
    partner = PartnerFactory(address="Storgata 1", employees=5)
    partner_import = read(f"Organisation number;Street address\n{partner.organisation_number};Nygata 2\n".encode())
    Partner.objects.filter(pk=partner.pk).update(employees=6)
    apply(partner_import)
    partner.refresh_from_db()
    assert (partner.address, partner.employees) == ("Nygata 2", 6)


def test_municipality_that_is_gone_stops_the_import():
    alta = MunicipalityFactory()
    partner = PartnerFactory(municipality=MunicipalityFactory(number="5634", name="Vardø", official_name="Vardø"))
    partner_import = read(f"Organisation number;Municipality\n{partner.organisation_number};Alta\n".encode())
    type(alta).objects.filter(pk=alta.pk).update(valid_to=timezone.localdate())
    assert "Line 2" in apply(partner_import).error


def test_stopped_import_can_be_judged_again_and_applied():
    partner_import = stopped_by(lambda partner: Partner.objects.filter(pk=partner.pk).update(address="Nybrottet 3"))
    imports.judge_again(partner_import=partner_import)
    imports.read_import(partner_import.pk)
    assert rows_of(partner_import)[4].changes == {"address": ["Nybrottet 3", "Nygata 2"]}
    assert apply(partner_import).status == Status.APPLIED
    assert Partner.objects.filter(address__startswith="Nygata").count() == 2
    assert Partner.objects.count() == 4


def test_registration_in_the_very_moment_leaves_nothing_written(transactional_db, monkeypatch):
    """The number is free when the writer looks and taken when it writes: the constraint says no to the whole."""
    partner_import = read(csv_file([new_line(n) for n in range(4)]))
    give_slugs = import_apply._give_slugs

    def somebody_registers(partners) -> None:
        give_slugs(partners)
        rival = threading.Thread(target=register_elsewhere)
        rival.start()
        rival.join()

    def register_elsewhere() -> None:
        PartnerFactory(organisation_number=new_line(3)[0], municipality=None)
        connection.close()

    monkeypatch.setattr(import_apply, "_give_slugs", somebody_registers)
    apply(partner_import)
    assert partner_import.status == Status.READY
    assert "registered just now" in partner_import.error
    assert Partner.objects.count() == 1
    assert not PartnerEvent.objects.exists()


# --- Once


def test_import_is_ordered_and_applied_once():
    partner_import = read(csv_file([new_line(1)]))
    first, second = StaffFactory(), StaffFactory()
    assert import_apply.order_apply(partner_import=partner_import, by=first)
    assert not import_apply.order_apply(partner_import=partner_import, by=second)
    assert not imports.discard(partner_import=partner_import), "it is being applied"
    assert not imports.judge_again(partner_import=partner_import)
    assert import_apply.apply_import(partner_import.pk)
    assert not import_apply.apply_import(partner_import.pk)
    assert not import_apply.order_apply(partner_import=partner_import, by=second)
    partner_import.refresh_from_db()
    assert partner_import.applied_by == first
    assert Partner.objects.count() == 1


@pytest.mark.parametrize("status", [Status.READING, Status.FAILED, Status.DISCARDED])
def test_only_what_is_ready_is_applied(status):
    partner_import = read(csv_file([new_line(1)]))
    PartnerImport.objects.filter(pk=partner_import.pk).update(status=status)
    assert not import_apply.order_apply(partner_import=partner_import, by=StaffFactory())
    assert not import_apply.apply_import(partner_import.pk)
    assert not Partner.objects.exists()


def test_of_people_who_apply_at_once_one_does(transactional_db):
    partner_import = read(csv_file([new_line(n) for n in range(20)]))
    people = [StaffFactory() for _ in range(6)]

    def press(n: int) -> tuple[bool, bool]:
        is_ordered = import_apply.order_apply(partner_import=partner_import, by=people[n])
        return is_ordered, import_apply.apply_import(partner_import.pk)

    ordered, applied = zip(*at_once(press, 6), strict=True)
    assert sorted(ordered) == [False] * 5 + [True]
    assert sorted(applied) == [False] * 5 + [True]
    assert Partner.objects.count() == 20


def test_worker_that_lost_its_claim_writes_nothing(monkeypatch):
    """It slept through its claim; another worker has the import, and will write it."""
    partner_import = read(csv_file([new_line(1)]))
    import_apply.order_apply(partner_import=partner_import, by=StaffFactory())
    write = import_apply._Writer.write

    def sleep_too_long(writer) -> None:
        write(writer)
        PartnerImport.objects.filter(pk=partner_import.pk).update(claimed_at=timezone.now())

    monkeypatch.setattr(import_apply._Writer, "write", sleep_too_long)
    assert not import_apply.apply_import(partner_import.pk)
    assert not Partner.objects.exists()


def test_import_whose_worker_died_is_applied_by_the_next(monkeypatch):
    partner_import = read(csv_file([new_line(1)]))
    import_apply.order_apply(partner_import=partner_import, by=StaffFactory())
    write = import_apply._Writer.write

    def die(writer) -> None:
        write(writer)
        raise SystemExit

    with time_machine.travel(timezone.now(), tick=False) as clock:
        monkeypatch.setattr(import_apply._Writer, "write", die)
        with pytest.raises(SystemExit):
            import_apply.apply_import(partner_import.pk)
        assert not Partner.objects.exists()
        monkeypatch.setattr(import_apply._Writer, "write", write)
        clock.shift(imports.CLAIM + timedelta(seconds=1))
        assert imports.sweep() == 1
        assert import_apply.apply_import(partner_import.pk)
    assert Partner.objects.count() == 1


# --- Ten thousand lines


def big_table() -> tuple[list[list[str]], dict[int, tuple[str, ...]]]:
    """10,000 lines: 300 bad, 2,000 about partners we have, the rest new; and for each bad line the columns to blame."""
    titles_of_errors = [
        (0, "", ("Organisation number",)),
        (2, "Circus", ("Kind of organisation",)),
        (4, "not an address", ("E-mail of the contact person",)),
        (5, "many", ("Employees",)),
        (0, "123 456 789", ("Organisation number",)),
        (3, "", ("Contact person",)),
    ]
    lines, bad = [], {}
    for n in range(10_000):
        line = [*new_line(n), str(n % 500)]
        if n % 33 == 7 and len(bad) < 300:
            place, text, blamed = titles_of_errors[len(bad) % len(titles_of_errors)]
            line[place] = text
            if place == 3:
                line[4] = "x"
                blamed = (*blamed, "E-mail of the contact person")
            bad[n + 2] = blamed
        lines.append(line)
    return lines, bad


def known_partners(lines: list[list[str]], bad: dict[int, tuple[str, ...]]) -> int:
    """Two thousand of the good lines are about partners that exist, with other facts."""
    chosen = [n for n in range(10_000) if n + 2 not in bad][::4][:2_000]
    Partner.objects.bulk_create(
        Partner(
            organisation_number=lines[n][0],
            legal_name=f"GAMMEL {n} AS",
            display_name=f"Gammel {n}",
            slug=f"gammel-{n}",
            contact_name="Kari Prøve",
            contact_email=lines[n][4],
            status=Partner.Status.APPROVED,
        )
        for n in chosen
    )
    return len(chosen)


def test_ten_thousand_lines_with_three_hundred_bad_ones():
    lines, bad = big_table()
    known = known_partners(lines, bad)
    assert (len(lines), len(bad), known) == (10_000, 300, 2_000)
    before = everything()

    partner_import = read(csv_file(lines, [*TITLES, "Employees"]))

    assert (partner_import.status, partner_import.total, partner_import.done) == (Status.READY, 10_000, 10_000)
    found = errors_of(partner_import)
    assert {line: tuple(column for column, _reason in errors) for line, errors in found.items()} == bad
    assert all(reason for errors in found.values() for _column, reason in errors)
    rows = rows_of(partner_import)
    assert set(rows) == set(range(2, 10_002))
    actions = [row.action for row in rows.values()]
    assert [actions.count(action) for action in (Action.BAD, Action.CHANGE, Action.NEW)] == [300, 2_000, 7_700]
    assert everything() == before, "nothing is written before it is applied"

    # Something in the middle is not as it was: nothing at all is written.
    rival = next(row for line, row in rows.items() if line > 5_000 and row.action == Action.NEW)
    blocker = PartnerFactory(organisation_number=rival.values["organisation_number"], municipality=None)
    before = everything()
    assert apply(partner_import).status == Status.READY
    assert f"Line {rival.line}:" in partner_import.error
    assert everything() == before

    blocker.delete()
    with CaptureQueriesContext(connection) as queries:
        assert apply(partner_import).status == Status.APPLIED
    assert Partner.objects.count() == 2_000 + 7_700
    assert Partner.objects.filter(legal_name__startswith="GAMMEL").count() == 0
    assert PartnerEvent.objects.count() == 7_700
    saves = [query["sql"] for query in queries if query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    batches = 2_000 // imports.BATCH + -(-7_700 // imports.BATCH)
    assert len(queries) - len(saves) < 8 * batches + 20, "the same few statements for each batch"


def test_each_batch_asks_the_same_few_questions(monkeypatch):
    counts = []
    for size in (10, 40):
        monkeypatch.setattr(imports, "BATCH", 10)
        partner_import = uploaded(csv_file([new_line(n) for n in range(size)]))
        with CaptureQueriesContext(connection) as queries:
            imports.read_import(partner_import.pk)
        counts.append(len(queries))
    assert (counts[1] - counts[0]) / 3 <= 7
