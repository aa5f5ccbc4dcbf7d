"""Personal data is deleted when its time is over: all of it, and nothing else."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pghistory
import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, ActivityFile, ActivityImage, PendingEdit, Pledge
from stemportal.lib.periods import Period
from stemportal.newsletters.models import Delivery, Newsletter, Subscriber
from stemportal.outbox.models import Mail
from stemportal.partners import extensions, tasks
from stemportal.partners.emails.leaving import DELETED_SOON
from stemportal.partners.models import (
    DataExport,
    Engagement,
    ImportRow,
    Invitation,
    Level,
    Membership,
    Note,
    Partner,
    PartnerEvent,
    PartnerImport,
    Signature,
)
from stemportal.partners.queries.people import people_of
from stemportal.partners.services.ending import end_partner, reopen_partner
from stemportal.partners.services.exports import build_copy, request_copy
from stemportal.partners.services.retention import (
    NO_NAME,
    delete_personal_data,
    forget_partner,
    partners_to_forget,
    tell_owners,
)
from stemportal.reports.figures.counting import partner_figures
from stemportal.reports.models import PartnerReport, ReportRun
from stemportal.schools.models import Attendance, Booking, BookingEvent
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    BookingFactory,
    DeclarationFactory,
    KindFactory,
    MembershipFactory,
    MessageFactory,
    PartnerFactory,
    SessionFactory,
    StaffFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

Status = Partner.Status
ENDED = datetime(2026, 3, 12, 12, tzinfo=UTC)
# In the last hour of the last day that was promised, and in the first hour after it (Norwegian time).
LAST_HOUR = datetime(2027, 3, 12, 22, 30, tzinfo=UTC)
NEXT_DAY = datetime(2027, 3, 12, 23, 30, tzinfo=UTC)
numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.PARTNER_RETENTION_DAYS = 365
    return lambda: sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())


def person_of(domain: str, name: str) -> User:
    return UserFactory(full_name=name, email=f"{name.split(maxsplit=1)[0].lower()}@{domain}")


def partner_world(domain: str, first: str, second: str) -> Partner:
    """A partner with two owners, whose names and addresses stand wherever people and the portal write them."""
    owner, other = person_of(domain, first), person_of(domain, second)
    partner = PartnerFactory(
        contact_name=first,
        contact_email=owner.email,
        contact_role="Sjefen",
        answers={"who": first},
        about=f"Vi bygger roboter. Spør {first}, {owner.email}.",
        decline_reason=f"Til {first}",
        logo=default_storage.save(f"logos/{next(numbers)}.png", ContentFile(b"PNG")),
    )
    with pghistory.context(user=owner.pk):
        for user in (owner, other):
            MembershipFactory(partner=partner, user=user)
        Partner.objects.filter(pk=partner.pk).update(contact_name=second, contact_email=other.email)
    Client().force_login(owner)
    Invitation.objects.create(
        partner=partner, email=f"invitert@{domain}", token_hash=f"{next(numbers):064}", invited_by=owner
    )
    Note.objects.create(partner=partner, text=f"{first} er syk", by=StaffFactory())
    PartnerEvent.objects.create(partner=partner, by=owner, to_status="approved", note=f"{first} ringte")
    Signature.objects.create(partner=partner, declaration=DeclarationFactory(), signed_by=owner, signed_name=first)
    level, _new = Level.objects.get_or_create(school_year=2025, code="basis", defaults={"name_nb": "Basis"})
    Engagement.objects.create(partner=partner, school_year=2025, level=level, chosen_by=other)
    Pledge.objects.create(partner=partner, school_year=2025, kind=KindFactory(), quantity=4, pledged_by=owner)
    ImportRow.objects.create(
        partner_import=PartnerImport.objects.create(file_name="p.csv"),
        line=2,
        action="new",
        partner=partner,
        name=partner.display_name,
        values={"contact_name": first},
        changes={"contact_email": ["", owner.email]},
    )
    LogEntry.objects.create(
        user=StaffFactory(),
        content_type=ContentType.objects.get_for_model(Membership),
        object_id="1",
        object_repr=f"{first} · {partner}",
        action_flag=CHANGE,
        change_message=f"Added {first}.",
    )
    offer = ActivityFactory(
        partner=partner,
        description=f"{first} viser rundt",
        practical=f"Ring {second}, {other.email}",
        police_certificate_seen_by=first,
        place=f"Porten, spør etter {first}",
    )
    ActivityImage.objects.create(
        activity=offer, alt_text=f"{first} sveiser", file=default_storage.save("offers/1.png", ContentFile(b"PNG"))
    )
    kept = default_storage.save("offer_files/1.pdf", ContentFile(b"%PDF-"))
    ActivityFile.objects.create(activity=offer, title=f"Laget av {second}", file=kept)
    PendingEdit.objects.create(activity=offer, data={"values": {"practical": [f"Ring {first}"]}}, saved_by=owner)
    session = SessionFactory(activity=offer, place=f"Spør {first}", starts_at=timezone.now() - timedelta(days=3))
    booking = BookingFactory(
        session=session,
        status="completed",
        message=f"Hei {first}!",
        needs=f"Avtalt med {second}",
        reply=f"Hilsen {first}",
        teacher=TeacherFactory(user__full_name="Tor Lærer").user,
    )
    AttendanceFactory(booking=booking, pupils=26, girls=12)
    BookingEvent.objects.create(booking=booking, by=owner, to_status="confirmed", note=f"Hilsen {first}")
    BookingEvent.objects.create(booking=booking, by=booking.teacher, to_status="completed", note=f"Takk, {second}!")
    MessageFactory(booking=booking, by=owner, side="partner", text=f"Ring meg, {first}")
    MessageFactory(booking=booking, by=booking.teacher, side="school", text=f"Takk for sist, {first}!")
    for about in (f"partner:{partner.pk}", f"booking:{booking.pk}", ""):
        for to in (owner.email, other.email, f"invitert@{domain}", booking.teacher.email):
            if about or to in {owner.email, other.email}:
                Mail.objects.create(about=about, to_email=to, subject=f"Hei {first}", text=f"Hei {first}", html="")
    build_copy(request_copy(partner=partner, by=owner).pk)
    run, _new = ReportRun.objects.get_or_create(year=2024, status=ReportRun.Status.DONE)
    PartnerReport.objects.create(run=run, partner=partner, year=2024, status="published", figures={"visits": 1})
    return partner


def ended(partner: Partner) -> Partner:
    """End it on the day in March from which the period counts."""
    with time_machine.travel(ENDED, tick=False):
        assert end_partner(partner=partner, by=StaffFactory(), note="Sluttet")
    return partner


def rows_of_all_tables() -> set[tuple[str, str]]:
    """Every row of every table as text: whatever column something stands in, it is here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        found: set[tuple[str, str]] = set()
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found.update((table, row) for (row,) in cursor.fetchall())
    return found


