"""The room page "Level and pledges": what can be said on it, two who do at once, and the rows behind each figure."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from stemportal.activities.models import Kind, Pledge
from stemportal.activities.pledging import pledges_of, set_pledges
from stemportal.activities.services.seeding import load_kinds
from stemportal.lib.school_year import current_school_year, label
from stemportal.partners.models import Engagement, Partner
from stemportal.partners.services.engagement import ChangedMeanwhile
from stemportal.schools.forms.engagement import Plan
from stemportal.schools.models import Booking
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    LevelFactory,
    MembershipFactory,
    PledgeFactory,
    SessionFactory,
    UserFactory,
)
from stemportal.testing.together import at_once

pytestmark = pytest.mark.django_db

YEAR = current_school_year()
OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture
def kinds(db) -> dict[str, Kind]:
    load_kinds()
    return {kind.code: kind for kind in Kind.objects.all()}


@pytest.fixture
def partner(session, kinds) -> Partner:
    return session.activity.partner


def fields_of(page) -> dict[str, str]:
    """What a browser would send back untouched."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def save(client, partner, year=YEAR, **changes):
    page = client.get(at("engagement", partner.pk), {"year": year})
    return client.post(f"{at('engagement', partner.pk)}?year={year}", fields_of(page) | changes)


# --- Saying what one means to do


def test_page_takes_level_and_pledges_in_one_form(owner_client, partner):
    level = LevelFactory(name_en="Open door", expects_en="- Two visits")
    first = words(owner_client.get(at("engagement", partner.pk)))
    for shown in ("Open door", "Two visits", "Company visit", "Kroner in the year"):
        assert shown in first

    answer = save(owner_client, partner, level=str(level.pk), pledge_company_visit="4", pledge_transport_grant="20 000")

    assert answer.status_code == 302
    assert Engagement.objects.get().level == level
    assert pledges_of(partner, YEAR) == {"company_visit": 4, "transport_grant": 20_000}
    text = words(owner_client.get(answer["Location"]))
    assert "Saved." in text
    assert "Your level is <strong>Open door</strong>" in text
    assert "20,000 kr" in text
    changed = Pledge.objects.first().changes.get()
    assert changed.pgh_context.metadata["user"] == Pledge.objects.first().pledged_by_id


def test_page_with_nothing_on_it_says_how_to_begin(reader_client, owner_client, partner):
    partner.activities.update(status="archived")

    text = words(owner_client.get(at("engagement", partner.pk)))

    assert "Nothing is pledged yet" in text
    assert "Pledge now" in text
    assert "Pledge now" not in words(reader_client.get(at("engagement", partner.pk)))


def test_page_clears_what_is_emptied(owner_client, partner, kinds):
    level = LevelFactory()
    save(owner_client, partner, level=str(level.pk), pledge_company_visit="4", pledge_film="2")

    save(owner_client, partner, level="", pledge_company_visit="", pledge_film="0")

    assert not Engagement.objects.exists()
    assert not Pledge.objects.exists()


def test_page_saved_untouched_changes_nothing(owner_client, partner):
    save(owner_client, partner, pledge_company_visit="4")

    answer = save(owner_client, partner)

    assert "Nothing was different" in words(owner_client.get(answer["Location"]))
    assert Pledge.objects.get().changes.count() == 1


@pytest.mark.parametrize(
    ("typed", "number"),
    [("4", 4), (" 4 ", 4), ("20 000", 20_000), ("20\u00a0000", 20_000), ("20.000", 20_000), ("1,000,000", 1_000_000)],
)
def test_quantities_may_be_written_as_people_do(owner_client, partner, typed, number):
    save(owner_client, partner, pledge_transport_grant=typed)

    assert pledges_of(partner, YEAR) == {"transport_grant": number}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("pledge_company_visit", "-1"),
        ("pledge_company_visit", "1.5"),
        ("pledge_company_visit", "fire"),
        ("pledge_company_visit", "10001"),
        ("pledge_company_visit", "9" * 5000),
        ("pledge_company_visit", "\x00"),
        ("pledge_transport_grant", "100000001"),
        ("pledge_transport_grant", "20.5"),
        ("level", "999999"),
        ("level", "x"),
    ],
)
def test_nonsense_is_told_at_the_field_and_nothing_is_saved(owner_client, partner, field, typed):
    LevelFactory()

    page = save(owner_client, partner, **{"pledge_film": "2", field: typed})

    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert page.context["form"]["pledge_film"].value() == "2", "what was typed is not lost"
    assert not Pledge.objects.exists()
    assert not Engagement.objects.exists()


