"""The secretariat's desk: the queue, one-click decisions, and what nobody can do there."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner, PartnerEvent, Signature
from stemportal.testing.factories import DeclarationFactory, MembershipFactory, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db
LIST = "/en/admin/partners/partner/"
Status = Partner.Status


@pytest.fixture
def staff_client(client) -> Client:
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def waiting() -> Partner:
    return MembershipFactory(
        partner__status=Status.APPLIED, partner__display_name="Solvind", user__language="en"
    ).partner


def url(partner: Partner, action: str) -> str:
    return f"{LIST}{partner.pk}/{action}/"


def shown(response) -> list[str]:
    return [partner.display_name for partner in response.context["cl"].result_list]


def test_queue_shows_what_waits_oldest_first(staff_client, waiting):
    PartnerFactory(display_name="Godkjent")
    PartnerFactory(display_name="Uten bekreftelse", status=Status.UNCONFIRMED)
    response = staff_client.get(LIST)
    assert shown(response) == ["Solvind"]
    assert url(waiting, "approve") in response.text
    assert shown(staff_client.get(LIST, {"status__exact": "approved"})) == ["Godkjent"]
    assert len(shown(staff_client.get(LIST, {"status__exact": "all"}))) == 3


@pytest.mark.parametrize("count", [1, 3])
def test_queue_asks_the_same_number_of_questions(staff_client, django_assert_max_num_queries, count):
    for _ in range(count):
        PartnerFactory(status=Status.APPLIED)
    with django_assert_max_num_queries(12):
        staff_client.get(LIST)


def test_one_click_approves_and_mails(staff_client, waiting):
    response = staff_client.post(url(waiting, "approve"), follow=True)
    waiting.refresh_from_db()
    assert waiting.status == Status.APPROVED
    assert "Solvind is approved" in response.text
    assert Mail.objects.filter(template="partner_approved").count() == 1
    assert PartnerEvent.objects.get().by.is_staff


def test_second_approval_changes_nothing_and_says_so(staff_client, waiting):
    staff_client.post(url(waiting, "approve"))
    response = staff_client.post(url(waiting, "approve"), follow=True)
    assert "Nothing was changed" in response.text
    assert Mail.objects.count() == 1
    assert PartnerEvent.objects.count() == 1


@pytest.mark.parametrize("action", ["approve", "decline", "pause", "resume"])
@pytest.mark.parametrize("status", [Status.APPLIED, Status.APPROVED, Status.PAUSED])
def test_opening_an_address_changes_nothing(staff_client, action, status):
    partner = MembershipFactory(partner__status=status).partner
    assert staff_client.get(url(partner, action), follow=True).status_code == 200
    partner.refresh_from_db()
    assert partner.status == status
    assert Mail.objects.count() == 0
    assert PartnerEvent.objects.count() == 0


def test_decline_with_a_ready_reason_goes_out_in_the_contacts_language(staff_client, waiting):
    data = {"reason": "sales", "words": "Write to Kari if this is wrong."}
    response = staff_client.post(url(waiting, "decline"), data, follow=True)
    assert "Solvind is declined" in response.text
    waiting.refresh_from_db()
    assert waiting.status == Status.DECLINED
    (mail,) = Mail.objects.all()
    assert "no place to sell" in mail.text
    assert "Write to Kari if this is wrong." in mail.text
    assert mail.language == "en"


@pytest.mark.parametrize("data", [{}, {"reason": "", "words": "  "}, {"reason": "unknown"}, {"words": "x" * 701}])
def test_decline_without_a_proper_reason_is_asked_again(staff_client, waiting, data):
    response = staff_client.post(url(waiting, "decline"), data)
    assert response.status_code == 200
    assert response.context["form"].errors
    waiting.refresh_from_db()
    assert waiting.status == Status.APPLIED


def test_decline_of_a_decided_application_says_so(staff_client, waiting):
    staff_client.post(url(waiting, "approve"))
    response = staff_client.post(url(waiting, "decline"), {"reason": "sales"}, follow=True)
    assert "Nothing was changed" in response.text
    waiting.refresh_from_db()
    assert waiting.status == Status.APPROVED


def test_bulk_approval_counts_what_it_did(staff_client, waiting):
    other = MembershipFactory(partner__status=Status.APPLIED).partner
    approved = PartnerFactory()
    data = {"action": "approve_selected", "_selected_action": [waiting.pk, other.pk, approved.pk]}
    response = staff_client.post(f"{LIST}?status__exact=all", data, follow=True)
    assert "2 applications are approved." in response.text
    assert "1 was not waiting" in response.text
    assert Mail.objects.filter(template="partner_approved").count() == 2


def test_pause_and_open_again(staff_client):
    partner = PartnerFactory()
    staff_client.post(url(partner, "pause"))
    partner.refresh_from_db()
    assert partner.status == Status.PAUSED
    staff_client.post(url(partner, "resume"))
    partner.refresh_from_db()
    assert partner.status == Status.APPROVED


def change_data(partner: Partner, **changes) -> dict[str, object]:
    data = {
        "legal_name": partner.legal_name,
        "display_name": partner.display_name,
        "kind": partner.kind,
        "contact_name": partner.contact_name,
        "contact_email": partner.contact_email,
        "municipality": partner.municipality_id,
    }
    for prefix in ("memberships", "signatures", "events"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return data | changes


def test_object_page_shows_what_is_needed_to_decide(staff_client, waiting):
    twin = PartnerFactory(legal_name=waiting.legal_name.title(), display_name="Tvilling")
    Partner.objects.filter(pk=waiting.pk).update(register_status="bankrupt")
    response = staff_client.get(url(waiting, "change"))
    assert "Bankrupt or being closed down" in response.text
    assert f"{LIST}{twin.pk}/change/" in response.text
    assert f"/en/admin/outbox/mail/?about__exact=partner:{waiting.pk}" in response.text
    assert f'action="{url(waiting, "approve")}"' in response.text


def test_status_cannot_be_written_by_hand_and_facts_can(staff_client):
    partner = PartnerFactory(status=Status.APPLIED)
    data = change_data(partner, display_name="Nytt navn", status="approved", slug="stjålet", organisation_number="1")
    staff_client.post(url(partner, "change"), data)
    before = partner.organisation_number, partner.slug
    partner.refresh_from_db()
    assert partner.display_name == "Nytt navn"
    assert partner.status == Status.APPLIED
    assert (partner.organisation_number, partner.slug) == before


def test_partner_cannot_be_made_or_deleted_by_hand(staff_client, waiting):
    assert staff_client.get(f"{LIST}add/").status_code == 403
    assert staff_client.post(url(waiting, "delete"), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("action", ["approve", "decline", "pause", "resume"])
def test_staff_without_the_right_may_not_decide(client, waiting, action):
    reader = StaffFactory(is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_partner"))
    client.force_login(reader)
    assert client.post(url(waiting, action), {"reason": "sales"}).status_code == 403
    response = client.get(LIST)
    assert response.status_code == 200
    assert url(waiting, "approve") not in response.text
    assert url(waiting, "approve") not in client.get(url(waiting, "change")).text


def test_members_and_strangers_never_reach_the_desk(client, waiting):
    assert client.post(url(waiting, "approve")).status_code == 302
    client.force_login(waiting.memberships.get().user)
    assert client.post(url(waiting, "approve")).status_code == 302
    waiting.refresh_from_db()
    assert waiting.status == Status.APPLIED


def test_signed_declaration_cannot_be_changed_or_deleted(staff_client):
    declaration = DeclarationFactory()
    address = f"/en/admin/partners/declaration/{declaration.pk}/"
    data = {"version": 1, "valid_from": "2026-01-01", "text_nb": "Ny", "text_nn": "Ny", "text_en": "New"}
    assert staff_client.post(f"{address}change/", data).status_code == 302
    Signature.objects.create(partner=PartnerFactory(), declaration=declaration, signed_name="Ola Sjef")
    assert staff_client.post(f"{address}change/", data | {"text_nb": "Endret"}).status_code == 403
    assert staff_client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    declaration.refresh_from_db()
    assert declaration.text_nb == "Ny"
