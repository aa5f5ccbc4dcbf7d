"""A partner's copy of all its data: what is in it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, time, timedelta

import pghistory
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone, translation

from stemportal.activities.models import (
    ActivityFile,
    ActivityImage,
    Availability,
    FilmPlays,
    OwnWord,
    PendingEdit,
    Pledge,
    SessionSeries,
)
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.data_copy import cell, harmless
from stemportal.partners.models import (
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
from stemportal.partners.tests.copies import copy_of
from stemportal.reports.models import Nudge, PartnerReport, ReportRun
from stemportal.schools.models import Booking, BookingEvent, Feedback, Pulse, PulseCount
from stemportal.schools.models.afterwards import PULSE_QUESTIONS, Moment
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    DeclarationFactory,
    GrantPotFactory,
    KindFactory,
    MembershipFactory,
    MessageFactory,
    OfferFactory,
    RoleModelFactory,
    SessionFactory,
    StaffFactory,
    TransportGrantFactory,
    WishMatchFactory,
)
from stemportal.testing.network_factories import (
    DocumentVersionFactory,
    GroupMemberFactory,
    InputFactory,
    InputSupportFactory,
    PostFactory,
    RsvpFactory,
    StoryFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]


def data_of(archive: zipfile.ZipFile) -> dict[str, list[dict]]:
    return json.loads(archive.read("data.json"))


def table_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"{name}.csv").decode("utf-8")
    assert text.startswith("\ufeff"), "Excel needs the mark of UTF-8"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def answered_pulse(booking: Booking) -> None:
    """The questions are closed, and six pupils have answered each."""
    past = timezone.now() - timedelta(days=2)
    pulse = Pulse.objects.create(booking=booking, opened_at=past, closes_at=past + timedelta(days=1))
    for moment in Moment.values:
        for question in PULSE_QUESTIONS:
            PulseCount.objects.create(pulse=pulse, moment=moment, question=question, answer=4, number=6)


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
    RoleModelFactory(partner=partner, shown=True)
    session = SessionFactory(activity=ActivityFactory(partner=partner, title="Se robotene"))
    ActivityImage.objects.create(activity=session.activity, alt_text="En robot", file="offers/1.png")
    ActivityFile.objects.create(activity=session.activity, title="Risiko", file="offer_files/1.pdf")
    PendingEdit.objects.create(activity=session.activity, data={"values": {"title": ["Nytt"]}}, saved_by=owner)
    begins, day = time(9), timezone.localdate()
    Availability.objects.create(activity=session.activity, weekday=1, begins=begins, ends=time(14))
    SessionSeries.objects.create(
        activity=session.activity, rule="FREQ=WEEKLY", first_day=day, last_day=day, begins=begins, minutes=90
    )
    FilmPlays.objects.create(activity=session.activity, day=day, number=3)
    told = {"kind": session.activity.kind, "held_on": day, "pupils": 40, "hours": 2, "said_by": owner}
    OwnWord.objects.create(partner=partner, title="Stand på messe", **told)
    booking = BookingFactory(
        session=session, status="completed", group_name="9A", message="Vi gleder oss", teacher__full_name="Tor Lærer"
    )
    BookingEvent.objects.create(booking=booking, by=owner, to_status="confirmed", note="Velkommen til oss")
    AttendanceFactory(booking=booking, pupils=26, girls=12)
    MessageFactory(booking=booking, by=owner, side="partner", text="Ta med innesko")
    Feedback.objects.create(booking=booking, side="partner", rating=5, text="Kom gjerne igjen")
    answered_pulse(booking)
    TransportGrantFactory(booking=booking, pot=GrantPotFactory(partner=partner))
    match = WishMatchFactory(partner=partner)
    OfferFactory(wish=match.wish, activity=session.activity, offered_by=owner)
    InputFactory(partner=partner, by=owner)
    InputSupportFactory(partner=partner, by=owner)
    group = GroupMemberFactory(partner=partner, user=owner).group
    PostFactory(group=group, by=owner)
    DocumentVersionFactory(group=group, by=owner)
    RsvpFactory(partner=partner, user=owner)
    StoryFactory(partner=partner, author=owner)
    run = ReportRun.objects.create(year=2024, status=ReportRun.Status.DONE)
    name = default_storage.save("reports/abc.pdf", ContentFile(b"%PDF-report"))
    PartnerReport.objects.create(
        run=run, partner=partner, year=2024, status="published", figures={"visits": 7}
    ).files.create(format="pdf", language="nb", file=name, size=9, sha256="0" * 64)
    Nudge.objects.create(kind=Nudge.Kind.OFFER_ONLINE, partner=partner, text="Kan dere vise det på skjerm?")


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
    assert (data["messages"][0]["by"], data["messages"][0]["text"]) == ("Ingrid Prøve", "Ta med innesko")
    assert data["visits"][0]["pupils"] == 26
    assert data["reports"][0]["figures"] == {"visits": 7}
    assert data["mails"][0]["subject"] == "Velkommen"


def test_files_are_in_the_copy(partner, owner):
    everything(partner, owner)
    Partner.objects.filter(pk=partner.pk).update(logo=default_storage.save("logos/a.png", ContentFile(b"PNG")))

    archive = copy_of(partner)

    assert archive.testzip() is None
    assert archive.read("files/logo.png") == b"PNG"
    assert archive.read("files/report-2024-25-nb.pdf") == b"%PDF-report"
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
    assert "files/report-2024-25-nb.pdf" in text
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


@pytest.mark.parametrize(("came", "shown"), [(26, 26), (5, 5), (4, None), (1, None)])
def test_counts_under_five_are_not_in_the_copy(partner, came, shown):
    booking = BookingFactory(session__activity__partner=partner, status="completed", pupils=came)
    AttendanceFactory(booking=booking, pupils=came, girls=None)

    data = data_of(copy_of(partner))

    assert data["visits"][0]["pupils"] == shown
    assert data["bookings"][0]["pupils"] == shown


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
