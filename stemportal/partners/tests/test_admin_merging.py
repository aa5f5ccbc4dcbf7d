"""The pages that make two registrations one: finding the other, comparing, and the button."""

from __future__ import annotations

import pytest
from django.test import Client

from stemportal.partners.models import Partner
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db
LIST = "/en/admin/partners/partner/"
Status = Partner.Status


@pytest.fixture
def staff_client(client) -> Client:
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def approved() -> Partner:
    return MembershipFactory(partner__display_name="Nordlys Robotikk", partner__website="https://a.example.no").partner


@pytest.fixture
def twin() -> Partner:
    return MembershipFactory(
        partner__display_name="Nordlys Robotik", partner__status=Status.APPLIED, partner__website="https://b.example.no"
    ).partner


def find(partner: Partner) -> str:
    return f"{LIST}{partner.pk}/merge/"


def compare(partner: Partner, other: Partner) -> str:
    return f"{LIST}{partner.pk}/merge/{other.pk}/"


def test_those_that_look_alike_are_offered_with_the_reason(staff_client, approved, twin):
    PartnerFactory(display_name="Helt Annerledes")
    text = staff_client.get(find(approved)).text
    assert compare(approved, twin) in text
    assert "Nearly the same name" in text
    assert "Helt Annerledes" not in text


@pytest.mark.parametrize("words", ["annerledes", "HELT ANNERLEDES AS", "number"])
def test_others_are_found_by_name_and_number(staff_client, approved, words):
    other = PartnerFactory(display_name="Helt Annerledes")
    if words == "number":
        words = f"{other.organisation_number[:3]} {other.organisation_number[3:6]} {other.organisation_number[6:]}"
    assert compare(approved, other) in staff_client.get(find(approved), {"q": words}).text


def test_what_cannot_be_merged_is_not_offered(staff_client, approved):
    for facts in ({"status": Status.DECLINED}, {"status": Status.UNCONFIRMED}, {"merged_into": approved}):
        PartnerFactory(display_name="Nordlys Robotik", **facts)
    text = staff_client.get(find(approved), {"q": "robotik"}).text
    assert "No other registration has these words." in text
    assert "Compare" not in text


def test_search_asks_the_same_number_of_questions(staff_client, approved, django_assert_num_queries):
    for count in (1, 2):
        for _ in range(count):
            PartnerFactory(display_name="Nordlys Robotik")
        staff_client.get(find(approved), {"q": "robotik"})
        with django_assert_num_queries(6):
            staff_client.get(find(approved), {"q": "robotik"})


def test_the_two_stand_side_by_side_and_nothing_happens_yet(staff_client, approved, twin):
    text = staff_client.get(compare(twin, approved)).text
    assert "<strong>Nordlys Robotikk</strong> stays" in text, "the approved one, whichever page one came from"
    assert "https://a.example.no" in text
    assert "https://b.example.no" in text
    assert twin.memberships.get().user.email in text
    twin.refresh_from_db()
    assert twin.status == Status.APPLIED


def test_button_merges_with_the_chosen_facts(staff_client, approved, twin):
    data = {"fact-website": "other", "fact-display_name": "kept"}
    response = staff_client.post(compare(approved, twin), data, follow=True)
    assert "Nordlys Robotik is now part of Nordlys Robotikk." in response.text
    approved.refresh_from_db()
    twin.refresh_from_db()
    assert (twin.status, twin.merged_into) == (Status.ENDED, approved)
    assert (approved.website, approved.display_name) == ("https://b.example.no", "Nordlys Robotikk")
    assert approved.memberships.count() == 2


def test_page_of_the_one_that_went_leads_to_the_one_that_stays(staff_client, approved, twin):
    staff_client.post(compare(approved, twin))
    text = staff_client.get(f"{LIST}{twin.pk}/change/").text
    assert "merged into" in text
    assert f"{LIST}{approved.pk}/change/" in text
    assert find(twin) not in text


def test_which_of_two_alike_stays_can_be_chosen(staff_client, approved):
    other = MembershipFactory(partner__display_name="Nordlys Robotics").partner
    address = f"{compare(approved, other)}?keep={other.pk}"
    assert "<strong>Nordlys Robotics</strong> stays" in staff_client.get(address).text
    staff_client.post(address)
    approved.refresh_from_db()
    assert approved.merged_into == other


def test_keeping_the_wrong_one_says_why_not(staff_client, approved, twin):
    address = f"{compare(approved, twin)}?keep={twin.pk}"
    text = staff_client.get(address).text
    assert "further in the programme" in text
    assert "Make them one" not in text
    staff_client.post(address)
    approved.refresh_from_db()
    assert approved.merged_into is None


def test_merging_with_itself_is_refused(staff_client, approved):
    assert "cannot be merged with itself" in staff_client.get(compare(approved, approved)).text
    staff_client.post(compare(approved, approved))
    approved.refresh_from_db()
    assert approved.status == Status.APPROVED


def test_what_somebody_else_merged_meanwhile_says_so(staff_client, approved, twin, monkeypatch):
    monkeypatch.setattr("stemportal.partners.admin.merging.refusal", lambda _keep, _gone: None)
    staff_client.post(compare(approved, twin))
    response = staff_client.post(compare(approved, twin), follow=True)
    assert "already merged" in response.text


def test_nobody_else_may_merge(client, approved, twin):
    client.force_login(approved.memberships.get().user)
    assert client.post(compare(approved, twin)).status_code == 302
    client.force_login(StaffFactory(is_superuser=False))
    for address in (find(approved), compare(approved, twin)):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403
    twin.refresh_from_db()
    assert twin.merged_into is None
    client.force_login(StaffFactory())
    assert client.get(f"{LIST}{approved.pk}/merge/999999/").status_code == 404
