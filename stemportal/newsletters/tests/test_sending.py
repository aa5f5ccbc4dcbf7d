from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation

from stemportal.newsletters import emails, queries, services
from stemportal.newsletters.models import Delivery, Newsletter, Subscriber
from stemportal.newsletters.tests.people import newsletter, subscriber
from stemportal.outbox import services as outbox
from stemportal.outbox.models import Mail
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db


def write_all(issue: Newsletter, size: int = 2) -> None:
    while services.write_batch(issue.pk, size):
        pass


def run_together(*calls) -> list:
    """Run the calls in threads that start at the same moment; return results and errors in order."""
    barrier = Barrier(len(calls))
    results: list = [None] * len(calls)

    def run(index: int) -> None:
        try:
            barrier.wait()
            results[index] = calls[index]()
        except services.NewsletterError as error:
            results[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=[index]) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_everybody_who_subscribes_gets_one_mail_and_nobody_else():
    readers = [subscriber() for _number in range(5)]
    subscriber(status=Subscriber.Status.PENDING)
    subscriber(status=Subscriber.Status.UNSUBSCRIBED)
    issue = newsletter()

    assert services.send_newsletter(issue, StaffFactory()) == 5
    write_all(issue)

    assert sorted(Mail.objects.values_list("to_email", flat=True)) == sorted(person.email for person in readers)
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENT
    assert issue.sent_at is not None


def test_each_reads_it_in_their_language_and_else_in_bokmaal():
    for language in ("nb", "nn", "en"):
        subscriber(email=f"{language}@example.org", language=language)
    issue = newsletter(subject_nn="Nytt om robotar", body_nn="Kom og sjå.")

    services.send_newsletter(issue, StaffFactory())
    write_all(issue)

    got = dict(Mail.objects.values_list("to_email", "subject"))
    assert got == {
        "nb@example.org": "Nytt om roboter",
        "nn@example.org": "Nytt om robotar",
        "en@example.org": "Nytt om roboter",
    }
    assert Mail.objects.get(to_email="en@example.org").language == "nb"


def test_mail_carries_the_text_its_one_click_headers_and_a_visible_link():
    person = subscriber()
    issue = newsletter()
    services.send_newsletter(issue, StaffFactory())
    write_all(issue)

    mail = Mail.objects.get()
    one_click = reverse("newsletters_machine:one_click", args=[person.unsubscribe_token])
    with translation.override("nb"):
        page = reverse("newsletters:unsubscribe", args=[person.unsubscribe_token])
    assert mail.headers["List-Unsubscribe"] == f"<http://127.0.0.1:8000{one_click}>"
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f'href="http://127.0.0.1:8000{page}"' in mail.html
    assert page in mail.text
    assert "<strong>se</strong>" in mail.html
    assert 'href="http://127.0.0.1:8000/activities/"' in mail.html
    assert "Kom og se. Alle tilbud (http://127.0.0.1:8000/activities/)" in mail.text


def test_raw_html_in_the_text_is_shown_not_run():
    subscriber()
    issue = newsletter(body_nb="Hei <script>alert(1)</script> ![bilde](http://example.org/x.png)")
    services.send_newsletter(issue, StaffFactory())
    write_all(issue)

    assert "<script" not in Mail.objects.get().html
    assert "<img" not in Mail.objects.get().html


def test_who_unsubscribes_before_the_mail_is_written_gets_none():
    stays, leaves = subscriber(), subscriber()
    issue = newsletter()
    services.send_newsletter(issue, StaffFactory())

    services.unsubscribe(leaves.unsubscribe_token)
    write_all(issue)

    assert list(Mail.objects.values_list("to_email", flat=True)) == [stays.email]
    assert queries.progress(issue).receivers == 1
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENT


