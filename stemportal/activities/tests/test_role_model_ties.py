"""Role models and what happens to their partner: it ends, is forgotten, copies its data, becomes one with another."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection

from stemportal.activities import role_model_ties
from stemportal.activities.models import RoleModel
from stemportal.activities.services.consent_links import token_of
from stemportal.activities.tests.conftest import at
from stemportal.activities.tests.role_models import asked, complete, said_yes
from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.data_copy import write_copy
from stemportal.partners.services.ending import consequences_of, end_partner, reopen_partner
from stemportal.partners.services.merging import merge_partners
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_end_of_a_partnership_hides_role_models_and_tells_them(partner, client):
    MembershipFactory(partner=partner)
    shown = said_yes(partner, full_name="Kari Fjell")
    complete(partner, full_name="Utkast Usett")
    told = [told for told in consequences_of(partner) if "role model" in told.text]
    assert [(told.count, told.examples) for told in told] == [(1, ["Kari Fjell"])]

    assert end_partner(partner=partner, by=StaffFactory())

    current = RoleModel.objects.get(pk=shown.pk)
    assert (current.status, current.offer.status) == ("hidden", "archived")
    assert client.get(shown.get_absolute_url()).status_code == 404
    mail = Mail.objects.get(template="role_model_partnership_ended")
    assert mail.to_email == shown.email
    assert reopen_partner(partner=partner, by=StaffFactory())
    assert client.get(shown.get_absolute_url()).status_code == 404, "until the partner shows it again"


def test_copy_of_the_data_has_profiles_consents_and_photos(partner):
    role_model = said_yes(partner, photo=default_storage.save("role_models/a.png", BytesIO(b"photo")), photo_alt="Kari")
    target = BytesIO()

    write_copy(partner, target, progress=lambda done, total: None)

    archive = zipfile.ZipFile(target)
    data = json.loads(archive.read("data.json"))
    assert [row["name"] for row in data["role_models"]] == [role_model.full_name]
    assert data["role_models"][0]["steps"] == role_model.steps
    assert data["role_model_consents"][0]["given_at"]
    assert archive.read(f"files/role_models/{role_model.pk}.png") == b"photo"
    everything = b"".join(archive.read(name) for name in archive.namelist())
    consent = role_model.consents.get()
    assert token_of(consent).encode() not in everything
    assert consent.token_hash.encode() not in everything


def test_forgetting_a_partner_erases_its_role_models(partner, client, django_capture_on_commit_callbacks):
    name = default_storage.save("role_models/a.png", BytesIO(b"photo"))
    said_yes(partner, full_name="Kari Fjellmo", email="kari.fjellmo@nordlys.example.no", photo=name, photo_alt="Kari")
    asked(complete(partner, full_name="Per Fjellmo", path="Fjellmo er fra fjellet"))
    link = at("role_model_consent", token_of(RoleModel.objects.get(full_name="Kari Fjellmo").consents.get()))
    # What the partner was told is deleted with its own mails (partners.services.retention).
    Mail.objects.filter(about=f"partner:{partner.pk}").delete()

    with django_capture_on_commit_callbacks(execute=True):
        role_model_ties.forget(partner, extensions.People(pks=frozenset(), words=()))

    assert not default_storage.exists(name)
    assert RoleModel.objects.count() == 2
    assert RoleModel.objects.filter(consents__given_at__isnull=False, consents__withdrawn_at__isnull=False).count() == 1
    assert client.get(link).status_code == 404
    assert left_of("fjellmo") == []


def left_of(word: str) -> list[str]:
    """The tables in which the word still stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_merged_partner_brings_its_role_models_and_their_consents(partner, client):
    gone = PartnerFactory(display_name="Nordlys Robotics")
    moved = said_yes(gone, full_name="Kari Fjell")
    stays = said_yes(partner, full_name="Ola Vik")

    merge_partners(keep=partner, gone=gone, by=StaffFactory())

    current = RoleModel.objects.select_related("offer").get(pk=moved.pk)
    assert (current.partner, current.offer.partner) == (partner, partner)
    assert current.is_published
    assert current.offer.is_published
    for role_model in (moved, stays):
        assert client.get(role_model.get_absolute_url()).status_code == 200
    assert RoleModel.objects.filter(partner=partner).count() == 2


def test_history_keeps_every_state(partner):
    said_yes(partner)

    history = apps.get_model("activities", "RoleModelChange").objects.order_by("pgh_id")
    assert [row.status for row in history][0] == "draft"
    assert history.last().status == "published"
