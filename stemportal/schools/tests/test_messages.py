"""Messages between school and partner: written once, mailed together, read, forgotten with their people."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from stemportal.lib.documents import Document
from stemportal.outbox.models import Mail
from stemportal.partners.extensions import People, tasks_of
from stemportal.partners.models import Membership
from stemportal.schools import message_ties
from stemportal.schools.models import Attachment, Booking, Message
from stemportal.schools.services import messages as service
from stemportal.testing.factories import BookingFactory, MembershipFactory, TeacherFactory, UserFactory
from stemportal.testing.together import at_once

from .conftest import owner_of

pytestmark = pytest.mark.django_db
SCHOOL, PARTNER = Message.Side.SCHOOL, Message.Side.PARTNER
PDF = Document(name="Kart.pdf", content=b"%PDF-1.7 kart", extension="pdf")


@pytest.fixture
def booking(session, teacher) -> Booking:
    return BookingFactory(session=session, school=teacher.school, teacher=teacher.user, status="confirmed")


def write(booking, by, side, text="Hei", **facts) -> Message:
    facts.setdefault("request_key", uuid.uuid4())
    return service.write_message(booking=booking, by=by, side=side, text=text, **facts)


def mails() -> list[Mail]:
    return list(Mail.objects.filter(template="booking_messages").order_by("pk"))


def after(minutes: int):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


# --- Writing


def test_same_form_twice_gives_one_message_and_keeps_one_file(booking, teacher):
    key = uuid.uuid4()
    first = write(booking, teacher.user, SCHOOL, request_key=key, files=[PDF])
    again = write(booking, teacher.user, SCHOOL, request_key=key, files=[PDF])

    assert first == again
    assert Attachment.objects.count() == 1
    # A form that was gone back to and changed is another one.
    assert write(booking, teacher.user, SCHOOL, "Noe annet", request_key=key) != first


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_give_one_message(booking, teacher):
    key = uuid.uuid4()

    at_once(lambda _n: write(booking, teacher.user, SCHOOL, request_key=key, files=[PDF]), 4)

    assert Message.objects.count() == Attachment.objects.count() == 1
    assert default_storage.exists(Attachment.objects.get().file.name)


def test_writing_shows_that_the_other_side_was_read(booking, session, teacher):
    asked = write(booking, teacher.user, SCHOOL)

    write(booking, owner_of(session), PARTNER)

    asked.refresh_from_db()
    assert asked.read_at is not None


def test_more_than_a_conversation_is_refused_and_keeps_no_file(booking, teacher, monkeypatch):
    kept = []
    monkeypatch.setattr(service, "MOST_MESSAGES", 1)
    monkeypatch.setattr(service, "_delete_stored", kept.extend)
    write(booking, teacher.user, SCHOOL)

    with pytest.raises(service.TooMuchWritten):
        write(booking, teacher.user, SCHOOL, "Enda mer", files=[PDF])

    assert Message.objects.count() == 1
    assert len(kept) == 1


def test_coordinator_who_looks_in_does_not_read_for_the_teacher(booking, session, teacher):
    line = write(booking, owner_of(session), PARTNER)
    coordinator = TeacherFactory(school=teacher.school, role="coordinator").user

    assert service.mark_read(booking=booking, by=coordinator, side=SCHOOL) == 0
    assert service.mark_read(booking=booking, by=teacher.user, side=SCHOOL) == 1
    line.refresh_from_db()
    assert line.read_at


# --- Mail


def test_several_lines_give_one_mail_to_each_of_the_other_side(booking, session, teacher):
    editor = MembershipFactory(partner=session.activity.partner, role=Membership.Role.EDITOR).user
    MembershipFactory(partner=session.activity.partner, role=Membership.Role.READER)
    write(booking, teacher.user, SCHOOL, "Hvor er inngangen?", files=[PDF])
    write(booking, teacher.user, SCHOOL, "Og får vi mat?")

    assert service.sweep() == 0
    with after(minutes=4):
        assert service.sweep() == 1
        assert service.sweep() == 0

    assert [mail.to_email for mail in mails()] == [owner_of(session).email, editor.email]
    mail = mails()[0]
    assert "Hvor er inngangen?" in mail.text
    assert "Og får vi mat?" in mail.text
    assert "Kart.pdf" in mail.text
    assert str(teacher.user) in mail.text
    assert f"{booking.get_absolute_url().removeprefix('/en')}#talk" in mail.text
    assert not mail.headers


def test_line_that_was_read_meanwhile_gives_no_mail(booking, session, teacher):
    write(booking, teacher.user, SCHOOL)
    service.mark_read(booking=booking, by=owner_of(session), side=PARTNER)

    with after(minutes=4):
        service.sweep()

    assert mails() == []
    assert not Message.objects.filter(told_at=None).exists()


def test_writer_gets_no_mail_and_the_teacher_hears_what_a_colleague_wrote(booking, session, teacher):
    coordinator = TeacherFactory(school=teacher.school, role="coordinator").user
    write(booking, coordinator, SCHOOL, "Jeg svarer for Kari")

    with after(minutes=4):
        service.sweep()

    assert {mail.to_email for mail in mails()} == {owner_of(session).email, teacher.user.email}


def test_both_sides_at_once_are_each_told_of_the_other(booking, session, teacher):
    Message.objects.create(booking=booking, side=SCHOOL, by=teacher.user, text="Skole", request_key=uuid.uuid4())
    Message.objects.create(
        booking=booking, side=PARTNER, by=owner_of(session), text="Bedrift", request_key=uuid.uuid4()
    )

    with after(minutes=4):
        service.sweep()

    told = {mail.to_email: mail.text for mail in mails()}
    assert set(told) == {teacher.user.email, owner_of(session).email}
    assert "Bedrift" in told[teacher.user.email]
    assert "Skole»" not in told[teacher.user.email]


def test_coordinators_are_told_when_the_teacher_has_left(booking, session, teacher):
    coordinator = TeacherFactory(school=teacher.school, role="coordinator").user
    TeacherFactory(role="coordinator")
    Booking.objects.filter(pk=booking.pk).update(teacher=None)
    write(booking, owner_of(session), PARTNER, "Hvem kommer nå?")

    with after(minutes=4):
        service.sweep()

    assert [mail.to_email for mail in mails()] == [coordinator.email]


def test_trouble_with_one_booking_does_not_keep_the_mails_of_others(booking, session, teacher, monkeypatch):
    other = BookingFactory(session=session, school=teacher.school, teacher=teacher.user)
    write(booking, teacher.user, SCHOOL)
    write(other, teacher.user, SCHOOL)
    written = service.messages_written

    def fails(about, lines, side):
        if about.pk == booking.pk:
            raise RuntimeError("no words")
        written(about, lines, side)

    monkeypatch.setattr(service, "messages_written", fails)
    with after(minutes=4):
        service.sweep()

    assert [mail.about for mail in mails()] == [f"booking:{other.pk}"]
    assert Message.objects.filter(booking=booking, told_at=None).count() == 1


# --- Tasks, copies, forgetting


def test_today_names_new_messages_to_those_who_may_answer(booking, session, teacher):
    partner = session.activity.partner
    write(booking, teacher.user, SCHOOL)
    write(booking, teacher.user, SCHOOL, "Og en til")
    reader = MembershipFactory(partner=partner, role=Membership.Role.READER)

    titles = [task.title for task in tasks_of(partner.memberships.get(role="owner"))]
    assert "2 new messages from schools" in titles
    assert not any("message" in task.title for task in tasks_of(reader))

    write(booking, owner_of(session), PARTNER)
    titles = [task.title for task in tasks_of(partner.memberships.get(role="owner"))]
    assert not any("message" in title for title in titles)


def test_copy_of_a_partner_has_both_sides_and_the_files_but_nothing_of_others(booking, session, teacher):
    write(booking, teacher.user, SCHOOL, "Hvor?", files=[PDF])
    write(booking, owner_of(session), PARTNER, "Her")
    other = BookingFactory()
    write(other, other.teacher, SCHOOL, "Til en annen")

    rows = list(message_ties.messages(session.activity.partner))
    files = dict(message_ties.files(session.activity.partner))

    assert [(row["side"], row["text"]) for row in rows] == [("school", "Hvor?"), ("partner", "Her")]
    assert rows[0]["files"] in files
    assert default_storage.open(files[rows[0]["files"]]).read() == PDF.content


def test_forgetting_a_partner_deletes_its_lines_and_files_and_its_names(
    booking, session, teacher, django_capture_on_commit_callbacks
):
    owner = owner_of(session)
    write(booking, owner, PARTNER, "Hilsen Ingrid", files=[PDF])
    write(booking, teacher.user, SCHOOL, f"Takk, {owner.full_name}!")
    stored = Attachment.objects.get().file.name

    with django_capture_on_commit_callbacks(execute=True):
        service.forget_messages_of_partner(
            session.activity.partner, People(pks=frozenset({owner.pk}), words=(owner.full_name, owner.email))
        )

    assert [message.text for message in Message.objects.all()] == ["Takk, …!"]
    assert not default_storage.exists(stored)


def test_person_whose_account_goes_is_no_longer_named_in_its_messages(booking):
    user = UserFactory(full_name="Kari Nordmann")
    line = write(booking, user, SCHOOL, "Hilsen Kari Nordmann")

    service.forget_person(user)

    line.refresh_from_db()
    assert line.text == "Hilsen …"
