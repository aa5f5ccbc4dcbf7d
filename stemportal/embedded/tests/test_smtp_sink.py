"""The mail sink keeps what a mail server was given."""

from __future__ import annotations

import email
import smtplib
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from stemportal.embedded.process import free_port, port_is_free, wait_until
from stemportal.embedded.program import Program
from stemportal.embedded.smtp_sink import MailFolder


@pytest.fixture
def client(tmp_path: Path) -> Iterator[smtplib.SMTP]:
    port = free_port()
    module = ["-m", "stemportal.embedded.smtp_sink", "--port", str(port), "--dir", str(tmp_path / "mail")]
    sink = Program("SMTP sink", [sys.executable, *module], log=tmp_path / "log", env={}, cwd=Path.cwd())
    sink.start()
    assert wait_until(lambda: not port_is_free(port), seconds=10)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as connection:
        yield connection
    sink.stop()


def mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "portal@example.org", "kari@skole.example.no", subject
    message.set_content("Hei på deg\n")
    return message


def test_mails_are_kept_in_order_with_their_envelope(client: smtplib.SMTP, tmp_path: Path) -> None:
    for subject in ("Først", "Så"):
        client.send_message(mail(subject), "bounce@example.org", ["kari@skole.example.no", "ola@skole.example.no"])
    kept = [email.message_from_bytes(file.read_bytes()) for file in sorted((tmp_path / "mail").glob("*.eml"))]
    subjects = [str(email.header.make_header(email.header.decode_header(message["Subject"]))) for message in kept]
    assert subjects == ["Først", "Så"]
    assert kept[0]["X-Envelope-From"] == "bounce@example.org"
    assert kept[0].get_all("X-Envelope-To") == ["kari@skole.example.no", "ola@skole.example.no"]
    assert kept[0].get_payload(decode=True).decode() == "Hei på deg\r\n"


def test_a_recipient_that_cannot_exist_is_refused(client: smtplib.SMTP, tmp_path: Path) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.send_message(mail("Nei"), "portal@example.org", ["nobody@example.invalid"])
    assert list((tmp_path / "mail").glob("*.eml")) == []


def test_only_the_newest_mails_are_kept(tmp_path: Path) -> None:
    folder = MailFolder(tmp_path, keep=3)
    names = [folder.store("a@example.org", ["b@example.org"], b"Subject: x\r\n\r\n") for _ in range(5)]
    assert sorted(path.name for path in tmp_path.glob("*.eml")) == names[2:]
    again = MailFolder(tmp_path, keep=3)
    again.store("a@example.org", ["b@example.org"], b"Subject: x\r\n\r\n")
    assert len(list(tmp_path.glob("*.eml"))) == 3
