"""Engagement levels: picking one, and how the secretariat writes them."""

from __future__ import annotations

import html
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from stemportal.lib.school_year import current_school_year, label
from stemportal.partners.extensions import tasks_of
from stemportal.partners.models import Engagement, Level, Membership
from stemportal.partners.services.engagement import ChangedMeanwhile, YearClosed, copy_levels, open_years, set_level
from stemportal.testing.factories import LevelFactory, MembershipFactory, PartnerFactory, StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

YEAR = current_school_year()
OSLO = ZoneInfo("Europe/Oslo")


def words(response) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


# --- Picking


@pytest.mark.parametrize(
    ("day", "years"),
    [
        (datetime(2026, 3, 31, 23, 30, tzinfo=OSLO), [2025]),
        (datetime(2026, 4, 1, 0, 30, tzinfo=OSLO), [2025, 2026]),
        (datetime(2026, 7, 31, 23, 30, tzinfo=OSLO), [2025, 2026]),
        (datetime(2026, 8, 1, 0, 30, tzinfo=OSLO), [2026]),
        (datetime(2026, 12, 31, tzinfo=OSLO), [2026]),
    ],
)
def test_next_year_opens_in_april(day, years):
    with time_machine.travel(day, tick=False):
        assert open_years() == years


def test_level_is_picked_changed_and_given_up_with_its_history():
    partner, by, first, second = PartnerFactory(), UserFactory(), LevelFactory(), LevelFactory()

    assert set_level(partner=partner, school_year=YEAR, level=first, shown=None, by=by)
    assert set_level(partner=partner, school_year=YEAR, level=second, shown=first.pk, by=by)

    engagement = Engagement.objects.get(partner=partner)
    assert (engagement.level, engagement.chosen_by) == (second, by)
    assert set_level(partner=partner, school_year=YEAR, level=None, shown=second.pk, by=by)
    assert not Engagement.objects.exists()
    history = Engagement.changes.rel.related_model.objects.order_by("pgh_id")
    assert list(history.values_list("pgh_label", "level_id")) == [
        ("insert", first.pk),
        ("update", second.pk),
        ("delete", second.pk),
    ]


def test_level_picked_twice_is_picked_once():
    partner, by, level = PartnerFactory(), UserFactory(), LevelFactory()
    set_level(partner=partner, school_year=YEAR, level=level, shown=None, by=by)

    assert not set_level(partner=partner, school_year=YEAR, level=level, shown=None, by=by)
    assert Engagement.objects.get().changes.count() == 1


def test_level_somebody_else_picked_is_not_overwritten():
    partner, by, first, second = PartnerFactory(), UserFactory(), LevelFactory(), LevelFactory()
    set_level(partner=partner, school_year=YEAR, level=first, shown=None, by=by)

    with pytest.raises(ChangedMeanwhile):
        set_level(partner=partner, school_year=YEAR, level=second, shown=None, by=by)
    with pytest.raises(ChangedMeanwhile):
        set_level(partner=partner, school_year=YEAR, level=None, shown=second.pk, by=by)

    assert Engagement.objects.get().level == first


@pytest.mark.parametrize("year", [YEAR - 1, YEAR + 2])
def test_level_of_a_closed_year_cannot_be_picked(year):
    with pytest.raises(YearClosed):
        set_level(
            partner=PartnerFactory(), school_year=year, level=LevelFactory(school_year=year), shown=None,
            by=UserFactory(),
        )  # fmt: skip
    assert not Engagement.objects.exists()


def test_level_of_another_year_is_refused():
    level = LevelFactory(school_year=YEAR - 1)

    with pytest.raises(ValueError, match="another programme year"):
        set_level(partner=PartnerFactory(), school_year=YEAR, level=level, shown=None, by=UserFactory())


# --- The task


def titles(membership: Membership) -> list[str]:
    return [task.title for task in tasks_of(membership)]


