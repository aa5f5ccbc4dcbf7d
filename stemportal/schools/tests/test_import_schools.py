"""Schools from the National School Register, read over HTTP from a server on loopback in the register's shape."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import translation

from stemportal.lib.organisation_numbers import synthetic
from stemportal.schools.models import School, SchoolRegisterRun
from stemportal.schools.tests.register_scene import (
    ALTA,
    ANOTHER,
    BOSSEKOP,
    HIDDEN,
    KOMSA,
    NEW_NUMBER,
    changes,
    figures,
    import_all,
)
from stemportal.testing.factories import (
    BookingFactory,
    PostalCodeFactory,
    SchoolFactory,
    TeacherFactory,
)

pytestmark = pytest.mark.django_db
Status = SchoolRegisterRun.Status
NOW = "2026-11-20 10:00:00+01:00"


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel(NOW, tick=True):
        yield


# What is read


def test_whole_register_adds_schools_from_the_eighth_grade_up(nsr_server, alta):
    nsr_server.add(ANOTHER, "Alta videregående skole", ErGrunnskole=False, ErVideregaaendeSkole=True,
               SkoletrinnGSFra=None, SkoletrinnGSTil=None, SkoletrinnVGSFra=11, SkoletrinnVGSTil=13,
               Maalform={"Id": "N"}, ErPrivatskole=True)  # fmt: skip
    run = import_all()
    assert (run.status, run.page, run.pages) == (Status.DONE, 2, 2)
    assert figures(run) == (3, 0, 0, 0, 1)
    school = School.objects.get(number=ALTA)
    assert (school.name, school.municipality, school.address) == (
        "Alta ungdomsskole", alta, "Skoleveien 1, 9510, ALTA"
    )  # fmt: skip
    assert (school.latitude, school.longitude, school.point_is_exact) == (69.9, 23.3, True)
    assert (school.grade_from, school.grade_to, school.pupils, school.ownership) == (8, 10, 240, "public")
    assert school.language_form == "nb"
    assert school.is_active
    upper = School.objects.get(number=ANOTHER)
    assert (upper.grade_from, upper.grade_to, upper.ownership, upper.language_form) == (11, 13, "private", "nn")


def test_import_again_changes_nothing_and_asks_only_about_what_it_does_not_have(nsr_server):
    import_all()
    before = list(School.objects.order_by("pk").values())
    nsr_server.asked.clear()
    run = import_all()
    assert figures(run) == (0, 0, 0, 2, 1)
    assert nsr_server.details_asked() == [BOSSEKOP], "a row does not tell the grades"
    assert list(School.objects.order_by("pk").values()) == before
    assert not run.changes.exists()


def test_changes_since_a_day_are_written_with_what_was_and_what_is(nsr_server):
    import_all()
    nsr_server.changed.clear()
    nsr_server.asked.clear()
    nsr_server.add(ALTA, "Alta ungdomsskule", Elevtall=250, Maalform={"Id": "N"}, DatoEndret="2026-11-15T01:00:00Z")
    run = import_all(since=date(2026, 11, 12))
    assert nsr_server.asked == [
        "/enheter/endretetter?sidenummer=1&antallPerSide=2&dato=2026-11-12", f"/enhet/{ALTA}"
    ]  # fmt: skip
    assert figures(run) == (0, 1, 0, 0, 0)
    facts = {
        "name": ["Alta ungdomsskole", "Alta ungdomsskule"],
        "pupils": [240, 250],
        "language_form": ["nb", "nn"],
    }
    assert changes(run) == {"Alta ungdomsskule": ("changed", facts)}
    assert School.objects.get(number=ALTA).register_changed_at == datetime(2026, 11, 15, 1, tzinfo=UTC)


def test_missing_facts_leave_what_we_had(nsr_server):
    import_all()
    nsr_server.add(ALTA, "Alta ungdomsskole", Elevtall="", Maalform=None, Koordinat={"Lengdegrad": 0, "Breddegrad": 0},
               SkoletrinnGSFra="", SkoletrinnGSTil="", Beliggenhetsadresse={"Adresse": "", "Postnummer": ""},
               DatoEndret="2026-11-15T01:00:00Z")  # fmt: skip
    before = School.objects.filter(number=ALTA).values().get()
    run = import_all()
    after = School.objects.filter(number=ALTA).values().get()
    assert after | {"register_changed_at": None} == before | {"register_changed_at": None}
    assert figures(run) == (0, 0, 0, 2, 1)


@pytest.mark.parametrize(
    "point",
    [
        {"Lengdegrad": 0, "Breddegrad": 0},
        {"Lengdegrad": None, "Breddegrad": None},
        {"Lengdegrad": "", "Breddegrad": ""},
        {"Lengdegrad": 69.9, "Breddegrad": 23.3},
        None,
    ],
)
def test_school_without_a_point_lies_where_its_municipality_does(nsr_server, alta, point):
    nsr_server.add(ALTA, "Alta ungdomsskole", Koordinat=point)
    import_all()
    school = School.objects.get(number=ALTA)
    assert (school.latitude, school.longitude) == (alta.latitude, alta.longitude)
    assert not school.point_is_exact


def test_school_abroad_has_a_number_with_a_letter_and_no_municipality(nsr_server):
    nsr_server.add(
        "U90099013",
        "Den norske skolen Gran Canaria",
        Kommune={"Kommunenummer": "2599", "Fylkesnummer": "25"},
        Koordinat={"Lengdegrad": -15.6, "Breddegrad": 27.8},
    )
    import_all()
    school = School.objects.get(number="U90099013")
    assert school.municipality is None
    assert (school.latitude, school.longitude) == (27.8, -15.6)
    with translation.override("en"):
        assert school.place_name == "Abroad"


def test_unknown_municipality_is_found_by_the_postal_code(nsr_server, alta):
    PostalCodeFactory(code="9510", municipality=alta)
    nsr_server.add(ALTA, "Alta ungdomsskole", Kommune={"Kommunenummer": "2012", "Fylkesnummer": "20"})
    import_all()
    assert School.objects.get(number=ALTA).municipality == alta


def test_school_whose_place_nobody_knows_is_left_out_and_a_known_one_stays(nsr_server, alta):
    nowhere = {"Kommunenummer": "9999", "Fylkesnummer": "99"}
    nsr_server.add(ALTA, "Alta ungdomsskole", Kommune=nowhere)
    SchoolFactory(number=KOMSA, name="Komsa ungdomsskole", municipality=alta)
    nsr_server.add(KOMSA, "Komsa ungdomsskole", Kommune=nowhere)
    run = import_all()
    assert not School.objects.filter(number=ALTA).exists()
    assert School.objects.get(number=KOMSA).municipality == alta
    assert (run.status, run.skipped) == (Status.DONE, 2)


@pytest.mark.parametrize(
    "name",
    [
        "Fagopplæringen i Rogaland",
        "Privatisteksamen",
        "Vestfold fylkeskommune Privatisteksamen",
        "Eksamenskontoret i Akershus",
        "Karriere Agder Arendal",
        "Trøndelag privatistskole",
        "Øystre Slidre Lærlingeverksemda",
    ],
)
def test_offices_are_no_schools(nsr_server, name):
    nsr_server.add(ALTA, name, ErGrunnskole=False, ErVideregaaendeSkole=True)
    run = import_all()
    assert not School.objects.filter(number=ALTA).exists()
    assert run.skipped == 2


@pytest.mark.parametrize(
    "facts", [{"ErSkole": False}, {"ErAktiv": False}, {"ErEkskludert": True}, {"ErGrunnskole": False}, {"Navn": ""}]
)
def test_units_that_teach_nobody_here_are_left_out(nsr_server, facts):
    nsr_server.add(ALTA, "Alta ungdomsskole", **facts)
    import_all()
    assert set(School.objects.values_list("number", flat=True)) == {KOMSA}


def test_unknown_grades_are_told_from_the_name_or_the_school_is_left_out(nsr_server):
    unknown = {"SkoletrinnGSFra": None, "SkoletrinnGSTil": None}
    nsr_server.add(ALTA, "Alta ungdomsskole", **unknown)
    nsr_server.add(KOMSA, "Komsa skole", **unknown)
    import_all()
    school = School.objects.get()
    assert (school.name, school.grade_from, school.grade_to) == ("Alta ungdomsskole", 8, 10)


def test_school_from_the_first_grade_is_ours_from_the_eighth(nsr_server):
    nsr_server.add(ALTA, "Alta skole", SkoletrinnGSFra=1, SkoletrinnGSTil=10)
    nsr_server.add(KOMSA, "Komsa skole", SkoletrinnGSFra=8, SkoletrinnGSTil=10, ErVideregaaendeSkole=True,
               SkoletrinnVGSFra=1, SkoletrinnVGSTil=3)  # fmt: skip
    import_all()
    spans = School.objects.order_by("name").values_list("grade_from", "grade_to")
    assert list(spans) == [(8, 10), (8, 13)]


@pytest.mark.parametrize(
    "body",
    [
        b'{"Organisasjonsnummer": "974552124"}',
        f'{{"Organisasjonsnummer": "{ALTA}", "Navn": 7}}'.encode(),
        f'{{"Organisasjonsnummer": "{ALTA}", "Navn": "x", "DatoEndret": "i fjor"}}'.encode(),
        f'{{"Organisasjonsnummer": "{ALTA}", "Navn": "x", "Elevtall": "mange"}}'.encode(),
        b"[]",
    ],
)
def test_one_unreadable_school_keeps_no_other_from_being_read(nsr_server, body):
    nsr_server.trouble[f"/enhet/{ALTA}"] = [body]
    run = import_all()
    assert run.status == Status.DONE
    assert set(School.objects.values_list("number", flat=True)) == {KOMSA}
    assert run.skipped == 2


# Closed, open again, another number


def test_closed_school_keeps_its_history_and_takes_nobody_in(nsr_server, client):
    import_all()
    school = School.objects.get(number=ALTA)
    booking = BookingFactory(school=school)
    teacher = TeacherFactory(school=school)
    nsr_server.add(ALTA, "Alta ungdomsskole", ErAktiv=False, UtgaattDato="2026-07-31T22:00:00Z",
               DatoEndret="2026-11-15T01:00:00Z")  # fmt: skip
    run = import_all()
    school.refresh_from_db()
    assert (school.is_active, school.closed_on) == (False, date(2026, 8, 1)), "a day in Norway"
    assert changes(run) == {"Alta ungdomsskole": ("closed", {"closed_on": ["", "2026-08-01"]})}
    booking.refresh_from_db()
    teacher.refresh_from_db()
    assert (booking.school, teacher.school) == (school, school)
    assert "Alta ungdomsskole" not in client.get("/schools/suggest/?school_text=alta").content.decode()


def test_school_that_lost_its_upper_grades_closes_here(nsr_server):
    import_all()
    nsr_server.add(ALTA, "Alta skole", SkoletrinnGSFra=1, SkoletrinnGSTil=7, DatoEndret="2026-11-15T01:00:00Z")
    run = import_all()
    assert (run.closed, School.objects.get(number=ALTA).is_active) == (1, False)
    assert School.objects.get(number=ALTA).closed_on == date(2026, 11, 20)


def test_school_that_opens_again_is_open_here_too_but_not_one_that_the_secretariat_closed(nsr_server):
    import_all()
    for number in (ALTA, KOMSA):
        nsr_server.add(number, nsr_server.units[number]["Navn"], ErAktiv=False, DatoEndret="2026-11-15T01:00:00Z")
    School.objects.filter(number=KOMSA).update(is_active=False)
    import_all()
    for number in (ALTA, KOMSA):
        nsr_server.add(number, nsr_server.units[number]["Navn"], DatoEndret="2026-11-16T01:00:00Z")
    run = import_all()
    assert {name: kind for name, (kind, _facts) in changes(run).items()} == {"Alta ungdomsskole": "reopened"}
    opened = School.objects.get(number=ALTA)
    assert (opened.is_active, opened.closed_on) == (True, None)
    assert not School.objects.get(number=KOMSA).is_active


@pytest.mark.parametrize("order", ["old first", "new first", "old is gone", "closed before"])
def test_school_with_a_new_number_stays_the_same_school(nsr_server, order):
    import_all()
    school = School.objects.get(number=ALTA)
    teacher = TeacherFactory(school=school)
    later = "2026-11-15T01:00:00Z"
    old = {"ErAktiv": False, "UtgaattDato": "2026-08-01", "Utgaattype": {"Id": "F"}, "DatoEndret": later}
    if order == "old is gone":
        del nsr_server.units[ALTA]
    else:
        nsr_server.add(ALTA, "Alta ungdomsskole", **old)
    if order == "closed before":
        import_all()
    nsr_server.add(NEW_NUMBER, "ALTA UNGDOMSSKOLE", DatoEndret=later)
    if order == "new first":
        nsr_server.units = {NEW_NUMBER: nsr_server.units[NEW_NUMBER], **nsr_server.units}
    run = import_all()
    school.refresh_from_db()
    assert (school.number, school.is_active, school.closed_on) == (NEW_NUMBER, True, None)
    teacher.refresh_from_db()
    assert teacher.school == school
    assert School.objects.filter(name__iexact="Alta ungdomsskole").count() == 1
    kind, facts = changes(run)["ALTA UNGDOMSSKOLE"]
    assert (kind, facts["number"]) == ("changed", [ALTA, NEW_NUMBER])
    assert figures(run)[:3] == (0, 1, 0)
    assert figures(import_all())[:3] == (0, 0, 0)


def test_two_open_schools_of_the_same_name_are_two_schools(nsr_server):
    import_all()
    nsr_server.add(NEW_NUMBER, "Alta ungdomsskole")
    run = import_all()
    assert run.added == 1
    assert School.objects.filter(name="Alta ungdomsskole").count() == 2


def test_school_that_no_page_names_any_more_is_asked_about_before_it_closes(nsr_server, alta):
    import_all()
    SchoolFactory(number=synthetic(900_010), name="Borte skole", municipality=alta)
    hidden = nsr_server.add(HIDDEN, "Gjemt ungdomsskole")
    import_all()
    nsr_server.trouble["/enheter?sidenummer=3&antallPerSide=2"] = [b'{"AntallSider": 2, "EnhetListe": []}']
    del nsr_server.units[HIDDEN]
    nsr_server.trouble[f"/enhet/{HIDDEN}"] = [json.dumps(hidden).encode()]
    del nsr_server.units[KOMSA]
    run = import_all()
    assert {name: kind for name, (kind, _f) in changes(run).items()} == {"Komsa ungdomsskole": "closed"}
    assert School.objects.get(number=HIDDEN).is_active
    assert not School.objects.get(number=synthetic(900_010)).is_active


def test_register_that_names_hardly_any_school_closes_none(nsr_server, alta):
    for _ in range(25):
        SchoolFactory(municipality=alta)
    nsr_server.units.clear()
    run = import_all()
    assert (run.status, run.closed) == (Status.FAILED, 0)
    assert run.error
    assert School.objects.active().count() == 25
