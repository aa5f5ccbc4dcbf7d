"""The secretariat's pages about offers."""

import html as html_module

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
    data = {name: value for name in form.fields if (value := form.initial.get(name))}
    data |= {"title": "Bygg en ubåt", "municipality": oslo.pk, "languages": "nb", "place": "Kai 3"}
    data |= {"season_months": ["9", "10"], "access_features": ["step_free"]}
    data |= {"subjects": [Subject.objects.get(code="TEK").pk], "goals": [], "serves": []}
    for rows in ("sessions", "images", "files"):
        data |= {f"{rows}-TOTAL_FORMS": "0", f"{rows}-INITIAL_FORMS": "0"}
    assert staff.post(address, data).status_code == 302
    activity.refresh_from_db()
    assert activity.latitude == oslo.latitude
    assert (activity.season_months, activity.access_features) == ([9, 10], ["step_free"])
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


def test_saving_in_the_admin_is_seen_by_an_editor_that_is_open(staff, member, partner, offer, oslo):
    """The partner's page carries the revision it was opened with; the admin's save counts one up."""
    activity = offer("Bygg en drone", partner=partner)
    address = reverse("admin:activities_activity_change", args=[activity.pk])
    form = staff.get(address).context["adminform"].form
    data = {name: value for name in form.fields if (value := form.initial.get(name))}
    data |= {"languages": "nb", "subjects": [Subject.objects.get(code="TEK").pk], "goals": [], "serves": []}
    for rows in ("sessions", "images", "files"):
        data |= {f"{rows}-TOTAL_FORMS": "0", f"{rows}-INITIAL_FORMS": "0"}
    assert staff.post(address, data).status_code == 302
    assert member.post(at("autosave", activity.pk), {"revision": "0", "title": "Nytt"}).status_code == 200
    activity.refresh_from_db()
    assert (activity.revision, activity.title) == (1, "Bygg en drone")


# --- Kinds: names that no code knows are refused


def kind_data(staff, kind, **facts):
    address = reverse("admin:activities_kind_change", args=[kind.pk])
    form = staff.get(address).context["adminform"].form
    data = {name: form.initial.get(name) for name in form.fields}
    data |= {
        "fields": '["learning", "risk_assessed_on"]',
        "guards": "{}",
        "required": "",
        "formats": "",
        "is_active": "on",
    }
    return address, data | facts


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"fields": '["learning", "fee"]'}, "Nobody knows “fee”"),
        ({"fields": '{"a": 1}'}, "a list of names"),
        ({"fields": "[1]"}, "a list of names"),
        ({"required": "lerning"}, "Nobody knows “lerning”"),
        ({"required": "place"}, "Nobody knows “place”"),
        ({"formats": "on_site,moon"}, "Nobody knows “moon”"),
        ({"guards": '{"minimum": 9}'}, "There is no guard “minimum”"),
        ({"guards": '{"min_grade": "nine"}'}, "a number from 8 to 13"),
        ({"guards": '{"min_grade": true}'}, "a number from 8 to 13"),
        ({"guards": '{"min_grade": [9]}'}, "a number from 8 to 13"),
        ({"guards": '{"risk_assessment": "yes"}'}, "is true or false"),
        ({"guards": "[1]"}, "Guards are names with values"),
        ({"guards": '{"police_certificate": true}'}, "needs the fields"),
    ],
)
def test_kind_with_wrong_rules_is_refused_with_words(staff, kinds, facts, message):
    address, data = kind_data(staff, kinds["workshop"], **facts)
    response = staff.post(address, data)
    assert response.status_code == 200
    assert message in html_module.unescape(response.content.decode())


def test_kind_with_right_rules_is_saved(staff, kinds):
    guards = '{"min_grade": 9, "risk_assessment": true}'
    address, data = kind_data(staff, kinds["workshop"], guards=guards, required="learning", formats="on_site")
    assert staff.post(address, data).status_code == 302
    kinds["workshop"].refresh_from_db()
    assert kinds["workshop"].guards == {"min_grade": 9, "risk_assessment": True}
    assert kinds["workshop"].fields == ["learning", "risk_assessed_on"]
