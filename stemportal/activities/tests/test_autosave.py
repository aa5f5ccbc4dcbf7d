"""What saves itself while somebody writes, unpublished changes, and two people in the same editor."""

import pytest
import time_machine
from django.utils import timezone

from stemportal.activities.models import Activity, PendingEdit, Subject
from stemportal.activities.services import activities as services
from stemportal.activities.tests.conftest import at, client_of
from stemportal.partners.models import Membership
from stemportal.testing.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(partner):
    return client_of(MembershipFactory(partner=partner, role=Membership.Role.EDITOR, user__full_name="Ola").user)


@pytest.fixture
def draft(offer, partner) -> Activity:
    return offer("Se robotene", partner=partner, status="draft", learning="x", practical="y", place="z", reach="county")


@pytest.fixture
def shown(offer, partner) -> Activity:
    return offer("Se robotene", partner=partner, learning="x", practical="y", place="z", reach="county")


def sent(client, activity, **typed) -> dict:
    """What a browser sends from the editor that is open now, with other values in some fields."""
    response = client.get(at("edit", activity.pk))
    form, basis = response.context["form"], response.context["basis"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value is not None}
    return data | {"revision": basis.revision, "seen": basis.seen, "pending": basis.pending} | typed


def autosave(client, activity, data):
    return client.post(at("autosave", activity.pk), data)


# --- Drafts


def test_draft_saves_itself_and_says_when(member, draft):
    with time_machine.travel("2026-11-20T09:42:00+01:00", tick=False):
        response = autosave(member, draft, sent(member, draft, title="Se dronene", season_months=["9", "10"]))
    draft.refresh_from_db()
    assert (draft.title, draft.season_months, draft.revision) == ("Se dronene", [9, 10], 1)
    assert response.json()["text"] == "Saved 09:42"
    assert response.json()["basis"]["revision"] == 1


def test_rail_comes_with_the_answer_and_says_what_is_missing(member, draft):
    rail = autosave(member, draft, sent(member, draft, learning="")).json()["rail"]
    assert "1 thing is missing before it can be published" in rail
    assert "Tell what they learn" in rail


def test_what_is_wrong_is_left_out_and_named(member, draft):
    response = autosave(member, draft, sent(member, draft, title="Se dronene", group_max="mange", grade_to="99"))
    draft.refresh_from_db()
    assert (draft.title, draft.group_max, draft.grade_to) == ("Se dronene", 30, 13)
    assert "but not: To grade, Pupils at most in a group" in response.json()["text"]


def test_first_grade_above_the_saved_last_one_is_not_saved_alone(member, draft):
    Activity.objects.filter(pk=draft.pk).update(grade_to=9)
    response = autosave(member, draft, sent(member, draft, grade_from="10", grade_to=""))
    draft.refresh_from_db()
    assert response.status_code == 200
    assert (draft.grade_from, draft.grade_to) == (8, 9)


def test_new_offer_becomes_a_draft_once_it_has_a_title(member, partner):
    data = {"kind": "workshop", "title": "", "summary": "Bygg"}
    early = member.post(at("autosave_new", partner.pk), data)
    assert (early.status_code, Activity.objects.count()) == (422, 0)
    assert "as soon as it has a title" in early.json()["text"]
    answer = member.post(at("autosave_new", partner.pk), data | {"title": "Bygg en bro"}).json()
    draft = Activity.objects.get()
    assert (draft.title, draft.status, draft.kind.code) == ("Bygg en bro", "draft", "workshop")
    assert answer["edit_url"] == at("edit", draft.pk)
    assert answer["autosave_url"] == at("autosave", draft.pk)


def test_saving_the_same_again_is_no_change(member, draft):
    data = sent(member, draft)
    autosave(member, draft, data)
    draft.refresh_from_db()
    assert draft.revision == 0


def test_personal_identity_number_is_never_kept(member, draft):
    autosave(member, draft, sent(member, draft, practical="Spør 01010750160 ved porten"))
    draft.refresh_from_db()
    assert "01010750160" not in draft.practical


# --- Two at once


