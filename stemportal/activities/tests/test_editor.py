"""Choosing a kind, writing, saving and publishing."""

import pytest

from stemportal.activities.models import Activity, Subject
from stemportal.activities.tests.conftest import at
from stemportal.testing.factories import RoleModelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(partner) -> dict:
    """A complete company visit as a form sends it."""
    return {
        "kind": "company_visit",
        "title": "Se robotene på jobb",
        "summary": "En dag i lakseslakteriet.",
        "description": "Vi går rundt.",
        "learning": "Sensorer",
        "practical": "Støvler",
        "format": "on_site",
        "languages": ["nb", "en"],
        "grade_from": "8",
        "grade_to": "10",
        "subjects": [str(Subject.objects.get(code="TEK").pk)],
        "group_max": "30",
        "duration_minutes": "120",
        "place": "Resepsjonen",
        "municipality": str(partner.municipality_id),
        "reach": "county",
        "policy": "confirm",
        "action": "save",
    }


def create(client, partner, data):
    return client.post(at("create", partner.pk), data, follow=True)


def test_first_one_chooses_a_kind(member, partner):
    html = member.get(at("create", partner.pk)).content.decode()
    assert html.count("?kind=") == 12
    assert "A class comes to your place" in html


def test_editor_asks_what_the_kind_asks(member, partner):
    work_week = member.get(at("create", partner.pk) + "?kind=work_week").content.decode()
    film = member.get(at("create", partner.pk) + "?kind=film").content.decode()
    assert "id_risk_assessed_on" in work_week
    assert "id_place" in work_week
    assert "id_risk_assessed_on" not in film
    assert "id_link" in film
    assert "id_group_max" not in film


def test_unknown_kind_leads_to_the_choice(member, partner):
    assert "What would you like to offer?" in member.get(at("create", partner.pk) + "?kind=x").content.decode()
    assert "What would you like to offer?" in create(member, partner, {"kind": "x"}).content.decode()


def test_saving_makes_a_draft_and_says_what_is_missing(member, partner, typed):
    html = create(member, partner, typed | {"learning": "", "place": ""}).content.decode()
    activity = Activity.objects.get()
    assert activity.status == "draft"
    assert activity.languages == ["nb", "en"]
    assert "2 things are missing before it can be published" in html
    assert "#div_id_learning" in html


def test_a_title_is_enough_for_a_draft(member, partner, typed):
    data = typed | {"summary": "", "description": "", "languages": [], "subjects": [], "municipality": ""}
    create(member, partner, data)
    assert Activity.objects.get().title == "Se robotene på jobb"


def test_save_and_publish_leads_to_adding_sessions(member, partner, typed):
    response = create(member, partner, typed | {"action": "publish"})
    activity = Activity.objects.get()
    assert activity.is_published
    assert response.redirect_chain[-1][0] == at("session_add", activity.pk)
    assert "Published. Teachers find it now. Add sessions." in response.content.decode()


def test_guard_stops_publishing_and_keeps_the_draft(member, partner, typed):
    html = create(member, partner, typed | {"kind": "work_week", "action": "publish"}).content.decode()
    activity = Activity.objects.get()
    assert activity.status == "draft"
    assert "Saved, but not published: 2 things are missing." in html
    assert "Let it start at 9th grade or later" in html
    assert "https://lovdata.no/" in html


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "This field is required."),
        ("title", "x" * 91, "at most 90 characters"),
        ("description", "x" * 5001, "at most 5000 characters"),
        ("title", "a\x00b", "Null characters are not allowed."),
        ("group_max", "-1", "greater than or equal to 1"),
        ("group_max", "9" * 5000, "Enter a whole number."),
        ("group_max", "mange", "Enter a whole number."),
        ("duration_minutes", "1000000", "less than or equal to 2400"),
        ("grade_to", "99", "not one of the available choices"),
        ("format", "moon", "not one of the available choices"),
        ("languages", ["xx"], "not one of the available choices"),
        ("subjects", ["999999"], "not one of the available choices"),
        ("municipality", "999999", "not one of the available choices"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_typed_is_lost(member, partner, typed, field, value, message):
    response = create(member, partner, typed | {field: value, "practical": "Ta med æøå & <støvler>"})
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert f"id_{field}" in html
    assert "Ta med æøå &amp; &lt;støvler&gt;" in html
    assert html.count("data-error-summary") == 1
    assert not Activity.objects.exists()


def test_grades_upside_down_are_told(member, partner, typed):
    html = create(member, partner, typed | {"grade_from": "10", "grade_to": "8"}).content.decode()
    assert "This grade is below the first one." in html


def test_text_of_fields_the_kind_does_not_ask_for_is_not_kept(member, partner, typed):
    create(member, partner, typed | {"kind": "film", "format": "digital", "link": "film.example.no/a"})
    film = Activity.objects.get()
    assert (film.place, film.municipality, film.format) == ("", None, "digital")
    assert film.link == "https://film.example.no/a"


def test_published_offer_cannot_lose_what_it_needs(member, partner, typed, offer):
    create(member, partner, typed | {"action": "publish"})
    activity = Activity.objects.get()
    response = member.post(at("edit", activity.pk), typed | {"summary": "", "title": "Ny tittel", "revision": "0"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Say in one or two sentences what it is" in html
    assert "Ny tittel" in html
    activity.refresh_from_db()
    assert activity.title == "Se robotene på jobb"


def test_edit_changes_and_the_search_follows(member, partner, typed):
    create(member, partner, typed | {"action": "publish"})
    activity = Activity.objects.get()
    member.post(at("edit", activity.pk), typed | {"title": "Bygg en drone", "revision": "0"})
    assert "Bygg en drone" in member.get(at("search") + "?q=drone").content.decode()


def test_state_moves_on_post_only(member, partner, offer):
    activity = offer(partner=partner, learning="x", practical="y", place="z")
    assert member.get(at("unpublish", activity.pk)).status_code == 405
    for name, status in (
        ("unpublish", "draft"),
        ("publish", "published"),
        ("archive", "archived"),
        ("restore", "draft"),
    ):
        member.post(at(name, activity.pk))
        activity.refresh_from_db()
        assert activity.status == status, name


def test_editor_asks_for_role_models_only_where_somebody_is_shown(member, partner, offer):
    draft = offer("Kladd", partner=partner, status="draft")
    RoleModelFactory(partner=partner)
    RoleModelFactory(shown=True)
    assert "role_models" not in member.get(at("edit", draft.pk)).context["form"].fields
    person = RoleModelFactory(partner=partner, shown=True)
    form = member.get(at("edit", draft.pk)).context["form"]
    assert [value for value, _label in form.fields["role_models"].choices] == [person.pk]
