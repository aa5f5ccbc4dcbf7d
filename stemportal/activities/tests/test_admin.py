"""The secretariat's pages about offers."""

import pytest
from django.urls import reverse

from stemportal.activities.models import CurriculumPlan, Goal, Subject
from stemportal.activities.tests.conftest import at, client_of, session_in
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return client_of(StaffFactory())


@pytest.mark.parametrize("model", ["kind", "subject", "curriculumplan", "goal", "activity"])
def test_every_list_and_search_opens(staff, offer, model):
    offer("Bygg en drone")
    Goal.objects.create(plan=CurriculumPlan.objects.create(code="X", title="X"), code="KM1", text_nb="x")
    address = reverse(f"admin:activities_{model}_changelist")
    assert staff.get(address).status_code == 200
    assert staff.get(address + "?q=drone").status_code == 200


def test_activity_page_shows_what_is_missing_and_its_sessions(staff, offer):
    activity = offer("Bygg en drone", status="draft")
    session_in(activity, 4, capacity=7)
    html = staff.get(reverse("admin:activities_activity_change", args=[activity.pk])).content.decode()
    assert "Tell what they learn" in html
    assert "sessions-0-capacity" not in html


def test_actions_publish_through_the_service(staff, offer):
    ready = offer("Klar", status="draft", learning="x", practical="y", place="z")
    bare = offer("Bar", status="draft")
    data = {"action": "publish", "_selected_action": [ready.pk, bare.pk]}
    html = staff.post(reverse("admin:activities_activity_changelist"), data, follow=True).content.decode()
    ready.refresh_from_db()
    bare.refresh_from_db()
    assert (ready.status, bare.status) == ("published", "draft")
    assert "1 offer published." in html
    assert "Bar: Tell what they learn" in html


def test_saving_keeps_search_and_point_right(staff, offer, oslo):
    activity = offer("Bygg en drone")
    address = reverse("admin:activities_activity_change", args=[activity.pk])
    form = staff.get(address).context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields}
    data |= {"title": "Bygg en ubåt", "municipality": oslo.pk, "languages": "nb", "place": "Kai 3"}
    data |= {"subjects": [Subject.objects.get(code="TEK").pk], "goals": []}
    data |= {"sessions-TOTAL_FORMS": "0", "sessions-INITIAL_FORMS": "0"}
    assert staff.post(address, data).status_code == 302
    activity.refresh_from_db()
    assert activity.latitude == oslo.latitude
    assert "Bygg en ubåt" in staff.get(at("search") + "?q=ubåt").content.decode()


def test_activity_cannot_be_deleted_and_a_used_kind_neither(staff, offer):
    activity = offer()
    assert staff.post(reverse("admin:activities_activity_delete", args=[activity.pk])).status_code == 403
    assert staff.post(reverse("admin:activities_kind_delete", args=[activity.kind_id])).status_code == 403


def test_renamed_kind_is_found_by_its_new_name(staff, offer, kinds):
    offer("Tilbud", kind="workshop")
    kind = kinds["workshop"]
    address = reverse("admin:activities_kind_change", args=[kind.pk])
    form = staff.get(address).context["adminform"].form
    data = {name: form.initial.get(name) for name in form.fields} | {"name_nb": "Makerlab"}
    data |= {"fields": "[]", "guards": "{}", "required": "", "formats": "", "is_active": "on"}
    assert staff.post(address, data).status_code == 302
    assert "Tilbud" in staff.get(at("search") + "?q=makerlab").content.decode()