def test_newer_text_is_not_overwritten_by_itself(member, colleague, draft):
    data = sent(member, draft, title="Mitt")
    autosave(colleague, draft, sent(colleague, draft, title="Ditt"))
    response = autosave(member, draft, data)
    draft.refresh_from_db()
    assert (response.status_code, draft.title) == (409, "Ditt")
    assert "Somebody else has saved this offer" in response.json()["text"]


def test_button_shows_both_texts_and_takes_over_what_only_the_other_changed(member, colleague, draft):
    mine = sent(member, draft, title="Mitt", bring="Matpakke")
    colleague.post(at("edit", draft.pk), sent(colleague, draft, title="Ditt", safety="Hjelm") | {"action": "save"})
    response = member.post(at("edit", draft.pk), mine | {"action": "save"})
    html = response.content.decode()
    assert response.status_code == 409
    for text in ("Changed by both of you", "Ditt", "Mitt", "Changed by others only", "Safety"):
        assert text in html, text
    form, basis = response.context["form"], response.context["basis"]
    again = {name: value for name in form.fields if (value := form[name].value()) is not None}
    assert (again["title"], again["bring"], again["safety"]) == ("Mitt", "Matpakke", "Hjelm")
    member.post(at("edit", draft.pk), again | {"revision": basis.revision, "seen": basis.seen, "action": "save"})
    draft.refresh_from_db()
    assert (draft.title, draft.bring, draft.safety) == ("Mitt", "Matpakke", "Hjelm")


def test_lists_of_two_people_meet_too(member, colleague, draft):
    mine = sent(member, draft, languages=["nb", "en"])
    maths = Subject.objects.get(code="MAT")
    colleague.post(at("edit", draft.pk), sent(colleague, draft, subjects=[maths.pk]) | {"action": "save"})
    response = member.post(at("edit", draft.pk), mine | {"action": "save"})
    taken = response.context["meeting"].taken
    assert [(item.label, item.theirs) for item in taken] == [("Subjects", maths.name_en)]
    assert response.context["meeting"].both == []


@pytest.mark.parametrize("revision", ["", "-1", "x", "9" * 400, "٣"])
def test_nonsense_for_a_revision_overwrites_nothing(member, draft, revision):
    response = autosave(member, draft, sent(member, draft, title="Nytt", revision=revision, seen="a:b,c"))
    draft.refresh_from_db()
    assert (response.status_code, draft.title) == (409, "Se robotene")


# --- Published offers


def test_change_of_a_published_offer_waits_until_it_is_published(member, shown):
    response = autosave(member, shown, sent(member, shown, title="Nytt navn"))
    shown.refresh_from_db()
    assert shown.title == "Se robotene"
    assert "Teachers see it when you publish it" in response.json()["text"]

    page = member.get(at("edit", shown.pk))
    assert "Changes that are not published yet" in page.content.decode()
    assert page.context["form"]["title"].value() == "Nytt navn"
    assert "Nytt navn" not in member.get(shown.get_absolute_url()).content.decode()
    assert "Nytt navn" in member.get(at("preview", shown.pk)).content.decode()

    member.post(at("edit", shown.pk), sent(member, shown) | {"action": "save"})
    shown.refresh_from_db()
    assert (shown.title, PendingEdit.objects.count()) == ("Nytt navn", 0)


def test_unpublished_change_is_thrown_away(member, shown):
    autosave(member, shown, sent(member, shown, title="Nytt navn"))
    stamp = member.get(at("edit", shown.pk)).context["basis"].pending
    member.post(at("discard", shown.pk), {"pending": stamp})
    assert not PendingEdit.objects.exists()
    assert member.get(at("edit", shown.pk)).context["form"]["title"].value() == "Se robotene"


def test_throwing_away_spares_what_was_saved_since(member, colleague, shown):
    autosave(member, shown, sent(member, shown, title="Nytt navn"))
    old = member.get(at("edit", shown.pk)).context["basis"].pending
    autosave(colleague, shown, sent(colleague, shown, title="Nyere navn"))
    html = member.post(at("discard", shown.pk), {"pending": old}, follow=True).content.decode()
    assert "Nothing was thrown away" in html
    assert PendingEdit.objects.get().data["values"]["title"] == ["Nyere navn"]