def test_task_to_pick_a_level_is_for_those_who_may():
    membership = MembershipFactory()
    reader = MembershipFactory(partner=membership.partner, role=Membership.Role.READER)
    asked = f"Pick your level for {label(YEAR)}"
    assert asked not in titles(membership), "there is no level to pick"
    level = LevelFactory()

    assert asked in titles(membership)
    assert asked not in titles(reader)

    set_level(partner=membership.partner, school_year=YEAR, level=level, shown=None, by=membership.user)
    assert asked not in titles(membership)


def test_task_to_pick_a_level_waits_for_the_approval():
    LevelFactory()
    membership = MembershipFactory(partner__status="applied")

    assert not [title for title in titles(membership) if "Pick your level" in title]


# --- The secretariat


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(StaffFactory())
    return client


def test_levels_are_copied_to_the_next_year_once():
    first = LevelFactory(code="open_door", expects_nb="- To besøk", order=3)
    LevelFactory(code="driving_force")

    assert copy_levels(levels=Level.objects.all()) == 2
    assert copy_levels(levels=Level.objects.filter(school_year=YEAR)) == 0

    copy = Level.objects.get(school_year=YEAR + 1, code="open_door")
    assert (copy.name_nb, copy.expects_nb, copy.order) == (first.name_nb, "- To besøk", 3)
    assert Level.objects.count() == 4


def test_admin_copies_levels_and_says_how_many(staff):
    level = LevelFactory(code="open_door")
    other = LevelFactory(code="driving_force")
    LevelFactory(code="open_door", school_year=YEAR + 1, name_en="Rewritten")

    page = staff.post(
        reverse("admin:partners_level_changelist"),
        {"action": "copy_to_next_year", "_selected_action": [level.pk, other.pk]},
        follow=True,
    )

    assert "1 level copied. The others are there already." in words(page)
    assert Level.objects.get(school_year=YEAR + 1, code="open_door").name_en == "Rewritten"


def test_admin_shows_who_picked_a_level_and_keeps_it(staff):
    partner, level = PartnerFactory(display_name="Nordlys"), LevelFactory()
    free = LevelFactory()
    set_level(partner=partner, school_year=YEAR, level=level, shown=None, by=UserFactory())

    assert "1 partner<" in words(staff.get(reverse("admin:partners_level_changelist")))
    picked = staff.get(reverse("admin:partners_engagement_changelist"), {"level__id__exact": level.pk})
    assert "Nordlys" in words(picked)
    page = staff.get(reverse("admin:partners_level_change", args=[level.pk]))
    assert "school_year" not in page.context["adminform"].form.fields
    assert staff.post(reverse("admin:partners_level_delete", args=[level.pk]), {"post": "yes"}).status_code == 403
    assert staff.post(reverse("admin:partners_level_delete", args=[free.pk]), {"post": "yes"}).status_code == 302
    staff.post(
        reverse("admin:partners_level_changelist"),
        {"action": "delete_selected", "_selected_action": [level.pk], "post": "yes"},
    )
    assert list(Level.objects.all()) == [level]


def test_admin_writes_a_level(staff):
    facts = {
        "school_year": YEAR, "code": "open_door", "order": 10, "name_nb": "Åpen dør", "name_nn": "Open dør",
        "name_en": "Open door", "description_nb": "To besøk", "_save": "Save",
    }  # fmt: skip

    staff.post(reverse("admin:partners_level_add"), facts)
    again = staff.post(reverse("admin:partners_level_add"), facts)

    assert Level.objects.get().name_nb == "Åpen dør"
    assert LogEntry.objects.count() == 1
    assert "already exists" in words(again)


# --- The page for those who may become partners


def test_become_shows_the_levels_of_this_year_side_by_side(client):
    LevelFactory(name_en="Open door", description_en="Two visits", expects_en="- Two classes", offers_en="- A logo")
    LevelFactory(name_en="Last year's", school_year=YEAR - 1)

    text = words(client.get(reverse("partners:become")))

    assert label(YEAR) in text
    for shown in ("Open door", "Two visits", "<li>Two classes</li>", "<li>A logo</li>"):
        assert shown in text
    assert "Last year's" not in text


def test_become_without_levels_says_something_kind(client):
    text = words(client.get(reverse("partners:become")))

    assert "One visit a year is a good beginning." in text
