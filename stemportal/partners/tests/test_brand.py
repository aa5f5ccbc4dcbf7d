"""Logos and texts of the programme: who may use them, how they are handed out, and how staff lay them out."""

from __future__ import annotations

import re

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from stemportal.partners.models import BrandMaterial, Membership, Partner
from stemportal.partners.services.brand import delete_material, is_what_it_says, keep_material
from stemportal.partners.tests.pictures import png, upload
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Role, Status = Membership.Role, Partner.Status
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ADD = "admin:partners_brandmaterial_add"


def material(content: bytes | None = None, name: str = "", *, title: str = "Logo", **facts) -> BrandMaterial:
    item = BrandMaterial(title_nb=title, title_nn=title, title_en=title, **facts)
    keep_material(material=item, upload=upload(content, name) if name else None)
    return item


def brand_page(client, membership) -> str:
    client.force_login(membership.user)
    response = client.get(reverse("partners:brand", args=[membership.partner_id]))
    assert response.status_code == 200
    return response.text


# --- The page


def test_page_shows_files_with_a_preview_and_texts_to_copy(client):
    logo = material(png(), "STEM logo.png", title="Logo, large", text_en="For **posters**.")
    sheet = material(b"%PDF-1.7 x", "regler.pdf", title="Rules")
    text = material(title="About us", text_nb="Vi er partner.", text_nn="Vi er partnar.", text_en="We are\na partner.")
    page = brand_page(client, MembershipFactory(role=Role.READER))

    assert "Logo, large" in page
    assert "<strong>posters</strong>" in page
    assert f'<img src="/en/partner/brand/{logo.pk}/"' in page
    assert f'<img src="/en/partner/brand/{sheet.pk}/"' not in page
    assert 'download="STEM_logo.png"' in page
    for language, words in (("nb", "Vi er partner."), ("nn", "Vi er partnar."), ("en", "We are\na partner.")):
        assert f'lang="{language}" readonly>{words}</textarea>' in page, "it can be marked and copied without script"
        assert f'data-copy="{words}"' in page
    assert f"text-{text.pk}-en" in page
    assert "Rules of use" in page


def test_own_language_comes_first(client):
    material(title="T", text_nb="bokmål", text_nn="nynorsk", text_en="english")
    page = brand_page(client, MembershipFactory())
    assert re.findall(r'lang="(\w\w)" readonly', page) == ["en", "nb", "nn"]


def test_what_is_not_shown_and_what_is_lost_is_not_on_the_page(client):
    hidden, lost = material(png(), "a.png", title="Hidden", is_active=False), material(png(), "b.png", title="Lost")
    default_storage.delete(lost.file.name)
    page = brand_page(client, MembershipFactory())
    assert "Hidden" not in page
    assert "Lost" not in page
    assert "Nothing here yet" in page
    client.force_login(StaffFactory())
    assert client.get(reverse("partners:brand_file", args=[hidden.pk])).status_code == 200
    assert client.get(reverse("partners:brand_file", args=[lost.pk])).status_code == 404


def test_empty_page_says_what_will_come(client):
    assert "The secretariat is preparing logos and texts" in brand_page(client, MembershipFactory())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.APPLIED, "once you are approved"),
        (Status.PAUSED, "Your partnership is paused"),
        (Status.ENDED, "Please take down what you use of ours."),
        (Status.DECLINED, "for partners that are in the programme"),
    ],
)
def test_who_is_not_in_reads_why_and_sees_nothing(client, status, words):
    material(png(), "logo.png", title="Our logo")
    page = brand_page(client, MembershipFactory(partner__status=status))
    assert words in page
    assert "Our logo" not in page


def test_strangers_find_no_page(client):
    partner = PartnerFactory()
    for user in (UserFactory(), StaffFactory(), MembershipFactory().user):
        client.force_login(user)
        assert client.get(reverse("partners:brand", args=[partner.pk])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_same_number_of_questions(client, django_assert_num_queries, count):
    for n in range(count):
        material(png(), f"{n}.png", title=f"Logo {n}")
        material(title=f"Text {n}", text_nb="Hei", text_nn="Hei", text_en="Hi")
    membership = MembershipFactory()
    brand_page(client, membership)
    with django_assert_num_queries(6):  # session, person, membership, material, two for the rooms in the header
        client.get(reverse("partners:brand", args=[membership.partner_id]))


# --- The file


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (SVG, "merke.svg", "image/svg+xml"),
        (b"%PDF-1.7 x", "regler.pdf", "application/pdf"),
        (b"PK\x03\x04 x", "alt.zip", "application/zip"),
        (png(), "logo.png", "image/png"),
    ],
)
def test_file_is_always_a_download_that_nothing_can_run(client, content, name, kind):
    item = material(content, name)
    client.force_login(MembershipFactory().user)
    response = client.get(reverse("partners:brand_file", args=[item.pk]))
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == kind
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "private" in response["Cache-Control"]
    assert b"".join(response.streaming_content) == content


def test_file_is_for_members_of_approved_partners(client):
    item = material(png(), "logo.png")
    url = reverse("partners:brand_file", args=[item.pk])
    assert client.get(url).status_code == 302
    for user, status in (
        (UserFactory(), 404),
        (UserFactory(is_staff=True), 404),
        (MembershipFactory(partner__status=Status.UNCONFIRMED).user, 404),
        (MembershipFactory(partner__status=Status.APPLIED).user, 403),
        (MembershipFactory(partner__status=Status.ENDED).user, 403),
        (MembershipFactory(role=Role.READER).user, 200),
        (StaffFactory(), 200),
    ):
        client.force_login(user)
        assert client.get(url).status_code == status


