from __future__ import annotations

import mailbox
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from imap_tools import MailBoxUnencrypted

from stemportal.embedded.process import free_port, port_is_free, wait_until
from stemportal.embedded.program import Program
from stemportal.newsletters import return_addresses, tasks
from stemportal.newsletters.models import Bounce, Delivery, Subscriber
from stemportal.newsletters.return_addresses import Returned
from stemportal.newsletters.returned_mail import read_report
from stemportal.newsletters.services.returns import read_return_mailbox
from stemportal.newsletters.tests.people import delivered, subscriber
from stemportal.newsletters.tests.returned import answer, complaint, dsn

OURS = "retur@stemportal.example.no"


@pytest.fixture(autouse=True)
def own_address(settings):
    settings.RETURN_ADDRESS = OURS


@pytest.fixture
def folder(settings, tmp_path) -> mailbox.Maildir:
    """A mailbox that a mail server on the same machine writes."""
    path = tmp_path / "retur"
    settings.RETURN_MAILBOX_URL = f"maildir://{path}"
    return mailbox.Maildir(path, create=True)


# --- What a mail tells


def test_failure_report_names_its_delivery_and_says_why():
    report = read_report(dsn(return_addresses.sender(7)))

    assert report.about == Returned(delivery_id=7)
    assert (report.kind, report.code, report.diagnosis) == (Bounce.Kind.HARD, "5.1.1", "550 5.1.1 User unknown")


def test_full_mailbox_is_no_end():
    report = read_report(dsn(return_addresses.sender(7), status="5.2.2", diagnosis="552 5.2.2 Mailbox full"))

    assert report.kind == Bounce.Kind.SOFT


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_report_of_no_failure_tells_nothing(action):
    assert read_report(dsn(return_addresses.sender(7), action=action)) is None


def test_report_to_any_other_address_counts_for_what_it_holds_of_ours():
    own = f"List-Unsubscribe: <https://x.example/1>,\n <mailto:{return_addresses.leave_by_mail(5)}?subject=unsubscribe>"

    assert read_report(dsn(OURS)) is None
    assert read_report(dsn(OURS, headers=own)).about == Returned(subscriber_id=5)


def test_complaint_is_told_by_the_mail_inside():
    sender = return_addresses.sender(7)

    for report in (
        read_report(complaint("fbl@stemportal.example.no", mail_from=f"<{sender}>")),
        read_report(complaint("fbl@stemportal.example.no", headers=f"Return-Path: <{sender}>")),
    ):
        assert (report.kind, report.about) == (Bounce.Kind.COMPLAINT, Returned(delivery_id=7))


def test_word_that_a_mail_is_no_spam_is_no_complaint():
    assert read_report(complaint(OURS, mail_from=return_addresses.sender(7), feedback="not-spam")) is None


def test_any_words_to_the_address_for_leaving_are_a_wish_to_leave():
    for text in ("", "Stopp, takk! æøå", "Please unsubscribe me"):
        report = read_report(answer(return_addresses.leave_by_mail(5), subject="Re: Nytt", text=text))
        assert (report.kind, report.about) == (Bounce.Kind.REPLY, Returned(subscriber_id=5))


@pytest.mark.parametrize(
    "raw",
    [
        answer(OURS, text="Hei, takk for et fint brev!"),
        answer("retur+u5-aaaaaaaaaaaaa@stemportal.example.no"),
        dsn("retur+d7-aaaaaaaaaaaaa@stemportal.example.no"),
        complaint("retur+d7-aaaaaaaaaaaaa@stemportal.example.no"),
        b"",
        b"\xff\xfe\x00 \r\n\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status\n\nIngenting.",
    ],
    ids=["person", "forged-reply", "forged-report", "forged-complaint", "empty", "noise", "no-parts"],
)
def test_what_nobody_of_ours_caused_tells_nothing(raw):
    assert read_report(raw) is None


def test_holiday_answer_to_a_newsletter_is_no_failure():
    assert read_report(answer(return_addresses.sender(7), subject="Fraværende")) is None


# --- Emptying the mailbox


@pytest.mark.django_db
def test_mailbox_on_disk_is_emptied_of_what_is_understood(folder):
    gone, leaves, stays = delivered(subscriber()), delivered(subscriber()), subscriber()
    folder.add(dsn(return_addresses.sender(gone.pk)))
    folder.add(answer(return_addresses.leave_by_mail(leaves.subscriber_id)))
    folder.add(answer(OURS, text="Takk for et fint brev!"))
    folder.add(answer("retur+u1-aaaaaaaaaaaaa@stemportal.example.no"))

    assert read_return_mailbox() == 2

    assert dict(Subscriber.objects.values_list("pk", "status")) == {
        gone.subscriber_id: "stopped",
        leaves.subscriber_id: "unsubscribed",
        stays.pk: "active",
    }
    gone.refresh_from_db()
    assert gone.status == Delivery.Status.BOUNCED
    left = {(message.get_subdir(), message["To"]) for message in folder}
    assert left == {("cur", OURS), ("cur", "retur+u1-aaaaaaaaaaaaa@stemportal.example.no")}
    assert read_return_mailbox() == 0, "what was seen is not read again"


