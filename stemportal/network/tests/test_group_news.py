"""Who hears of what is new in a working group: some minutes after it, once a day, or never; each once, none lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from stemportal.network.models import GroupMember, Post, WorkingGroup
from stemportal.network.services import group_news
from stemportal.network.services.groups import choose_mail
from stemportal.network.services.posts import remove_post
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership
from stemportal.testing.factories import MembershipFactory
from stemportal.testing.network_factories import (
    DocumentVersionFactory,
    GroupMemberFactory,
    PostFactory,
    WorkingGroupFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mails_in_english")]

OSLO = ZoneInfo("Europe/Oslo")
NOON = datetime(2026, 3, 10, 12, tzinfo=OSLO)
NEXT_MORNING = datetime(2026, 3, 11, 7, 6, tzinfo=OSLO)


@pytest.fixture
def group() -> WorkingGroup:
    return WorkingGroupFactory(name_en="Films")


def member(group: WorkingGroup, notify: str = "each") -> GroupMember:
    since = NOON - timedelta(days=1)
    return GroupMemberFactory(group=group, notify=notify, joined_at=since)


def post(group: WorkingGroup, by: GroupMember, at: datetime = NOON, **facts) -> Post:
    return PostFactory(group=group, by=by.user, at=at, **facts)


def tell(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        group_news.sweep()


def write_daily(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return group_news.write_daily_mails()


def subjects(person: GroupMember) -> list[str]:
    return list(Mail.objects.filter(to_email=person.user.email).order_by("pk").values_list("subject", flat=True))


def test_members_who_want_each_are_told_after_some_minutes_and_once(group):
    writer, reader = member(group), member(group)
    daily, never = member(group, "daily"), member(group, "never")
    post(group, writer, title="Lengde", text="Ti minutter er nok.")

    tell(NOON + timedelta(minutes=1))
    assert not Mail.objects.exists()

    tell(NOON + timedelta(minutes=4))
    tell(NOON + timedelta(minutes=5))

    assert subjects(reader) == ["Films: Lengde"]
    mail = Mail.objects.get()
    assert f"{writer.user} has written “Lengde”:" in mail.text
    assert "«Ti minutter er nok.»" in mail.text
    assert "you asked for a mail for each post" in mail.text
    assert [subjects(person) for person in (writer, daily, never)] == [[], [], []]


def test_several_lines_in_a_short_time_come_in_one_mail_without_ones_own(group):
    first, second = member(group), member(group)
    thread = post(group, first, title="Lengde")
    post(group, second, NOON + timedelta(minutes=1), title="", thread=thread, text="Enig.")
    DocumentVersionFactory(group=group, by=first.user, at=NOON + timedelta(minutes=2), note="Fra møtet")

    tell(NOON + timedelta(minutes=4))

    assert subjects(first) == ["Films: Lengde"]
    assert subjects(second) == ["Films: 2 new"]
    told = Mail.objects.get(to_email=second.user.email).text
    assert f"{first.user} has shared the document “Sjekkliste”." in told
    assert "Enig." not in told


def test_what_was_taken_away_meanwhile_is_not_mailed(group):
    writer, reader = member(group), member(group)
    thread = post(group, writer)
    post(group, writer, thread=thread, title="")
    remove_post(post=thread, moderates=True)

    tell(NOON + timedelta(minutes=4))

    assert subjects(reader) == []
    assert not Post.objects.filter(told_at=None).exists()


def test_who_left_the_partner_hears_nothing_more(group):
    writer, reader = member(group), member(group)
    MembershipFactory(partner=reader.partner)
    Membership.objects.filter(user=reader.user).delete()
    post(group, writer)

    tell(NOON + timedelta(minutes=4))

    assert subjects(reader) == []


def test_trouble_with_one_group_keeps_no_mail_of_another(group, monkeypatch):
    other = WorkingGroupFactory()
    for one in (group, other):
        reader = member(one)
        post(one, member(one))
    told = group_news.tell_group

    def tell_but_the_first(group_id: int) -> int:
        if group_id == group.pk:
            raise ValueError("no")
        return told(group_id)

    monkeypatch.setattr(group_news, "tell_group", tell_but_the_first)
    tell(NOON + timedelta(minutes=4))

    assert len(subjects(reader)) == 1


def test_daily_mail_tells_of_all_groups_once(group):
    reader = member(group, "daily")
    second = GroupMemberFactory(
        user=reader.user,
        partner=reader.partner,
        group=WorkingGroupFactory(name_nb="Å reise", name_en="Travelling"),
        joined_at=reader.joined_at,
    )
    post(group, member(group), title="Lengde")
    post(second.group, member(second.group), title="Buss")
    # One's own words are no news.
    post(group, reader, NOON + timedelta(hours=1), title="Selv skrevet")

    assert write_daily(NOON + timedelta(hours=2)) == 0
    assert write_daily(NEXT_MORNING) == 1
    assert write_daily(NEXT_MORNING + timedelta(minutes=15)) == 0

    assert subjects(reader) == ["2 new in your working groups"]
    text = Mail.objects.get().text
    assert "Lengde" in text
    assert "Buss" in text
    assert "Selv skrevet" not in text


def test_morning_that_was_missed_is_made_up(group):
    reader = member(group, "daily")
    post(group, member(group), title="Lengde")

    assert write_daily(NEXT_MORNING + timedelta(days=2, hours=5)) == 1

    assert subjects(reader) == ["Films: Lengde"]


def test_what_comes_after_seven_waits_for_the_next_morning(group):
    reader = member(group, "daily")
    post(group, member(group), at=NEXT_MORNING, title="Sent")

    assert write_daily(NEXT_MORNING + timedelta(hours=3)) == 0
    assert write_daily(NEXT_MORNING + timedelta(days=1)) == 1
    assert subjects(reader) == ["Films: Sent"]


def test_daily_mail_begins_with_what_comes_after_it_was_chosen(group):
    reader = member(group, "never")
    post(group, member(group), title="Gammelt")
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        choose_mail(member=reader, notify="daily")
    post(group, member(group), at=NOON + timedelta(hours=2), title="Nytt")

    write_daily(NEXT_MORNING)

    assert subjects(reader) == ["Films: Nytt"]


def test_lines_of_an_account_that_is_gone_are_news_still(group):
    reader = member(group, "daily")
    PostFactory(group=group, by=None, at=NOON, title="Arv")

    write_daily(NEXT_MORNING)

    assert subjects(reader) == ["Films: Arv"]


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-11 07:04", "2026-03-10 07:00"),
        ("2026-03-11 07:05", "2026-03-11 07:00"),
        # The night in which clocks go forward.
        ("2026-03-29 06:00", "2026-03-28 07:00"),
        ("2026-03-29 07:05", "2026-03-29 07:00"),
    ],
)
def test_daily_mails_tell_until_seven_of_the_clock_on_the_wall(now, until):
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=OSLO)

    assert group_news.daily_until(at(now)) == at(until)


def test_each_gets_the_mail_in_their_own_language(group):
    reader = member(group)
    reader.user.language = "nb"
    reader.user.save(update_fields=["language"])
    post(group, member(group), title="Lengde")

    tell(NOON + timedelta(minutes=4))

    assert subjects(reader) == [f"{group.name_nb}: Lengde"]