def test_member_of_two_partners_needs_one_that_is_in(client):
    item, user = material(png(), "logo.png"), UserFactory()
    MembershipFactory(user=user, partner__status=Status.ENDED)
    MembershipFactory(user=user)
    client.force_login(user)
    assert client.get(reverse("partners:brand_file", args=[item.pk])).status_code == 200


def test_text_has_no_file(client):
    item = material(title="T", text_nb="x", text_nn="x", text_en="x")
    client.force_login(MembershipFactory().user)
    assert client.get(reverse("partners:brand_file", args=[item.pk])).status_code == 404


# --- Keeping the files


def test_new_file_takes_the_place_of_the_old_one(django_capture_on_commit_callbacks):
    item = material(png(), "gammel logo.png")
    old = item.file.name
    assert "gammel" not in old
    with django_capture_on_commit_callbacks(execute=True):
        keep_material(material=item, upload=upload(b"%PDF-1.7 x", "Ny fil.PDF"))
    item.refresh_from_db()
    assert not default_storage.exists(old)
    assert default_storage.exists(item.file.name)
    assert item.file_name == "Ny_fil.pdf"


def test_changing_the_words_keeps_the_file(django_capture_on_commit_callbacks):
    item = material(png(), "logo.png")
    name = item.file.name
    item.title_en = "New"
    with django_capture_on_commit_callbacks(execute=True):
        keep_material(material=item)
    item.refresh_from_db()
    assert (item.file.name, item.title_en) == (name, "New")
    assert default_storage.exists(name)


def test_file_goes_with_its_material(django_capture_on_commit_callbacks):
    item = material(png(), "logo.png")
    name = item.file.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_material(material=item)
    assert not default_storage.exists(name)


@pytest.mark.parametrize(
    ("name", "content", "is_so"),
    [
        ("a.png", png(), True),
        ("a.jpg", png(), False),
        ("a.svg", SVG, True),
        ("a.svg", b"<html>", False),
        ("a.png", SVG, False),
        ("a.pdf", b"%PDF-1.7", True),
        ("a.pdf", b"MZ", False),
        ("a.zip", b"PK\x03\x04", True),
        ("a.zip", b"", False),
    ],
)
def test_file_must_be_what_its_name_says(name, content, is_so):
    assert is_what_it_says(name, content) is is_so


# --- The admin


def form(**changes) -> dict:
    words = {f"title_{code}": "Logo" for code in ("nb", "nn", "en")}
    return {"order": "10", "is_active": "on", **words, **changes}


def test_staff_lay_out_a_file_and_members_get_it(client):
    client.force_login(StaffFactory())
    assert client.post(reverse(ADD), form(upload=upload(SVG, "merke.svg"))).status_code == 302
    item = BrandMaterial.objects.get()
    assert item.file_name == "merke.svg"
    assert "merke.svg" in client.get(reverse("admin:partners_brandmaterial_changelist")).text
    change = reverse("admin:partners_brandmaterial_change", args=[item.pk])
    assert reverse("partners:brand_file", args=[item.pk]) in client.get(change).text
    client.force_login(MembershipFactory().user)
    assert client.get(reverse("partners:brand_file", args=[item.pk])).status_code == 200


def test_staff_lay_out_a_text(client):
    client.force_login(StaffFactory())
    texts = {f"text_{code}": "Vi er partner." for code in ("nb", "nn", "en")}
    assert client.post(reverse(ADD), form(**texts)).status_code == 302
    assert BrandMaterial.objects.get().text_nn == "Vi er partner."


def test_staff_take_a_file_away(client, django_capture_on_commit_callbacks):
    item = material(png(), "logo.png")
    name = item.file.name
    client.force_login(StaffFactory())
    texts = {f"text_{code}": "Tekst" for code in ("nb", "nn", "en")}
    with django_capture_on_commit_callbacks(execute=True):
        change = reverse("admin:partners_brandmaterial_change", args=[item.pk])
        assert client.post(change, form(drop_file="on", **texts)).status_code == 302
    item.refresh_from_db()
    assert not item.file
    assert not default_storage.exists(name)


def test_order_and_visibility_are_changed_in_the_list(client):
    item = material(png(), "logo.png")
    client.force_login(StaffFactory())
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": item.pk, "form-0-order": 5, "_save": "1"}
    response = client.post(reverse("admin:partners_brandmaterial_changelist"), data)
    assert response.status_code == 302
    item.refresh_from_db()
    assert (item.order, item.is_active) == (5, False)
    assert default_storage.exists(item.file.name)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"upload": upload(b"MZ", "program.exe")}, "Only PNG, JPEG, WebP, SVG, PDF and ZIP"),
        ({"upload": upload(b"MZ", "logo.png")}, "The file is not what its name says."),
        ({}, "there must be a text to copy, in each language"),
        ({"upload": upload(png(), "logo.png"), "title_nn": ""}, "This field is required."),
    ],
)
def test_staff_are_told_what_is_wrong(client, changes, words):
    client.force_login(StaffFactory())
    response = client.post(reverse(ADD), form(**changes))
    assert response.status_code == 200
    assert words in response.text
    assert not BrandMaterial.objects.exists()


def test_file_beyond_the_limit_is_explained(client, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    client.force_login(StaffFactory())
    response = client.post(reverse(ADD), form(upload=upload(png() + b"x" * 200_000, "logo.png")))
    assert "The file is too large." in response.text
    assert not BrandMaterial.objects.exists()
