"""A wish from the first word to its end, with the clock moved: more partners, the coordinator, the weeks that pass."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone

from stemportal.outbox.models import Mail
from stemportal.partners import extensions
from stemportal.partners.services import ending
from stemportal.schools import tasks, wish_ties
from stemportal.schools.errors import TooManyWishes, WishMovedOn
from stemportal.schools.models import Offer, RegionalCoordinator, Wish, WishMatch
from stemportal.schools.services import matching
from stemportal.schools.services import wishes as service
from stemportal.testing.factories import (
    ActivityFactory,
    KindFactory,
    MembershipFactory,
    OfferFactory,
    PartnerFactory,
    StaffFactory,
    TeacherFactory,
    WishFactory,
    WishMatchFactory,
)

pytestmark = pytest.mark.django_db

OSLO = ZoneInfo("Europe/Oslo")
# A Monday without a holiday in the four weeks after it.
MONDAY = datetime(2027, 1, 11, 9, 30, tzinfo=OSLO)


def at(days: int = 0, hours: int = 0) -> time_machine.travel:
    return time_machine.travel(MONDAY + timedelta(days=days, hours=hours), tick=False)


def new_wish(**facts) -> Wish:
    """Made on the Monday, for weeks in March."""
    facts = {"first_week": date(2027, 3, 1), "last_week": date(2027, 3, 8), "created_at": MONDAY, **facts}
    return WishFactory(**facts)


def mails(template: str) -> list[str]:
    return sorted(Mail.objects.filter(template=template).values_list("to_email", flat=True))


def make(teacher, **facts) -> Wish:
    facts = {
        "kind": KindFactory(),
        "subject": None,
        "goal": None,
        "group_name": "9A",
        "grade": 9,
        "pupils": 24,
        "first_week": date(2027, 3, 1),
        "last_week": date(2027, 3, 8),
        "where": Wish.Where.ANY,
        "text": "Roboter",
        **facts,
    }
    return service.make_wish(school=teacher.school, teacher=teacher.user, **facts)


def test_make_wish_sent_twice_is_one():
    teacher = TeacherFactory()

    assert make(teacher) == make(teacher)
    assert make(teacher, text="Droner") != make(teacher)

    assert Wish.objects.count() == 2


def test_make_wish_has_a_sane_maximum(settings):
    settings.WISHES_OPEN_AT_MOST = 2
    teacher = TeacherFactory()
    first = make(teacher, text="1")
    make(teacher, text="2")

    with pytest.raises(TooManyWishes, match="2 wishes"):
        make(teacher, text="3")

    service.withdraw_wish(wish=first)
    assert make(teacher, text="3").status == Wish.Status.OPEN


def test_make_wish_hands_it_to_a_worker(django_capture_on_commit_callbacks, monkeypatch):
    handed: list[int] = []
    monkeypatch.setattr(tasks.ask_partners, "delay", handed.append)

    with django_capture_on_commit_callbacks(execute=True):
        wish = make(TeacherFactory())

    assert handed == [wish.pk]


def test_sweep_finds_a_wish_that_no_worker_took(monkeypatch):
    handed: list[int] = []
    monkeypatch.setattr(tasks.ask_partners, "delay", handed.append)
    old = WishFactory(created_at=timezone.now() - timedelta(minutes=5))
    WishFactory(created_at=timezone.now())
    WishFactory(created_at=timezone.now() - timedelta(minutes=5), rounds=1)

    tasks.sweep_wishes()

    assert handed == [old.pk]


def test_withdraw_tells_who_had_offered():
    offer = OfferFactory()
    member = MembershipFactory(partner=offer.activity.partner)

    service.withdraw_wish(wish=offer.wish)

    offer.refresh_from_db()
    assert offer.wish.status == Wish.Status.WITHDRAWN
    assert offer.status == Offer.Status.DECLINED
    assert mails("wish_withdrawn") == [member.user.email]
    with pytest.raises(WishMovedOn):
        service.withdraw_wish(wish=offer.wish)


def test_not_now_asks_the_next_best_in_its_place(settings):
    settings.WISH_TELL_PARTNERS = 1
    wish = WishFactory()
    for name in ("A", "B", "C"):
        partner = PartnerFactory(display_name=name)
        MembershipFactory(partner=partner)
        ActivityFactory(partner=partner)
    matching.ask_first(wish.pk)

    service.say_not_now(match=wish.matches.get())
    service.say_not_now(match=wish.matches.get(rank=1))

    assert [match.partner.display_name for match in wish.matches.all()] == ["A", "B"]


def test_not_now_to_a_wish_that_is_over_is_told():
    with pytest.raises(WishMovedOn):
        service.say_not_now(match=WishMatchFactory(wish__status=Wish.Status.FULFILLED))


@pytest.mark.parametrize(("days", "told"), [(3, 1), (4, 2)])
def test_more_partners_are_told_after_three_working_days(settings, days, told):
    """Made on a Monday: on Thursday the third working day still runs, on Friday it is over."""
    settings.WISH_TELL_PARTNERS = 1
    with at():
        for _ in range(3):
            ActivityFactory(partner=MembershipFactory().partner)
        wish = new_wish()
        matching.ask_first(wish.pk)

    with at(days=days):
        tasks.look_after_wishes()
        tasks.look_after_wishes()

    assert wish.matches.count() == told


def test_more_partners_are_not_told_while_an_offer_waits(settings):
    settings.WISH_TELL_PARTNERS = 1
    with at():
        for _ in range(3):
            ActivityFactory(partner=MembershipFactory().partner)
        wish = new_wish()
        matching.ask_first(wish.pk)
        OfferFactory(wish=wish, starts_at=MONDAY + timedelta(days=60), ends_at=MONDAY + timedelta(days=60, hours=1))

    with at(days=7):
        tasks.look_after_wishes()

    assert wish.matches.count() == 1


@pytest.mark.parametrize(("days", "handed_on"), [(14, False), (15, True)])
def test_wish_without_an_offer_reaches_the_regional_coordinator(days, handed_on):
    """Ten working days from a Monday end with the Monday two weeks later."""
    wish = new_wish()
    county = wish.school.municipality.county
    coordinator = RegionalCoordinator.objects.create(county=county, person=StaffFactory()).person
    RegionalCoordinator.objects.create(county=county, person=StaffFactory(is_active=False))

    with at(days=days):
        tasks.look_after_wishes()
        tasks.look_after_wishes()

    wish.refresh_from_db()
    assert bool(wish.handed_on_at) == handed_on
    assert mails("wish_handed_on") == ([coordinator.email] if handed_on else [])


def test_wish_of_a_county_without_a_coordinator_reaches_the_secretariat():
    new_wish()

    with at(days=20):
        tasks.look_after_wishes()

    assert mails("wish_handed_on") == [django_settings.SECRETARIAT_EMAIL]


def test_wish_with_a_declined_offer_still_reaches_the_coordinator():
    wish = new_wish()
    OfferFactory(wish=wish, status=Offer.Status.DECLINED)
    OfferFactory(wish=new_wish(), starts_at=MONDAY + timedelta(days=60), ends_at=MONDAY + timedelta(days=60, hours=1))

    with at(days=20):
        tasks.look_after_wishes()

    assert list(Wish.objects.exclude(handed_on_at=None)) == [wish]


def test_holidays_are_no_working_days():
    """Made on the Monday before Easter 2027 (29 March is Easter Monday): ten working days end on 8 April."""
    made = datetime(2027, 3, 22, 9, 0, tzinfo=OSLO)
    wish = new_wish(created_at=made, first_week=date(2027, 5, 3), last_week=date(2027, 5, 3))

    for day, handed_on in ((8, False), (9, True)):
        with time_machine.travel(datetime(2027, 4, day, 12, 0, tzinfo=OSLO), tick=False):
            tasks.look_after_wishes()
        wish.refresh_from_db()
        assert bool(wish.handed_on_at) == handed_on


@pytest.mark.parametrize(("day", "status"), [(date(2027, 3, 14), "open"), (date(2027, 3, 15), "expired")])
def test_wish_ends_when_its_weeks_have_passed(day, status):
    wish = new_wish(handed_on_at=MONDAY)
    offer = OfferFactory(
        wish=wish, starts_at=datetime(2027, 3, 14, 23, 30, tzinfo=OSLO), ends_at=datetime(2027, 3, 15, 1, tzinfo=OSLO)
    )

    with time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=OSLO), tick=False):
        tasks.look_after_wishes()
        tasks.look_after_wishes()

    wish.refresh_from_db()
    offer.refresh_from_db()
    assert wish.status == status
    assert offer.status == status
    assert mails("wish_expired") == ([wish.teacher.email] if status == "expired" else [])


def test_teacher_is_reminded_once_of_an_offer_that_waits():
    offer = OfferFactory(
        wish=new_wish(),
        offered_at=MONDAY,
        starts_at=MONDAY + timedelta(days=60),
        ends_at=MONDAY + timedelta(days=60, hours=1),
    )

    for day in (3, 4, 5):
        with at(days=day):
            tasks.look_after_wishes()

    assert mails("wish_offer_waits") == [offer.wish.teacher.email]


def test_mail_for_a_teacher_who_left_goes_to_the_coordinator():
    wish = new_wish(handed_on_at=MONDAY)
    coordinator = TeacherFactory(school=wish.school, role="coordinator")
    Wish.objects.update(teacher=None)

    with time_machine.travel(datetime(2027, 4, 1, 10, tzinfo=OSLO), tick=False):
        tasks.look_after_wishes()

    assert mails("wish_expired") == [coordinator.user.email]


def test_old_wishes_forget_who_and_what_was_written():
    offer = OfferFactory(wish=new_wish(status=Wish.Status.EXPIRED), note="Hilsen Ingrid", status="expired")

    for year, kept in ((2028, True), (2029, False)):
        with time_machine.travel(datetime(year, 3, 1, tzinfo=OSLO), tick=False):
            tasks.look_after_wishes()
        offer.refresh_from_db()
        wish = Wish.objects.get()
        assert (wish.teacher_id is not None, bool(wish.text), bool(offer.note)) == (kept, kept, kept)
    assert (wish.grade, wish.pupils) == (9, 24)


def test_today_has_the_wishes_to_answer():
    member = MembershipFactory()
    WishMatchFactory.create_batch(2, partner=member.partner)
    WishMatchFactory(partner=member.partner, not_now_at=timezone.now())
    WishMatchFactory(partner=member.partner, wish__status=Wish.Status.WITHDRAWN)
    offered = WishMatchFactory(partner=member.partner)
    OfferFactory(wish=offered.wish, session__activity__partner=member.partner)

    (task,) = wish_ties.wish_tasks(member)

    assert task.title.startswith("2 ")
    member.role = "reader"
    assert list(wish_ties.wish_tasks(member)) == []


def test_end_of_the_partnership_takes_offers_back():
    offer = OfferFactory()
    partner = offer.activity.partner
    owner = MembershipFactory(partner=partner)
    told = [consequence.count for consequence in wish_ties.WishesAtEnd().tell(partner)]

    ending.end_partner(partner=partner, by=owner.user)

    offer.refresh_from_db()
    assert told == [1]
    assert offer.status == Offer.Status.WITHDRAWN
    assert mails("wish_offer_taken_back") == [offer.wish.teacher.email]


def test_copy_of_the_data_has_wishes_and_offers_without_small_numbers():
    match = WishMatchFactory(wish__pupils=4)
    offer = OfferFactory(wish=match.wish, session__activity__partner=match.partner, note="Velkommen")
    sections = {section.name: list(section.rows(match.partner)) for section in extensions.data_sections}

    (wish,) = sections["wishes"]
    assert (wish["pupils"], wish["school"]) == ("< 5", match.wish.school.name)
    assert match.wish.teacher.email not in str(wish)
    (row,) = sections["wish_offers"]
    assert (row["text"], row["listing"]) == ("Velkommen", offer.activity_id)


def test_forgetting_a_partner_blanks_notes_and_deletes_its_mails():
    match = WishMatchFactory(wish__text="Som med Ingrid Fjelldal i fjor")
    member = MembershipFactory(partner=match.partner)
    offer = OfferFactory(
        wish=match.wish, session__activity__partner=match.partner, note="Hilsen Ingrid", offered_by=member.user
    )
    other = WishMatchFactory(wish=match.wish, partner=MembershipFactory().partner)
    service.withdraw_wish(wish=match.wish)
    Mail.objects.create(template="wish_to_partner", about=f"wish:{match.wish_id}:{other.partner_id}", to_email="a@b.no")

    people = extensions.People(pks=frozenset([member.user_id]), words=("Ingrid Fjelldal",))
    wish_ties.forget(match.partner, people)

    offer.refresh_from_db()
    assert (offer.note, offer.offered_by) == ("", None)
    assert Wish.objects.get().text == "Som med … i fjor"
    assert Mail.objects.filter(about__startswith="wish:").get().to_email == "a@b.no"


def test_ask_directly_asks_whoever_the_secretariat_names():
    wish = WishFactory(rounds=1)
    member = MembershipFactory(partner__municipality=None)

    assert service.ask_directly(wish=wish, partner=member.partner)
    assert not service.ask_directly(wish=wish, partner=member.partner)

    assert WishMatch.objects.get().partner == member.partner
    assert mails("wish_to_partner") == [member.user.email]