def test_level_of_another_year_cannot_be_sent(owner_client, partner):
    LevelFactory()
    other = LevelFactory(school_year=YEAR - 1)

    assert save(owner_client, partner, level=str(other.pk)).status_code == 422
    assert not Engagement.objects.exists()


def test_page_without_levels_takes_pledges(owner_client, partner):
    text = words(owner_client.get(at("engagement", partner.pk)))
    assert f"There are no levels for {label(YEAR)} yet. You can pledge meanwhile." in text

    assert save(owner_client, partner, pledge_workshop="2").status_code == 302
    assert pledges_of(partner, YEAR) == {"workshop": 2}


def test_kind_that_is_out_of_use_is_asked_for_only_where_it_is_pledged(owner_client, partner, kinds):
    Kind.objects.filter(code__in=["workshop", "other"]).update(is_active=False)
    PledgeFactory(partner=partner, kind=kinds["workshop"])

    form = owner_client.get(at("engagement", partner.pk)).context["form"]

    assert "pledge_workshop" in form.fields
    assert "pledge_other" not in form.fields


# --- The years


def test_next_year_can_be_planned_from_april(session, kinds):
    partner = session.activity.partner
    for day, opens in ((datetime(2026, 3, 20, tzinfo=OSLO), False), (datetime(2026, 4, 2, tzinfo=OSLO), True)):
        with time_machine.travel(day, tick=False):
            client = client_of(partner.memberships.get().user)
            page = client.get(at("engagement", partner.pk))
            assert ("2026/27" in words(page)) is opens
            answer = client.post(f"{at('engagement', partner.pk)}?year=2026", {"pledge_workshop": "3"})
            assert answer.status_code == (302 if opens else 403)
    assert pledges_of(partner, 2026) == {"workshop": 3}


def test_last_year_is_read_not_written(owner_client, partner, kinds):
    PledgeFactory(partner=partner, kind=kinds["workshop"], school_year=YEAR - 1, quantity=3)

    page = owner_client.get(at("engagement", partner.pk), {"year": YEAR - 1})

    assert "Not reached in full" in words(page)
    assert "pledge_workshop" not in words(page)
    posted = owner_client.post(f"{at('engagement', partner.pk)}?year={YEAR - 1}", {"pledge_workshop": "1"})
    assert posted.status_code == 403
    assert pledges_of(partner, YEAR - 1) == {"workshop": 3}


@pytest.mark.parametrize("year", ["", "x", "-1", "1066", "99999", "²", "2025; DROP"])
def test_nonsense_for_a_year_shows_a_year(owner_client, partner, year):
    page = owner_client.get(at("engagement", partner.pk), {"year": year})

    assert page.status_code == 200
    assert page.context["year"] in {YEAR, 2025}


def test_same_as_last_year_fills_in_and_saves_nothing(owner_client, partner, kinds):
    old, new = LevelFactory(code="open_door", school_year=YEAR - 1), LevelFactory(code="open_door")
    Engagement.objects.create(partner=partner, school_year=YEAR - 1, level=old)
    PledgeFactory(partner=partner, kind=kinds["workshop"], school_year=YEAR - 1, quantity=3)
    PledgeFactory(partner=partner, kind=kinds["film"], quantity=1)
    assert f"Fill in the same as in {label(YEAR - 1)}" in words(owner_client.get(at("engagement", partner.pk)))

    page = owner_client.get(at("engagement", partner.pk), {"like": "last"})

    assert "Nothing is saved yet." in words(page)
    fields = fields_of(page)
    assert (fields["level"], fields["pledge_workshop"], fields["pledge_film"]) == (str(new.pk), "3", "")
    assert pledges_of(partner, YEAR) == {"film": 1}
    assert owner_client.post(at("engagement", partner.pk), fields).status_code == 302
    assert pledges_of(partner, YEAR) == {"workshop": 3}
    assert Engagement.objects.get(school_year=YEAR).level == new


def test_same_as_last_year_is_not_offered_without_one(owner_client, partner):
    assert "Fill in the same as" not in words(owner_client.get(at("engagement", partner.pk)))


# --- Two at once


