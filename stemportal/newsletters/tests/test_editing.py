from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.newsletters import readiness
from stemportal.newsletters.errors import NewsletterError
from stemportal.newsletters.models import Newsletter
from stemportal.newsletters.services import editing, sending
from stemportal.newsletters.tests.blocks import block
from stemportal.newsletters.tests.people import newsletter, subscriber
from stemportal.outbox.models import Mail
from stemportal.testing.factories import ActivityFactory, StaffFactory

pytestmark = pytest.mark.django_db


def test_newsletter_with_a_text_is_ready():
    assert readiness.problems(newsletter()) == []


def test_what_is_missing_is_said_in_words():
    issue = newsletter(subject_en="Robots", subject_nn="")
    block(issue, "heading", title_nb="Datoer", title_nn="Datoar")
    block(issue, "activity", activity=ActivityFactory(status="draft"))

    found = " ".join(readiness.problems(issue))

    assert "Norwegian nynorsk is half written. Missing: the subject, block 1." in found
    assert "English is half written. Missing: blocks 1, 2." in found
    assert "Block 3: what it shows is not published" in found


def test_empty_newsletter_is_not_ready():
    issue = newsletter()
    issue.blocks.all().delete()

    assert "no blocks" in readiness.problems(issue)[0]


def test_mail_that_programs_would_cut_off_is_not_ready():
    issue = newsletter()
    issue.blocks.update(text_nb="ord " * 26_000)

    assert "too long" in readiness.problems(issue)[0]


def test_address_in_the_archive_comes_from_the_subject_and_is_nobody_elses():
    editor = StaffFactory()
    slugs = []
    for _number in range(3):
        issue = newsletter(subject_nb="Vårens blåbær & «sol»")
        editing.note_edit(newsletter=issue, by=editor)
        slugs.append(issue.slug)

    assert slugs == ["varens-blabar-sol", "varens-blabar-sol-2", "varens-blabar-sol-3"]


@pytest.fixture
def two_persons(settings):
    settings.NEWSLETTER_TWO_PERSONS = True


def edited(by, **facts):
    issue = newsletter(**facts)
    editing.note_edit(newsletter=issue, by=by)
    return issue


def test_somebody_else_approves(two_persons):
    editor, other = StaffFactory(), StaffFactory()
    issue = edited(editor)
    assert "Somebody else" in readiness.problems(issue)[0]

    with pytest.raises(NewsletterError, match="You edited it last"):
        editing.approve(newsletter=issue, by=editor, seen=readiness.fingerprint(issue))
    editing.approve(newsletter=issue, by=other, seen=readiness.fingerprint(issue))

    assert issue.approved_by == other
    assert readiness.problems(issue) == []


def test_edit_takes_the_approval_back_and_makes_its_hand_the_last(two_persons):
    editor, other = StaffFactory(), StaffFactory()
    issue = edited(editor)
    editing.approve(newsletter=issue, by=other, seen=readiness.fingerprint(issue))

    editing.note_edit(newsletter=issue, by=other)

    assert readiness.needs_approval(issue)
    with pytest.raises(NewsletterError):
        editing.approve(newsletter=issue, by=other, seen=readiness.fingerprint(issue))


@pytest.mark.parametrize("change", ["text", "audience"])
def test_what_was_changed_meanwhile_is_not_approved(two_persons, change):
    issue = edited(StaffFactory())
    seen = readiness.fingerprint(issue)
    if change == "text":
        issue.blocks.update(text_nb="Noe annet.")
    else:
        Newsletter.objects.update(audience_languages=["en"])

    with pytest.raises(NewsletterError, match="changed while you looked"):
        editing.approve(newsletter=issue, by=StaffFactory(), seen=seen)


def test_scheduling_keeps_the_time_and_can_be_called_back():
    issue, staff = newsletter(), StaffFactory()
    at = timezone.now() + timedelta(days=2)

    editing.schedule(newsletter=issue, at=at, by=staff)
    assert (issue.status, issue.scheduled_at, issue.sent_by) == (Newsletter.Status.SCHEDULED, at, staff)
    with pytest.raises(NewsletterError, match="no draft any more"):
        editing.schedule(newsletter=issue, at=at, by=staff)

    editing.unschedule(newsletter=issue)
    assert (issue.status, issue.scheduled_at, issue.sent_by) == (Newsletter.Status.DRAFT, None, None)
    with pytest.raises(NewsletterError):
        editing.unschedule(newsletter=issue)


def test_newsletter_that_missed_its_time_is_pointed_out_until_somebody_edits_it():
    at = timezone.now() - timedelta(hours=1)
    issue = newsletter(status=Newsletter.Status.SCHEDULED, scheduled_at=at)
    block(issue, "activity", activity=ActivityFactory(status="archived"))
    assert not Newsletter.objects.missed()

    sending.start_scheduled()
    assert list(Newsletter.objects.missed()) == [issue]

    issue.refresh_from_db()
    editing.note_edit(newsletter=issue, by=StaffFactory())
    assert not Newsletter.objects.missed()


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_time_that_is_over_or_too_far_is_not_taken(days):
    issue = newsletter()
    with time_machine.travel(timezone.now(), tick=False), pytest.raises(NewsletterError):
        editing.schedule(newsletter=issue, at=timezone.now() + timedelta(days=days), by=StaffFactory())

    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT


def test_unapproved_newsletter_is_not_scheduled(two_persons):
    with pytest.raises(NewsletterError, match="Somebody else"):
        editing.schedule(newsletter=newsletter(), at=timezone.now() + timedelta(days=1), by=StaffFactory())


def test_test_mail_goes_to_the_editor_alone_and_says_what_it_is():
    subscriber()
    issue = newsletter(subject_en="Robots", slug="robots")
    issue.blocks.update(text_en="Come and **see**.")

    editing.send_test(newsletter=issue, to="redaksjon@example.org", language="en")

    mail = Mail.objects.get()
    assert (mail.to_email, mail.subject, mail.language) == ("redaksjon@example.org", "[Test] Robots", "en")
    assert "Come and <strong>see</strong>." in mail.html
    assert "you sent yourself a test" in mail.text
    assert "QzMark" not in mail.html + mail.text
    assert "List-Unsubscribe" not in mail.headers
