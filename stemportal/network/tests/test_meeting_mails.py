"""Mails about meetings: who is invited, reminders by the clock, changes, calling off, minutes; each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
import vobject
from django.utils import timezone

from stemportal.network.models import EcosystemArea, EcosystemMember, GroupMember, Meeting, Rsvp
from stemportal.network.services import meeting_mails
from stemportal.network.services.invitations import invite_everybody, invite_person
from stemportal.network.services.meetings import (
    cancel_meeting,
    change_meeting,
    forget_details,
    forget_who_did_not_come,
    publish_meeting,
    publish_minutes,
    record_attendance,
)
from stemportal.network.services.rsvp import MeetingError, say_yes
from stemportal.outbox.models import Mail
from stemportal.testing.factories import (
    CountyFactory,
    MembershipFactory,
    MunicipalityFactory,
    SchoolFactory,
    TeacherFactory,
    UserFactory,
)
from stemportal.testing.network_factories import EcosystemFactory, MeetingFactory, RsvpFactory, WorkingGroupFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]
DAY = timedelta(days=1)


def oslo():
    return MunicipalityFactory(number="0301", name="Oslo", county=CountyFactory(number="03", name="Oslo"))


def invited(meeting: Meeting) -> set[str]:
    return set(Rsvp.objects.filter(meeting=meeting).values_list("user__email", flat=True))


def subjects(user) -> list[str]:
    return list(Mail.objects.filter(to_email=user.email).order_by("pk").values_list("subject", flat=True))


def test_invitation_goes_once_to_everybody_the_meeting_is_for():
    member, teacher = MembershipFactory().user, TeacherFactory().user
    both = TeacherFactory().user
    MembershipFactory(user=both)
    MembershipFactory(partner__status="applied")
    MembershipFactory(user__is_active=False)
    TeacherFactory(status="pending", verified_how="", verified_at=None)
    UserFactory()
    meeting = MeetingFactory()

    assert invite_everybody(meeting_id=meeting.pk) == 3
    assert invited(meeting) == {member.email, teacher.email, both.email}
    assert Rsvp.objects.get(meeting=meeting, user=both).partner is not None
    for _again in range(2):
        meeting_mails.mail_meeting(meeting.pk)
    assert invite_everybody(meeting_id=meeting.pk) == 0

    assert subjects(both) == [f"Invitation: {meeting.title_en}"]
    mail = Mail.objects.get(to_email=member.email)
    assert Rsvp.objects.get(user=member).token in mail.text
    assert "you act for" in mail.text
    assert Mail.objects.count() == 3


def test_invitation_to_some_counties_or_an_ecosystem_stays_there():
    here, there = MembershipFactory(), MembershipFactory(partner__municipality=oslo())
    teacher_there = TeacherFactory(school__municipality=oslo())
    by_county = MeetingFactory()
    by_county.counties.add(oslo().county)
    ecosystem = EcosystemFactory()
    EcosystemArea.objects.filter(county=oslo().county).delete()
    EcosystemArea.objects.create(ecosystem=ecosystem, county=oslo().county)
    EcosystemMember.objects.create(ecosystem=ecosystem, partner=here.partner, sector="company")
    by_region = MeetingFactory(ecosystem=ecosystem)

    invite_everybody(meeting_id=by_county.pk)
    invite_everybody(meeting_id=by_region.pk)

    assert invited(by_county) == {there.user.email, teacher_there.user.email}
    assert invited(by_region) == {there.user.email, teacher_there.user.email, here.user.email}


def test_invitation_of_a_group_goes_to_its_members():
    group = WorkingGroupFactory()
    member, applied = UserFactory(), UserFactory()
    GroupMember.objects.create(group=group, user=member, status="member")
    GroupMember.objects.create(group=group, user=applied, status="applied")
    MembershipFactory()
    meeting = MeetingFactory(kind="group", group=group, audience=["group"])

    invite_everybody(meeting_id=meeting.pk)

    assert invited(meeting) == {member.email}


def test_nobody_is_invited_to_a_draft():
    MembershipFactory()
    meeting = MeetingFactory(status="draft", published_at=None)
    with pytest.raises(MeetingError):
        invite_everybody(meeting_id=meeting.pk)

    assert publish_meeting(meeting_id=meeting.pk)
    assert not publish_meeting(meeting_id=meeting.pk)
    assert invite_everybody(meeting_id=meeting.pk) == 1


def test_person_can_be_invited_by_name():
    meeting, speaker = MeetingFactory(audience=[]), UserFactory()

    assert invite_person(meeting_id=meeting.pk, user=speaker)
    assert not invite_person(meeting_id=meeting.pk, user=speaker)
    meeting_mails.mail_meeting(meeting.pk)

    assert subjects(speaker) == [f"Invitation: {meeting.title_en}"]


def test_one_mail_that_cannot_be_written_holds_up_no_other(monkeypatch):
    meeting = MeetingFactory()
    bad, good = (RsvpFactory(meeting=meeting, mailed_at=None) for _n in range(2))
    write = meeting_mails.STAGES[2].write
    broken = [bad.pk]

    def sometimes(rsvp):
        if rsvp.pk in broken:
            raise ValueError("no such language")
        write(rsvp)

    stages = list(meeting_mails.STAGES)
    stages[2] = meeting_mails.Stage("invitation", stages[2].due, sometimes, stages[2].mark)
    monkeypatch.setattr(meeting_mails, "STAGES", tuple(stages))

    meeting_mails.mail_meeting(meeting.pk)
    assert (subjects(bad.user), len(subjects(good.user))) == ([], 1)
    broken.clear()
    meeting_mails.mail_meeting(meeting.pk)
    assert (len(subjects(bad.user)), len(subjects(good.user))) == (1, 1)


def test_more_mails_than_one_task_writes_are_handed_on(monkeypatch):
    monkeypatch.setattr(meeting_mails, "BATCH", 2)
    monkeypatch.setattr(meeting_mails, "BATCHES_A_TASK", 2)
    handed_on = []
    monkeypatch.setattr(meeting_mails, "announce", handed_on.append)
    meeting = MeetingFactory()
    RsvpFactory.create_batch(5, meeting=meeting, mailed_at=None)

    assert meeting_mails.mail_meeting(meeting.pk) == 4
    assert handed_on == [meeting.pk]
    assert meeting_mails.sweep() == 1
    assert meeting_mails.mail_meeting(meeting.pk) == 1
    assert meeting_mails.sweep() == 0
    assert Mail.objects.count() == 5


def test_reminders_come_once_and_at_their_time():
    now = timezone.now()
    meeting = MeetingFactory(starts_at=now + 20 * DAY, rsvp_until=now + 15 * DAY)
    silent = RsvpFactory(meeting=meeting).user
    comes = UserFactory()
    say_yes(meeting_id=meeting.pk, user=comes)
    late = UserFactory()

    seen = {}
    for days in (1, 12, 13, 17, 18.1, 18.2, 21):
        with time_machine.travel(now + days * DAY, tick=False):
            meeting_mails.sweep()
            meeting_mails.mail_meeting(meeting.pk)
            seen[days] = (len(subjects(silent)), len(subjects(comes)))
            if days == 13:
                Rsvp.objects.create(meeting=meeting, user=late, status="attending", answered_at=now + 19 * DAY)

    assert seen == {1: (0, 1), 12: (1, 1), 13: (1, 1), 17: (1, 1), 18.1: (1, 2), 18.2: (1, 2), 21: (1, 2)}
    assert subjects(silent) == [f"Do you come? {meeting.title_en}"]
    assert subjects(comes)[-1] == f"See you soon: {meeting.title_en}"
    # Who said yes on the last day has just had a mail.
    assert subjects(late) == []


def test_change_of_time_reaches_those_who_come_with_a_newer_entry():
    meeting = MeetingFactory(capacity=1)
    comes, waits, silent = UserFactory(), UserFactory(), RsvpFactory(meeting=meeting).user
    for user in (comes, waits):
        say_yes(meeting_id=meeting.pk, user=user)
    meeting.refresh_from_db()
    meeting.starts_at += DAY
    meeting.ends_at += DAY
    meeting.text_nb = "Ta med penn."

    assert change_meeting(meeting=meeting, fields=["starts_at", "ends_at", "text_nb"])
    for _again in range(2):
        meeting_mails.mail_meeting(meeting.pk)

    changed = f"Changed: {meeting.title_en}"
    assert subjects(comes)[1:] == [changed]
    assert subjects(waits)[1:] == [changed]
    assert subjects(silent) == []
    first, second = Mail.objects.filter(to_email=comes.email).order_by("pk")
    events = [vobject.readOne(mail.calendar).vevent for mail in (first, second)]
    assert events[0].uid.value == events[1].uid.value
    assert [int(event.sequence.value) for event in events] == [0, 1]
    assert events[1].dtstart.value == meeting.starts_at.replace(microsecond=0)


def test_change_that_stands_in_no_calendar_is_told_to_nobody():
    meeting = MeetingFactory()
    comes = UserFactory()
    say_yes(meeting_id=meeting.pk, user=comes)
    meeting.refresh_from_db()
    meeting.text_nb = "Ta med penn."

    assert not change_meeting(meeting=meeting, fields=["text_nb", "title_nb"])
    meeting_mails.mail_meeting(meeting.pk)

    assert len(subjects(comes)) == 1


def test_calling_off_reaches_everybody_and_leaves_the_calendars():
    meeting = MeetingFactory(capacity=1)
    comes, waits, silent = UserFactory(), UserFactory(), RsvpFactory(meeting=meeting).user
    unmailed = RsvpFactory(meeting=meeting, mailed_at=None).user
    declined = RsvpFactory(meeting=meeting, status="declined").user
    for user in (comes, waits):
        say_yes(meeting_id=meeting.pk, user=user)

    assert cancel_meeting(meeting_id=meeting.pk, reason="Uvær på Sennalandet")
    assert not cancel_meeting(meeting_id=meeting.pk, reason="Uvær på Sennalandet")
    for _again in range(2):
        meeting_mails.mail_meeting(meeting.pk)

    off = f"Called off: {meeting.title_en}"
    assert [subjects(user)[-1:] for user in (comes, waits, silent)] == [[off], [off], [off]]
    assert subjects(unmailed) == subjects(declined) == []
    mail = Mail.objects.get(to_email=comes.email, subject=off)
    assert "Uvær på Sennalandet" in mail.text
    assert "METHOD:CANCEL" in mail.calendar
    assert "SEQUENCE:1" in mail.calendar
    assert not Mail.objects.get(to_email=waits.email, subject=off).calendar


def test_minutes_are_told_to_those_who_came():
    now = timezone.now()
    meeting = MeetingFactory(starts_at=now + DAY)
    came, absent = RsvpFactory(meeting=meeting, status="attending"), RsvpFactory(meeting=meeting, status="attending")
    with pytest.raises(MeetingError):
        record_attendance(meeting_id=meeting.pk, came={came.pk: 1})

    with time_machine.travel(now + 2 * DAY, tick=False):
        assert record_attendance(meeting_id=meeting.pk, came={came.pk: 2, absent.pk: 0}) == 2
        assert not publish_minutes(meeting_id=meeting.pk)  # nothing is written
        Meeting.objects.filter(pk=meeting.pk).update(minutes="Vi ble enige.")
        assert publish_minutes(meeting_id=meeting.pk)
        for _again in range(2):
            meeting_mails.mail_meeting(meeting.pk)

    assert subjects(came.user) == [f"What was said: {meeting.title_en}"]
    assert subjects(absent.user) == []


def test_needs_and_guests_are_forgotten_some_days_after(settings):
    meeting = MeetingFactory(asks_diet=True, guests_at_most=1)
    rsvp = RsvpFactory(meeting=meeting, status="attending", guests=1, guest_names="Ola", diet="nøtter")

    with time_machine.travel(meeting.ends_at + timedelta(days=settings.MEETING_RETENTION_DAYS) - DAY, tick=False):
        assert forget_details() == 0
    with time_machine.travel(meeting.ends_at + timedelta(days=settings.MEETING_RETENTION_DAYS) + DAY, tick=False):
        assert forget_details() == 1
        assert forget_details() == 0

    rsvp.refresh_from_db()
    assert (rsvp.guest_names, rsvp.diet, rsvp.guests) == ("", "", 1)


def test_who_did_not_come_is_forgotten_after_a_year(settings):
    over = timezone.now() - timedelta(days=settings.MEETING_ANSWER_DAYS + 1)
    meeting = MeetingFactory(starts_at=over - timedelta(hours=3), ends_at=over)
    came = RsvpFactory(meeting=meeting, status="attending", came=1)
    untold = RsvpFactory(meeting=meeting, status="attending")
    RsvpFactory(meeting=meeting, status="declined")
    RsvpFactory(meeting=meeting, status="attending", came=0)
    called_off = MeetingFactory(starts_at=meeting.starts_at, ends_at=meeting.ends_at, status="cancelled")
    RsvpFactory(meeting=called_off, status="attending")
    RsvpFactory()

    assert forget_who_did_not_come() == 3
    assert set(Rsvp.objects.filter(meeting__ends_at__lt=timezone.now())) == {came, untold}


def test_school_and_county_of_a_teacher_are_those_of_the_school():
    """A teacher at several schools is invited for the one in the region."""
    teacher = TeacherFactory(school=SchoolFactory(), is_main=True).user
    other = TeacherFactory(user=teacher, school=SchoolFactory(municipality=oslo())).school
    meeting = MeetingFactory(audience=["teachers"])
    meeting.counties.add(oslo().county)

    invite_everybody(meeting_id=meeting.pk)

    assert Rsvp.objects.get(meeting=meeting).school == other
