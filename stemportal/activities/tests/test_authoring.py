"""Templates to begin from, copies of earlier offers, and the preview."""

from datetime import date, time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from stemportal.activities.models import Activity, ActivityTemplate, Kind
from stemportal.activities.rules import GAP, missing_for_publishing
from stemportal.activities.services import activities as services
from stemportal.activities.services.files import add_file
from stemportal.activities.services.templates import load_templates, reset_template
from stemportal.activities.tests.conftest import at, session_in
from stemportal.activities.tests.test_pictures import pdf_bytes, png
from stemportal.testing.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def templates(kinds):
    load_templates()
    return {template.code: template for template in ActivityTemplate.objects.select_related("kind")}


# --- Templates


def test_every_kind_has_a_template_in_three_languages(templates, kinds):
    assert {template.kind.code for template in templates.values()} == set(kinds)
    for template in templates.values():
        assert set(template.texts) == {"nb", "nn", "en"}, template.code
        assert all(template.texts[code]["title"] for code in template.texts), template.code
        assert all([template.name_nb, template.name_nn, template.name_en])


def test_loading_templates_again_keeps_what_staff_changed_and_a_reset_brings_it_back(templates):
    ActivityTemplate.objects.filter(code="visit-half-day").update(name_nb="Vårt eget", texts={}, is_active=False)
    assert load_templates() == 0
    template = ActivityTemplate.objects.get(code="visit-half-day")
    assert template.name_nb == "Vårt eget"
    assert reset_template(template=template)
    template.refresh_from_db()
    assert (template.name_nb, template.is_active) == ("Halv dag hos oss", True)
    assert template.texts["nn"]["title"].startswith("Sjå")


def test_own_template_of_staff_has_nothing_to_go_back_to(kinds):
    own = ActivityTemplate.objects.create(kind=kinds["other"], code="own", name_nb="Eget")
    assert not reset_template(template=own)


def test_choice_of_kind_offers_templates(member, partner, templates):
    html = member.get(at("create", partner.pk)).content.decode()
    assert "Half a day with us" in html
    assert "?template=job-shadow-day" in html


def test_template_fills_the_editor_in_the_writers_language(member, partner, templates):
    english = member.get(at("create", partner.pk) + "?template=job-shadow-day")
    assert english.context["kind"].code == "job_shadow"
    assert english.context["form"]["title"].value() == "Follow a ‹profession› for a whole working day"
    with translation.override("nn"):
        nynorsk = member.get(at("create", partner.pk) + "?template=job-shadow-day")
    assert nynorsk.context["form"]["title"].value() == "Følg ein ‹yrke› ein heil arbeidsdag"
    assert nynorsk.context["form"]["grade_from"].value() == 9


@pytest.mark.parametrize("code", ["nothing", "x" * 5000, "'; drop table", "job-shadow-day%00"])
def test_unknown_template_leads_to_the_choice(member, partner, templates, code):
    assert (
        "What would you like to offer?" in member.get(at("create", partner.pk) + f"?template={code}").content.decode()
    )


def test_gaps_of_a_template_stop_publishing_and_are_named(offer):
    activity = offer(title="Follow a ‹profession›", status="draft", learning="x", practical="y", place="z")
    (missing,) = missing_for_publishing(activity)
    assert (missing.field, str(missing.what)) == ("title", "Replace “‹profession›” with your own words")


def test_every_gap_of_the_shipped_templates_is_found(templates):
    for template in templates.values():
        for texts in template.texts.values():
            for name, text in texts.items():
                assert text.count("‹") == text.count("›") == len(GAP.findall(text)), (template.code, name)


