"""A partner's room with its reports: the list, the page of a report, files, and the mark of the year."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from stemportal.lib.periods import Period
from stemportal.partners.models import Membership
from stemportal.reports.models import PartnerReport
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, TeacherFactory, UserFactory
from stemportal.testing.papers import PERIOD, PUBLISHED_AT, pdf_of, published, report_of

pytestmark = pytest.mark.django_db

VERSIONS = {"next": "2", "zero": "0", "minus": "-1", "letter": "x", "long": "9" * 400, "square": "²"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def partner(client):
    partner = partner_with_owner(display_name="Nordlys Æ", decided_at=timezone.now() - timedelta(days=800))
    client.force_login(partner.memberships.get().user)
    return partner


def room_of(partner) -> str:
    return reverse("reports:partner_reports", args=[partner.pk])


def page_of(report: PartnerReport) -> str:
    return reverse("reports:partner_report", args=[report.partner_id, report.period.slug])


def file_of(report: PartnerReport, language: str = "nb") -> str:
    return reverse("reports:report_file", args=[report.files.get(format="pdf", language=language).pk])


def text(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# The room


def test_room_without_reports_says_when_they_come(client, partner):
    page = text(client, room_of(partner))

    assert "when the year is over" in page
    assert reverse("schools:partner_bookings", args=[partner.pk]) in page


def test_room_leads_to_each_report_and_all_its_files(client, partner):
    visit(partner, pupils=28, girls=12)
    report = published(partner)

    page = text(client, room_of(partner))

    assert "School year 2024/25" in page
    assert "28 pupils from 1 school" in page
    assert page_of(report) in page
    for file in report.files.all():
        assert reverse("reports:report_file", args=[file.pk]) in page


def test_room_shows_the_newest_version_of_each_year(client, partner):
    old = published(partner, status="superseded", superseded_at=PUBLISHED_AT)
    new = published(partner, version=2, reason="Two visits came late.")
    other = published(partner, period=Period("calendar", YEAR))

    page = text(client, room_of(partner))

    assert file_of(old) not in page
    assert file_of(new) in page
    assert "Two visits came late." in page
    assert "Calendar year 2024" in page
    assert file_of(other) in page


def test_room_shows_nothing_of_a_draft_but_that_it_is_made(client, partner):
    draft = published(partner, status="draft", published_at=None)

    page = text(client, room_of(partner))

    assert "Your report for 2024/25 is being made" in page
    assert draft.code not in page
    assert client.get(page_of(draft)).status_code == 404
    assert client.get(file_of(draft)).status_code == 404


def test_room_says_nothing_of_a_preview(client, partner):
    report_of(partner, status="draft", is_preview=True)

    assert "is being made" not in text(client, room_of(partner))


@pytest.mark.parametrize(("role", "may_write"), [("owner", True), ("editor", True), ("reader", False)])
def test_room_asks_those_for_words_who_may_write_them(client, partner, role, may_write):
    report = report_of(partner, status="draft")
    client.force_login(MembershipFactory(partner=partner, role=role).user)

    page = text(client, room_of(partner))

    assert (reverse("reports:partner_words", args=[partner.pk, report.period.slug]) in page) is may_write


@pytest.mark.parametrize("years", [1, 3])
def test_room_asks_as_much_for_three_years_as_for_one(client, partner, years, django_assert_num_queries):
    for back in range(years):
        published(partner, period=Period("school", YEAR - back))
        report_of(partner, period=Period("calendar", YEAR - back), status="draft")
    client.get(room_of(partner))

    with django_assert_num_queries(26):
        client.get(room_of(partner))


# The page of a report


def test_page_says_the_year_in_words_figures_and_pictures(client, partner):
    visit(partner, pupils=28, girls=12, at="2024-10-01 09:00")
    visit(partner, pupils=20, girls=9, at="2023-10-01 09:00")
    report = published(partner, foreword="Takk til **alle** som kom.")

    page = text(client, page_of(report))

    assert "In the school year 2024/25, 28 pupils from 1 school in 1 county met Nordlys Æ." in page
    assert "Takk til <strong>alle</strong> som kom." in page
    assert "Bar chart of pupils by month: October 28" in page
    assert "Map of Norway with a dot for each school" in page
    assert "+40%" in page, "28 after 20"
    assert "43%" in page, "of whom girls"
    assert report.code in page
    assert reverse("reports:verified", args=[report.code]) in page


def test_page_stays_as_it_was_published(client, partner):
    booking = visit(partner, pupils=28)
    report = published(partner)
    booking.attendance.pupils = 12
    booking.attendance.girls = None
    booking.attendance.save()
    partner.display_name = "Nordlys Robotikk"
    partner.save()

    page = text(client, page_of(report))

    assert "28 pupils from 1 school in 1 county met Nordlys Æ." in page


def test_few_pupils_are_not_shown(client, partner):
    visit(partner, pupils=3, girls=None)
    visit(partner, pupils=28, girls=3)
    report = published(partner)

    page = text(client, page_of(report)) + text(client, reverse("reports:partner_visits", args=[partner.pk, "2024-25"]))

    assert "not shown" in page
    assert '<td class="p-number">3</td>' not in page
    assert "11%" not in page


def test_page_of_a_year_without_anything_says_so(client, partner):
    page = text(client, page_of(published(partner)))

    assert "In the school year 2024/25, no class visited Nordlys Æ." in page
    assert "nothing took place in this year" in page


def test_older_version_says_that_a_newer_one_is_there_and_why(client, partner):
    old = published(partner, status="superseded", superseded_at=PUBLISHED_AT)
    new = published(partner, version=2, reason="Two visits came late.")

    page = text(client, f"{page_of(old)}?version=1")

    assert "a newer one has replaced" in page
    assert "Two visits came late." in page
    assert file_of(old) in page
    assert file_of(new) in text(client, page_of(new))


@pytest.mark.parametrize("version", VERSIONS)
def test_version_that_was_not_handed_out_is_not_found(client, partner, version):
    report = published(partner)
    report_of(partner, status="draft", version=2, reason="More came.")

    assert client.get(page_of(report), {"version": VERSIONS[version]}).status_code == 404


@pytest.mark.parametrize("slug", ["2024", "2023-24", "1999", "2024-26", "999999999", "logo"])
def test_year_without_a_report_is_not_found(client, partner, slug):
    published(partner)

    assert client.get(reverse("reports:partner_report", args=[partner.pk, slug])).status_code == 404


@pytest.mark.parametrize("role", Membership.Role.values)
def test_every_member_may_read(client, partner, role):
    report = published(partner)
    client.force_login(MembershipFactory(partner=partner, role=role).user)

    for address in (room_of(partner), page_of(report), file_of(report)):
        assert client.get(address).status_code == 200


STRANGERS = {
    "somebody": UserFactory,
    "teacher": lambda: TeacherFactory().user,
    "another partner": lambda: MembershipFactory().user,
    "staff without the right": lambda: UserFactory(is_staff=True),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_find_nothing(client, partner, stranger):
    report = published(partner)
    addresses = [
        room_of(partner),
        page_of(report),
        file_of(report),
        reverse("reports:partner_visits", args=[partner.pk, PERIOD.slug]),
        reverse("reports:partner_words", args=[partner.pk, PERIOD.slug]),
        reverse("reports:logo", args=[partner.pk, timezone.localdate().year, "light", "svg"]),
    ]
    client.force_login(STRANGERS[stranger]())

    for address in addresses:
        assert client.get(address).status_code == 404


# Files


def test_file_has_a_telling_name_and_its_bytes(client, partner):
    report = published(partner)

    response = client.get(file_of(report))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="nordlys-ae-2024-25-nb.pdf"'
    assert b"".join(response.streaming_content) == pdf_of(report)


def test_data_of_a_second_version_says_so_in_its_name(client, partner):
    report = published(partner, version=2, reason="Two visits came late.")
    data = report.files.get(format="json")

    response = client.get(reverse("reports:report_file", args=[data.pk]))

    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == 'attachment; filename="nordlys-ae-2024-25-v2.json"'


def test_files_in_the_readers_language_come_first(client, partner):
    report = published(partner)
    first = {}
    for language in ("en", "nb"):
        with translation.override(language):
            page = text(client, page_of(report))
            first[language] = min(("en", "nb"), key=lambda spoken: page.index(file_of(report, spoken)))

    assert first == {"en": "en", "nb": "nb"}


def test_staff_fetch_what_is_published_and_count_for_nobody(client, partner, monkeypatch):
    report = published(partner)
    noted = []
    monkeypatch.setattr("stemportal.reports.tasks.note_fetch.delay", noted.append)
    client.force_login(StaffFactory())

    assert client.get(file_of(report)).status_code == 200
    assert noted == []


def test_file_that_is_gone_is_not_found(client, partner):
    report = published(partner)
    for file in report.files.all():
        file.file.storage.delete(file.file.name)

    assert client.get(file_of(report)).status_code == 404
    assert client.get(page_of(report)).status_code == 404


# The visits


def test_figures_lead_to_their_visits_and_visits_to_their_bookings(client, partner):
    booking = visit(partner, pupils=26)
    published(partner)
    visit(partner, pupils=11)
    visit()

    response = client.get(reverse("reports:partner_visits", args=[partner.pk, PERIOD.slug]))
    page = response.content.decode()

    assert response.context["page_obj"].paginator.count == 1, "as they stand in the published report"
    assert reverse("schools:booking", args=[booking.pk]) in page
    assert booking.school.name in page
    assert '<td class="p-number">26</td>' in page


def test_year_without_a_report_lists_the_visits_there_are_now(client, partner):
    visit(partner, at="2024-03-01 09:00")
    visit(partner, at="2025-03-01 09:00")

    response = client.get(reverse("reports:partner_visits", args=[partner.pk, "2025"]))

    assert response.context["page_obj"].paginator.count == 1


def test_year_without_visits_has_an_empty_state(client, partner):
    page = text(client, reverse("reports:partner_visits", args=[partner.pk, Period.current().slug]))

    assert "No visits in this year" in page


@pytest.mark.parametrize("slug", ["0", "1999-01", "999999999", "x"])
def test_impossible_year_is_not_found(client, partner, slug):
    assert client.get(reverse("reports:partner_visits", args=[partner.pk, slug])).status_code == 404


# The mark of the year


def test_mark_of_each_year_as_a_partner_can_be_fetched(client, partner):
    year = timezone.localdate().year
    page = text(client, room_of(partner))

    for scheme in ("light", "dark"):
        address = reverse("reports:logo", args=[partner.pk, year, scheme, "svg"])
        assert address in page
        response = client.get(address)
        assert response["Content-Type"] == "image/svg+xml"
        assert f"<title>STEM-partner {year}</title>" in response.content.decode()
        assert "sandbox" in response["Content-Security-Policy"]
    earlier = client.get(reverse("reports:logo", args=[partner.pk, year - 1, "dark", "png"]))
    assert earlier.content.startswith(b"\x89PNG")
    assert earlier["Content-Disposition"] == f'attachment; filename="stem-partner-{year - 1}-dark.png"'


@pytest.mark.parametrize(
    ("years", "scheme", "ending"),
    [(1, "light", "svg"), (-9, "light", "svg"), (0, "pink", "svg"), (0, "light", "gif")],
)
def test_mark_that_there_is_not_is_not_found(client, partner, years, scheme, ending):
    year = timezone.localdate().year + years

    assert client.get(reverse("reports:logo", args=[partner.pk, year, scheme, ending])).status_code == 404


def test_who_is_no_partner_yet_has_no_mark(client):
    waiting = PartnerFactory(status="applied", decided_at=None)
    client.force_login(MembershipFactory(partner=waiting).user)

    assert "Show that you are STEM-partner" not in text(client, room_of(waiting))
