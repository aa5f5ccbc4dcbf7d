"""Writing, publishing and putting away."""

import pytest
from django.db import IntegrityError, transaction

from stemportal.activities.models import Activity, Subject
from stemportal.activities.services import activities as services
from stemportal.activities.tests.conftest import session_in
from stemportal.activities.tests.test_search import titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(partner):
    return {
        "title": "Se robotene på jobb",
        "summary": "En dag i lakseslakteriet.",
        "description": "Vi går rundt.",
        "learning": "Sensorer",
        "practical": "Støvler",
        "languages": ["nb"],
        "place": "Resepsjonen",
        "municipality": partner.municipality,
        "subjects": list(Subject.objects.filter(code="TEK")),
    }


@pytest.fixture
def draft(partner, kinds, facts):
    return services.create_activity(partner=partner, kind=kinds["company_visit"], facts=facts)


def test_create_saves_a_draft_with_the_point_of_its_municipality(draft, partner):
    assert draft.status == Activity.Status.DRAFT
    assert (draft.latitude, draft.longitude) == (partner.municipality.latitude, partner.municipality.longitude)
    assert [subject.code for subject in draft.subjects.all()] == ["TEK"]


def test_create_takes_no_status_from_outside(partner, kinds, facts):
    sneaky = facts | {"status": "published", "views_count": 999}
    activity = services.create_activity(partner=partner, kind=kinds["other"], facts=sneaky)
    activity.refresh_from_db()
    assert (activity.status, activity.views_count) == ("draft", 0)


def test_digital_activity_has_no_point(partner, kinds, facts):
    activity = services.create_activity(partner=partner, kind=kinds["workshop"], facts=facts | {"format": "digital"})
    assert (activity.latitude, activity.longitude) == (None, None)


def test_publish_shows_it_and_says_when(draft):
    assert services.publish_activity(activity=draft)
    assert draft in Activity.objects.published()
    assert draft.published_at is not None


def test_publish_refuses_with_everything_that_is_missing(draft):
    services.update_activity(activity=draft, facts={"learning": "", "place": ""})
    with pytest.raises(services.CannotPublish) as refusal:
        services.publish_activity(activity=draft)
    assert {item.field for item in refusal.value.missing} == {"learning", "place"}
    draft.refresh_from_db()
    assert draft.status == Activity.Status.DRAFT


def test_publish_twice_keeps_the_first_date(draft):
    services.publish_activity(activity=draft)
    first = draft.published_at
    assert not services.publish_activity(activity=draft)
    services.unpublish_activity(activity=draft)
    services.publish_activity(activity=draft)
    draft.refresh_from_db()
    assert draft.published_at == first


def test_update_of_a_published_activity_cannot_make_it_incomplete(draft):
    services.publish_activity(activity=draft)
    with pytest.raises(services.CannotPublish):
        services.update_activity(activity=draft, facts={"summary": "", "subjects": []})
    draft.refresh_from_db()
    assert draft.summary == "En dag i lakseslakteriet."
    assert draft.subjects.count() == 1


def test_unpublish_archive_and_restore_act_once(draft):
    assert not services.unpublish_activity(activity=draft)
    assert services.archive_activity(activity=draft)
    assert not services.archive_activity(activity=draft)
    assert services.restore_activity(activity=draft)
    assert not services.restore_activity(activity=draft)


def test_activities_of_a_partner_that_is_paused_are_hidden(draft):
    services.publish_activity(activity=draft)
    draft.partner.status = "paused"
    draft.partner.save(update_fields=["status"])
    assert draft not in Activity.objects.published()


def test_search_knows_texts_partner_kind_and_subjects(draft):
    services.publish_activity(activity=draft)
    for word in ("robotene", "lakseslakteriet", "nordlys", "bedriftsbesøk", "technology", "sensorer", "alta"):
        assert titles(f"q={word}") == [draft.title], word


def test_refresh_search_for_all_builds_the_index_anew(draft):
    services.publish_activity(activity=draft)
    Activity.objects.update(title="Bygg en ubåt")
    services.refresh_search()
    assert titles("q=ubåt") == ["Bygg en ubåt"]


def test_refresh_availability_ignores_full_past_and_cancelled_sessions(draft):
    session_in(draft, -2)
    session_in(draft, 3, capacity=1, places_taken=1)
    session_in(draft, 4, status="cancelled")
    free = session_in(draft, 9, capacity=2, places_taken=1)
    assert services.refresh_availability() == 1
    draft.refresh_from_db()
    assert (draft.next_free_at, draft.booked_places) == (free.starts_at, 2)
    assert services.refresh_availability() == 0


def test_count_view_leaves_the_time_of_change_alone(draft):
    services.publish_activity(activity=draft)
    draft.refresh_from_db()
    changed = draft.updated_at
    services.count_view(draft.pk)
    services.count_view(draft.pk)
    draft.refresh_from_db()
    assert (draft.views_count, draft.updated_at) == (2, changed)


def test_count_view_of_a_draft_or_nothing_does_nothing(draft):
    services.count_view(draft.pk)
    services.count_view(10**9)
    draft.refresh_from_db()
    assert draft.views_count == 0


def test_database_refuses_grades_upside_down(draft):
    draft.grade_from, draft.grade_to = 10, 8
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save()


def test_labels_read_like_people_say_them(draft):
    draft.grade_from, draft.grade_to, draft.duration_minutes = 8, 10, 150
    assert (draft.grades_label, draft.duration_label) == ("8th to 10th grade", "2 h 30 min")
    draft.grade_from, draft.grade_to, draft.duration_minutes = 10, 11, 2400
    assert (draft.grades_label, draft.duration_label) == ("10th grade to Vg1", "5 days")
    draft.grade_from, draft.grade_to, draft.duration_minutes = 9, 9, 45
    assert (draft.grades_label, draft.duration_label) == ("9th grade", "45 min")


def test_slug_survives_any_title(draft):
    for title, slug in (("Ørsta på Åsen", "orsta-pa-asen"), ("!!!", "tilbud"), ("日本", "tilbud")):
        draft.title = title
        assert draft.slug == slug
