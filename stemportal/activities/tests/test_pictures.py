"""Pictures with words for those who do not see them, and files for those who book."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from stemportal.activities.models import ActivityFile, ActivityImage
from stemportal.activities.services import files as file_services
from stemportal.activities.services import pictures as services
from stemportal.activities.tests.conftest import at

pytestmark = pytest.mark.django_db


def png(size=(40, 30), colour="red", **options) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG", **options)
    return target.getvalue()


def pdf_bytes() -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def put(client, activity, content=None, name="a.png", alt="En robot"):
    file = SimpleUploadedFile(name, png() if content is None else content)
    return client.post(at("images", activity.pk), {"file": file, "alt_text": alt}, follow=True)


def put_file(client, activity, content=None, name="a.pdf", **facts):
    data = {"purpose": "risk", "title": "Risikovurdering 2026"} | facts
    file = SimpleUploadedFile(name, pdf_bytes() if content is None else content)
    return client.post(at("files", activity.pk), data | {"file": file}, follow=True)


@pytest.fixture
def shown(offer, partner):
    return offer("Se robotene", partner=partner)


# --- Pictures


def test_picture_is_drawn_anew_and_stands_on_the_offer(member, shown):
    meta = Image.Exif()
    meta[0x010E] = "hemmelig sted"
    html = put(member, shown, png(exif=meta)).content.decode()
    image = shown.images.get()
    assert "The picture is there" in html
    assert (image.width, image.height, image.alt_text) == (40, 30, "En robot")
    with default_storage.open(image.file.name) as file:
        assert b"hemmelig" not in file.read()
    page = Client().get(shown.get_absolute_url()).content.decode()
    assert 'alt="En robot" width="40" height="30"' in page
    address = at("image", image.file.name.removeprefix("offers/"))
    response = Client().get(address)
    assert response["Content-Type"] == "image/png"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize("alt", ["", "   "])
def test_picture_without_words_is_refused(member, shown, alt):
    response = put(member, shown, alt=alt)
    assert response.status_code == 422
    assert "Say what the picture shows" in response.content.decode()
    assert not shown.images.exists()


def test_database_refuses_a_picture_without_words(shown):
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityImage.objects.create(activity=shown, file="offers/x.png", alt_text="")


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.png", "The file is empty"),
        (b"<svg onload=alert(1)>", "a.png", "SVG"),
        (b"GIF89a", "a.png", "not a PNG, JPEG or WebP"),
        (png()[:40], "a.png", "can not be read"),
    ],
)
def test_what_is_no_picture_is_refused_with_words(member, shown, content, name, message):
    assert message in put(member, shown, content, name).content.decode()
    assert not shown.images.exists()


def test_picture_of_an_unpublished_offer_is_for_its_members(member, stranger, shown):
    put(member, shown)
    address = at("image", shown.images.get().file.name.removeprefix("offers/"))
    shown.status = "draft"
    shown.save(update_fields=["status"])
    assert Client().get(address).status_code == 404
    assert stranger.get(address).status_code == 404
    response = member.get(address)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-cache")


@pytest.mark.parametrize("name", ["x.png", "a" * 22 + "-1x1.png", "..%2f..%2fsecret"])
def test_unknown_picture_is_not_found(name, db):
    assert Client().get("/en/activities/pictures/" + name).status_code == 404


def test_an_offer_has_six_pictures_at_most(member, shown):
    for _ in range(services.MOST_PICTURES):
        put(member, shown)
    assert "at most 6 pictures" in put(member, shown).content.decode()
    assert shown.images.count() == 6


def test_order_and_words_of_pictures_change(member, shown):
    for alt in ("en", "to", "tre"):
        put(member, shown, alt=alt)
    first, second, third = shown.images.all()
    member.post(at("image_change", third.pk), {"action": "up"})
    member.post(at("image_change", first.pk), {"action": "down"})
    assert [image.alt_text for image in shown.images.all()] == ["tre", "en", "to"]
    member.post(at("image_change", third.pk), {"action": "up"})
    assert [image.alt_text for image in shown.images.all()] == ["tre", "en", "to"]
    member.post(at("image_change", second.pk), {"action": "describe", "alt_text": "To pupper"})
    second.refresh_from_db()
    assert second.alt_text == "To pupper"
    response = member.post(at("image_change", second.pk), {"action": "describe", "alt_text": " "})
    assert response.status_code == 422
    second.refresh_from_db()
    assert second.alt_text == "To pupper"


def test_removed_picture_is_gone_from_the_storage(member, shown, django_capture_on_commit_callbacks):
    put(member, shown)
    image = shown.images.get()
    with django_capture_on_commit_callbacks(execute=True):
        member.post(at("image_change", image.pk), {"action": "remove"})
    assert not shown.images.exists()
    assert not default_storage.exists(image.file.name)


# --- Files


def test_file_is_an_attachment_for_everybody_who_sees_the_offer(member, stranger, shown):
    put_file(member, shown)
    file = shown.files.get()
    page = Client().get(shown.get_absolute_url()).content.decode()
    assert "Risikovurdering 2026" in page
    assert at("file", file.pk) in page
    response = Client().get(at("file", file.pk))
    assert response["Content-Disposition"] == 'attachment; filename="risikovurdering-2026.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    shown.status = "archived"
    shown.save(update_fields=["status"])
    assert Client().get(at("file", file.pk)).status_code == 404
    assert stranger.get(at("file", file.pk)).status_code == 404
    assert member.get(at("file", file.pk)).status_code == 200


def test_picture_as_a_file_is_drawn_anew(member, shown):
    put_file(member, shown, png(), "kart.png", purpose="other", title="Kart")
    assert shown.files.get().file.name.endswith(".png")


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"MZ\x90", "a.pdf", "is no PDF"),
        (b"PK\x03\x04", "a.docx", "save it as PDF, PNG or JPEG"),
        (b"<html><script>", "a.html", "save it as PDF, PNG or JPEG"),
        (b"<svg>", "a.svg", "save it as PDF, PNG or JPEG"),
        (b"", "a.pdf", "is no PDF"),
        (b"%PDF-" + b"x" * file_services.MAX_BYTES, "a.pdf", "at most 10 MB"),
    ],
)
def test_other_files_are_refused_with_words(member, shown, content, name, message):
    assert message in put_file(member, shown, content, name).content.decode()
    assert not shown.files.exists()


def test_an_offer_has_ten_files_at_most(member, shown):
    ActivityFile.objects.bulk_create(ActivityFile(activity=shown, title=f"{n}", file=f"x{n}.pdf") for n in range(10))
    assert "at most 10 files" in put_file(member, shown).content.decode()
    assert shown.files.count() == 10


def test_removed_file_is_gone(member, shown, django_capture_on_commit_callbacks):
    put_file(member, shown)
    file = shown.files.get()
    with django_capture_on_commit_callbacks(execute=True):
        member.post(at("file_remove", file.pk))
    assert not default_storage.exists(file.file.name)
    assert Client().get(at("file", file.pk)).status_code == 404


def test_pictures_and_files_are_changed_by_those_who_edit(member, reader, stranger, shown):
    put(member, shown)
    put_file(member, shown)
    image, file = shown.images.get(), shown.files.get()
    for client, status in ((reader, 403), (stranger, 404)):
        assert put(client, shown).status_code == status
        assert put_file(client, shown).status_code == status
        assert client.post(at("image_change", image.pk), {"action": "remove"}).status_code == status
        assert client.post(at("file_remove", file.pk)).status_code == status
    assert (shown.images.count(), shown.files.count()) == (1, 1)
