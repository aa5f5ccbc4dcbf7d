"""A partner's copy of all its data: what is in it, and how it is built."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pghistory
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone, translation

from stemportal.activities.models import Pledge
from stemportal.embedded.process import wait_until
from stemportal.outbox.models import Mail
from stemportal.partners import extensions, tasks
from stemportal.partners.data_copy import cell, harmless
from stemportal.partners.models import (
    DataExport,
    Engagement,
    Invitation,
    Level,
    Membership,
    Note,
    Partner,
    PartnerEvent,
    Signature,
)
from stemportal.partners.services import exports
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.schools.models import BookingEvent
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    DeclarationFactory,
    KindFactory,
    MembershipFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

Status = DataExport.Status


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())


@pytest.fixture
def owner():
    person = UserFactory(full_name="Ingrid Prøve", email="ingrid@nordlys.example.no", language="en")
    MembershipFactory(user=person, partner__display_name="Nordlys Robotikk", partner__slug="nordlys-robotikk")
    return person


@pytest.fixture
def partner(owner) -> Partner:
    return owner.memberships.get().partner


def ordered(partner: Partner, owner=None) -> DataExport:
    return exports.request_copy(partner=partner, by=owner or partner.memberships.first().user)


def copy_of(partner: Partner, owner=None) -> zipfile.ZipFile:
    export = ordered(partner, owner)
    assert exports.build_copy(export.pk), DataExport.objects.get(pk=export.pk).error
    export.refresh_from_db()
    return zipfile.ZipFile(io.BytesIO(export.file.read()))


def data_of(archive: zipfile.ZipFile) -> dict[str, list[dict]]:
    return json.loads(archive.read("data.json"))


def table_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"{name}.csv").decode("utf-8")
    assert text.startswith("\ufeff"), "Excel needs the mark of UTF-8"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


# --- What is in it


def everything(partner: Partner, owner) -> None:
    """One row of each section."""
    editor = MembershipFactory(partner=partner, role=Membership.Role.EDITOR, user__full_name="Per Prøve").user
    Invitation.objects.create(partner=partner, email="ny@nordlys.example.no", token_hash="x" * 64, invited_by=owner)
    PartnerEvent.objects.create(partner=partner, by=StaffFactory(), to_status="approved", note="Ringte sjefen")
    with pghistory.context(user=owner.pk):
        Partner.objects.filter(pk=partner.pk).update(about="Vi bygger roboter")
    Signature.objects.create(
        partner=partner, declaration=DeclarationFactory(), signed_by=owner, signed_name="Ingrid Prøve"
    )
    level = Level.objects.create(school_year=2025, code="basis", name_nb="Basis", name_nn="Basis", name_en="Basic")
    Engagement.objects.create(partner=partner, school_year=2025, level=level, chosen_by=editor)
    Mail.objects.create(about=f"partner:{partner.pk}", to_email=owner.email, subject="Velkommen", text="x", html="x")
    Pledge.objects.create(partner=partner, school_year=2025, kind=KindFactory(), quantity=4, pledged_by=owner)
    session = SessionFactory(activity=ActivityFactory(partner=partner, title="Se robotene"))
    booking = BookingFactory(
        session=session, status="completed", group_name="9A", message="Vi gleder oss", teacher__full_name="Tor Lærer"
    )
    BookingEvent.objects.create(booking=booking, by=owner, to_status="confirmed", note="Velkommen til oss")
    AttendanceFactory(booking=booking, pupils=26, girls=12)
    run = ReportRun.objects.create(school_year=2024, status=ReportRun.Status.DONE)
    name = default_storage.save("reports/abc.pdf", ContentFile(b"%PDF-report"))
    PartnerReport.objects.create(
        run=run, partner=partner, school_year=2024, status="ready", figures={"visits": 7}, file=name
    )


def test_copy_has_a_row_of_everything_in_json_and_in_tables(partner, owner):
    everything(partner, owner)

    archive = copy_of(partner)

    data = data_of(archive)
    assert list(data) == [section.name for section in extensions.data_sections]
    empty = [name for name, rows in data.items() if not rows]
    assert not empty
    for name, rows in data.items():
        assert len(table_of(archive, name)) == len(rows)
        assert {frozenset(row) for row in rows} == {frozenset(table_of(archive, name)[0])}
    assert data["organisation"][0]["legal_name"] == partner.legal_name
    assert {member["name"]: member["role"] for member in data["members"]} == {
        "Ingrid Prøve": "owner",
        "Per Prøve": "editor",
    }
    assert data["invitations"][0]["email"] == "ny@nordlys.example.no"
    assert [(row["fact"], row["to"], row["by"]) for row in data["changes"]] == [
        ("about", "Vi bygger roboter", "Ingrid Prøve")
    ]
    assert data["signatures"][0]["signed_name"] == "Ingrid Prøve"
    assert data["engagements"][0] == {
        "programme_year": "2025/26",
        "level": "Basic",
        "chosen_at": data["engagements"][0]["chosen_at"],
        "chosen_by": "Per Prøve",
    }
    assert (data["pledges"][0]["kind"], data["pledges"][0]["quantity"]) == ("Company visit", 4)
    assert data["listings"][0]["title"] == data["sessions"][0]["title"] == "Se robotene"
    assert (data["bookings"][0]["message"], data["bookings"][0]["teacher"]) == ("Vi gleder oss", "Tor Lærer")
    assert data["booking_messages"][0]["text"] == "Velkommen til oss"
    assert (data["visits"][0]["pupils"], data["visits"][0]["girls"]) == (26, 12)
    assert data["reports"][0]["figures"] == {"visits": 7}
    assert data["mails"][0]["subject"] == "Velkommen"


def test_files_are_in_the_copy(partner, owner):
    everything(partner, owner)
    Partner.objects.filter(pk=partner.pk).update(logo=default_storage.save("logos/a.png", ContentFile(b"PNG")))

    archive = copy_of(partner)

    assert archive.testzip() is None
    assert archive.read("files/logo.png") == b"PNG"
    assert archive.read("files/report-2024-25.pdf") == b"%PDF-report"
    assert archive.read("files/declaration-version-1.pdf").startswith(b"%PDF")


def test_file_that_is_gone_does_not_stop_the_copy(partner):
    Partner.objects.filter(pk=partner.pk).update(logo="logos/gone.png")

    assert "files/logo.png" not in copy_of(partner).namelist()


def test_readme_explains_each_file_in_the_language_of_the_person(partner, owner):
    everything(partner, owner)

    text = copy_of(partner).read("README.txt").decode("utf-8")

    for section in extensions.data_sections:
        with translation.override("en"):
            assert f"{section.name}.csv (" in text
            assert str(section.about) in text
    assert "files/report-2024-25.pdf" in text
    assert "secretariat's own notes" in text


def test_what_others_have_is_not_in_the_copy(partner, owner):
    stranger = MembershipFactory(user__full_name="Fremmed Person").partner
    everything(stranger, stranger.memberships.get().user)

    data = data_of(copy_of(partner))

    rows = {name: rows for name, rows in data.items() if rows}
    assert set(rows) == {"organisation", "members"}
    assert len(rows["members"]) == 1


def test_mail_to_the_secretariat_and_to_strangers_is_not_in_the_copy(partner, owner, settings):
    for to in (owner.email, settings.SECRETARIAT_EMAIL, "spor@skole.example.no"):
        Mail.objects.create(about=f"partner:{partner.pk}", to_email=to, subject="Hei", text="", html="")

    assert [row["to"] for row in data_of(copy_of(partner))["mails"]] == [owner.email]


def test_secretariats_notes_and_people_are_not_in_the_copy(partner, owner):
    everything(partner, owner)
    staff = StaffFactory(full_name="Saks Behandler")
    Note.objects.create(partner=partner, text="Vanskelig å få tak i", by=staff)
    PartnerEvent.objects.create(partner=partner, by=staff, to_status="paused", note="Svarer ikke")
    Partner.objects.filter(pk=partner.pk).update(responsible=staff)

    archive = copy_of(partner)

    whole = b"".join(archive.read(name) for name in archive.namelist() if not name.startswith("files/")).decode()
    for word in ("Vanskelig", "Svarer ikke", "Ringte sjefen", "Saks Behandler"):
        assert word not in whole
    assert {row["by"] for row in data_of(archive)["status_history"]} == {"secretariat"}


@pytest.mark.parametrize(
    ("came", "girls", "shown"),
    [(26, 12, (26, 12)), (26, 4, (26, None)), (26, 23, (26, None)), (4, 2, (None, None)), (26, None, (26, None))],
)
def test_counts_under_five_are_not_in_the_copy(partner, came, girls, shown):
    booking = BookingFactory(session__activity__partner=partner, status="completed", pupils=came)
    AttendanceFactory(booking=booking, pupils=came, girls=girls)

    data = data_of(copy_of(partner))

    assert (data["visits"][0]["pupils"], data["visits"][0]["girls"]) == shown
    assert data["bookings"][0]["pupils"] == (came if came >= 5 else None)


def test_times_are_iso_and_norwegian(partner):
    start = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    SessionFactory(activity=ActivityFactory(partner=partner), starts_at=start)

    archive = copy_of(partner)

    assert data_of(archive)["sessions"][0]["starts_at"] == "2026-07-01T10:00:00+02:00"
    assert table_of(archive, "sessions")[0]["starts_at"] == "2026-07-01T10:00:00+02:00"


@pytest.mark.parametrize("text", ["=1+1", "+47 900", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_cell_that_a_spreadsheet_would_run_becomes_text(text):
    assert harmless(text) == f"'{text}"
    assert cell(text) == f"'{text}"


def test_numbers_and_plain_texts_stay_as_they_are():
    assert [cell(value) for value in (-5, "Robotikk = gøy", None, True, ["nb"])] == [
        -5,
        "Robotikk = gøy",
        "",
        "yes",
        '["nb"]',
    ]


def test_formula_is_defused_in_the_table_and_true_in_the_json(partner):
    ActivityFactory(partner=partner, title='=HYPERLINK("http://x")')

    archive = copy_of(partner)

    assert table_of(archive, "listings")[0]["title"] == '\'=HYPERLINK("http://x")'
    assert data_of(archive)["listings"][0]["title"] == '=HYPERLINK("http://x")'


def test_large_copy_is_streamed(partner, monkeypatch):
    seen: list[int] = []

    def rows(_partner):
        for number in range(10_000):
            seen.append(number)
            yield {"number": number, "text": "x" * 200}

    section = extensions.DataSection(name="many", about="many", rows=rows)
    monkeypatch.setattr(extensions, "data_sections", [section])
    steps: list[int] = []
    real = exports._mine

    def mine(export):
        steps.append(len(seen))
        return real(export)

    monkeypatch.setattr(exports, "_mine", mine)

    assert len(data_of(copy_of(partner))["many"]) == 10_000
    # Progress is told while rows are still to come.
    assert {2000, 4000} <= set(steps)


# --- How it is built


def test_copy_is_ready_with_a_file_nobody_can_guess_and_the_owner_has_a_mail(partner, owner, files, settings):
    settings.DATA_EXPORT_DAYS = 7
    export = ordered(partner, owner)

    assert exports.build_copy(export.pk)

    export.refresh_from_db()
    assert (export.status, export.done, export.attempts) == (Status.READY, export.total, 1)
    assert export.expires_at - export.built_at == timedelta(days=7)
    assert files() == [export.file.name]
    assert partner.slug not in export.file.name
    assert export.size == len(export.file.read()) > 0
    [mail] = Mail.objects.filter(to_email=owner.email)
    assert f"/partner/{partner.pk}/data/" in mail.text


def test_two_presses_make_one_copy(partner, owner):
    first = ordered(partner, owner)

    assert ordered(partner, owner).pk == first.pk
    assert DataExport.objects.count() == 1


def test_new_copy_can_be_made_when_the_last_is_done(partner, owner):
    copy_of(partner)
    copy_of(partner)

    assert DataExport.objects.filter(status=Status.READY).count() == 2


def test_copy_is_built_once(partner, owner):
    export = ordered(partner, owner)

    assert exports.build_copy(export.pk)
    assert not exports.build_copy(export.pk)
    assert Mail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_build_one_copy(partner, owner, files):
    export = ordered(partner, owner)
    start, answers = Barrier(2), []

    def work() -> None:
        start.wait()
        answers.append(exports.build_copy(export.pk))
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, True]
    assert len(files()) == 1


def test_broken_section_is_tried_three_times_and_then_shown(partner, owner, monkeypatch, files):
    def broken(_partner):
        raise RuntimeError("kaputt")

    section = extensions.DataSection(name="broken", about="broken", rows=broken)
    monkeypatch.setattr(extensions, "data_sections", [*extensions.data_sections, section])
    export = ordered(partner, owner)

    statuses = []
    for _ in range(3):
        assert not exports.build_copy(export.pk)
        export.refresh_from_db()
        statuses.append(export.status)

    assert statuses == [Status.WAITING, Status.WAITING, Status.FAILED]
    assert "kaputt" in export.error
    assert not files()
    assert not Mail.objects.exists()
    assert ordered(partner, owner).pk != export.pk, "it can be tried again"


def test_copy_of_a_dead_worker_is_built_by_the_next(partner, owner, files):
    export = ordered(partner, owner)
    exports._claim(export.pk)
    export.refresh_from_db()
    left_behind = default_storage.save(export.file.name, ContentFile(b"half"))
    DataExport.objects.update(claimed_at=timezone.now() - exports.CLAIM - timedelta(seconds=1))

    exports.sweep()
    assert exports.build_copy(export.pk)

    assert left_behind not in files()
    assert len(files()) == 1


def test_worker_that_lost_its_claim_leaves_nothing_behind(partner, owner, monkeypatch, files):
    export = ordered(partner, owner)
    real = default_storage.save

    def slow(name, content):
        DataExport.objects.update(status=Status.WAITING)  # the sweep took it for dead
        return real(name, content)

    monkeypatch.setattr(default_storage, "save", slow)

    assert not exports.build_copy(export.pk)
    assert not files()
    assert not Mail.objects.exists()


def test_worker_stops_when_the_copy_is_not_wanted_any_more(partner, owner, monkeypatch):
    export = ordered(partner, owner)
    asked: list[str] = []

    def rows(_partner):
        DataExport.objects.all().delete()
        yield {"a": 1}

    def never(_partner):
        asked.append("rows")
        return []

    sections = [
        extensions.DataSection(name="first", about="x", rows=rows),
        extensions.DataSection(name="second", about="x", rows=never),
    ]
    monkeypatch.setattr(extensions, "data_sections", sections)

    assert not exports.build_copy(export.pk)
    assert not asked


def test_worker_that_keeps_dying_is_given_up(partner, owner):
    export = ordered(partner, owner)
    for _ in range(exports.MAX_ATTEMPTS):
        exports._claim(export.pk)
        DataExport.objects.update(claimed_at=timezone.now() - exports.CLAIM - timedelta(seconds=1))
        exports.sweep()

    export.refresh_from_db()
    assert export.status == Status.FAILED


def test_owner_who_has_left_gets_no_mail(partner, owner):
    MembershipFactory(partner=partner)
    export = ordered(partner, owner)
    owner.memberships.all().delete()

    assert exports.build_copy(export.pk)
    assert not Mail.objects.exists()


def test_copies_are_deleted_when_their_days_are_over(partner, owner, files, settings):
    settings.DATA_EXPORT_DAYS = 7
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        old = ordered(partner, owner)
        exports.build_copy(old.pk)
    with time_machine.travel(datetime(2026, 3, 5, 12, tzinfo=UTC), tick=False):
        new = ordered(partner, owner)
        exports.build_copy(new.pk)

    with time_machine.travel(datetime(2026, 3, 8, 13, tzinfo=UTC), tick=False):
        assert exports.expire_copies() == 1
        assert exports.expire_copies() == 0

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.status, old.file.name, new.status) == (Status.EXPIRED, "", Status.READY)
    assert files() == [new.file.name]


@pytest.mark.django_db(transaction=True)
def test_copy_that_was_ordered_is_built_by_a_worker(partner, owner, celery_worker_process):
    celery_worker_process()

    export = ordered(partner, owner)

    assert wait_until(lambda: DataExport.objects.get(pk=export.pk).status == Status.READY, seconds=30)


def test_copy_waits_for_the_sweep_while_the_broker_is_away(
    partner, owner, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*_args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.build_copy, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        export = ordered(partner, owner)
    assert DataExport.objects.get(pk=export.pk).status == Status.WAITING

    handed: list[int] = []
    monkeypatch.setattr(tasks.build_copy, "delay", handed.append)
    exports.sweep()
    assert handed == [export.pk]