def found_in_the_database(*words: str) -> list[tuple[str, str]]:
    rows = rows_of_all_tables()
    return sorted(row for row in rows if any(word.lower() in row[1].lower() for word in words))


def fresh(partner: Partner) -> Partner:
    return Partner.objects.get(pk=partner.pk)


# --- Nothing is left, and nothing else is gone


def test_nothing_of_a_person_is_left_anywhere(files, django_capture_on_commit_callbacks):
    partner = ended(partner_world("fjordkraft.example.no", "Kari Øvrebotn", "Nils Hjellestad"))
    words = ("øvrebotn", "hjellestad", "fjordkraft.example.no")
    places = {table for table, _row in found_in_the_database(*words)}
    # The test is worth something only if the names stood in many places.
    assert {
        "accounts_user",
        "account_emailaddress",
        "partners_partner",
        "partners_partnerchange",
        "partners_signature",
        "partners_signaturechange",
        "partners_note",
        "partners_partnerevent",
        "partners_invitation",
        "partners_importrow",
        "activities_activity",
        "activities_activityfile",
        "activities_activityimage",
        "activities_pendingedit",
        "activities_session",
        "schools_booking",
        "schools_bookingevent",
        "outbox_mail",
        "django_admin_log",
    } <= places

    # Pictures and files of offers go when the deletion stands.
    with time_machine.travel(NEXT_DAY, tick=False), django_capture_on_commit_callbacks(execute=True):
        assert delete_personal_data() == 1

    assert found_in_the_database(*words) == []
    assert files() == []
    assert fresh(partner).personal_data_deleted_at == NEXT_DAY


