"""Deciding about many at once, pausing, ending, opening again, and the ready reasons."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.outbox.models import Mail
from stemportal.partners.models import DeclineReason, Partner, PartnerEvent
from stemportal.partners.seeding import load_decline_reasons
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    MembershipFactory,
    PartnerFactory,
    StaffFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/en/admin/partners/partner/"
Status = Partner.Status


@pytest.fixture(autouse=True)
def ready_reasons(db) -> None:
    load_decline_reasons()


@pytest.fixture
def staff_client(client) -> Client:
    client.force_login(StaffFactory())
    return client


def applied(name: str, language: str) -> Partner:
    return MembershipFactory(
        partner__status=Status.APPLIED, partner__display_name=name, user__language=language
    ).partner


def url(partner: Partner, action: str) -> str:
    return f"{LIST}{partner.pk}/{action}/"


def bulk(*partners: Partner) -> str:
    return f"{LIST}decline/?ids={','.join(str(partner.pk) for partner in partners)}"


# Declining many


def test_bulk_decline_leads_to_a_page_and_changes_nothing_yet(staff_client):
    partner = applied("Solvind", "nb")
    data = {"action": "decline_selected", "_selected_action": [partner.pk]}
    response = staff_client.post(LIST, data)
    assert response["Location"] == bulk(partner)
    text = staff_client.get(bulk(partner)).text
    assert "Solvind" in text
    assert partner.contact_email in text
    partner.refresh_from_db()
    assert partner.status == Status.APPLIED
    assert not Mail.objects.exists()


def test_bulk_decline_mails_each_contact_in_their_own_language(staff_client):
    bokmaal, nynorsk, english = applied("A", "nb"), applied("B", "nn"), applied("C", "en")
    response = staff_client.post(bulk(bokmaal, nynorsk, english), {"reason": "sales", "words": ""}, follow=True)
    assert "3 applications are declined" in response.text
    for partner, words in (
        (bokmaal, "et sted for salg"),
        (nynorsk, "ein stad for sal"),
        (english, "no place to sell"),
    ):
        partner.refresh_from_db()
        assert partner.status == Status.DECLINED
        assert words in partner.decline_reason
        (mail,) = Mail.objects.filter(about=f"partner:{partner.pk}")
        assert words in mail.text


def test_bulk_decline_says_who_stays_as_they_are(staff_client):
    waiting, approved = applied("Solvind", "nb"), PartnerFactory(display_name="Godkjent")
    text = staff_client.get(bulk(waiting, approved)).text
    assert "Godkjent – Approved" in text
    staff_client.post(bulk(waiting, approved), {"words": "Nei"})
    approved.refresh_from_db()
    assert approved.status == Status.APPROVED
    assert Mail.objects.count() == 1


def test_preview_shows_one_mail_a_language_and_sends_none(staff_client):
    one, two = applied("Solvind", "nn"), applied("Northwind", "en")
    applied("Vindkraft", "nb")
    data = {"reason": "duplicate", "words": "Hilsen Kari", "preview": "1"}
    text = staff_client.post(bulk(one, two), data).text
    assert "Verksemda dykkar er partnar frå før." in text
    assert "Your organisation is a partner already." in text
    assert "Virksomheten deres" not in text
    assert text.count("Hilsen Kari") == 3, "in both mails, and still in the field"
    assert not Mail.objects.exists()
    one.refresh_from_db()
    assert one.status == Status.APPLIED


@pytest.mark.parametrize("ids", ["", "x", "999999999", "1;2"])
def test_bulk_decline_of_nobody_goes_back_to_the_queue(staff_client, ids):
    response = staff_client.get(f"{LIST}decline/?ids={ids}", follow=True)
    assert "None of the chosen ones waits" in response.text


def test_bulk_decline_asks_the_same_number_of_questions(staff_client, django_assert_num_queries):
    partners = [applied(name, "nb") for name in "ABC"]
    staff_client.get(bulk(partners[0]))
    for some in (partners[:1], partners):
        with django_assert_num_queries(6):
            staff_client.get(bulk(*some))


def test_bulk_decline_is_for_those_who_may_decide(client):
    partner = applied("Solvind", "nb")
    reader = StaffFactory(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_partner"))
    client.force_login(reader)
    assert client.get(bulk(partner)).status_code == 403
    assert client.post(bulk(partner), {"words": "Nei"}).status_code == 403
    data = {"action": "decline_selected", "_selected_action": [partner.pk]}
    assert "decline/" not in client.post(LIST, data).get("Location", "")
    partner.refresh_from_db()
    assert partner.status == Status.APPLIED


def test_own_words_with_a_personal_number_are_refused(staff_client):
    partner = applied("Solvind", "nb")
    response = staff_client.post(url(partner, "decline"), {"words": "Gjelder 010160-50012"})
    assert "personal identity number" in response.text
    assert not Mail.objects.exists()


# Ready reasons


def test_reason_out_of_use_is_not_offered(staff_client):
    partner = applied("Solvind", "nb")
    DeclineReason.objects.filter(code="sales").update(is_active=False)
    text = staff_client.get(url(partner, "decline")).text
    assert "Sells to schools" not in text
    assert "Already a partner" in text
    assert staff_client.post(url(partner, "decline"), {"reason": "sales"}).context["form"].errors


def test_reason_of_the_staffs_own_goes_out(staff_client):
    partner = applied("Solvind", "nn")
    texts = {f"{name}_{code}": f"{name} {code}" for name in ("title", "text") for code in ("nb", "nn", "en")}
    response = staff_client.post(
        "/en/admin/partners/declinereason/add/", {"code": "ny", "order": 5, **texts, "is_active": "on"}
    )
    assert response.status_code == 302
    staff_client.post(url(partner, "decline"), {"reason": "ny"})
    partner.refresh_from_db()
    assert partner.decline_reason == "text nn"


def test_reason_is_previewed_as_the_mail_in_every_language(staff_client):
    reason = DeclineReason.objects.get(code="sales")
    text = staff_client.get(f"/en/admin/partners/declinereason/{reason.pk}/preview/").text
    for words in ("et sted for salg", "ein stad for sal", "no place to sell"):
        assert words in text
    assert staff_client.get("/en/admin/partners/declinereason/999999/preview/").status_code == 404


def test_preview_of_a_reason_is_for_those_who_may_see_it(client):
    client.force_login(StaffFactory(is_superuser=False))
    reason = DeclineReason.objects.get(code="sales")
    assert client.get(f"/en/admin/partners/declinereason/{reason.pk}/preview/").status_code == 403


def test_reasons_are_not_deleted(staff_client):
    reason = DeclineReason.objects.get(code="sales")
    address = f"/en/admin/partners/declinereason/{reason.pk}/delete/"
    assert staff_client.post(address, {"post": "yes"}).status_code == 403


# Pausing, ending, opening again


def test_pause_says_what_it_means_and_keeps_the_note(staff_client):
    partner = PartnerFactory()
    assert "Its page and its offers are not shown" in staff_client.get(url(partner, "pause")).text
    staff_client.post(url(partner, "pause"), {"note": "Flytter til nye lokaler"})
    event = partner.events.get()
    assert (event.to_status, event.note) == (Status.PAUSED, "Flytter til nye lokaler")


@pytest.mark.parametrize("action", ["pause", "end", "reopen"])
def test_note_with_a_personal_number_is_refused(staff_client, action):
    status = {"pause": Status.APPROVED, "end": Status.PAUSED, "reopen": Status.ENDED}[action]
    partner = MembershipFactory(partner__status=status, partner__ended_at=timezone.now()).partner
    response = staff_client.post(url(partner, action), {"note": "010160-50012"})
    assert "personal identity number" in response.text
    partner.refresh_from_db()
    assert partner.status == status


def test_end_shows_first_what_happens_and_then_does_it(staff_client):
    partner = MembershipFactory(user__language="en").partner
    activity = ActivityFactory(partner=partner, title="Se robotene")
    BookingFactory(session__activity=activity, session__places_taken=1, status="confirmed")
    text = staff_client.get(url(partner, "end")).text
    assert "Se robotene" in text
    partner.refresh_from_db()
    assert partner.status == Status.APPROVED

    data = {"note": "Ønsker ikke å være med", "message": "Vi legger ned verkstedet."}
    response = staff_client.post(url(partner, "end"), data, follow=True)

    assert "has ended" in response.text
    partner.refresh_from_db()
    activity.refresh_from_db()
    assert partner.status == Status.ENDED
    assert activity.status == Activity.Status.ARCHIVED
    assert partner.events.get().note == "Ønsker ikke å være med"
    assert any("Vi legger ned verkstedet." in mail.text for mail in Mail.objects.all())


def test_ended_partner_is_opened_again(staff_client):
    partner = MembershipFactory(partner__status=Status.ENDED, partner__ended_at=timezone.now()).partner
    assert url(partner, "reopen") in staff_client.get(url(partner, "change")).text
    staff_client.post(url(partner, "reopen"), {"note": "Vil likevel"})
    partner.refresh_from_db()
    assert (partner.status, partner.ended_at) == (Status.APPROVED, None)


def test_partner_whose_people_are_deleted_must_apply_again(staff_client):
    long_ago = timezone.now() - timedelta(days=800)
    partner = PartnerFactory(status=Status.ENDED, ended_at=long_ago, personal_data_deleted_at=timezone.now())
    response = staff_client.post(url(partner, "reopen"), {"note": ""}, follow=True)
    assert "Add an owner under its people first" in response.text
    partner.refresh_from_db()
    assert partner.status == Status.ENDED


def test_merged_partner_is_not_opened_again(staff_client):
    keep = PartnerFactory()
    partner = MembershipFactory(
        partner__status=Status.ENDED, partner__merged_into=keep, partner__ended_at=timezone.now()
    ).partner
    assert url(partner, "reopen") not in staff_client.get(url(partner, "change")).text
    response = staff_client.post(url(partner, "reopen"), {"note": ""}, follow=True)
    assert "Nothing was changed" in response.text


@pytest.mark.parametrize("action", ["pause", "end", "reopen", "merge"])
@pytest.mark.parametrize("status", [Status.APPROVED, Status.PAUSED, Status.ENDED])
def test_opening_a_page_that_asks_changes_nothing(staff_client, action, status):
    partner = MembershipFactory(partner__status=status, partner__ended_at=timezone.now()).partner
    assert staff_client.get(url(partner, action), follow=True).status_code == 200
    partner.refresh_from_db()
    assert partner.status == status
    assert not PartnerEvent.objects.exists()


@pytest.mark.parametrize("action", ["end", "reopen", "merge"])
def test_staff_without_the_right_may_not_decide(client, action):
    reader = StaffFactory(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_partner"))
    client.force_login(reader)
    partner = MembershipFactory().partner
    assert client.get(url(partner, action)).status_code == 403
    assert client.post(url(partner, action), {"note": ""}).status_code == 403
    partner.refresh_from_db()
    assert partner.status == Status.APPROVED