def test_staff_cannot_save_a_template_that_no_editor_could_show(templates, client):
    client.force_login(StaffFactory())
    template = templates["film-job"]
    address = reverse("admin:activities_activitytemplate_change", args=[template.pk])
    good = {"kind": template.kind_id, "order": 1, "name_nb": "a", "name_nn": "a", "name_en": "a"}
    texts = '{"nb": {"title": "Film"}}'
    for wrong in (
        {"texts": '{"xx": {}}'},
        {"texts": '{"nb": {"price": "1"}}'},
        {"texts": '{"nb": {"title": "' + "x" * 91 + '"}}'},
        {"texts": '{"nb": "x"}'},
        {"texts": "[]"},
        {"values": '{"fee": 100}'},
        {"values": '{"group_max": "30"}'},
        {"values": '{"season_months": [13]}'},
        {"values": '{"subjects": ["XXX"]}'},
        {"values": '{"grade_from": [8]}'},
        {"values": "[1]"},
    ):
        response = client.post(address, good | {"texts": texts, "values": "{}"} | wrong)
        assert response.status_code == 200, wrong
    assert client.post(address, good | {"texts": texts, "values": '{"subjects": ["MAT"]}'}).status_code == 302


def test_reset_in_the_admin(templates, client):
    client.force_login(StaffFactory())
    template = templates["film-job"]
    ActivityTemplate.objects.filter(pk=template.pk).update(texts={})
    address = reverse("admin:activities_activitytemplate_changelist")
    response = client.post(address, {"action": "reset", "_selected_action": [template.pk]}, follow=True)
    assert "1 template brought back." in response.content.decode()
    template.refresh_from_db()
    assert template.texts["nb"]["title"]


# --- Copies


@pytest.fixture
def last_year(offer, partner):
    activity = offer(
        "Se robotene", partner=partner, kind="work_week", place="Porten", programme="- 09:00 Start",
        season_months=[9, 10], grade_from=9, risk_assessed_on=timezone.localdate(), views_count=99,
    )  # fmt: skip
    session_in(activity, 5)
    return activity


def test_copy_has_everything_but_dates_and_what_must_be_looked_at_anew(member, last_year):
    response = member.post(at("copy", last_year.pk))
    copy = Activity.objects.exclude(pk=last_year.pk).get()
    assert response["Location"] == at("edit", copy.pk)
    assert (copy.status, copy.title, copy.copied_from) == ("draft", "Se robotene", last_year)
    assert (copy.programme, copy.season_months, copy.place) == ("- 09:00 Start", [9, 10], "Porten")
    assert [subject.code for subject in copy.subjects.all()] == ["TEK"]
    assert (copy.risk_assessed_on, copy.views_count, copy.published_at) == (None, 0, None)
    assert not copy.sessions.exists()
    assert "risk_assessed_on" in {item.field for item in missing_for_publishing(copy)}


def test_weekly_hours_are_copied_and_those_of_a_part_of_the_year_are_not(member, last_year):
    hours = {"weekday": 1, "begins": time(9), "ends": time(11)}
    last_year.availability.create(**hours)
    last_year.availability.create(**hours | {"weekday": 3}, first_day=date(2026, 9, 1), last_day=date(2026, 10, 1))
    member.post(at("copy", last_year.pk))
    copy = Activity.objects.exclude(pk=last_year.pk).get()
    assert list(copy.availability.values_list("weekday", "begins", "ends")) == [(1, time(9), time(11))]


def test_pictures_and_files_of_a_copy_are_its_own(member, last_year):
    upload = {"file": SimpleUploadedFile("a.png", png()), "alt_text": "En robot"}
    member.post(at("images", last_year.pk), upload)
    for purpose in ("risk", "tasks"):
        add_file(activity=last_year, purpose=purpose, title=purpose, content=pdf_bytes(), extension="pdf")
    member.post(at("copy", last_year.pk))
    copy = Activity.objects.exclude(pk=last_year.pk).get()
    old, new = last_year.images.get(), copy.images.get()
    assert (new.alt_text, new.width) == ("En robot", old.width)
    assert old.file.name != new.file.name
    assert [file.title for file in copy.files.all()] == ["tasks"], "an old assessment says nothing of next year"
    member.post(at("image_change", old.pk), {"action": "remove"})
    assert default_storage.exists(new.file.name)