def test_data_of_others_is_untouched(files, django_capture_on_commit_callbacks):
    partner_world("nordlys.example.no", "Ingrid Solli", "Per Solli")
    before, kept = rows_of_all_tables(), files()
    ended(partner_world("fjordkraft.example.no", "Kari Øvrebotn", "Nils Hjellestad"))

    with time_machine.travel(NEXT_DAY, tick=False), django_capture_on_commit_callbacks(execute=True):
        delete_personal_data()

    # What counts up for everybody is no data of anybody.
    gone = {row for row in before - rows_of_all_tables() if row[0] != "django_content_type"}
    assert gone == set()
    assert set(kept) == set(files())


def test_figures_and_facts_of_the_organisation_stay():
    partner = ended(partner_world("fjordkraft.example.no", "Kari Øvrebotn", "Nils Hjellestad"))
    year = timezone.localdate().year - (timezone.localdate().month < 8)
    figures = partner_figures(period=Period("school", year), partner=partner)

    with time_machine.travel(NEXT_DAY, tick=False):
        delete_personal_data()

    assert partner_figures(period=Period("school", year), partner=partner) == figures
    assert figures.visits == 1
    assert Attendance.objects.get().pupils == 26
    assert PartnerReport.objects.get().figures == {"visits": 1}
    signature = Signature.objects.get()
    assert (signature.signed_name, signature.declaration.version) == (NO_NAME, 1)
    assert (Pledge.objects.get().quantity, Engagement.objects.get().level.code) == (4, "basis")
    kept = fresh(partner)
    assert (kept.organisation_number, kept.display_name) == (partner.organisation_number, partner.display_name)
    assert kept.about == "Vi bygger roboter. Spør …, …."
    assert {event.to_status for event in kept.events.all()} == {"approved", "ended"}
    assert Activity.objects.get().description == "… viser rundt"
    # What the teacher wrote to them stays, without their names.
    booking = Booking.objects.get()
    assert (booking.message, booking.needs, booking.reply) == ("Hei …!", "Avtalt med …", "")
    assert list(booking.events.values_list("note", flat=True)) == ["", "Takk, …!"]
    assert booking.teacher.full_name == "Tor Lærer"


# --- When


def test_data_is_kept_until_the_end_of_the_last_day_and_deleted_after_it():
    partner = ended(partner_world("fjordkraft.example.no", "Kari Øvrebotn", "Nils Hjellestad"))

    with time_machine.travel(LAST_HOUR, tick=False):
        assert delete_personal_data() == 0
        assert partner.memberships.count() == 2
    with time_machine.travel(NEXT_DAY, tick=False):
        assert delete_personal_data() == 1
        assert partner.memberships.count() == 0


def test_declined_application_is_forgotten_too():
    partner = MembershipFactory(partner__status=Status.DECLINED, partner__decided_at=ENDED).partner

    with time_machine.travel(LAST_HOUR, tick=False):
        assert delete_personal_data() == 0
    with time_machine.travel(NEXT_DAY, tick=False):
        assert delete_personal_data() == 1

    assert fresh(partner).contact_email == ""
    assert not partner.memberships.exists()


