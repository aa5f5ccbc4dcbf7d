"""The programme's report: publishing, what is frozen, versions, files, pages, and the secretariat's desk."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.documents.programme_files import make_pdf, make_programme_files
from stemportal.reports.documents.programme_material import ProgrammeMaterial, material_of_report, programme_material
from stemportal.reports.models import ProgrammeReport, ProgrammeReportFile, ProgrammeSection, Target
from stemportal.reports.services import programme as services
from stemportal.reports.services.runs import ReportError
from stemportal.reports.tests.visits import YEAR, visit
from stemportal.testing.factories import PartnerFactory, StaffFactory, UserFactory
from stemportal.testing.network_factories import StoryFactory
from stemportal.testing.pdfs import check_pdf, keep_pages, text_of
from stemportal.testing.programme_reports import freeze, programme_report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

NOW = "2025-09-10 12:00"
PERIOD = Period("school", YEAR)
Status = ProgrammeReport.Status


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def after_the_year():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff():
    return StaffFactory()


@pytest.fixture
def draft() -> ProgrammeReport:
    """On a year with one visit, a target and a text."""
    visit(PartnerFactory(display_name="Nordlys Robotikk", kind=Partner.Kind.COMPANY), pupils=26)
    Target.objects.create(
        title_nb="Elever", title_en="Pupils", measure="pupils", baseline=6, baseline_year=2020, goal=46, due_year=2030
    )
    report = services.begin_report(period=PERIOD)
    text = {"title_nb": "Forord", "title_en": "Foreword", "text_nb": "Kjære leser.", "text_en": "Dear **reader**."}
    ProgrammeSection.objects.create(report=report, place="foreword", **text)
    return report


def fresh(report: ProgrammeReport) -> ProgrammeReport:
    return ProgrammeReport.objects.get(pk=report.pk)


def stored(media) -> set[str]:
    folder = media / "programme-reports"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


# Publishing.


def test_publishing_freezes_figures_and_texts_and_makes_the_files(draft, staff, media):
    assert services.ask_to_publish(report_id=draft.pk, by=staff)
    assert services.publish_programme_report(draft.pk)

    report = fresh(draft)
    visit(pupils=500)
    ProgrammeSection.objects.all().delete()

    assert (report.status, report.published_by) == (Status.PUBLISHED, staff)
    material = material_of_report(report)
    assert material.figures.pupils == 26
    assert material.sections[0].text["nb"] == "Kjære leser."
    assert [line.done for line in material.targets] == [50]
    assert material.engaged == ["Nordlys Robotikk"]
    files = {(file.format, file.language): file for file in report.files.all()}
    assert set(files) == {("pdf", "nb"), ("pdf", "nn"), ("pdf", "en"), ("json", "")}
    assert files["json", ""].sha256 == report.fingerprint
    assert stored(media) == {file.file.name.removeprefix("programme-reports/") for file in files.values()}
    assert ProgrammeMaterial.from_json(json.load(files["json", ""].file.open())) == material


def test_a_year_that_goes_on_is_not_published(draft, staff):
    later = services.begin_report(period=PERIOD.following)

    with pytest.raises(ReportError, match="not over"):
        services.ask_to_publish(report_id=later.pk, by=staff)

    assert fresh(later).status == Status.DRAFT


def test_what_nobody_asked_for_and_what_is_done_is_not_published(draft, staff, media):
    assert not services.publish_programme_report(draft.pk)
    services.ask_to_publish(report_id=draft.pk, by=staff)
    assert not services.ask_to_publish(report_id=draft.pk, by=staff)
    assert services.publish_programme_report(draft.pk)
    assert not services.publish_programme_report(draft.pk)

    assert len(stored(media)) == 4


def test_a_worker_that_lost_its_claim_publishes_nothing_and_leaves_no_files(draft, staff, media, monkeypatch):
    services.ask_to_publish(report_id=draft.pk, by=staff)

    def slow(material):
        ProgrammeReport.objects.update(claimed_at=timezone.now() + timedelta(seconds=1))
        yield from make_programme_files(material)

    monkeypatch.setattr(services, "make_programme_files", slow)

    assert not services.publish_programme_report(draft.pk)
    assert fresh(draft).status == Status.PUBLISHING
    assert stored(media) == set()


def test_a_report_that_fails_three_times_is_a_draft_again_and_says_why(draft, staff, media, monkeypatch):
    services.ask_to_publish(report_id=draft.pk, by=staff)

    def broken(material):
        yield next(iter(make_programme_files(material)))
        raise ValueError("no ink")

    monkeypatch.setattr(services, "make_programme_files", broken)
    for _attempt in range(3):
        assert fresh(draft).status == Status.PUBLISHING
        services.publish_programme_report(draft.pk)

    assert (fresh(draft).status, fresh(draft).error) == (Status.DRAFT, "ValueError: no ink")
    assert stored(media) == set()


def test_the_sweep_hands_out_what_a_dead_worker_left_and_gives_up_in_the_end(draft, staff, monkeypatch):
    handed_out: list[int] = []
    monkeypatch.setattr(services, "_hand_out", handed_out.append)
    services.ask_to_publish(report_id=draft.pk, by=staff)
    at_work = ProgrammeReport.objects.filter(pk=draft.pk)
    at_work.update(claimed_at=timezone.now(), attempts=1)
    services.sweep()
    assert handed_out == []

    at_work.update(claimed_at=timezone.now() - timedelta(minutes=11))
    services.sweep()
    assert handed_out == [draft.pk]

    at_work.update(attempts=3)
    services.sweep()
    assert (fresh(draft).status, handed_out) == (Status.DRAFT, [draft.pk])
    assert "worker stopped" in fresh(draft).error


def test_the_nightly_sweep_deletes_only_old_files_that_no_report_has(media):
    report = programme_report()
    stray = default_storage.save(f"programme-reports/{'a' * 32}.pdf", ContentFile(b"x"))
    foreign = default_storage.save("programme-reports/readme.txt", ContentFile(b"x"))
    assert services.sweep_files() == 0

    with time_machine.travel(timezone.now() + timedelta(days=4000), tick=False):
        assert services.sweep_files() == 1

    assert not default_storage.exists(stray)
    assert default_storage.exists(foreign)
    assert all(default_storage.exists(file.file.name) for file in report.files.all())


# Versions.


def test_a_new_version_takes_texts_and_stories_along_and_then_the_place(draft, staff):
    draft.stories.add(StoryFactory())
    freeze(draft)

    newer = services.begin_new_version(report=draft, reason="Et besøk manglet.")
    assert fresh(draft).status == Status.PUBLISHED
    services.ask_to_publish(report_id=newer.pk, by=staff)
    services.publish_programme_report(newer.pk)

    old, new = fresh(draft), fresh(newer)
    assert (old.status, new.status, new.version) == (Status.SUPERSEDED, Status.PUBLISHED, 2)
    assert old.superseded_at is not None
    assert old.files.count() == 2
    material = material_of_report(new)
    assert material.reason == "Et besøk manglet."
    assert [section.title["nb"] for section in material.sections] == ["Forord"]
    assert len(material.stories) == 1


def test_a_new_version_needs_a_reason_a_published_report_and_is_begun_once(draft, staff):
    with pytest.raises(ReportError, match="Only a published"):
        services.begin_new_version(report=draft, reason="Fordi")
    report = programme_report(year=YEAR - 1)
    with pytest.raises(ReportError, match="needs a reason"):
        services.begin_new_version(report=report, reason="  ")
    services.begin_new_version(report=report, reason="Fordi")
    with pytest.raises(ReportError, match="begun already"):
        services.begin_new_version(report=report, reason="Fordi")


def test_a_year_has_one_first_report(draft):
    with pytest.raises(ReportError, match="already"):
        services.begin_report(period=PERIOD)


# Files.


def test_the_pdf_is_for_everybody_lasts_and_says_what_the_figures_say(draft):
    material = programme_material(draft, day=timezone.localdate())

    content = make_pdf(material, "en")

    with check_pdf(content, language="en").open_metadata() as metadata:
        assert metadata["dc:title"] == "Programme report: 2024/25"
    assert keep_pages(content, "programme-report")
    text = text_of(content)
    for words in ("26", "Goal: 46 by 2030/31", "Dear reader.", "Nordlys Robotikk", material.code, material.fingerprint):
        assert words in text


def test_the_files_are_the_same_bytes_twice(draft):
    material = programme_material(draft, day=timezone.localdate())
    again = ProgrammeMaterial.from_json(json.loads(material.canonical))

    assert again == material
    assert make_pdf(again, "nn") == make_pdf(material, "nn")


def test_a_year_without_a_visit_and_names_in_all_scripts_make_a_pdf():
    PartnerFactory(display_name="Şirket Ж 株式会社 شركة " + "lang" * 20)
    report = services.begin_report(period=Period("calendar", YEAR))
    long_word = "ordutenmellomrom" * 20
    ProgrammeSection.objects.create(report=report, place="end", title_nb=long_word[:160], text_nb=f"- {long_word} 🎉")

    content = make_pdf(programme_material(report, day=timezone.localdate()), "en")

    check_pdf(content, language="en")
    assert "In 2024, no visit was held." in text_of(content)


def test_a_small_count_is_in_no_file(draft):
    visit(pupils=3, girls=1, at="2024-11-01 09:00")

    material = programme_material(draft, day=timezone.localdate())

    month = next(row for row in material.figures.months if row["month"] == "2024-11")
    assert month["pupils"] is None
    assert b'"pupils":3' not in material.canonical


def test_a_new_version_tells_no_small_number_by_what_has_changed(draft):
    visit(pupils=40, girls=20, at="2024-11-01 09:00")
    first = material_of_report(freeze(draft)).figures
    visit(pupils=30, girls=12, at="2024-12-01 09:00")
    visit(pupils=3, girls=None, at="2024-11-20 09:00")

    newer = services.begin_new_version(report=draft, reason="To besøk manglet.")
    second = programme_material(newer, day=timezone.localdate()).figures

    months = [{row["month"]: row["pupils"] for row in figures.months} for figures in (first, second)]
    assert (first.pupils, months[0]["2024-11"]) == (66, 40)
    assert second.pupils == 99
    # 43 beside the 40 of before would tell of three; October stays, so December goes with it.
    assert (months[1]["2024-10"], months[1]["2024-11"], months[1]["2024-12"]) == (26, None, None)


def test_a_few_more_pupils_in_all_are_not_told_by_a_new_version(draft):
    freeze(draft)
    visit(pupils=3, girls=None, at="2024-11-20 09:00")

    newer = services.begin_new_version(report=draft, reason="Et besøk manglet.")
    second = programme_material(newer, day=timezone.localdate()).figures

    assert second.pupils is None
    assert second.visits == 2


def test_the_year_before_is_as_it_was_published(draft):
    visit(pupils=33, at="2023-10-01 09:00")
    programme_report(year=YEAR - 1)
    visit(pupils=50, at="2023-11-01 09:00")

    material = programme_material(draft, day=timezone.localdate())

    assert material.before is not None
    assert material.before.pupils == 33
    assert material.targets[0].before == 33


# Pages.


def test_the_page_shows_the_frozen_report_and_leads_to_files_and_other_years(client, draft):
    programme_report(year=YEAR - 1)
    freeze(draft)
    visit(pupils=500)

    latest = client.get("/en/report/").content.decode()

    assert "26 pupils from 1 school in 1 municipality met working life." in latest
    assert "<strong>reader</strong>" in latest
    assert "50% of the way from the start to the goal" in latest
    assert "Nordlys Robotikk" in latest
    assert '<link rel="canonical"' in latest
    assert reverse("reports:verified", args=[draft.code]) in latest
    assert "/en/report/2023-24/" in latest
    assert client.get("/en/report/2024-25/").status_code == 200


def test_the_latest_year_is_the_one_that_ended_last(client):
    programme_report(period_kind="calendar")
    programme_report(period_kind="school")
    programme_report(period_kind="school", year=YEAR - 1)

    assert "Programme report 2024/25</h1>" in client.get("/en/report/").content.decode()


def test_the_page_without_any_report_shows_how_far_the_targets_are(client):
    Target.objects.create(title_nb="Elever", title_en="Pupils", measure="pupils", goal=40, due_year=2030)
    visit(pupils=10, at="2025-08-25 09:00")

    page = client.get("/en/report/").content.decode()

    assert "Goal: 40 by 2030/31" in page
    assert "25% of the goal" in page


@pytest.mark.parametrize("slug", ["2024-25", "2024", "1999-00", "nothing"])
def test_a_year_without_a_published_report_has_no_page(client, draft, slug):
    assert client.get(f"/en/report/{slug}/").status_code == 404


def test_a_file_is_everybodys_once_it_is_published_and_stays_when_it_is_replaced(client):
    report = programme_report()
    file = report.files.get(format="pdf")
    address = reverse("reports:programme_file", args=[file.pk])

    answer = client.get(address)
    assert b"".join(answer.streaming_content) == f"%PDF-1.7 {report.code}".encode()
    assert answer["Content-Disposition"] == 'attachment; filename="programme-report-2024-25-nb.pdf"'
    ProgrammeReport.objects.update(status="superseded")
    assert client.get(address).status_code == 200
    ProgrammeReport.objects.update(status="publishing")
    assert client.get(address).status_code == 404


def test_the_page_names_versions_that_were_replaced_with_the_reason(client):
    programme_report(status="superseded", superseded_at=timezone.now())
    programme_report(version=2, reason="Et besøk manglet.")

    page = client.get("/en/report/2024-25/").content.decode()

    assert "Et besøk manglet." in page
    assert "Version 1, replaced on 10. September 2025" in page


def test_a_story_that_was_taken_down_is_not_on_the_page(client, draft):
    story = StoryFactory(title="Da fisken glapp")
    draft.stories.add(story)
    freeze(draft)
    assert "Da fisken glapp" in client.get("/en/report/").content.decode()

    story.status = "withdrawn"
    story.save(update_fields=["status"])

    assert "Da fisken glapp" not in client.get("/en/report/").content.decode()


def test_the_sitemap_names_published_reports(client):
    programme_report()
    services.begin_report(period=Period("calendar", YEAR))

    addresses = client.get("/sitemap-programme_reports.xml").content.decode()

    assert "/en/report/2024-25/" in addresses
    assert "/en/report/2024/" not in addresses


# The secretariat's desk.


def test_staff_begin_write_look_at_and_publish_a_report(client, staff):
    visit(pupils=26)
    client.force_login(staff)

    begun = client.post("/en/admin/reports/programmereport/add/", {"year": "2024-25"})
    report = ProgrammeReport.objects.get()
    assert begun.url == reverse("admin:reports_programmereport_change", args=[report.pk])
    form = {
        **{"sections-TOTAL_FORMS": 1, "sections-INITIAL_FORMS": 0, "sections-0-place": "foreword"},
        **{"sections-0-order": 1, "sections-0-title_nb": "Forord", "sections-0-text_nb": "Kjære leser."},
    }
    assert client.post(begun.url, form).status_code == 302
    preview = client.get(reverse("admin:reports_programmereport_preview", args=[report.pk])).content.decode()
    assert "A draft. Nobody else sees it yet." in preview
    assert "Kjære leser." in preview
    paper = client.get(reverse("admin:reports_programmereport_pdf", args=[report.pk, "nb"]))
    assert paper.content.startswith(b"%PDF")
    assert client.get(report.get_absolute_url()).status_code == 404

    client.post(reverse("admin:reports_programmereport_publish", args=[report.pk]))

    assert fresh(report).status == Status.PUBLISHING
    state = reverse("admin:reports_programmereport_state", args=[report.pk])
    assert "HX-Refresh" not in client.get(state).headers
    freeze(report)
    assert client.get(state)["HX-Refresh"] == "true"
    assert "Begin a new version" in client.get(begun.url).content.decode()


def test_publishing_needs_a_post(client, staff, draft):
    client.force_login(staff)

    answer = client.get(reverse("admin:reports_programmereport_publish", args=[draft.pk]))

    assert answer.status_code == 405
    assert fresh(draft).status == Status.DRAFT


def test_what_is_published_cannot_be_changed_or_deleted_at_the_desk(client, staff):
    report = programme_report()
    client.force_login(staff)
    address = reverse("admin:reports_programmereport_change", args=[report.pk])

    assert client.post(address, {"sections-TOTAL_FORMS": 0, "sections-INITIAL_FORMS": 0}).status_code == 403
    assert client.post(reverse("admin:reports_programmereport_delete", args=[report.pk])).status_code == 403


def test_a_new_version_at_the_desk_asks_for_the_reason(client, staff):
    report = programme_report()
    client.force_login(staff)
    address = reverse("admin:reports_programmereport_version", args=[report.pk])

    assert client.post(address, {"reason": ""}).status_code == 422
    answer = client.post(address, {"reason": "Et besøk manglet."})

    newer = ProgrammeReport.objects.get(version=2)
    assert answer.url == reverse("admin:reports_programmereport_change", args=[newer.pk])
    assert "Et besøk manglet." in client.get(answer.url).content.decode()


def test_a_draft_is_thrown_away_with_its_texts(client, staff, draft):
    client.force_login(staff)

    client.post(reverse("admin:reports_programmereport_delete", args=[draft.pk]), {"post": "yes"})

    assert not ProgrammeReport.objects.exists()
    assert not ProgrammeReportFile.objects.exists()


def test_staff_without_the_right_look_but_change_nothing(client, draft):
    reader = UserFactory(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_programmereport"))
    client.force_login(reader)

    assert client.get(reverse("admin:reports_programmereport_preview", args=[draft.pk])).status_code == 200
    for name in ("publish", "version"):
        answer = client.post(reverse(f"admin:reports_programmereport_{name}", args=[draft.pk]), {"reason": "Fordi"})
        assert answer.status_code == 403
    assert client.get("/en/admin/reports/programmereport/add/").status_code == 403
