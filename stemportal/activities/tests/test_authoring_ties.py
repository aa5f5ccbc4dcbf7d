"""Pictures, files and unpublished changes in a partner's copy of its data."""

import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile

from stemportal.activities.models import PendingEdit
from stemportal.activities.services.files import add_file
from stemportal.activities.services.pictures import add_picture
from stemportal.activities.tests.test_pictures import pdf_bytes, png
from stemportal.lib.images import prepare
from stemportal.partners.data_copy import write_copy
from stemportal.testing.factories import UserFactory

pytestmark = pytest.mark.django_db


def copy_of(partner) -> zipfile.ZipFile:
    target = io.BytesIO()
    write_copy(partner, target, progress=lambda done, total: None)
    return zipfile.ZipFile(target)


def test_copy_has_pictures_files_and_what_is_not_published_yet(offer, partner):
    activity = offer("Se robotene", partner=partner, programme="- 09:00 Start", season_months=[9, 10])
    add_picture(activity=activity, picture=prepare(ContentFile(png())), alt_text="En robot")
    add_file(activity=activity, purpose="risk", title="Risiko", content=pdf_bytes(), extension="pdf")
    typed = {"values": {"title": ["Se dronene"]}}
    PendingEdit.objects.create(activity=activity, data=typed, saved_by=UserFactory(full_name="Kari Prøve"))
    archive = copy_of(partner)
    data = json.loads(archive.read("data.json"))
    assert data["pictures"][0]["shows"] == "En robot"
    assert data["offer_files"][0]["title"] == "Risiko"
    assert data["unpublished_changes"][0]["typed"] == {"title": ["Se dronene"]}
    assert (data["listings"][0]["programme"], data["listings"][0]["months"]) == ("- 09:00 Start", [9, 10])
    assert archive.read(data["pictures"][0]["file"]).startswith(b"\x89PNG")
    assert archive.read(data["offer_files"][0]["file"]) == pdf_bytes()


def test_copy_has_nothing_of_another_partner(offer, partner):
    other = offer("Andres")
    add_picture(activity=other, picture=prepare(ContentFile(png())), alt_text="Andres robot")
    PendingEdit.objects.create(activity=other, data={"values": {"title": ["Hemmelig"]}})
    text = copy_of(partner).read("data.json").decode()
    assert "Andres robot" not in text
    assert "Hemmelig" not in text
