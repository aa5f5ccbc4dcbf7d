"""The secretariat's desk: the queue, one-click decisions, and what nobody can do there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Note, Partner, PartnerEvent, RegisterProposal, Signature
from stemportal.partners.seeding import load_decline_reasons
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    DeclarationFactory,
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
    return data | {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0} | changes


def test_object_page_shows_what_is_needed_to_decide(staff_client, waiting):
    twin = PartnerFactory(legal_name=waiting.legal_name.title(), display_name="Tvilling")
    earlier = PartnerFactory(
        display_name="Solvind Nord", legal_name="HELT ANNET AS", contact_email=waiting.contact_email.upper()
    )
    Partner.objects.filter(pk=waiting.pk).update(
        register_status="bankrupt", answers={"meet": "Vindtunnelen"}, parent_number="312345676", parent_name="Mor"
    )
    Signature.objects.create(partner=waiting, declaration=DeclarationFactory(), signed_name="Ola Sjef")
    Note.objects.create(partner=waiting, text="Ringte i mai")
    Mail.objects.create(
        template="t", about=f"partner:{waiting.pk}", to_email="x@example.org", subject="Takk for søknaden"
    )
    text = staff_client.get(url(waiting, "change")).text
    assert "Bankrupt or being closed down" in text
    assert "Look twice before you decide." in text
    assert f"{LIST}{twin.pk}/change/" in text
    assert "Same name" in text
    assert f"{LIST}{earlier.pk}/change/" in text
    for shown_there in ("Vindtunnelen", "Mor", "Ola Sjef", "Ringte i mai", "Takk for søknaden"):
        assert shown_there in text, shown_there
    assert waiting.memberships.get().user.email in text
    assert f'action="{url(waiting, "approve")}"' in text


def test_object_page_has_a_tab_for_each_thing(staff_client, waiting):
    text = staff_client.get(url(waiting, "change")).text
    for address in (
        f"/en/admin/activities/activity/?partner__id__exact={waiting.pk}",
        f"/en/admin/schools/booking/?activity__partner__id__exact={waiting.pk}",
        f"/en/admin/outbox/mail/?about__exact=partner:{waiting.pk}",
        url(waiting, "notes"),
        url(waiting, "history"),
    ):
        assert f'href="{address}"' in text, address
        assert staff_client.get(address).status_code == 200, address


def test_bookings_behind_the_tab_are_the_partners_own(staff_client, waiting):
    mine = BookingFactory(session__activity__partner=waiting)
    BookingFactory()
    response = staff_client.get(f"/en/admin/schools/booking/?activity__partner__id__exact={waiting.pk}")
    assert list(response.context["cl"].result_list) == [mine]


def test_what_the_register_proposes_is_one_press_away(staff_client, waiting):
    for number in range(3):
        RegisterProposal.objects.create(
            partner=waiting, field=f"f{number}", theirs="x", status="waiting" if number else "rejected"
        )
    text = staff_client.get(url(waiting, "change")).text
    assert "2 changes" in text
    address = f"/en/admin/partners/registerproposal/?status__exact=waiting&partner__id__exact={waiting.pk}"
    assert address.replace("&", "&amp;") in text
    assert len(staff_client.get(address).context["cl"].result_list) == 2


def test_a_found_organisation_raises_no_flag(staff_client, waiting):
    Partner.objects.filter(pk=waiting.pk).update(register_status="found")
    assert "Look twice" not in staff_client.get(url(waiting, "change")).text


@pytest.mark.parametrize("count", [1, 3])
def test_object_page_asks_the_same_number_of_questions(staff_client, waiting, django_assert_num_queries, count):
    for number in range(count):
        PartnerFactory(legal_name=waiting.legal_name, merged_into=waiting)
        PartnerFactory(contact_email=waiting.contact_email)
        MembershipFactory(partner=waiting)
        Signature.objects.create(partner=waiting, declaration=DeclarationFactory(version=number + 1), signed_name="Ola")
        Note.objects.create(partner=waiting, text="Ringte", by=StaffFactory())
        Mail.objects.create(template="t", about=f"partner:{waiting.pk}", to_email="x@example.org", subject="Hei")
        PartnerEvent.objects.create(partner=waiting, to_status="applied", by=StaffFactory())
    staff_client.get(url(waiting, "change"))
    with django_assert_num_queries(17):
        staff_client.get(url(waiting, "change"))


def test_unconfirmed_application_can_be_deleted_from_its_page(staff_client):
    partner = MembershipFactory(partner__status=Status.UNCONFIRMED).partner
    response = staff_client.get(url(partner, "change"))
    assert f'href="{url(partner, "delete")}"' in response.text
    staff_client.post(url(partner, "delete"), {"post": "yes"})
    assert not Partner.objects.filter(pk=partner.pk).exists()


def test_age_of_an_application_is_in_the_list(staff_client, waiting):
    Partner.objects.filter(pk=waiting.pk).update(applied_at=timezone.now() - timedelta(days=3, hours=1))
    assert "3\xa0days" in staff_client.get(LIST).text


def test_list_is_filtered_by_who_is_responsible(staff_client, waiting):
    me = User.objects.get(pk=staff_client.session["_auth_user_id"])
    colleague = StaffFactory()
    Partner.objects.filter(pk=waiting.pk).update(responsible=me)
    PartnerFactory(status=Status.APPLIED, display_name="Kollegas", responsible=colleague)
    PartnerFactory(status=Status.APPLIED, display_name="Ingens")
    assert shown(staff_client.get(LIST, {"responsible": "me"})) == ["Solvind"]
    assert shown(staff_client.get(LIST, {"responsible": "nobody"})) == ["Ingens"]
    assert shown(staff_client.get(LIST, {"responsible": colleague.pk})) == ["Kollegas"]
    assert len(shown(staff_client.get(LIST, {"responsible": "x"}))) == 3


def test_list_is_filtered_by_notes_to_come_back_to(staff_client, waiting):
    today = timezone.localdate()
    later, done = (PartnerFactory(status=Status.APPLIED) for _ in range(2))
    Note.objects.create(partner=waiting, text="Ring", follow_up_on=today)
    Note.objects.create(partner=later, text="Ring", follow_up_on=today + timedelta(days=1))
    Note.objects.create(partner=done, text="Ring", follow_up_on=today, done_at=timezone.now())
    assert shown(staff_client.get(LIST, {"follow_up": "due"})) == ["Solvind"]


def test_staff_can_look_after_chosen_partners(staff_client, waiting):
    data = {"action": "look_after_selected", "_selected_action": [waiting.pk]}
    response = staff_client.post(LIST, data, follow=True)
    assert "You look after 1 partner." in response.text
    waiting.refresh_from_db()
    assert str(waiting.responsible_id) == staff_client.session["_auth_user_id"]


def test_changed_name_counts_the_revision_up_and_the_search_is_told(staff_client, monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr("stemportal.activities.search_index.refresh_search", asked.extend)
    partner = PartnerFactory()
    activity = ActivityFactory(partner=partner)
    staff_client.post(url(partner, "change"), change_data(partner, display_name="Fjordlys Robotikk"))
    partner.refresh_from_db()
    assert partner.revision == 1
    assert asked == [activity.pk]


def test_save_without_a_change_writes_nothing(staff_client):
    partner = PartnerFactory()
    changes = partner.changes.count()
    staff_client.post(url(partner, "change"), change_data(partner))
    partner.refresh_from_db()
    assert partner.revision == 0
    assert partner.changes.count() == changes


def test_personal_number_among_the_facts_is_refused(staff_client):
    partner = PartnerFactory()
    data = change_data(partner, about="Ring Kari, 010160-50012")
    response = staff_client.post(url(partner, "change"), data)
    assert "personal identity number" in response.text
    partner.refresh_from_db()
    assert partner.about == ""


# Members


def members_data(partner: Partner, *rows: dict[str, object]) -> dict[str, object]:
    data = change_data(partner, **{"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": len(rows)})
    for number, row in enumerate(rows):
        data |= {f"memberships-{number}-{name}": value for name, value in row.items()}
    return data


def row_of(membership: Membership, **changes: object) -> dict[str, object]:
    row = {"id": membership.pk, "partner": membership.partner_id, "user": membership.user_id, "role": membership.role}
    return row | changes


@pytest.mark.parametrize("change", [{"DELETE": "on"}, {"role": "editor"}])
def test_last_owner_cannot_be_taken_away(staff_client, change):
    owner = MembershipFactory()
    partner = owner.partner
    response = staff_client.post(url(partner, "change"), members_data(partner, row_of(owner, **change)))
    assert response.status_code == 200
    assert "Somebody must own the partner." in response.text
    assert partner.memberships.get().role == Membership.Role.OWNER


def test_owner_can_be_replaced_in_one_go(staff_client):
    owner = MembershipFactory()
    other = MembershipFactory(partner=owner.partner, role=Membership.Role.READER)
    data = members_data(owner.partner, row_of(owner, DELETE="on"), row_of(other, role="owner"))
    assert staff_client.post(url(owner.partner, "change"), data).status_code == 302
    assert owner.partner.memberships.get() == other


def test_owner_who_goes_while_another_was_just_taken_away_is_refused_by_the_database(staff_client, monkeypatch):
    """The form saw two owners, as it does when two people save at the same moment."""
    owner = MembershipFactory()
    monkeypatch.setattr("stemportal.partners.admin.inlines.MembershipFormSet.clean", lambda _self: None)
    data = members_data(owner.partner, row_of(owner, role="editor"))
    response = staff_client.post(url(owner.partner, "change"), data, follow=True)
    assert "Nothing was saved." in response.text
    owner.refresh_from_db()
    assert owner.role == Membership.Role.OWNER


def test_people_of_an_ended_partner_may_all_go(staff_client):
    owner = MembershipFactory(partner__status=Status.ENDED)
    data = members_data(owner.partner, row_of(owner, DELETE="on"))
    assert staff_client.post(url(owner.partner, "change"), data).status_code == 302
    assert not owner.partner.memberships.exists()


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
