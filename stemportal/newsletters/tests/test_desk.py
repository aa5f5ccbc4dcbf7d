from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from stemportal.newsletters import readiness
from stemportal.newsletters.models import Block, Bounce, ConsentEvent, Delivery, Link, Newsletter
from stemportal.newsletters.services import editing
from stemportal.newsletters.statistics import statistics
from stemportal.newsletters.tests.blocks import block
from stemportal.newsletters.tests.people import newsletter, subscriber
from stemportal.outbox.models import Mail
from stemportal.testing.factories import CountyFactory, StaffFactory, UserFactory
from stemportal.testing.network_factories import StoryFactory

pytestmark = pytest.mark.django_db

ADD = "admin:newsletters_newsletter_add"
CHANGE = "admin:newsletters_newsletter_change"
PREVIEW = "admin:newsletters_newsletter_preview"
SEND = "admin:newsletters_newsletter_send"
MAIL = "admin:newsletters_newsletter_mail"
RECEIVERS = "admin:newsletters_newsletter_receivers"


@pytest.fixture
def staff(client):
    person = StaffFactory(email="redaksjon@example.org")
    client.force_login(person)
    return person


def form(*blocks, issue=None, **facts):
    """Return what the browser sends: each block is a dict of its fields, with ``id`` where it is saved already."""
    saved = sum("id" in row for row in blocks)
    sent = {"subject_nb": "Nytt", "is_public": "on", "_save": "1"} | facts
    sent |= {"blocks-TOTAL_FORMS": len(blocks), "blocks-INITIAL_FORMS": saved}
    for number, row in enumerate(blocks):
        whole = {"order": number, "newsletter": issue.pk if issue else ""} | row
        sent |= {f"blocks-{number}-{name}": value for name, value in whole.items()}
    return sent


def errors_of(response):
    return [found.errors for found in response.context["inline_admin_formsets"][0].formset.forms]


def test_writing_a_newsletter_leads_to_its_preview(client, staff):
    county = CountyFactory()
    sent = form(
        {"kind": "heading", "title_nb": "Datoer"},
        {"kind": "text", "text_nb": "Hei."},
        {"kind": "button", "title_nb": "Meld deg på", "url": "https://example.org/"},
        audience_roles=["teacher"],
        audience_counties=[county.pk],
    )

    response = client.post(reverse(ADD), sent)

    issue = Newsletter.objects.get()
    assert response.url == reverse(PREVIEW, args=[issue.pk])
    assert [row.kind for row in issue.blocks.all()] == ["heading", "text", "button"]
    assert (issue.created_by, issue.edited_by, issue.slug) == (staff, staff, "nytt")
    assert (issue.audience_roles, list(issue.audience_counties.all())) == (["teacher"], [county])


def test_a_new_block_stands_below_the_others_and_an_empty_one_is_none(client, staff):
    issue = newsletter(subject_nb="Nytt")
    block(issue, text_nb="Så.")
    there = list(issue.blocks.all())

    page = client.get(reverse(CHANGE, args=[issue.pk]))
    offered = page.context["inline_admin_formsets"][0].formset.forms[-1]["order"].value()
    rows = [{"id": row.pk, "kind": "text", "order": row.order, "text_nb": row.text_nb} for row in there]
    new, empty = {"kind": "text", "order": offered, "text_nb": "Sist."}, {"kind": "text", "order": 0}
    client.post(reverse(CHANGE, args=[issue.pk]), form(*rows, new, empty, issue=issue))

    assert [row.text_nb for row in issue.blocks.all()] == [*(row.text_nb for row in there), "Sist."]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"kind": "heading", "title_en": "Dates"}, "title_nb"),
        ({"kind": "text"}, "text_nb"),
        ({"kind": "button", "title_nb": "Meld deg på"}, "url"),
        ({"kind": "button", "title_nb": "Hent", "url": "javascript:alert(1)"}, "url"),
        ({"kind": "image", "title_nb": "En robot"}, "upload"),
        ({"kind": "story"}, "story"),
        ({"kind": "event"}, "meeting"),
        ({"kind": "activity"}, "activity"),
    ],
)
def test_block_says_what_it_needs(client, staff, row, field):
    # Told apart from a row that nobody touched, which is not saved.
    response = client.post(reverse(ADD), form(row | {"title_nn": "x"}))

    assert field in errors_of(response)[0]
    assert not Newsletter.objects.exists()


