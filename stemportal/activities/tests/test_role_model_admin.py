"""Role models on the secretariat's desk."""

from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.activities.models import RoleModel
from stemportal.activities.services.consent_links import token_of
from stemportal.activities.tests.conftest import client_of
from stemportal.activities.tests.role_models import said_yes
from stemportal.partners.queries.history import history_of
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return client_of(StaffFactory())


def change(role_model: RoleModel) -> str:
    return reverse("admin:activities_rolemodel_change", args=[role_model.pk])


def test_secretariat_sees_profile_consents_and_history_but_no_link(staff, partner):
    role_model = said_yes(partner, full_name="Kari Fjell")
    consent = role_model.consents.get()

    page = staff.get(change(role_model)).content.decode()

    assert "Kari Fjell" in page
    assert "This is what I say yes to" in page
    assert "insert" in page
    assert token_of(consent) not in page
    assert consent.token_hash not in page


def test_secretariat_changes_nothing_in_a_profile(staff, partner):
    role_model = said_yes(partner, full_name="Kari Fjell")

    staff.post(change(role_model), {"full_name": "En Annen", "status": "draft"})

    current = RoleModel.objects.get()
    assert (current.full_name, current.status) == ("Kari Fjell", "published")
    assert staff.get(reverse("admin:activities_rolemodel_add")).status_code == 403
    assert staff.get(reverse("admin:activities_rolemodel_delete", args=[role_model.pk])).status_code == 403


def test_secretariat_hides_a_profile(staff, partner, client):
    role_model = said_yes(partner)

    address = reverse("admin:activities_rolemodel_changelist")
    page = staff.post(address, {"action": "hide", "_selected_action": [role_model.pk]}, follow=True)

    assert b"1 role model hidden." in page.content
    assert client.get(role_model.get_absolute_url()).status_code == 404
    assert RoleModel.objects.get().consents.get().withdrawn_at is None


@pytest.mark.parametrize("query", ["?status__exact=published", "?q=kari", "?visits_schools__exact=1"])
def test_list_is_filtered(staff, partner, query):
    said_yes(partner, full_name="Kari Fjell")

    page = staff.get(reverse("admin:activities_rolemodel_changelist") + query)

    assert page.status_code == 200
    assert b"Kari Fjell" in page.content


def test_history_of_the_partner_tells_of_its_role_models(partner):
    said_yes(partner)

    assert any("Role model" in entry.what for entry in history_of(partner))
