"""Logos: putting one up, who is refused and how, where the file is served, and where it is shown."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from stemportal.lib.tests.test_images import SVG, jpeg_of, png_of
from stemportal.partners.logos import logo_of
from stemportal.partners.models import Membership, Partner
from stemportal.partners.services.organisation import remove_logo, set_logo
from stemportal.partners.tests.pictures import picture, png, upload
from stemportal.testing.factories import ActivityFactory, MembershipFactory, PartnerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Status = Partner.Status


@pytest.fixture
def member(client):
    """An editor of a partner, logged in."""
    membership = MembershipFactory(role=Membership.Role.EDITOR)
    client.force_login(membership.user)
    return membership


def put_up(client, member, file, **more):
    return client.post(reverse("partners:logo_upload", args=[member.partner_id]), {"logo": file}, **more)


def files() -> set[str]:
    return set(default_storage.listdir("logos")[1]) if default_storage.exists("logos") else set()


def with_logo(**facts) -> Partner:
    partner = PartnerFactory(**facts)
    set_logo(partner_id=partner.pk, picture=picture())
    partner.refresh_from_db()
    return partner


# --- Putting up, replacing, removing


def test_logo_is_on_the_page_after_it_was_put_up(client, member):
    response = put_up(client, member, upload(png((1600, 400))))
    assert response.status_code == 302
    page = client.get(response["Location"]).text
    member.partner.refresh_from_db()
    logo = logo_of(member.partner)
    assert (logo.width, logo.height) == (800, 200)
    assert "The logo is on your page now." in page
    assert f'src="{logo.url}" width="800" height="200"' in page


def test_stored_name_has_nothing_of_the_uploaded_name(client, member):
    put_up(client, member, upload(name="../../hemmelig navn.png"))
    member.partner.refresh_from_db()
    assert "hemmelig" not in member.partner.logo.name
    assert member.partner.logo.name.startswith("logos/")


def test_new_logo_takes_the_place_of_the_old_file(client, member, django_capture_on_commit_callbacks):
    put_up(client, member, upload())
    member.partner.refresh_from_db()
    old = member.partner.logo.name
    with django_capture_on_commit_callbacks() as after:
        put_up(client, member, upload(png(colour="#7a4379")))
        assert default_storage.exists(old), "until the change stands, the old file is needed"
    for call in after:
        call()
    member.partner.refresh_from_db()
    assert not default_storage.exists(old)
    assert default_storage.exists(member.partner.logo.name)


def test_logo_is_removed_with_its_file(client, member, django_capture_on_commit_callbacks):
    put_up(client, member, upload())
    member.partner.refresh_from_db()
    old = member.partner.logo.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("partners:logo_remove", args=[member.partner_id]))
    member.partner.refresh_from_db()
    assert not member.partner.logo
    assert not default_storage.exists(old)
    assert not remove_logo(partner_id=member.partner_id)


def test_file_does_not_stay_when_the_change_fails(monkeypatch):
    partner, before = PartnerFactory(), files()
    monkeypatch.setattr(Partner, "save", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        set_logo(partner_id=partner.pk, picture=picture())
    assert files() == before


def test_change_of_the_logo_is_in_the_history_with_the_person(client, member):
    put_up(client, member, upload())
    change = member.partner.changes.order_by("-pgh_id").first()
    assert change.logo
    assert change.pgh_context.metadata["user"] == member.user_id


# --- What is refused, and with which words


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (upload(SVG, "logo.svg", "image/svg+xml"), "This is an SVG drawing."),
        (upload(SVG, "logo.png", "image/png"), "This is an SVG drawing."),
        (upload(b"MZ\x90\x00" + b"\x00" * 90, "logo.png"), "This is not a PNG, JPEG or WebP picture."),
        (upload(b"%PDF-1.7 ...", "logo.jpg", "image/jpeg"), "This is not a PNG, JPEG or WebP picture."),
        (upload(png_of(10_000, 6_000)), "too many pixels"),
        (upload(jpeg_of(10_000, 6_000), "logo.jpg"), "too many pixels"),
        (upload(png()[:-60]), "can not be read"),
        (upload(b""), "The file is empty."),
        (upload(png() + b"x" * 6_000_000), "at most 5 MB"),
    ],
    ids=["svg", "svg named png", "program", "pdf", "60 megapixels", "jpeg", "cut", "empty", "6 MB"],
)
def test_bad_file_is_explained_and_changes_nothing(client, member, file, words):
    before = files()
    response = put_up(client, member, file)
    assert response.status_code == 200
    assert words in response.text
    assert files() == before
    member.partner.refresh_from_db()
    assert not member.partner.logo


def test_picture_with_a_wrong_extension_is_taken_for_what_it_is(client, member):
    target = BytesIO()
    Image.new("RGB", (60, 40), "#ff0000").save(target, "JPEG")
    assert put_up(client, member, upload(target.getvalue(), "logo.svg", "image/svg+xml")).status_code == 302
    member.partner.refresh_from_db()
    assert member.partner.logo.name.endswith("60x40.png")


def test_no_file_at_all_is_explained(client, member):
    response = client.post(reverse("partners:logo_upload", args=[member.partner_id]))
    assert "Choose a picture first." in response.text


def test_request_beyond_every_limit_gets_words_too(client, member, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    response = put_up(client, member, upload(b"x" * 300_000))
    assert response.status_code == 200
    assert "The file is too large." in response.text


def test_form_with_too_much_text_gets_a_page(client, member):
    """Django refuses it before any view; the answer is a page all the same."""
    client.raise_request_exception = False
    response = client.post(reverse("partners:organisation", args=[member.partner_id]), {"about": "x" * 3_000_000})
    assert response.status_code == 400
    assert "We did not understand that" in response.text


def test_too_many_pictures_in_a_short_time_are_refused(client, member, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "partner_logo": (1, 3600)}
    assert put_up(client, member, upload()).status_code == 302
    response = put_up(client, member, upload())
    assert response.status_code == 429
    assert "try again in an hour" in response.text


# --- The file


def test_logo_is_served_to_everybody_for_a_year_and_can_do_nothing(client):
    partner = with_logo()
    response = client.get(logo_of(partner).url)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert "max-age=31536000" in response["Cache-Control"]
    assert "public" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert Image.open(BytesIO(b"".join(response.streaming_content))).size == (300, 150)


@pytest.mark.parametrize("status", [s for s in Status if s != Status.APPROVED])
def test_logo_of_a_hidden_partner_is_for_its_members(client, status):
    partner = with_logo(status=status)
    url = logo_of(partner).url
    assert client.get(url).status_code == 404
    client.force_login(MembershipFactory().user)
    assert client.get(url).status_code == 404
    client.force_login(MembershipFactory(partner=partner).user)
    response = client.get(url)
    if status == Status.UNCONFIRMED:
        assert response.status_code == 404
    else:
        assert response.status_code == 200
        assert "private" in response["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["x.png", "..%2f..%2fsettings.py", "../secret.png", "a" * 22 + "-1x1.svg", "0" * 22 + "-1x1.png"]
)
def test_other_names_are_no_logos(client, name):
    assert client.get(f"/partners/logo/{name}").status_code == 404


def test_lost_file_is_not_found_and_no_fault(client):
    partner = with_logo()
    default_storage.delete(partner.logo.name)
    assert client.get(logo_of(partner).url).status_code == 404


def test_address_of_a_logo_is_the_same_in_every_language(client):
    partner = with_logo()
    shown = f'src="{logo_of(partner).url}"'
    assert all(shown in client.get(f"/{language}partners/{partner.slug}/").text for language in ("", "nn/", "en/"))


# --- Where it is shown


def test_logo_stands_in_directory_page_and_offers(client):
    partner = with_logo(display_name="Nordlys Robotikk")
    offer = ActivityFactory(partner=partner)
    image = f'<img src="{logo_of(partner).url}" width="300" height="150"'
    for address in ("/en/partners/", partner.get_absolute_url(), offer.get_absolute_url()):
        assert image in client.get(address).text, address
    assert 'alt="Logo of Nordlys Robotikk"' in client.get(partner.get_absolute_url()).text


def test_partner_without_a_logo_shows_its_letters(client):
    PartnerFactory(display_name="Nordlys Robotikk")
    assert "NR</span>" in client.get("/en/partners/").text


@pytest.mark.parametrize("name", ["", "logos/old name.png", "reports/x.pdf"])
def test_other_file_names_are_no_logo(name):
    assert logo_of(Partner(logo=name)) is None