def test_newsletter_goes_out_once():
    subscriber()
    issue = newsletter()
    services.send_newsletter(issue, StaffFactory())
    write_all(issue)

    with pytest.raises(services.NewsletterError):
        services.send_newsletter(issue, StaffFactory())
    write_all(issue)
    assert Mail.objects.count() == 1


def test_newsletter_without_readers_stays_a_draft():
    issue = newsletter()

    with pytest.raises(services.NewsletterError):
        services.send_newsletter(issue, StaffFactory())
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_send_at_once_send_once():
    for _number in range(3):
        subscriber()
    issue, editors = newsletter(), [StaffFactory(), StaffFactory()]

    results = run_together(*[lambda by=by: services.send_newsletter(issue, by) for by in editors])

    assert sorted(isinstance(result, services.NewsletterError) for result in results) == [False, True]
    write_all(issue)
    assert Mail.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_workers_that_write_at_once_write_to_nobody_twice():
    for _number in range(20):
        subscriber()
    issue = newsletter()
    services.send_newsletter(issue, StaffFactory())

    def write() -> None:
        for _round in range(10):
            services.write_batch(issue.pk, 3)

    run_together(write, write, write)

    addresses = list(Mail.objects.values_list("to_email", flat=True))
    assert len(addresses) == len(set(addresses)) == 20
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENT


@pytest.mark.django_db(transaction=True)
def test_sending_goes_on_after_a_crash_in_the_middle(monkeypatch):
    for _number in range(5):
        subscriber()
    issue = newsletter()
    services.send_newsletter(issue, StaffFactory())
    services.write_batch(issue.pk, 2)
    write = emails.newsletter
    calls = []

    def dies_at_the_second(*args):
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("the worker is gone")
        return write(*args)

    monkeypatch.setattr(emails, "newsletter", dies_at_the_second)
    with pytest.raises(RuntimeError):
        services.write_batch(issue.pk, 2)
    monkeypatch.undo()
    assert Mail.objects.count() == 2

    services.sweep()
    write_all(issue)

    addresses = list(Mail.objects.values_list("to_email", flat=True))
    assert len(addresses) == len(set(addresses)) == 5
    assert not Delivery.objects.filter(mail=None).exists()


@pytest.mark.django_db(transaction=True)
def test_sweep_finishes_what_was_written_but_not_marked():
    subscriber()
    issue = newsletter()
    services.send_newsletter(issue, StaffFactory())
    with transaction.atomic():
        delivery = Delivery.objects.select_related("subscriber").get()
        delivery.mail = services._write(issue, delivery.subscriber, {"nb": services.content(issue, "nb")})
        delivery.save(update_fields=["mail"])

    services.sweep()

    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENT
    assert Mail.objects.count() == 1


def test_test_mail_goes_to_its_editor_only_and_counts_nowhere():
    subscriber()
    issue = newsletter()

    services.send_test(issue, to="redaksjon@example.org", language="nb")

    mail = Mail.objects.get()
    assert mail.to_email == "redaksjon@example.org"
    assert "Nytt om roboter" in mail.subject
    assert mail.subject != "Nytt om roboter"
    assert "List-Unsubscribe" not in mail.headers
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_mail_server_gets_headers_and_both_parts(smtp_sink):
    person = subscriber()
    issue = newsletter(subject_nb="Æ, ø og «å»", body_nb="## Kjære lesere\n\n- robotar\n- *kjøtmeis*")
    services.send_newsletter(issue, StaffFactory())
    write_all(issue)

    assert outbox.deliver(Mail.objects.get().pk)

    message = smtp_sink.wait_for(1)[0]
    assert message["To"] == person.email
    assert message["Subject"] == "Æ, ø og «å»"
    assert message["List-Unsubscribe"].strip("<>").endswith(f"/newsletter/one-click/{person.unsubscribe_token}/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Message-ID"]
    assert "- robotar\n- kjøtmeis" in message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    html = message.get_body(("html",)).get_content()
    assert "<em>kjøtmeis</em>" in html
    assert len(html) < 100_000