def test_second_of_two_is_told_and_overwrites_nothing(owner_client, partner, kinds):
    first, second = LevelFactory(name_en="Open door"), LevelFactory(name_en="Driving force")
    save(owner_client, partner, level=str(first.pk), pledge_company_visit="4", pledge_film="1")
    opened = fields_of(owner_client.get(at("engagement", partner.pk)))
    save(owner_client, partner, level=str(second.pk), pledge_company_visit="6")

    page = owner_client.post(at("engagement", partner.pk), opened | {"pledge_film": "3", "pledge_job_shadow": "10"})

    assert page.status_code == 409
    text = words(page)
    assert "Somebody else has changed this while you were writing" in text
    assert "Company visit: was 4 visits, is now 6 visits" in text
    assert "Level: was Open door, is now Driving force" in text
    assert pledges_of(partner, YEAR) == {"company_visit": 6, "film": 1}
    fields = fields_of(page)
    assert (fields["level"], fields["pledge_company_visit"]) == (str(second.pk), "6"), "the other's, untouched by me"
    assert (fields["pledge_film"], fields["pledge_job_shadow"]) == ("3", "10"), "mine"
    assert owner_client.post(at("engagement", partner.pk), fields).status_code == 302
    assert pledges_of(partner, YEAR) == {"company_visit": 6, "film": 3, "job_shadow": 10}


def test_level_alone_changed_meanwhile_saves_no_pledge_either(owner_client, partner):
    first, second = LevelFactory(), LevelFactory()
    opened = fields_of(owner_client.get(at("engagement", partner.pk)))
    save(owner_client, partner, level=str(first.pk))

    page = owner_client.post(at("engagement", partner.pk), opened | {"level": str(second.pk), "pledge_film": "1"})

    assert page.status_code == 409
    assert not Pledge.objects.exists()
    assert Engagement.objects.get().level == first
    assert fields_of(page)["level"] == str(second.pk), "what I picked stays picked"


@pytest.mark.parametrize(
    "shown", ["", "{", "[]", "null", '{"level": "x", "pledges": {}}', '{"pledges": 1, "level": null}', "[" * 9000]
)
def test_page_whose_beginning_is_lost_overwrites_nothing(owner_client, partner, shown):
    save(owner_client, partner, pledge_company_visit="4")

    page = owner_client.post(at("engagement", partner.pk), {"shown": shown, "pledge_company_visit": "9"})

    assert page.status_code == 409
    assert pledges_of(partner, YEAR) == {"company_visit": 4}


def test_plan_says_the_same_after_the_way_through_the_form():
    plan = Plan(7, {"film": 1, "company_visit": 4})

    assert Plan.from_text(plan.as_text()) == plan
    assert json.loads(plan.as_text())["level"] == 7


@pytest.mark.django_db(transaction=True)
def test_two_who_save_in_the_same_moment_do_not_mix():
    """Both saw an empty page; the lock lets one through, and the other is told."""
    load_kinds()
    partner, by = MembershipFactory().partner, UserFactory()

    def pledge(n: int) -> int:
        quantities = {"workshop": n + 1, "film": n + 1}
        try:
            set_pledges(partner=partner, school_year=YEAR, quantities=quantities, shown={}, by=by)
        except ChangedMeanwhile:
            return 0
        return n + 1

    told, winner = sorted(at_once(pledge, 2))
    assert told == 0
    assert pledges_of(partner, YEAR) == {"workshop": winner, "film": winner}


# --- Who may


def test_readers_see_and_do_not_write(reader_client, partner, kinds):
    PledgeFactory(partner=partner, kind=kinds["workshop"], quantity=3)

    text = words(reader_client.get(at("engagement", partner.pk)))

    assert "3 visits" in text
    assert "pledge_workshop" not in text
    assert reader_client.post(at("engagement", partner.pk), {"pledge_workshop": "9"}).status_code == 403
    assert pledges_of(partner, YEAR) == {"workshop": 3}


def test_strangers_find_nothing(partner):
    stranger = client_of(MembershipFactory().user)

    assert stranger.get(at("engagement", partner.pk)).status_code == 404
    assert stranger.post(at("engagement", partner.pk), {"pledge_workshop": "9"}).status_code == 404
    assert stranger.get(at("published_places", partner.pk, YEAR, "workshop")).status_code == 404


def test_partner_that_has_ended_reads_its_pledges(owner_client, partner, kinds):
    PledgeFactory(partner=partner, kind=kinds["workshop"], quantity=3)
    Partner.objects.filter(pk=partner.pk).update(status="ended")

    page = owner_client.get(at("engagement", partner.pk))

    assert page.status_code == 200
    assert "pledge_workshop" not in words(page)
    assert owner_client.post(at("engagement", partner.pk), {"pledge_workshop": "9"}).status_code == 403


# --- The figures and the way to their rows


@pytest.fixture
def visits(partner, kinds) -> dict[str, Booking]:
    PledgeFactory(partner=partner, kind=kinds["job_shadow"], quantity=10)
    activity = ActivityFactory(partner=partner, kind=kinds["job_shadow"])
    found = {}
    for number, status in enumerate(["requested", "confirmed", "completed", "declined"]):
        session = SessionFactory(activity=activity, starts_at=timezone.now() + timedelta(hours=number), capacity=4)
        found[status] = BookingFactory(session=session, status=status, places=number + 1, group_name=f"G-{status}")
    return found


