"""What partners pledge of each kind, and the kinds' units."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import translation

from stemportal.activities.models import Activity, Kind, Pledge
from stemportal.activities.pledging import kinds_with_pledges, pledges_of, quantity_words, set_pledges
from stemportal.lib.school_year import current_school_year
from stemportal.partners.services.engagement import ChangedMeanwhile, YearClosed
from stemportal.testing.factories import ActivityFactory, PartnerFactory, PledgeFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

YEAR = current_school_year()


def pledge(partner, quantities, shown=None, year=YEAR, by=None) -> bool:
    return set_pledges(
        partner=partner, school_year=year, quantities=quantities, shown=shown or {}, by=by or UserFactory()
    )


# --- Pledging


def test_pledges_become_what_was_asked_for(partner, kinds):
    by = UserFactory()
    assert pledge(partner, {"company_visit": 4, "job_shadow": 10, "film": 0}, by=by)

    assert pledges_of(partner, YEAR) == {"company_visit": 4, "job_shadow": 10}
    assert Pledge.objects.get(kind__code="job_shadow").pledged_by == by
    assert pledges_of(partner, YEAR - 1) == {}
    shown = {"company_visit": 4, "job_shadow": 10}
    assert pledge(partner, {"company_visit": 5, "transport_grant": 20_000}, shown)
    assert pledges_of(partner, YEAR) == {"company_visit": 5, "transport_grant": 20_000}


def test_pledges_keep_their_history(partner, kinds):
    pledge(partner, {"company_visit": 4})
    pledge(partner, {"company_visit": 6}, {"company_visit": 4})
    pledge(partner, {}, {"company_visit": 6})

    changes = Pledge.changes.rel.related_model.objects.order_by("pgh_id").values_list("pgh_label", "quantity")
    assert list(changes) == [("insert", 4), ("update", 6), ("delete", 6)]


def test_pledges_sent_twice_change_nothing_more(partner, kinds):
    first = UserFactory()
    pledge(partner, {"company_visit": 4}, by=first)

    assert not pledge(partner, {"company_visit": 4, "film": 0}, {})
    assert Pledge.objects.get().pledged_by == first
    assert Pledge.objects.get().changes.count() == 1


def test_pledges_that_stay_keep_who_pledged_them(partner, kinds):
    first, second = UserFactory(), UserFactory()
    pledge(partner, {"company_visit": 4}, by=first)

    pledge(partner, {"company_visit": 4, "film": 1}, {"company_visit": 4}, by=second)

    assert Pledge.objects.get(kind__code="company_visit").pledged_by == first
    assert Pledge.objects.get(kind__code="film").pledged_by == second


@pytest.mark.parametrize("shown", [{}, {"company_visit": 3}, {"company_visit": 4, "film": 1}])
def test_pledges_changed_meanwhile_are_not_overwritten(partner, kinds, shown):
    pledge(partner, {"company_visit": 4})

    with pytest.raises(ChangedMeanwhile):
        pledge(partner, {"company_visit": 9}, shown)

    assert pledges_of(partner, YEAR) == {"company_visit": 4}


@pytest.mark.parametrize("year", [YEAR - 1, YEAR + 2])
def test_pledges_of_a_closed_year_stay(partner, kinds, year):
    with pytest.raises(YearClosed):
        pledge(partner, {"company_visit": 4}, year=year)

    assert not Pledge.objects.exists()


def test_kinds_know_only_this_partners_pledges_of_the_year(partner, kinds, django_assert_num_queries):
    PledgeFactory(partner=partner, kind=kinds["workshop"], quantity=7)
    PledgeFactory(partner=partner, kind=kinds["workshop"], quantity=70, school_year=YEAR - 1)
    PledgeFactory(partner=PartnerFactory(), kind=kinds["film"], quantity=700)

    with django_assert_num_queries(1):
        found = {kind.code: kind.pledged for kind in kinds_with_pledges(partner, YEAR)}

    assert len(found) == len(kinds)
    assert {code: number for code, number in found.items() if number} == {"workshop": 7}


@pytest.mark.parametrize(
    ("unit", "number", "text"),
    [
        ("visits", 1, "1 visit"),
        ("visits", 4, "4 visits"),
        ("places", 1, "1 place"),
        ("places", 0, "0 places"),
        ("kroner", 20_000, "20,000 kr"),
        ("published", 1, "1 published offer"),
        ("published", 1_200, "1,200 published offers"),
    ],
)
def test_quantities_are_said_with_their_unit(unit, number, text):
    with translation.override("en"):
        assert quantity_words(unit, number) == text


# --- Units of the kinds


def test_kinds_start_with_their_units(kinds):
    units = {code: kind.pledge_unit for code, kind in kinds.items() if kind.pledge_unit != "visits"}

    assert units == {
        "job_shadow": "places",
        "work_week": "places",
        "homework_help": "places",
        "teacher_training": "places",
        "transport_grant": "kroner",
        "film": "published",
    }


def test_migration_gives_older_kinds_their_units_and_leaves_what_staff_chose(kinds):
    Kind.objects.update(pledge_unit="visits")
    Kind.objects.filter(code="transport_grant").update(fields=["practical", "link"])
    Kind.objects.filter(code="film").update(pledge_unit="places")
    migration = importlib.import_module("stemportal.activities.migrations.0004_pledge_units")

    for _ in range(2):
        migration.set_units(apps, None)

    units = dict(Kind.objects.values_list("code", "pledge_unit"))
    assert (units["job_shadow"], units["transport_grant"], units["company_visit"]) == ("places", "kroner", "visits")
    assert units["film"] == "places"
    assert Kind.objects.get(code="transport_grant").fields == ["grant_amount", "practical", "link"]


def test_unit_of_a_kind_is_fixed_once_somebody_has_pledged_it(kinds):
    staff = Client()
    staff.force_login(StaffFactory())
    free = reverse("admin:activities_kind_change", args=[kinds["film"].pk])
    taken = reverse("admin:activities_kind_change", args=[kinds["workshop"].pk])
    PledgeFactory(kind=kinds["workshop"])

    assert "pledge_unit" in staff.get(free).context["adminform"].form.fields
    assert "pledge_unit" not in staff.get(taken).context["adminform"].form.fields
    assert staff.get(reverse("admin:activities_kind_delete", args=[kinds["workshop"].pk])).status_code == 403


def test_secretariat_reads_pledges_and_changes_none(kinds):
    staff = Client()
    staff.force_login(StaffFactory())
    found = PledgeFactory(kind=kinds["transport_grant"], quantity=20_000)

    page = staff.get(reverse("admin:activities_pledge_changelist")).content.decode()

    assert "20,000 kr" in page
    assert staff.post(reverse("admin:activities_pledge_delete", args=[found.pk]), {"post": "yes"}).status_code == 403
    assert Pledge.objects.exists()


# --- The amount of a transport grant


def written(kind: Kind, **facts) -> dict:
    return {
        "kind": kind.code, "title": "Bussen til fabrikken", "grade_from": 8, "grade_to": 10, "format": "on_site",
        "reach": "county", "policy": "on_request", **facts,
    }  # fmt: skip


def test_grant_amount_is_asked_for_where_the_kind_asks(member, partner, kinds):
    grant = member.get(reverse("activities:create", args=[partner.pk]), {"kind": "transport_grant"}).context["form"]
    visit = member.get(reverse("activities:create", args=[partner.pk]), {"kind": "company_visit"}).context["form"]

    assert "grant_amount" in grant.fields
    assert not grant.fields["grant_amount"].required
    assert "grant_amount" not in visit.fields


def test_grant_amount_is_saved_and_shown_to_teachers(member, partner, kinds, client):
    member.post(reverse("activities:create", args=[partner.pk]), written(kinds["transport_grant"], grant_amount="5000"))

    activity = Activity.objects.get()
    assert activity.grant_amount == 5_000
    Activity.objects.update(status="published")
    page = client.get(activity.get_absolute_url()).content.decode()
    assert "Up to 5,000 kr for a class" in page


@pytest.mark.parametrize("amount", ["0", "-5", "1000001", "mange"])
def test_grant_amount_out_of_reason_is_refused(member, partner, kinds, amount):
    address = reverse("activities:create", args=[partner.pk])

    page = member.post(address, written(kinds["transport_grant"], grant_amount=amount))

    assert page.status_code == 422
    assert "grant_amount" in page.context["form"].errors
    assert not Activity.objects.exists()


def test_grant_amount_of_other_kinds_is_not_taken(member, partner, kinds):
    activity = ActivityFactory(partner=partner, kind=kinds["company_visit"], status="draft")
    facts = written(kinds["company_visit"], grant_amount="5000", group_max="30", duration_minutes="60", revision="0")

    member.post(reverse("activities:edit", args=[activity.pk]), facts)

    activity.refresh_from_db()
    assert (activity.title, activity.grant_amount) == ("Bussen til fabrikken", None)
