"""The history of a partner: who, when and what, whichever way it was changed."""

from __future__ import annotations

from datetime import timedelta

import pghistory
import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Pledge
from stemportal.partners.models import Engagement, Level, Membership, Partner, PartnerEvent, Signature
from stemportal.partners.queries import history
from stemportal.partners.queries.history import Entry, history_of
from stemportal.partners.services.retention import delete_personal_data
from stemportal.testing.factories import (
    DeclarationFactory,
    KindFactory,
    MembershipFactory,
    MunicipalityFactory,
    PartnerFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def staff() -> User:
    return StaffFactory(full_name="Sari Sekretær")


def newest(partner: Partner) -> Entry:
    return history_of(partner).object_list[0]


def lines(entry: Entry) -> list[str]:
    return [f"{change.label}: {change.old} → {change.new}" for change in entry.changes]


def url(partner: Partner) -> str:
    return f"/en/admin/partners/partner/{partner.pk}/history/"


def test_update_by_query_is_in_the_history(staff):
    partner = PartnerFactory(display_name="Solvind", employees=None)
    with pghistory.context(user=staff.pk):
        Partner.objects.filter(pk=partner.pk).update(display_name="Solvind Nord", employees=12, status="paused")
    entry = newest(partner)
    assert (entry.who, entry.what, entry.action) == ("Sari Sekretær", "Partner", "changed")
    assert lines(entry) == [
        "Name shown to schools: Solvind → Solvind Nord",
        "Employees: – → 12",
        "Status: Approved → Paused",
    ]


def test_change_in_the_admin_names_who_made_it(client, staff):
    partner = PartnerFactory()
    client.force_login(staff)
    client.post(f"/en/admin/partners/partner/{partner.pk}/pause/", {"note": "Flytter"})
    text = client.get(url(partner)).text
    assert "Sari Sekretær" in text
    assert "Flytter" in text
    assert "Approved → Paused" in text


def test_what_the_portal_does_by_itself_names_nobody(client, staff):
    partner = PartnerFactory()
    Partner.objects.filter(pk=partner.pk).update(about="Nytt")
    assert newest(partner).who == ""
    client.force_login(staff)
    assert "The portal" in client.get(url(partner)).text


def test_person_whose_account_is_gone_is_said_to_be_so():
    partner = PartnerFactory()
    with pghistory.context(user=999_999):
        Partner.objects.filter(pk=partner.pk).update(about="Nytt")
    assert newest(partner).who == "Somebody whose account is deleted"


def test_members_that_come_change_and_go_are_named():
    partner = MembershipFactory().partner
    person = UserFactory(full_name="Ola Robot")
    membership = MembershipFactory(partner=partner, user=person, role="editor")
    entry = newest(partner)
    assert (entry.what, entry.action) == ("Membership: Ola Robot", "created")
    Membership.objects.filter(pk=membership.pk).update(role="owner")
    assert lines(newest(partner)) == ["Role: Editor → Owner"]
    Membership.objects.filter(pk=membership.pk).delete()
    assert (newest(partner).what, newest(partner).action) == ("Membership: Ola Robot", "deleted")


def test_levels_pledges_and_signatures_are_in_it():
    partner = PartnerFactory()
    level = Level.objects.create(school_year=2026, code="a", name_nb="Drivkraft", name_nn="D", name_en="D")
    Engagement.objects.create(partner=partner, school_year=2026, level=level)
    pledge = Pledge.objects.create(partner=partner, school_year=2026, kind=KindFactory(), quantity=4)
    Pledge.objects.filter(pk=pledge.pk).update(quantity=9)
    Signature.objects.create(partner=partner, declaration=DeclarationFactory(), signed_name="Kari Sjef")
    found = {(entry.what, entry.action): lines(entry) for entry in history_of(partner).object_list}
    assert any("Kari Sjef" in line for line in found["Signature: Declaration, version 1", "created"])
    assert found["Pledge: 2026/27, Bedriftsbesøk", "changed"] == ["Quantity: 4 → 9"]
    assert "Level: – → Drivkraft 2026/27" in found["Picked level: 2026/27", "created"]


def test_places_are_told_by_name():
    partner = PartnerFactory()
    tromso = MunicipalityFactory(number="5501", name="Tromsø")
    Partner.objects.filter(pk=partner.pk).update(municipality=tromso)
    assert lines(newest(partner)) == ["Municipality: Alta → Tromsø"]


def test_decision_stands_with_its_note(staff):
    partner = PartnerFactory()
    PartnerEvent.objects.create(partner=partner, by=staff, from_status="applied", to_status="approved", note="Fint")
    entry = newest(partner)
    assert (entry.who, entry.note) == ("Sari Sekretær", "Fint")
    assert lines(entry) == ["Status: Waiting for approval → Approved"]


def test_history_of_others_is_not_in_it():
    partner, other = PartnerFactory(), PartnerFactory()
    MembershipFactory(partner=other)
    assert history_of(partner).paginator.count == 1


def test_long_text_is_shortened_with_the_whole_behind_it(client, staff):
    partner = PartnerFactory(about="Gammel tekst")
    Partner.objects.filter(pk=partner.pk).update(about="Vi bygger roboter. " * 30 + "SLUTTEN")
    client.force_login(staff)
    text = client.get(url(partner)).text
    assert "<details" in text
    assert "SLUTTEN" in text


def test_text_of_members_is_shown_as_text(client, staff):
    partner = PartnerFactory()
    Partner.objects.filter(pk=partner.pk).update(about="<script>alert(1)</script>")
    client.force_login(staff)
    assert "<script>alert(1)" not in client.get(url(partner)).text


def test_history_comes_in_pages(client, staff, monkeypatch):
    monkeypatch.setattr(history, "PER_PAGE", 2)
    partner = PartnerFactory(display_name="Navn 0")
    for number in range(1, 5):
        Partner.objects.filter(pk=partner.pk).update(display_name=f"Navn {number}")
    assert lines(history_of(partner, 2).object_list[0]) == ["Name shown to schools: Navn 1 → Navn 2"]
    assert len(history_of(partner, "nonsense").object_list) == 2
    client.force_login(staff)
    assert "?page=3" in client.get(url(partner)).text


@pytest.mark.parametrize("count", [1, 3])
def test_history_asks_the_same_number_of_questions(client, staff, django_assert_num_queries, count):
    partner = PartnerFactory()
    for number in range(count):
        with pghistory.context(user=StaffFactory().pk):
            place = MunicipalityFactory(number=f"55{number:02d}", name=f"Sted {number}")
            Partner.objects.filter(pk=partner.pk).update(municipality=place)
            membership = MembershipFactory(partner=partner, role="reader")
            Membership.objects.filter(pk=membership.pk).update(role="editor")
            Pledge.objects.create(partner=partner, school_year=2020 + number, kind=KindFactory(), quantity=4)
            PartnerEvent.objects.create(partner=partner, by=StaffFactory(), to_status="approved")
    client.force_login(staff)
    client.get(url(partner))
    with django_assert_num_queries(15):
        client.get(url(partner))


def test_history_is_for_those_who_may_see_the_partner(client):
    partner = PartnerFactory()
    person = StaffFactory(is_superuser=False)
    client.force_login(person)
    assert client.get(url(partner)).status_code == 403
    person.user_permissions.add(Permission.objects.get(codename="view_partner"))
    assert client.get(url(partner)).status_code == 200
    assert client.get("/en/admin/partners/partner/999999/history/").status_code == 404


def test_every_table_of_history_with_a_partner_is_found():
    tracked = {source.tracked for source in history.sources()}
    assert {Partner, Membership, Signature, Engagement, Pledge} <= tracked
    assert history.sources()[0].tracked is Partner


def test_names_that_were_deleted_do_not_come_back_here(client, staff):
    person = UserFactory(full_name="Ola Robot", email="ola.robot@example.org")
    partner = MembershipFactory(
        user=person, partner__contact_name="Ola Robot", partner__contact_email="ola.robot@example.org"
    ).partner
    Signature.objects.create(
        partner=partner, declaration=DeclarationFactory(), signed_by=person, signed_name="Ola Robot"
    )
    with pghistory.context(user=person.pk):
        Partner.objects.filter(pk=partner.pk).update(about="Ring Ola Robot", contact_role="Sjef")
    long_ago = timezone.now() - timedelta(days=2000)
    Partner.objects.filter(pk=partner.pk).update(status="ended", ended_at=long_ago)
    client.force_login(staff)
    assert "Ola Robot" in client.get(url(partner)).text

    assert delete_personal_data() == 1

    text = client.get(url(partner)).text
    assert "Ola Robot" not in text
    assert "ola.robot@example.org" not in text
    assert "Ended" in text, "what happened to the organisation stays"
