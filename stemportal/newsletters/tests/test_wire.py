"""What arrives: read by the standard library out of a real conversation with a mail server."""

from __future__ import annotations

import email
import email.policy
import re
from email.utils import parsedate_to_datetime

import pytest
from django.urls import reverse
from django.utils import translation

from stemportal.newsletters import return_addresses
from stemportal.newsletters.models import Block, Delivery, Newsletter, Subscriber
from stemportal.newsletters.services import sending
from stemportal.newsletters.tests.people import newsletter, send_all, subscriber
from stemportal.newsletters.wire import UnfitAddress, checked
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db

SUBJECT = 'Æ, ø og «å»: "Roboter" & annet nytt fra <skolene>, og så langt at linjen må brettes minst én gang'
WORDS = 'Kjære lesere: blåbærsyltetøy = «godt» & "billig".\n\n.Punktum først\n\nFrom oss\n\n' + "æøå " * 400


@pytest.fixture
def person(settings) -> Subscriber:
    settings.DEFAULT_FROM_EMAIL = "Realfag på Sørlandet <portal@example.org>"
    settings.RETURN_ADDRESS = "retur@example.org"
    return subscriber(email="kari+nyheter@example.org")


@pytest.fixture
def issue(person) -> Newsletter:
    found = newsletter(subject_nb=SUBJECT)
    found.blocks.all().delete()
    Block.objects.create(newsletter=found, kind="text", text_nb=WORDS)
    sending.send_newsletter(newsletter=found, by=StaffFactory())
    return found


@pytest.fixture
def got(server, issue):
    send_all(issue)
    return server.taken[0]


def test_envelope_names_the_receiver_and_where_it_comes_back_to(got, person):
    delivery = Delivery.objects.get()

    assert got.receiver == person.email
    assert return_addresses.read(got.sender).delivery_id == delivery.pk


def test_headers_read_as_they_were_written(got, person):
    message = got.message

    assert message.defects == []
    assert message["Subject"] == SUBJECT
    assert message["To"] == person.email
    sender = message["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("Realfag på Sørlandet", "portal@example.org")
    assert message["Message-ID"] == f"<newsletter-{Delivery.objects.get().pk}@127.0.0.1>"
    assert parsedate_to_datetime(message["Date"]).tzinfo is not None
    assert message["List-Id"] == "<newsletter.127.0.0.1>"
    assert message["Content-Language"] == "nb"


def test_one_click_headers_of_rfc_8058(got, person, client):
    header = " ".join(got.message["List-Unsubscribe"].split())
    url, mailto = re.fullmatch(r"<(https?://[^>]+)>, <mailto:([^?>]+)\?subject=unsubscribe>", header).groups()

    assert got.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert return_addresses.read(mailto).subscriber_id == person.pk
    response = client.post(url.removeprefix("http://127.0.0.1:8000"), {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    person.refresh_from_db()
    assert person.status == Subscriber.Status.UNSUBSCRIBED


def test_without_a_return_address_there_is_no_address_to_write_to(server, settings, issue):
    settings.RETURN_ADDRESS = ""
    send_all(issue)

    assert "mailto" not in server.taken[0].message["List-Unsubscribe"]
    assert server.taken[0].sender == "portal@example.org"


def test_both_parts_say_the_same_and_carry_the_receivers_own_links(got, person):
    text = got.message.get_body(("plain",)).get_content()
    html = got.message.get_body(("html",)).get_content()
    with translation.override("nb"):
        leave = reverse("newsletters:unsubscribe", args=[person.unsubscribe_token])

    for part in (text, html):
        assert "blåbærsyltetøy = «godt»" in part
        assert f"http://127.0.0.1:8000{leave}" in part
        assert "http://127.0.0.1:8000/newsletter/choices/" in part
        assert "QzMark" not in part
    assert '"billig".' in text
    assert "\n.Punktum først" in text.replace("\r\n", "\n")
    assert "\nFrom oss" in text.replace("\r\n", "\n")
    assert text.count("æøå ") >= 399


def test_links_of_the_mail_open_its_readers_pages(got, person, client):
    text = got.message.get_body(("plain",)).get_content()
    for path in re.findall(r"http://127\.0\.0\.1:8000(/newsletter/(?:unsubscribe|choices)/\S+)", text):
        assert client.get(path).status_code == 200, path
    person.refresh_from_db()
    assert person.status == Subscriber.Status.ACTIVE


def test_lines_are_as_long_as_mail_allows_and_the_whole_is_small(got):
    lines = got.content.split(b"\r\n")

    assert b"\n" not in got.content.replace(b"\r\n", b"")
    assert got.content.isascii()
    body = lines[lines.index(b"") :]
    assert max(map(len, body)) <= 76
    assert max(map(len, lines)) <= 998
    assert len(got.content) < 100_000


def test_parts_are_decoded_by_a_parser_that_knows_only_the_old_rules(got):
    message = email.message_from_bytes(got.content, policy=email.policy.compat32)

    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    for part in message.get_payload():
        assert "blåbærsyltetøy" in part.get_payload(decode=True).decode(part.get_content_charset())


def test_two_readers_get_their_own_links_and_ids(server, person, issue):
    Delivery.objects.all().delete()
    other = subscriber(email="ola@example.org")
    for reader in (person, other):
        Delivery.objects.create(newsletter=issue, subscriber=reader)
    send_all(issue)

    by_receiver = {got.receiver: got for got in server.taken}
    assert by_receiver[person.email].message["Message-ID"] != by_receiver[other.email].message["Message-ID"]
    text = by_receiver[other.email].message.get_body(("plain",)).get_content()
    assert other.unsubscribe_token in text
    assert person.unsubscribe_token not in text


@pytest.mark.parametrize("length", range(60, 90))
def test_text_before_a_link_may_be_of_any_length(length):
    """The line that a receiver's own words end is never longer than the others, and no escape is torn apart."""
    from stemportal.newsletters.wire import _open_ended

    words = "x" * (length - 30) + "æ" * 30
    quoted = _open_ended(words)

    assert max(map(len, quoted.split(b"\r\n"))) <= 76
    part = email.message_from_bytes(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted + b"slutt")
    assert part.get_payload(decode=True).decode() == words + "slutt"


@pytest.mark.parametrize(
    "address",
    [
        "kari@example.org\r\nBcc: ola@example.org",
        "kari @example.org",
        "kåre@example.org",
        "<kari@example.org>",
        "a,b@c",
    ],
    ids=["line-end", "blank", "letter", "angle", "comma"],
)
def test_address_that_would_change_the_mail_is_refused(address):
    with pytest.raises(UnfitAddress):
        checked(address)