@pytest.mark.django_db
def test_mail_that_was_left_for_people_is_not_opened_again(folder, tmp_path):
    """There may be thousands of them, and people tidy up meanwhile: this one is gone when it would be opened."""
    (tmp_path / "retur" / "cur" / "1234.5678.mx:2,S").symlink_to(tmp_path / "gone")
    delivery = delivered(subscriber())
    folder.add(dsn(return_addresses.sender(delivery.pk)))

    assert read_return_mailbox() == 1


# The standard library reads it, and cannot write it again.
NO_BOUNDARY = b"To: retur@stemportal.example.no\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nHei p\xe5 deg\r\n"


@pytest.mark.django_db
def test_mail_that_is_no_proper_mail_stays_for_people_and_the_next_is_read(folder):
    folder.add(NO_BOUNDARY)
    folder.add(dsn(return_addresses.sender(delivered(subscriber()).pk)))

    assert read_return_mailbox() == 1
    assert [message.get_subdir() for message in folder] == ["cur"]


@pytest.mark.django_db
def test_mail_that_is_read_twice_counts_once(folder):
    """As after a crash between noting and deleting."""
    delivery = delivered(subscriber())
    raw = dsn(return_addresses.sender(delivery.pk), status="4.4.7", diagnosis="expired")
    for _time in range(2):
        folder.add(raw)
        tasks.read_return_mailbox()

    assert Bounce.objects.count() == 1
    assert Subscriber.objects.get().soft_bounces == 1
    assert len(folder) == 0


@pytest.mark.django_db
def test_mail_that_cannot_be_read_does_not_stop_the_others(folder, monkeypatch):
    delivery = delivered(subscriber())
    folder.add(b"To: noe")
    folder.add(dsn(return_addresses.sender(delivery.pk)))

    def trip(raw: bytes):
        if b"To: noe" in raw:
            raise IndexError("an odd header")
        return read_report(raw)

    monkeypatch.setattr("stemportal.newsletters.services.returns.read_report", trip)

    assert read_return_mailbox() == 1
    assert len(folder) == 1


def test_without_a_mailbox_there_is_nothing_to_read(settings):
    settings.RETURN_MAILBOX_URL = ""

    assert read_return_mailbox() == 0


# --- A real IMAP server


@pytest.fixture(scope="module")
def imap_port(tmp_path_factory) -> Iterator[int]:
    port = free_port()
    command = Path(sys.executable).parent / "pymap"
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict"]
    account = ["--demo-user", "retur", "--demo-password", "hemmelig@1"]
    log = tmp_path_factory.mktemp("imap") / "pymap.log"
    program = [sys.executable, str(command), *options, *account]
    server = Program("IMAP", program, log=log, env=os.environ, cwd=log.parent)
    server.start()
    assert wait_until(lambda: not port_is_free(port), seconds=20), log.read_text()
    yield port
    server.stop()


@pytest.fixture
def imap(imap_port, settings) -> Iterator[MailBoxUnencrypted]:
    settings.RETURN_MAILBOX_URL = f"imap://retur:hemmelig%401@127.0.0.1:{imap_port}/INBOX"
    with MailBoxUnencrypted("127.0.0.1", port=imap_port).login("retur", "hemmelig@1") as box:
        box.delete(box.uids())
        yield box


@pytest.mark.django_db
def test_imap_mailbox_is_emptied_of_what_is_understood(imap):
    gone = delivered(subscriber())
    imap.append(NO_BOUNDARY, "INBOX")
    imap.append(dsn(return_addresses.sender(gone.pk)), "INBOX")
    imap.append(answer(OURS, text="Takk for et fint brev, æøå!"), "INBOX")

    assert read_return_mailbox() == 1

    assert Subscriber.objects.get().status == Subscriber.Status.STOPPED
    imap.folder.set("INBOX")  # look anew
    left = list(imap.fetch(mark_seen=False))
    assert [mail.to for mail in left] == [(OURS,), (OURS,)]
    assert all("\\Seen" in mail.flags for mail in left)
    assert read_return_mailbox() == 0


@pytest.mark.parametrize(
    "url", ["imap://retur:feil@127.0.0.1:{port}", "imap://retur:x@127.0.0.1:1", "maildir:///finnes/ikke"]
)
def test_mailbox_that_does_not_let_us_in_is_tried_again_later(imap_port, settings, url):
    settings.RETURN_MAILBOX_URL = url.format(port=imap_port)

    assert read_return_mailbox() == 0