def test_picture_is_drawn_anew_and_keeps_its_place(client, staff):
    target = BytesIO()
    Image.new("RGB", (1600, 800), "red").save(target, "JPEG")
    row = {"kind": "image", "title_nb": "Rødt"}

    client.post(reverse(ADD), form(row | {"upload": SimpleUploadedFile("a.jpg", target.getvalue())}))

    shown = Block.objects.get()
    assert re.fullmatch(r"newsletters/[0-9a-f]{22}-1200x600\.png", str(shown.file))
    assert (shown.width, shown.height) == (1200, 600)
    issue = shown.newsletter
    client.post(reverse(CHANGE, args=[issue.pk]), form(row | {"id": shown.pk, "title_nb": "Blått"}, issue=issue))
    shown.refresh_from_db()
    assert (shown.title_nb, shown.width) == ("Blått", 1200)


def test_what_is_no_picture_is_refused_with_words(client, staff):
    upload = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", content_type="image/png")

    response = client.post(reverse(ADD), form({"kind": "image", "title_nb": "Rødt", "upload": upload}))

    assert "SVG" in str(errors_of(response)[0]["upload"])


def test_edit_takes_the_approval_back_and_looking_does_not(client, staff, settings):
    settings.NEWSLETTER_TWO_PERSONS = True
    issue = newsletter(subject_nb="Nytt", slug="nytt")
    row = issue.blocks.get()
    editing.approve(newsletter=issue, by=StaffFactory(), seen=readiness.fingerprint(issue))
    same = {"id": row.pk, "kind": "text", "text_nb": row.text_nb}

    client.post(reverse(CHANGE, args=[issue.pk]), form(same, issue=issue, slug="nytt"))
    issue.refresh_from_db()
    assert issue.approved_at

    client.post(reverse(CHANGE, args=[issue.pk]), form(same | {"text_nb": "Endret."}, issue=issue, slug="nytt"))
    issue.refresh_from_db()
    assert issue.approved_at is None
    assert issue.edited_by == staff


def test_second_person_approves_what_the_page_showed(client, staff, settings):
    settings.NEWSLETTER_TWO_PERSONS = True
    issue = newsletter(edited_by=StaffFactory())
    page = client.get(reverse(PREVIEW, args=[issue.pk])).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]

    issue.blocks.update(text_nb="Endret meens noen leste.")
    client.post(reverse(PREVIEW, args=[issue.pk]), {"do": "approve", "seen": seen})
    issue.refresh_from_db()
    assert issue.approved_at is None

    page = client.get(reverse(PREVIEW, args=[issue.pk])).content.decode()
    client.post(
        reverse(PREVIEW, args=[issue.pk]),
        {"do": "approve", "seen": re.search(r'name="seen" value="(\w+)"', page)[1]},
    )
    issue.refresh_from_db()
    assert issue.approved_by == staff


def test_who_edited_last_is_offered_no_approval(client, staff, settings):
    settings.NEWSLETTER_TWO_PERSONS = True
    issue = newsletter(edited_by=staff)

    assert 'value="approve"' not in client.get(reverse(PREVIEW, args=[issue.pk])).content.decode()
    assert 'value="send"' not in client.get(reverse(SEND, args=[issue.pk])).content.decode()


@pytest.mark.parametrize(("look", "expected"), [("wide", "100%"), ("narrow", "360px"), ("dark", "look=dark")])
def test_preview_shows_the_mail_in_a_frame_that_runs_nothing(client, staff, look, expected):
    issue = newsletter(subject_en="News about robots")

    page = client.get(reverse(PREVIEW, args=[issue.pk]), {"look": look, "language": "en"}).content.decode()

    frame = re.search(r"<iframe sandbox [^>]+>", page)[0]
    assert expected in frame
    assert "language=en" in frame
    assert "its readers get bokmål" in page
    assert not Mail.objects.exists()