def test_figures_lead_to_their_rows(owner_client, partner, visits):
    line = next(line for line, _chart in owner_client.get(at("engagement", partner.pk)).context["lines"])
    assert (line.published, line.booked, line.delivered) == (16, 1 + 2 + 3, 3)
    address = at("partner_bookings", partner.pk)

    booked = words(owner_client.get(address, {"kind": "job_shadow", "year": YEAR, "status": "booked"}))
    delivered = words(owner_client.get(address, {"kind": "job_shadow", "year": YEAR, "status": "completed"}))

    page = words(owner_client.get(at("engagement", partner.pk)))
    assert f'href="{address}?kind=job_shadow&year={YEAR}&status=booked">6 places</a>' in page
    assert "3 bookings · 6 places" in booked
    assert "G-declined" not in booked
    assert "1 booking · 3 places" in delivered
    assert "G-completed" in delivered


def test_published_leads_to_its_sessions_and_offers_on_request(owner_client, partner, kinds, visits):
    ActivityFactory(partner=partner, kind=kinds["job_shadow"], policy="on_request", title="Når dere vil")
    page = words(owner_client.get(at("engagement", partner.pk)))
    address = at("published_places", partner.pk, YEAR, "job_shadow")
    assert f'href="{address}">16 places</a>' in page
    assert "+ 1 on request" in page

    rows = words(owner_client.get(address))

    assert rows.count('<td class="p-number">4</td>') == 4
    assert "On request, without a date" in rows
    assert "Når dere vil" in rows


def test_published_films_are_listed(owner_client, partner, kinds):
    ActivityFactory(partner=partner, kind=kinds["film"], title="Sveiserens dag")

    assert "Sveiserens dag" in words(owner_client.get(at("published_places", partner.pk, YEAR, "film")))


def test_published_kroner_are_told_with_their_amount(owner_client, partner, kinds):
    grant = ActivityFactory(partner=partner, kind=kinds["transport_grant"], grant_amount=5_000)
    SessionFactory(activity=grant, starts_at=timezone.now())

    assert "5,000" in words(owner_client.get(at("published_places", partner.pk, YEAR, "transport_grant")))


def test_published_of_nothing_says_what_helps(owner_client, partner):
    address = at("published_places", partner.pk, YEAR, "workshop")

    assert "Nothing of this kind is published" in words(owner_client.get(address))
    assert owner_client.get(at("published_places", partner.pk, YEAR, "nothing")).status_code == 404
    assert owner_client.get(at("published_places", partner.pk, 1066, "workshop")).status_code == 404


def test_chart_has_words_and_a_table_beside_it(owner_client, partner, visits):
    page = owner_client.get(at("engagement", partner.pk))
    text = words(page)

    assert "Chart: 3 places delivered so far, 2 places agreed." in text
    assert text.count('<th scope="row">') == 12
    assert "style=" not in text.split("<main")[1].split("</main>")[0], "the content security policy forbids it"


def test_chart_bars_stand_on_each_other_within_the_picture(owner_client, partner, visits):
    _line, chart = next(iter(owner_client.get(at("engagement", partner.pk)).context["lines"]))

    assert len(chart.bars) == 12
    for bar in chart.bars:
        assert bar.delivered_y + bar.delivered_height == chart.base
        assert bar.agreed_y + bar.agreed_height == bar.delivered_y
        assert bar.agreed_y >= 0
    assert chart.plan.split()[0] == f"4,{chart.base}"


# --- Filters of the bookings


@pytest.mark.parametrize(
    "query",
    [{"year": "x"}, {"year": "9" * 300}, {"year": "²026"}, {"kind": "nope"}, {"kind": "\x00"}, {"status": "booked'"}],
)
def test_bookings_nonsense_filters_show_all(owner_client, partner, visits, query):
    page = owner_client.get(at("partner_bookings", partner.pk), query)

    assert page.status_code == 200
    assert "4 bookings" in words(page)


def test_bookings_of_a_year_are_those_that_take_place_in_it(owner_client, partner, visits):
    address = at("partner_bookings", partner.pk)

    assert "4 bookings" in words(owner_client.get(address, {"year": YEAR}))
    assert "No bookings here" in words(owner_client.get(address, {"year": YEAR + 1}))


def test_bookings_nobody_told_about_are_found(owner_client, partner, visits):
    start = timezone.now() - timedelta(days=4)
    session = visits["confirmed"].session
    type(session).objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))

    text = words(owner_client.get(at("partner_bookings", partner.pk), {"status": "untold"}))

    assert "1 booking" in text
    assert "G-confirmed" in text
