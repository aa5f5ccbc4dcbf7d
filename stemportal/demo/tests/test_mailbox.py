"""The demo's mailbox: what the mail server was really given, and nothing else of this machine."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from stemportal.demo import mailbox

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DEMO_MAIL_DIR = tmp_path / "mail"
    settings.DEMO_MAIL_DIR.mkdir()
    (tmp_path / "secret.eml").write_bytes(b"Subject: hemmelig\r\n\r\nhemmelig\r\n")
    return settings.DEMO_MAIL_DIR


def receive(
    folder, name="20260101-090000-1.eml", *, subject="Bekreftet: Besøk", to="kari@example.org", html="", ics=""
):
    """Write a mail down as the sink does."""
    message = EmailMultiAlternatives(subject, "Hei på deg", "portal@example.no", [to])
    if html:
        message.attach_alternative(html, "text/html")
    if ics:
        message.attach("invite.ics", ics, "text/calendar")
    (folder / name).write_bytes(message.message().as_bytes())
    return name


def test_list_shows_the_newest_first(folder):
    receive(folder, "20260101-090000-1.eml", subject="Den første")
    receive(folder, "20260102-090000-1.eml", subject="Den andre")

    text = Client().get("/demo/mail/").content.decode()

    assert text.index("Den andre") < text.index("Den første")
    assert "kari@example.org" in text


def test_list_is_narrowed_to_an_address(folder):
    receive(folder, "1.eml", to="kari@example.org", subject="Til Kari")
    receive(folder, "2.eml", to="ola@example.org", subject="Til Ola")

    text = Client().get("/demo/mail/", {"to": "KARI@"}).content.decode()

    assert "Til Kari" in text
    assert "Til Ola" not in text


def test_list_comes_in_pages(folder):
    for n in range(30):
        receive(folder, f"{n:03d}.eml", subject=f"Nummer {n}")

    first, second = (Client().get("/demo/mail/", {"page": page}) for page in (1, 2))

    assert len(first.context["page_obj"]) == 25
    assert len(second.context["page_obj"]) == 5


def test_list_without_mails_says_what_to_do(folder):
    assert "empty" not in Client().get("/demo/mail/").content.decode().lower()[:100]
    assert Client().get("/demo/mail/").status_code == 200
    folder.rmdir()
    assert Client().get("/demo/mail/").status_code == 200


def test_list_passes_by_what_is_no_mail(folder):
    receive(folder)
    (folder / "notes.txt").write_text("not a mail")
    (folder / "half.eml.part").write_text("Subject: half")
    (folder / "odd.eml").write_bytes(b"\xff\xfe\x00 not a mail at all")

    page = Client().get("/demo/mail/")

    assert page.status_code == 200
    assert "half" not in page.content.decode()
    assert Client().get("/demo/mail/odd.eml/").status_code == 200


def test_detail_shows_text_headers_and_attachments(folder):
    name = receive(folder, html="<p>Hei</p>", ics="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")

    text = Client().get(f"/demo/mail/{name}/").content.decode()

    assert "Bekreftet: Besøk" in text
    assert "Hei på deg" in text
    assert "BEGIN:VCALENDAR" in text
    assert "Message-ID" in text
    assert f'src="/demo/mail/{name}/html/"' in text
    assert "sandbox=" in text


def test_detail_shows_code_as_text(folder):
    name = receive(folder, subject="<script>alert(1)</script>", to="<img src=x>@example.org")

    for path in ("/demo/mail/", f"/demo/mail/{name}/"):
        text = Client().get(path).content.decode()
        assert "<script>alert(1)" not in text
        assert "<img src=x" not in text


def test_frame_runs_and_loads_nothing(folder):
    name = receive(
        folder, html='<p style="color:red">Hei</p><script>alert(1)</script><img src="https://example.com/x">'
    )

    response = Client().get(f"/demo/mail/{name}/html/")

    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "img-src data:" in policy
    assert "frame-ancestors 'self'" in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    page = Client().get(f"/demo/mail/{name}/")
    assert page["X-Frame-Options"] == "DENY"
    assert "script-src 'self'" in page["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    [
        "../secret.eml",
        "..%2fsecret.eml",
        "%2e%2e%2fsecret.eml",
        "..\\secret.eml",
        "....eml",
        "secret.eml",
        "missing.eml",
        "20260101-090000-1.eml%00",
        "/etc/passwd",
        "x" * 300 + ".eml",
        "passwd",
    ],
)
def test_names_that_are_none_of_its_mails_are_not_found(folder, name):
    receive(folder)

    assert mailbox.one(name) is None
    for path in (f"/demo/mail/{name}/", f"/demo/mail/{name}/html/"):
        response = Client().get(path)
        assert response.status_code == 404, path
        assert "hemmelig" not in response.content.decode()


def test_name_with_a_line_break_is_another_name(folder):
    assert mailbox.one(receive(folder) + "\n") is None


def test_mailbox_is_read_only(folder):
    name = receive(folder)

    for path in ("/demo/mail/", f"/demo/mail/{name}/", f"/demo/mail/{name}/html/"):
        Client().post(path, {"delete": "1"})
        Client().delete(path)

    assert (folder / name).exists()


def test_mail_that_the_portal_sends_is_found(folder, smtp_sink, settings):
    from stemportal.outbox import services
    from stemportal.outbox.letters import Letter

    letter = Letter(subject="Velkommen", paragraphs=["Hei"], reason="du har bedt om det")
    mail = services.queue_mail(template="test", to="kari@example.org", language="nb", letter=letter)
    services.deliver(mail.pk)
    smtp_sink.wait_for(1)

    (received,) = mailbox.newest(to="kari@example.org")
    text = Client().get(f"/demo/mail/{received.name}/").content.decode()

    assert "Velkommen" in text
    assert "du har bedt om det" in text
