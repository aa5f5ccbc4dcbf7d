"""What stops publishing, and why."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.activities.rules import missing_for_publishing
from stemportal.partners.models import Partner

pytestmark = pytest.mark.django_db


def fields(activity: Activity) -> set[str]:
    return {item.field for item in missing_for_publishing(activity)}


def complete(offer, kind: str, **facts):
    texts = {
        "learning": "Programmering",
        "practical": "Ta med støvler",
        "place": "Resepsjonen",
        "status": "draft",
        **facts,
    }
    return offer(kind=kind, **texts)


def test_complete_company_visit_may_be_published(offer):
    assert missing_for_publishing(complete(offer, "company_visit")) == []


def test_empty_draft_lacks_what_every_offer_needs(offer):
    draft = offer("", summary="", description="", languages=[], subjects=[], municipality=None, status="draft")
    assert fields(draft) >= {"title", "summary", "description", "languages", "subjects", "municipality", "place"}


def test_blank_text_counts_as_empty(offer):
    assert "learning" in fields(complete(offer, "company_visit", learning="  \n "))


def test_digital_offer_needs_no_place(offer):
    assert fields(complete(offer, "role_model_online", format="digital", place="", municipality=None)) == set()


@pytest.mark.parametrize("kind", ["work_week", "job_shadow"])
def test_work_needs_age_and_risk_assessment_and_says_where_the_rule_stands(offer, kind):
    missing = {item.field: item for item in missing_for_publishing(complete(offer, kind, grade_from=8))}
    assert set(missing) == {"grade_from", "risk_assessed_on"}
    assert "9th grade" in missing["grade_from"].what
    assert "14" in missing["grade_from"].why
    assert all(item.link.startswith("https://lovdata.no/") for item in missing.values())


def test_work_week_with_guards_met_may_be_published(offer):
    activity = complete(offer, "work_week", grade_from=9, risk_assessed_on=timezone.localdate())
    assert missing_for_publishing(activity) == []


def test_risk_assessment_must_not_be_in_the_future(offer):
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert fields(complete(offer, "job_shadow", grade_from=9, risk_assessed_on=tomorrow)) == {"risk_assessed_on"}


def test_homework_help_needs_police_certificates_seen(offer):
    activity = complete(offer, "homework_help")
    assert fields(activity) == {"police_certificate_seen_by", "police_certificate_seen_on"}
    activity.police_certificate_seen_by = "Daglig leder"
    activity.police_certificate_seen_on = timezone.localdate()
    assert missing_for_publishing(activity) == []


def test_kind_that_staff_changed_is_followed(offer, kinds):
    activity = complete(offer, "workshop", grade_from=8)
    assert missing_for_publishing(activity) == []
    kinds["workshop"].guards = {"min_grade": 10}
    kinds["workshop"].required = ["accessibility"]
    assert fields(activity) == {"grade_from", "accessibility"}


def test_format_that_the_kind_does_not_allow_is_named(offer):
    assert fields(complete(offer, "role_model_online", format="on_site")) == {"format"}


def test_partner_that_waits_for_approval_cannot_publish(offer):
    activity = complete(offer, "company_visit")
    activity.partner.status = Partner.Status.APPLIED
    (missing,) = missing_for_publishing(activity)
    assert "approved" in missing.what
