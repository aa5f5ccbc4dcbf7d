"""A partner's foreword and own text: who may write them, until when, and what follows."""

from __future__ import annotations

import pytest
from django.urls import reverse

from stemportal.reports.models import PartnerReport
from stemportal.reports.services.versions import save_words
from stemportal.reports.tests.visits import partner_with_owner, visit
from stemportal.testing.factories import MembershipFactory
from stemportal.testing.papers import PERIOD, published, report_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def partner(client):
    partner = partner_with_owner(display_name="Nordlys")
    client.force_login(partner.memberships.get().user)
    return partner


@pytest.fixture
def report(partner) -> PartnerReport:
    return report_of(partner, status="checked")


def words_of(report: PartnerReport) -> str:
    return reverse("reports:partner_words", args=[report.partner_id, report.period.slug])


def seen(client, report: PartnerReport) -> str:
    """What the form says about the words that it began with."""
    return client.get(words_of(report)).context["form"]["seen"].value()


def send(client, report: PartnerReport, **words: str):
    return client.post(words_of(report), {"foreword": "", "esg_text": "", "seen": "", **words}, follow=True)


def test_words_are_kept_and_the_report_is_built_and_checked_again(client, report):
    page = send(client, report, foreword=" Takk til alle! ", esg_text="Vi gir tid.").content.decode()

    report.refresh_from_db()
    assert (report.foreword, report.esg_text) == ("Takk til alle!", "Vi gir tid.")
    assert (report.status, report.checked_at) == ("waiting", None)
    assert report.words_by == report.partner.memberships.get().user
    assert "the secretariat looks at it before it is published" in page
    assert "Change your words" in page


def test_form_begins_with_what_is_written_and_our_suggestion(client, partner):
    visit(partner, pupils=28)
    report = published(partner, status="draft", published_at=None, foreword="Takk!")

    page = client.get(words_of(report)).content.decode()

    assert "Takk!</textarea>" in page
    assert "we met 28 pupils from 1 school" in page


def test_same_words_again_leave_the_report_as_it_is(client, partner):
    report = report_of(partner, status="checked", foreword="Takk!")

    page = send(client, report, foreword="Takk!").content.decode()

    report.refresh_from_db()
    assert report.status == "checked"
    assert "nothing is changed" in page


def test_second_of_two_who_write_sees_the_other_words_and_keeps_her_own(client, report):
    began_with = seen(client, report)
    save_words(report_id=report.pk, foreword="Først!", esg_text="", by=MembershipFactory().user)

    response = send(client, report, foreword="Så meg.", seen=began_with)

    assert response.status_code == 409
    page = response.content.decode()
    assert "Somebody else has changed this while you were writing" in page
    assert "Først!" in page
    assert "Så meg.</textarea>" in page
    report.refresh_from_db()
    assert report.foreword == "Først!"

    send(client, report, foreword="Så meg.", seen=response.context["form"]["seen"].value())

    report.refresh_from_db()
    assert report.foreword == "Så meg."


def test_personal_numbers_are_thrown_away(client, report):
    response = send(client, report, foreword="Takk til Per 01010012356")

    assert response.status_code == 422
    assert "01010012356" not in response.content.decode()
    report.refresh_from_db()
    assert report.foreword == ""


def test_long_text_is_refused_and_stays_in_the_form(client, report):
    response = send(client, report, foreword="å" * 3001)

    assert response.status_code == 422
    assert "å" * 3001 in response.content.decode()


def test_published_report_takes_no_words(client, partner):
    report = published(partner)

    page = send(client, report, foreword="For sent").content.decode()

    assert "The report is published already, and stays as it is." in page
    report.refresh_from_db()
    assert (report.foreword, report.status) == ("", "published")


def test_new_version_takes_words_beside_the_published_one(client, partner):
    old = published(partner, foreword="Takk!")
    new = report_of(partner, version=2, reason="More came.", foreword="Takk!", status="draft")

    send(client, new, foreword="Takk igjen!")

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.foreword, new.foreword) == ("Takk!", "Takk igjen!")


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("editor", 200), ("reader", 403)])
def test_readers_may_not_write(client, report, role, status):
    client.force_login(MembershipFactory(partner=report.partner, role=role).user)

    assert client.get(words_of(report)).status_code == status
    assert send(client, report, foreword="Hei").status_code == status


def test_who_has_left_may_not_write(client, report):
    report.partner.status = "ended"
    report.partner.save()

    assert send(client, report, foreword="Hei").status_code == 403


@pytest.mark.parametrize("facts", [None, {"is_preview": True}], ids=["none", "preview"])
def test_without_a_report_in_the_making_there_is_nothing_to_write_in(client, partner, facts):
    if facts:
        report_of(partner, status="draft", **facts)

    assert client.get(reverse("reports:partner_words", args=[partner.pk, PERIOD.slug])).status_code == 404


def test_saving_very_often_is_slowed_down(client, report, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "report_words": (1, 3600)}
    send(client, report, foreword="Takk")

    response = send(client, report, foreword="Takk igjen", seen=seen(client, report))

    assert response.status_code == 429
    assert "Takk igjen</textarea>" in response.content.decode()