def test_preview_as_plain_text(client, staff):
    page = client.get(reverse(PREVIEW, args=[newsletter().pk]), {"look": "plain"}).content.decode()

    assert "Kom og se. Alle tilbud (" in page
    assert "QzMark" not in page
    assert "<iframe" not in page


def test_mail_in_the_frame_may_run_nothing_and_is_dark_where_asked(client, staff):
    issue = newsletter()

    light = client.get(reverse(MAIL, args=[issue.pk]))
    dark = client.get(reverse(MAIL, args=[issue.pk]), {"look": "dark"}).content.decode()

    assert light["X-Frame-Options"] == "SAMEORIGIN"
    policy = light["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src 'self'")
    assert policy.endswith("frame-ancestors 'self'; sandbox")
    assert "@media not all" in light.content.decode()
    assert "@media all" in dark
    assert "Kom og <strong>se</strong>." in dark


def test_test_goes_to_the_editor(client, staff):
    issue = newsletter()

    client.post(reverse(PREVIEW, args=[issue.pk]), {"do": "test", "language": "nb"})

    assert Mail.objects.get().to_email == "redaksjon@example.org"
    assert client.post(reverse(PREVIEW, args=[issue.pk]), {"do": "test", "language": "xx"}).status_code == 404
    assert client.post(reverse(PREVIEW, args=[issue.pk]), {"do": "send"}).status_code == 404


def test_receivers_are_counted_from_what_is_ticked(client, staff):
    subscriber(language="en")
    subscriber()
    sent = {"audience_languages": ["en"], "subject_nb": "x"}

    part = client.post(reverse(RECEIVERS), sent, headers={"HX-Request": "true"}).content.decode()
    page = client.post(reverse(RECEIVERS), {}).content.decode()

    assert "1 subscriber gets it" in part
    assert "<html" not in part
    assert "2 subscribers get it" in page
    assert "Nothing was saved" in page


def test_send_page_says_how_many_and_sends_only_by_the_button(client, staff):
    for language in ("nb", "nb", "en"):
        subscriber(language=language)
    issue = newsletter(audience_languages=["nb"])

    page = client.get(reverse(SEND, args=[issue.pk])).content.decode()
    assert "2 subscribers get this newsletter." in page
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT

    client.post(reverse(SEND, args=[issue.pk]), {"do": "send"})
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SENDING
    assert issue.sent_by == staff
    again = client.post(reverse(SEND, args=[issue.pk]), {"do": "send"}, follow=True)
    assert [message.level_tag for message in again.context["messages"]][-1] == "error"


def test_what_is_missing_stands_there_instead_of_the_button(client, staff):
    subscriber()
    issue = newsletter(subject_en="Half")

    page = client.get(reverse(SEND, args=[issue.pk])).content.decode()

    assert "English is half written" in page
    assert 'value="send"' not in page
    assert 'value="schedule"' not in page


def test_scheduling_and_calling_back(client, staff):
    subscriber()
    issue = newsletter()
    at = timezone.localtime() + timedelta(days=3)

    client.post(reverse(SEND, args=[issue.pk]), {"do": "schedule", "at": f"{at:%Y-%m-%dT%H:%M}"})
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.SCHEDULED
    assert issue.scheduled_at == at.replace(second=0, microsecond=0)
    assert client.post(reverse(CHANGE, args=[issue.pk]), form(issue=issue)).status_code == 403

    client.post(reverse(SEND, args=[issue.pk]), {"do": "unschedule"})
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT


@pytest.mark.parametrize("at", ["", "i morgen", "2020-01-01T10:00"])
def test_time_that_cannot_be_is_said_to_be_wrong(client, staff, at):
    subscriber()
    issue = newsletter()

    response = client.post(reverse(SEND, args=[issue.pk]), {"do": "schedule", "at": at}, follow=True)

    said = [str(message) for message in response.context["messages"]] + list(response.context["when"].errors)
    assert said
    issue.refresh_from_db()
    assert issue.status == Newsletter.Status.DRAFT