def test_two_do_not_overwrite_each_others_unpublished_changes(member, colleague, shown):
    mine, theirs = sent(member, shown, title="Mitt"), sent(colleague, shown, title="Ditt")
    assert autosave(colleague, shown, theirs).status_code == 200
    assert autosave(member, shown, mine).status_code == 409
    assert PendingEdit.objects.get().data["values"]["title"] == ["Ditt"]
    # The button shows both, and keeps what one then decides.
    response = member.post(at("edit", shown.pk), mine | {"action": "keep"})
    assert response.status_code == 409
    assert [item.theirs for item in response.context["meeting"].both] == ["Ditt"]


def test_publishing_on_top_of_a_newer_published_text_shows_both(member, colleague, shown):
    autosave(member, shown, sent(member, shown, title="Mitt"))
    services.update_activity(activity=shown, facts={"title": "Sekretariatets"})
    page = member.get(at("edit", shown.pk)).content.decode()
    assert "The offer itself has been changed since" in page
    response = member.post(at("edit", shown.pk), sent(member, shown) | {"action": "save"})
    assert response.status_code == 409
    shown.refresh_from_db()
    assert shown.title == "Sekretariatets"


def test_half_written_change_of_a_published_offer_is_kept_but_not_published(member, shown):
    autosave(member, shown, sent(member, shown, summary=""))
    response = member.post(at("edit", shown.pk), sent(member, shown) | {"action": "save"})
    assert response.status_code == 422
    assert "Say in one or two sentences what it is" in response.content.decode()
    shown.refresh_from_db()
    assert shown.summary


def test_without_javascript_a_button_keeps_changes_for_later(member, shown):
    html = member.post(at("edit", shown.pk), sent(member, shown, title="Senere") | {"action": "keep"}, follow=True)
    shown.refresh_from_db()
    assert shown.title == "Se robotene"
    assert "Kept for later" in html.content.decode()


def test_autosave_is_for_those_who_edit(reader, stranger, draft):
    assert autosave(reader, draft, {}).status_code == 403
    assert autosave(stranger, draft, {}).status_code == 404
    assert reader.get(at("autosave", draft.pk)).status_code == 405


# --- Fields


def test_all_twelve_months_are_all_year(member, draft):
    autosave(member, draft, sent(member, draft, season_months=[str(n) for n in range(1, 13)]))
    draft.refresh_from_db()
    assert draft.season_months == []


def test_counties_are_kept_only_where_the_reach_is_the_county(member, draft):
    county = draft.municipality.county
    autosave(member, draft, sent(member, draft, serves=[county.pk]))
    assert list(draft.serves.all()) == [county]
    autosave(member, draft, sent(member, draft, serves=[county.pk], reach="national"))
    assert not draft.serves.exists()


def test_season_access_and_counties_stand_on_the_page(member, draft):
    county = draft.municipality.county
    typed = {"season_months": ["9", "10", "11"], "access_features": ["step_free", "quiet"], "serves": [county.pk]}
    autosave(member, draft, sent(member, draft, **typed))
    html = member.get(draft.get_absolute_url()).content.decode()
    for text in ("Offered September–November", "No steps, or a lift", "A quiet room to withdraw to", county.name):
        assert text in html, text


@pytest.mark.parametrize(
    ("field", "value"),
    [("season_months", ["13"]), ("access_features", ["moon"]), ("serves", ["999999"]), ("season_months", ["x"])],
)
def test_unknown_choices_are_left_out(member, draft, field, value):
    text = autosave(member, draft, sent(member, draft, **{field: value})).json()["text"]
    assert "but not" in text


def test_days_count_from_the_last_change_of_a_draft(member, draft):
    before = draft.updated_at
    autosave(member, draft, sent(member, draft, title="Nytt"))
    draft.refresh_from_db()
    assert before < draft.updated_at <= timezone.now()