@pytest.mark.parametrize("status", [Status.UNCONFIRMED, Status.APPLIED, Status.APPROVED, Status.PAUSED])
def test_partner_that_has_not_ended_keeps_everything(status):
    old = ENDED - timedelta(days=4000)
    PartnerFactory(status=status, applied_at=old, decided_at=old, ended_at=old)

    with time_machine.travel(NEXT_DAY, tick=False):
        assert list(partners_to_forget()) == []


def test_deletion_is_safe_to_run_again():
    partner = ended(partner_world("fjordkraft.example.no", "Kari Øvrebotn", "Nils Hjellestad"))

    with time_machine.travel(NEXT_DAY, tick=False):
        assert delete_personal_data() == 1
        before = rows_of_all_tables()
        assert delete_personal_data() == 0
        assert not forget_partner(partner.pk)
    assert rows_of_all_tables() == before


def test_partner_that_fails_does_not_stop_the_rest(monkeypatch):
    first, second, third = [ended(MembershipFactory().partner) for _ in range(3)]

    def broken(partner, people):
        if partner.pk == second.pk:
            raise RuntimeError("kaputt")

    monkeypatch.setattr(extensions, "forget", [*extensions.forget, broken])
    with time_machine.travel(NEXT_DAY, tick=False):
        assert delete_personal_data() == 2
    assert {partner.pk for partner in (first, second, third) if partner.memberships.exists()} == {second.pk}
    assert fresh(second).personal_data_deleted_at is None

    monkeypatch.setattr(extensions, "forget", extensions.forget[:-1])
    with time_machine.travel(NEXT_DAY + timedelta(days=1), tick=False):
        assert delete_personal_data() == 1


# --- Accounts


def test_person_who_is_also_a_teacher_keeps_the_login_and_its_mail():
    partner = ended(MembershipFactory(user__full_name="Kari Øvrebotn").partner)
    person = partner.memberships.get().user
    TeacherFactory(user=person)
    Mail.objects.create(about="teacher:1", to_email=person.email, subject="Du kan bestille", text="", html="")
    Mail.objects.create(about=f"partner:{partner.pk}", to_email=person.email, subject="Slutt", text="", html="")

    with time_machine.travel(NEXT_DAY, tick=False):
        delete_personal_data()

    assert User.objects.get(pk=person.pk).full_name == "Kari Øvrebotn"
    assert list(Mail.objects.values_list("subject", flat=True)) == ["Du kan bestille"]


def test_subscription_to_the_newsletter_is_a_consent_of_its_own():
    partner = ended(MembershipFactory().partner)
    person = partner.memberships.get().user
    reader = Subscriber.objects.create(email=person.email, status="active", consent_text="Ja", consent_source="/")
    issue = Newsletter.objects.create(subject_nb="Nytt", status=Newsletter.Status.SENDING)
    delivery = Delivery.objects.create(newsletter=issue, subscriber=reader)

    with time_machine.travel(NEXT_DAY, tick=False):
        delete_personal_data()

    assert not User.objects.filter(pk=person.pk).exists()
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.QUEUED, "who left as a partner still reads the newsletter"
    reader.refresh_from_db()
    assert reader.status == Subscriber.Status.ACTIVE


def test_person_of_two_partners_keeps_the_login_until_both_are_over():
    person = UserFactory()
    first, second = [MembershipFactory(user=person).partner for _ in range(2)]
    ended(first)

    with time_machine.travel(NEXT_DAY, tick=False):
        delete_personal_data()
        assert User.objects.filter(pk=person.pk).exists()
        assert second.memberships.get().user == person
        end_partner(partner=second, by=StaffFactory())
    with time_machine.travel(NEXT_DAY + timedelta(days=366), tick=False):
        delete_personal_data()
    assert not User.objects.filter(pk=person.pk).exists()


def test_colleague_who_left_long_before_goes_too():
    partner = MembershipFactory().partner
    former = MembershipFactory(partner=partner, user__full_name="Kari Øvrebotn").user
    former.memberships.all().delete()
    ended(partner)

    with time_machine.travel(NEXT_DAY, tick=False):
        delete_personal_data()

    assert not User.objects.filter(pk=former.pk).exists()


