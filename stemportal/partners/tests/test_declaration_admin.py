"""The secretariat writes a new version: drafted from the newest, complete in all languages, looked at, asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from stemportal.partners.models import Declaration, Partner, Signature, SignatureRequest
from stemportal.partners.services import declarations as services
from stemportal.testing.factories import (
    DeclarationFactory,
    MembershipFactory,
    PartnerFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/en/admin/partners/declaration/"


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(StaffFactory())
    return client


def words(**changes) -> dict[str, str]:
    """The form of version 2 as a person would have filled it in."""
    texts = {f"text_{code}": f"Vi svarer innen tre dager. {code}" for code in ("nb", "nn", "en")}
    news = {f"changes_{code}": f"Kortere frist. {code}" for code in ("nb", "nn", "en")}
    return {"_save": "Save", "version": "2", "valid_from": timezone.localdate().isoformat(), **texts, **news, **changes}


def signed(declaration, **facts) -> Signature:
    owner = MembershipFactory(partner=PartnerFactory(**facts))
    return Signature.objects.create(partner=owner.partner, declaration=declaration, signed_name="Ola Sjef")


def test_new_version_begins_with_the_words_of_the_newest(staff):
    DeclarationFactory(version=4, text_en="The fourth.", changes_en="Old news.")
    initial = staff.get(f"{LIST}add/").context["adminform"].form.initial
    assert (initial["version"], initial["text_en"]) == (5, "The fourth.")
    assert "changes_en" not in initial


def test_first_version_needs_no_news(staff):
    staff.post(f"{LIST}add/", words(version="1", changes_nb="", changes_nn="", changes_en=""))
    assert Declaration.objects.get().version == 1


def test_new_version_is_saved_and_shown(staff):
    DeclarationFactory()
    page = staff.post(f"{LIST}add/", words(), follow=True)
    newest = Declaration.objects.first()
    assert newest.version == 2
    assert page.redirect_chain[-1][0] == f"{LIST}{newest.pk}/preview/"


@pytest.mark.parametrize("missing", ["text_nb", "text_nn", "text_en", "changes_nb", "changes_nn", "changes_en"])
@pytest.mark.parametrize("value", ["", "   "])
def test_new_version_is_complete_in_all_languages(staff, missing, value):
    DeclarationFactory()
    page = staff.post(f"{LIST}add/", words(**{missing: value}))
    assert missing in page.context["adminform"].form.errors
    assert Declaration.objects.count() == 1


@pytest.mark.parametrize("number", ["0", "1", "2", "-1", "x", "99999"])
def test_version_counts_up(staff, number):
    DeclarationFactory(version=2)
    page = staff.post(f"{LIST}add/", words(version=number))
    assert "version" in page.context["adminform"].form.errors


def test_version_that_changes_nothing_is_refused(staff):
    old = DeclarationFactory()
    same = {f"text_{code}": getattr(old, f"text_{code}") + " \r\n" for code in ("nb", "nn", "en")}
    page = staff.post(f"{LIST}add/", words(**same))
    assert "word for word" in page.text
    assert Declaration.objects.count() == 1


def test_text_that_nobody_signed_may_be_mended(staff):
    DeclarationFactory()
    newest = DeclarationFactory(version=2, asked_at=timezone.now())
    staff.post(f"{LIST}{newest.pk}/change/", words(text_en="Mended."))
    newest.refresh_from_db()
    assert newest.text_en == "Mended."
    assert newest.asked_at is not None


def test_text_that_somebody_signed_stays(staff):
    declaration = DeclarationFactory()
    signed(declaration)
    assert staff.post(f"{LIST}{declaration.pk}/change/", words(version="1")).status_code == 403
    assert staff.post(f"{LIST}{declaration.pk}/delete/", {"post": "yes"}).status_code == 403
    declaration.refresh_from_db()
    assert declaration.text_en == "We answer within five working days."


def test_text_that_is_signed_while_it_is_being_mended_stays(staff, monkeypatch):
    """Between the look at the signatures and the save somebody signs; the save looks again under the lock."""
    declaration = DeclarationFactory()
    lock = services.lock_text

    def signed_first(pk):
        signed(declaration)
        return lock(pk)

    monkeypatch.setattr(services, "lock_text", signed_first)
    answer = staff.post(
        f"{LIST}{declaration.pk}/change/", words(version="1", changes_nb="", changes_nn="", changes_en="")
    )
    assert answer.status_code == 403
    declaration.refresh_from_db()
    assert declaration.text_en == "We answer within five working days."


def test_preview_shows_all_languages_and_what_changed(staff):
    DeclarationFactory()
    newest = DeclarationFactory(
        version=2, text_en="We answer within **three** working days.", changes_en="The answer comes sooner."
    )
    page = staff.get(f"{LIST}{newest.pk}/preview/").text
    assert "<strong>three</strong>" in page
    assert "The answer comes sooner." in page
    assert "Vi svarar innan fem vyrkedagar." in page
    assert "Compared with version 1" in page
    assert "[removed: </span>five" in page


def test_list_says_how_many_have_and_have_not_signed(staff):
    first, second = DeclarationFactory(), DeclarationFactory(version=2)
    DeclarationFactory(version=3, valid_from=timezone.localdate() + timedelta(days=3))
    for _ in range(2):
        signed(first)
    signed(second)
    signed(second, status=Partner.Status.PAUSED)

    rows = {item.version: item for item in staff.get(LIST).context["cl"].result_list}
    page = staff.get(LIST).text

    assert {number: row.signature_count for number, row in rows.items()} == {1: 2, 2: 2, 3: 0}
    assert rows[2].unsigned_count == 2
    assert f"{LIST}{second.pk}/unsigned/" in page
    assert "2 partners" in page
    assert page.count("/unsigned/") == 1, "only for the text in force"
    assert all(state in page for state in ("In force", "Coming", "Replaced"))


def test_list_of_those_who_have_not_signed(staff):
    first, second = DeclarationFactory(), DeclarationFactory(version=2)
    late = signed(first, display_name="Treg AS", contact_email="treg@example.org")
    signed(second, display_name="Rask AS")
    SignatureRequest.objects.create(partner=late.partner, declaration=second)
    page = staff.get(f"{LIST}{second.pk}/unsigned/").text
    assert "1 approved partner has not signed version 2." in page
    assert "Treg AS" in page
    assert "treg@example.org" in page
    assert "Rask AS" not in page
    Signature.objects.create(partner=late.partner, declaration=second, signed_name="Ola")
    assert "All approved partners have signed" in staff.get(f"{LIST}{second.pk}/unsigned/").text


def test_asking_is_one_button_that_works_once(staff, monkeypatch, django_capture_on_commit_callbacks):
    handed = []
    monkeypatch.setattr(services, "announce", lambda: handed.append(1))
    signed(DeclarationFactory())
    newest = DeclarationFactory(version=2)
    address = f"{LIST}{newest.pk}/ask/"
    assert "1 partner has not signed version 2." in staff.get(address).text
    newest.refresh_from_db()
    assert newest.asked_at is None, "looking asks nobody"

    with django_capture_on_commit_callbacks(execute=True):
        staff.post(address)
        again = staff.post(address, follow=True)

    newest.refresh_from_db()
    assert newest.asked_at is not None
    assert handed == [1]
    assert "have been asked already" in again.text
    assert "Ask them now" not in again.text


@pytest.mark.parametrize("days", [1, None])
def test_only_the_text_in_force_is_asked_for(staff, days):
    old = DeclarationFactory()
    other = DeclarationFactory(version=2, valid_from=timezone.localdate() + timedelta(days=days or 0))
    not_now = other if days else old
    staff.post(f"{LIST}{not_now.pk}/ask/")
    not_now.refresh_from_db()
    assert not_now.asked_at is None
    words_on_page = "is valid from" if days else "A newer text is in force"
    assert words_on_page in staff.get(f"{LIST}{not_now.pk}/ask/").text


def test_staff_who_may_only_look_ask_nobody():
    auditor = UserFactory(is_staff=True)
    auditor.user_permissions.add(Permission.objects.get(codename="view_declaration"))
    client = Client()
    client.force_login(auditor)
    signed(DeclarationFactory())
    newest = DeclarationFactory(version=2)

    assert client.get(f"{LIST}{newest.pk}/preview/").status_code == 200
    assert client.get(f"{LIST}{newest.pk}/unsigned/").status_code == 200
    assert client.post(f"{LIST}{newest.pk}/ask/").status_code == 403
    assert client.get(f"{LIST}999999/preview/").status_code == 404
    newest.refresh_from_db()
    assert newest.asked_at is None