def test_copy_of_a_picture_that_is_gone_leaves_it_out(member, last_year):
    name = default_storage.save("offers/" + "a" * 22 + "-10x10.png", ContentFile(png()))
    last_year.images.create(file=name, alt_text="Borte", width=10, height=10)
    default_storage.delete(name)
    assert member.post(at("copy", last_year.pk)).status_code == 302
    assert not Activity.objects.exclude(pk=last_year.pk).get().images.exists()


def test_list_and_choice_of_kind_lead_to_copying(member, reader, partner, last_year):
    for page in ("listings", "create"):
        assert at("copy", last_year.pk) in member.get(at(page, partner.pk)).content.decode(), page
    assert at("copy", last_year.pk) not in reader.get(at("listings", partner.pk)).content.decode()


def test_copying_is_for_those_who_edit(reader, stranger, last_year):
    assert reader.post(at("copy", last_year.pk)).status_code == 403
    assert stranger.post(at("copy", last_year.pk)).status_code == 404
    assert Activity.objects.count() == 1


def test_too_many_drafts_are_told_kindly(member, partner, last_year, offer, monkeypatch):
    monkeypatch.setattr(services, "MOST_DRAFTS", 1)
    offer("Kladd", partner=partner, status="draft")
    html = member.post(at("copy", last_year.pk), follow=True).content.decode()
    assert "You have 1 drafts. Please publish some" in html
    data = {"kind": "other", "title": "Enda en"}
    assert "You have 1 drafts" in member.post(at("autosave_new", partner.pk), data).json()["text"]
    assert Activity.objects.count() == 2


# --- Preview


def test_preview_shows_a_draft_as_a_teacher_will_see_it(member, partner, offer):
    draft = offer("Kladd", partner=partner, status="draft", programme="- 09:00 Start")
    html = member.get(at("preview", draft.pk)).content.decode()
    for text in (
        "This is how teachers will see it",
        "Kladd",
        "09:00 Start",
        at("edit", draft.pk),
        "3 things are missing",
    ):
        assert text in html, text
    assert "Only you and your colleagues see this." not in html


def test_preview_of_a_new_offer_saves_it_first(member, partner, kinds):
    data = {
        "kind": "other", "title": "Noe nytt", "format": "on_site", "reach": "county", "policy": "confirm",
        "grade_from": "8", "grade_to": "10", "group_max": "30", "duration_minutes": "60", "action": "preview",
    }  # fmt: skip
    response = member.post(at("create", partner.pk), data)
    assert response["Location"] == at("preview", Activity.objects.get().pk)


def test_reader_previews_without_the_way_to_the_editor(reader, partner, offer):
    draft = offer("Kladd", partner=partner, status="draft")
    assert at("edit", draft.pk) not in reader.get(at("preview", draft.pk)).content.decode()


def test_preview_is_for_members(stranger, partner, offer):
    assert stranger.get(at("preview", offer(partner=partner).pk)).status_code == 404


def test_looking_at_a_preview_counts_no_view(member, partner, offer, monkeypatch):
    from stemportal.activities import tasks

    monkeypatch.setattr(tasks.count_view, "delay", lambda pk: pytest.fail("counted"))
    member.get(at("preview", offer(partner=partner).pk))


# --- Kinds that were loaded before


def test_older_installation_gets_the_new_fields_and_keeps_its_own(kinds):
    from importlib import import_module

    from django.apps import apps

    Kind.objects.filter(code="workshop").update(fields=["learning", "place"])
    Kind.objects.filter(code="film").update(fields=["link"], required=["link"])
    migration = import_module("stemportal.activities.migrations.0009_kinds_ask_more")
    migration.ask_more(apps, None)
    migration.ask_more(apps, None)
    workshop, film = Kind.objects.get(code="workshop"), Kind.objects.get(code="film")
    assert workshop.fields[:2] == ["learning", "place"]
    assert {"programme", "season_months", "serves"} <= set(workshop.fields)
    assert len(workshop.fields) == len(set(workshop.fields))
    assert film.required == ["link", "captions", "transcript"]