def test_secretariat_stays_although_it_helped_the_partner():
    staff = StaffFactory(full_name="Saks Behandler")
    partner = MembershipFactory(user=staff, partner__about="Spør Saks Behandler").partner
    ended(partner)

    with time_machine.travel(NEXT_DAY, tick=False):
        assert staff.pk not in people_of(partner).pks
        delete_personal_data()

    assert User.objects.filter(pk=staff.pk).exists()
    assert fresh(partner).about == "Spør Saks Behandler"


def test_logo_that_went_to_another_partner_in_a_merger_stays(files):
    name = default_storage.save("logos/shared.png", ContentFile(b"PNG"))
    gone = MembershipFactory(partner__logo=name).partner
    kept = PartnerFactory()
    Partner.objects.filter(pk=gone.pk).update(logo="", merged_into=kept)
    Partner.objects.filter(pk=kept.pk).update(logo=name)
    ended(gone)

    with time_machine.travel(NEXT_DAY, tick=False):
        assert delete_personal_data() == 1

    assert files() == [name]


def test_copies_and_their_files_go(files):
    partner = ended(MembershipFactory().partner)
    with time_machine.travel(NEXT_DAY - timedelta(days=1), tick=False):
        build_copy(request_copy(partner=partner, by=partner.memberships.get().user).pk)
    assert files()

    with time_machine.travel(NEXT_DAY, tick=False):
        delete_personal_data()

    assert not DataExport.objects.exists()
    assert files() == []


# --- Telling the owners


def told() -> list[str]:
    return sorted(Mail.objects.filter(template=DELETED_SOON).values_list("to_email", flat=True))


def test_owners_are_told_thirty_days_before_and_once():
    partner = ended(MembershipFactory(user__language="en").partner)
    MembershipFactory(partner=partner, role=Membership.Role.EDITOR)
    owner = partner.memberships.get(role=Membership.Role.OWNER).user

    with time_machine.travel(NEXT_DAY - timedelta(days=32), tick=False):
        assert tell_owners() == 0
    for days in (31, 30, 2):
        with time_machine.travel(NEXT_DAY - timedelta(days=days), tick=False):
            tell_owners()

    assert told() == [owner.email]
    mail = Mail.objects.get(template=DELETED_SOON)
    assert "March 12, 2027" in mail.subject
    assert f"/partner/{partner.pk}/data/" in mail.text
    assert mail.created_at == NEXT_DAY - timedelta(days=31)


def test_partner_that_ended_again_is_told_again():
    partner, staff = ended(MembershipFactory().partner), StaffFactory()
    with time_machine.travel(NEXT_DAY - timedelta(days=20), tick=False):
        tell_owners()
    with time_machine.travel(NEXT_DAY - timedelta(days=19), tick=False):
        reopen_partner(partner=partner, by=staff)
        end_partner(partner=partner, by=staff)
    with time_machine.travel(NEXT_DAY + timedelta(days=330), tick=False):
        tell_owners()

    assert len(told()) == 2


def test_nobody_is_told_of_what_is_deleted_or_not_ended_or_has_no_owner():
    PartnerFactory(status=Status.ENDED, ended_at=ENDED)
    MembershipFactory(partner__ended_at=ENDED)
    MembershipFactory(partner__status=Status.ENDED, partner__ended_at=ENDED - timedelta(days=60))

    with time_machine.travel(NEXT_DAY - timedelta(days=20), tick=False):
        assert tell_owners() == 0
    assert told() == []


def test_nightly_task_tells_and_deletes():
    early, late = ended(MembershipFactory().partner), MembershipFactory().partner
    with time_machine.travel(ENDED + timedelta(days=20), tick=False):
        end_partner(partner=late, by=StaffFactory())

    with time_machine.travel(NEXT_DAY, tick=False):
        tasks.delete_personal_data()

    assert told() == [late.memberships.get().user.email]
    assert not early.memberships.exists()
