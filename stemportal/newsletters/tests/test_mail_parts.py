from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from stemportal.activities.models import Activity, ActivityImage
from stemportal.lib import images
from stemportal.newsletters.models import Link
from stemportal.newsletters.rendering.links import note_links
from stemportal.newsletters.services import editing
from stemportal.newsletters.tasks import count_click
from stemportal.newsletters.tests.blocks import block
from stemportal.newsletters.tests.people import newsletter
from stemportal.testing.factories import ActivityFactory
from stemportal.testing.network_factories import StoryFactory, StoryPhotoFactory

pytestmark = pytest.mark.django_db

FAR = "https://example.org/?a=1&b=æ"


def file_of(mode="RGB", kind="WEBP", size=(90, 60)):
    target = BytesIO()
    Image.effect_noise(size, 90).convert(mode).save(target, kind)
    return ContentFile(target.getvalue())


def kind_of(response):
    return Image.open(BytesIO(b"".join(response) if response.streaming else response.content)).format


@pytest.fixture
def link():
    (address,) = note_links(newsletter(), [FAR]).values()
    return address.partition("8000")[2] or address.partition(".no")[2]


@pytest.fixture
def clicks(monkeypatch, settings):
    """What the worker is told to count."""
    settings.NEWSLETTER_COUNT_CLICKS = True
    told = []
    monkeypatch.setattr("stemportal.newsletters.tasks.count_click.delay", told.append)
    return told


def test_link_counts_a_click_and_leads_on(client, link, clicks):
    response = client.get(link)

    assert (response.status_code, response.url) == (302, FAR.replace("æ", "%C3%A6"))
    assert clicks == [Link.objects.get().pk]
    client.head(link)
    assert len(clicks) == 1, "programs that only look are not counted"
    assert client.post(link).status_code == 405
    count_click(clicks[0])
    assert Link.objects.get().clicks == 1


def test_link_of_an_old_mail_leads_on_when_clicks_are_counted_no_more(client, link, clicks, settings):
    settings.NEWSLETTER_COUNT_CLICKS = False

    assert client.get(link).url == FAR.replace("æ", "%C3%A6")
    assert clicks == []


def test_link_that_the_portal_did_not_make_leads_nowhere(client, link, clicks):
    number, _colon, signature = link.strip("/").rpartition("/")[2].partition(":")

    for forged in (f"{int(number) + 1}:{signature}", f"{number}:{signature[:-1]}", number, "x:y"):
        assert client.get(reverse("newsletters_machine:link", args=[forged])).status_code == 404
    assert clicks == []


def test_picture_of_a_block_is_served_as_mail_programs_know_it(client):
    shown = block(newsletter(), "image", title_nb="En robot")
    editing.put_picture(block=shown, picture=images.prepare(file_of(size=(900, 900)), photo=images.JPEG))
    shown.save()

    response = client.get(reverse("newsletters_machine:picture", args=[str(shown.file).rpartition("/")[2]]))

    assert response["Content-Type"] == "image/jpeg"
    assert kind_of(response) == "JPEG"
    assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["a.png", "../../etc/passwd", f"{'a' * 22}-1x1.png"])
def test_picture_that_no_block_has_is_not_found(client, name):
    assert client.get(f"/newsletter/picture/{name}").status_code == 404


def test_new_picture_takes_the_place_of_the_old_one(django_capture_on_commit_callbacks):
    shown = block(newsletter(), "image", title_nb="En robot")
    editing.put_picture(block=shown, picture=images.prepare(file_of(), photo=images.JPEG))
    shown.save()
    old = str(shown.file)

    with django_capture_on_commit_callbacks(execute=True):
        editing.put_picture(block=shown, picture=images.prepare(file_of("L"), photo=images.JPEG))
        shown.save()
        assert default_storage.exists(old)

    assert not default_storage.exists(old)
    assert default_storage.exists(str(shown.file))


def test_card_shows_a_webp_picture_as_one_that_every_program_knows(client):
    offer = ActivityFactory(status=Activity.Status.PUBLISHED)
    name = default_storage.save("offers/mail-test.webp", file_of(size=(700, 700)))
    ActivityImage.objects.create(activity=offer, file=name, alt_text="En robot", width=700, height=700)
    card = block(newsletter(), "activity", activity=offer)
    url = reverse("newsletters_machine:card_picture", args=[card.pk])

    response = client.get(url)

    assert kind_of(response) == "JPEG"
    assert response["Content-Type"] == "image/jpeg"
    Activity.objects.update(status=Activity.Status.ARCHIVED)
    assert client.get(url).status_code == 404


def test_picture_of_a_story_goes_when_the_story_is_taken_down(client):
    photo = StoryPhotoFactory(file=default_storage.save("stories/mail-test.png", file_of(kind="PNG")))
    card = block(newsletter(), "story", story=photo.story)
    url = reverse("newsletters_machine:card_picture", args=[card.pk])
    assert client.get(url)["Content-Type"] == "image/png"

    type(photo.story).objects.update(status="withdrawn")

    assert client.get(url).status_code == 404


def test_card_without_a_picture_has_none(client):
    card = block(newsletter(), "story", story=StoryFactory())

    assert client.get(reverse("newsletters_machine:card_picture", args=[card.pk])).status_code == 404