def test_pausing_going_on_and_ending(client, staff):
    subscriber()
    issue = newsletter()
    url = reverse(SEND, args=[issue.pk])
    client.post(url, {"do": "send"})
    for deed, status in (("pause", "paused"), ("resume", "sending"), ("pause", "paused"), ("stop", "sent")):
        assert f'value="{deed}"' in client.get(url).content.decode()
        client.post(url, {"do": deed})
        issue.refresh_from_db()
        assert issue.status == status


def test_send_page_polls_while_it_sends_and_answers_with_the_part(client, staff):
    subscriber()
    issue = newsletter()
    url = reverse(SEND, args=[issue.pk])
    client.post(url, {"do": "send"})

    page = client.get(url).content.decode()
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()

    assert 'hx-trigger="every 3s"' in page
    assert "<noscript><p><a" in page
    assert "<html" not in part
    assert 'role="progressbar"' in part
    Newsletter.objects.update(status=Newsletter.Status.SENT)
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_statistics_count_everything_and_name_nobody(client, staff):
    issue = newsletter(status=Newsletter.Status.SENT, kept_counts={"sent": 10})
    people = [subscriber() for _number in range(5)]
    for person, status in zip(people, ["sent", "sent", "bounced", "failed", "unknown"], strict=True):
        Delivery.objects.create(newsletter=issue, subscriber=person, status=status)
    ConsentEvent.objects.create(subscriber=people[0], kind="unsubscribed", newsletter=issue, source="/")
    ConsentEvent.objects.create(subscriber=people[0], kind="unsubscribed", source="/")
    Bounce.objects.create(kind="complaint", source="mailbox", email="a@example.org", newsletter=issue, fingerprint="1")
    Link.objects.create(newsletter=issue, url="https://example.org/a", clicks=7)

    found = statistics(issue)
    page = client.get(reverse(SEND, args=[issue.pk])).content.decode()

    assert (found.receivers, found.sent, found.came_back, found.refused, found.unknown) == (15, 13, 1, 1, 1)
    assert (found.unsubscribed, found.complaints, found.clicks, found.percent) == (1, 1, 7, 100)
    assert "https://example.org/a" in page
    assert not any(person.email in page for person in people)


def test_send_without_subscribers_offers_no_button(client, staff):
    page = client.get(reverse(SEND, args=[newsletter().pk])).content.decode()

    assert 'value="send"' not in page
    assert "Nobody subscribes yet" in page


def test_what_went_out_cannot_be_changed(client, staff):
    issue = newsletter(status=Newsletter.Status.SENT)

    assert client.get(reverse(CHANGE, args=[issue.pk])).status_code == 200
    assert client.post(reverse(CHANGE, args=[issue.pk]), form(issue=issue)).status_code == 403
    assert client.post(reverse("admin:newsletters_newsletter_delete", args=[issue.pk])).status_code == 403


@pytest.mark.parametrize("name", [PREVIEW, SEND, MAIL])
def test_pages_are_for_the_secretariat(client, name):
    url = reverse(name, args=[newsletter().pk])

    assert client.get(url).status_code == 302
    client.force_login(UserFactory())
    assert client.get(url).status_code == 302
    client.force_login(UserFactory(is_staff=True))
    assert client.get(url).status_code in {403, 404}
    assert client.post(url).status_code in {403, 404}


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_much_for_three_as_for_one(client, staff, rows, django_assert_num_queries):
    for _number in range(rows):
        newsletter(edited_by=staff)

    with django_assert_num_queries(4):
        page = client.get(reverse("admin:newsletters_newsletter_changelist")).content.decode()
    assert page.count("Nytt om roboter") >= rows


@pytest.mark.parametrize("rows", [1, 3])
def test_form_asks_as_much_for_three_stories_as_for_one(client, staff, rows, django_assert_num_queries):
    issue = newsletter()
    for _number in range(rows):
        block(issue, "story", story=StoryFactory())

    client.get(reverse(CHANGE, args=[issue.pk]))
    with django_assert_num_queries(14):
        client.get(reverse(CHANGE, args=[issue.pk]))
