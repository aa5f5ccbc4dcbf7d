"""Pages of wishes: what a teacher may ask for, what bad input is told, who sees what, and what a partner answers."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from stemportal.schools.models import Booking, Offer, Wish
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import (
    BookingFactory,
    KindFactory,
    OfferFactory,
    RoleModelFactory,
    SchoolClassFactory,
    StaffFactory,
    SubjectFactory,
    TeacherFactory,
    UserFactory,
    WishFactory,
    WishMatchFactory,
    monday_after,
)

pytestmark = pytest.mark.django_db


def week(weeks: int) -> str:
    """The value of a week in the form, so many weeks from now."""
    year, number, _day = monday_after(timezone.localdate(), days=7 * weeks).isocalendar()
    return f"{year}-W{number:02}"


def filled(**changes) -> dict:
    facts = {
        "text": "Vi vil måle nordlys",
        "kind": KindFactory().pk,
        "first_week": week(2),
        "last_week": week(4),
        "where": "any",
        "group_name": "9B",
        "grade": 9,
        "pupils": 24,
    }
    return {name: value for name, value in {**facts, **changes}.items() if value is not None}


def test_wishes_empty_list_says_what_to_do(teacher_client):
    page = words(teacher_client.get(at("wishes")))

    assert "No wishes yet" in page
    assert at("wish_add") in page


def test_wish_is_not_made_for_a_school_that_closed(teacher_client, teacher):
    teacher.school.is_active = False
    teacher.school.save()

    answer = teacher_client.post(at("wish_add"), filled())

    assert not Wish.objects.exists()
    assert "closed" in words(answer)


def test_wish_add_makes_a_wish(teacher_client, teacher):
    answer = teacher_client.post(at("wish_add"), filled())

    wish = Wish.objects.get()
    assert answer.url == at("wish", wish.pk)
    assert (wish.school, wish.teacher, wish.pupils) == (teacher.school, teacher.user, 24)
    assert wish.first_week == monday_after(timezone.localdate(), days=14)
    assert wish.last_week == monday_after(timezone.localdate(), days=28)
    page = words(teacher_client.get(answer.url))
    assert "We are looking for partners who could do it" in page
    assert "Vi vil måle nordlys" in page


def test_wish_add_takes_name_and_numbers_from_a_class(teacher_client, school_class):
    teacher_client.post(at("wish_add"), filled(school_class=school_class.pk, group_name="", grade="", pupils=""))

    wish = Wish.objects.get()
    assert (wish.group_name, wish.grade, wish.pupils) == ("9A", 9, 28)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"pupils": 0}, "At least one pupil must come."),
        ({"pupils": -3}, "At least one pupil must come."),
        ({"pupils": 10_000}, "That is more than 500 pupils. Please divide the group."),
        ({"pupils": "mange"}, "Write the number of pupils in digits."),
        ({"text": ""}, "This field is required."),
        ({"text": "x" * 1001}, "at most 1000 characters"),
        ({"text": "Ola 01010012356 vil gjerne"}, "looked like a personal identity number"),
        ({"kind": None}, "Choose a kind, a subject or a competence goal"),
        ({"kind": 99999}, "Select a valid choice"),
        ({"first_week": "2020-W05"}, "This week has passed."),
        ({"first_week": "2026-W60"}, "Choose a week from the list."),
        ({"first_week": "hei"}, "Choose a week from the list."),
        ({"last_week": "2090-W05"}, "Choose a week within the coming year."),
        ({"first_week": week(4), "last_week": week(2)}, "The last week is before the first one."),
        ({"grade": 12}, "Select a valid choice"),
        ({"where": "moon"}, "Select a valid choice"),
    ],
)
def test_wish_add_bad_input_is_told_and_kept(teacher_client, changes, told):
    answer = teacher_client.post(at("wish_add"), filled(**changes))

    assert answer.status_code == 200
    assert told in words(answer)
    assert "01010012356" not in words(answer)
    assert not Wish.objects.exists()


def test_wish_add_class_of_another_school_is_refused(teacher_client, school_class):
    other = SchoolClassFactory(name="Hemmelig")

    answer = teacher_client.post(at("wish_add"), filled(school_class=other.pk))

    assert "Choose one of the classes of your school." in words(answer)
    assert "Hemmelig" not in words(answer)
    assert not Wish.objects.exists()


def test_wish_add_more_than_enough_is_told(teacher_client, teacher, settings):
    settings.WISHES_OPEN_AT_MOST = 1
    WishFactory(school=teacher.school, teacher=teacher.user)

    answer = teacher_client.post(at("wish_add"), filled())

    assert "You have 1 wish that waits for offers." in words(answer)
    assert "Vi vil måle nordlys" in words(answer)


def test_wish_add_too_many_in_an_hour_is_told(teacher_client, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "wish": (0, 60)}
    teacher_client.post(at("wish_add"), filled())

    answer = teacher_client.post(at("wish_add"), filled(group_name="9C"))

    assert "many wishes in an hour" in words(answer)


def test_wish_add_begins_with_what_was_searched_for(teacher_client):
    kind, subject = KindFactory(), SubjectFactory()

    page = teacher_client.get(
        at("wish_add"), {"q": "nordlys", "kind": kind.code, "subject": subject.code, "grade": 9, "week": week(3)}
    )

    form = page.context["form"]
    assert (form["text"].value(), form["kind"].value(), form["subject"].value()) == ("nordlys", kind.pk, subject.pk)
    assert (form["grade"].value(), form["first_week"].value(), form["last_week"].value()) == ("9", week(3), week(3))


def test_wish_add_from_a_search_takes_the_numbers_of_the_class_that_is_chosen(teacher_client, school_class):
    """The search's grade picks a class; whoever then picks another one gets that one's grade."""
    other = SchoolClassFactory(school=school_class.school, name="8C", grade=8, pupils=20)

    form = teacher_client.get(at("wish_add"), {"q": "nordlys", "grade": 9}).context["form"]
    assert (form["school_class"].value(), form["grade"].value()) == (school_class.pk, None)
    teacher_client.post(at("wish_add"), filled(school_class=other.pk, group_name="", grade="", pupils=""))

    assert (Wish.objects.get().grade, Wish.objects.get().pupils) == (8, 20)


@pytest.mark.parametrize("query", ["week=9999", "first_week=2026-W99", "again=abc", "kind=no&grade=99&pupils=-1"])
def test_wish_add_strange_links_open_an_empty_form(teacher_client, query):
    assert teacher_client.get(f"{at('wish_add')}?{query}").status_code == 200


def test_wish_add_is_for_confirmed_teachers(client):
    waiting = TeacherFactory(status="pending")

    for person, told in ((waiting.user, "as soon as your school is confirmed"), (UserFactory(), "Only teachers")):
        client.force_login(person)
        assert told in words(client.get(at("wish_add")))
        client.post(at("wish_add"), filled())

    assert not Wish.objects.exists()


def test_search_without_a_result_leads_to_a_wish(teacher_client, search_index):
    from django.urls import reverse

    page = words(teacher_client.get(reverse("activities:search"), {"q": "nordlys", "grade": 9}))

    link = re.search(rf'href="({at("wish_add")}\?[^"]+)"', page)
    assert link
    form = teacher_client.get(link[1].replace("&amp;", "&")).context["form"]
    assert (form["text"].value(), form["grade"].value()) == ("nordlys", "9")


def test_wish_page_says_how_it_stands_and_who_was_asked(teacher_client, wish):
    first = WishMatchFactory(wish=wish, role_model=RoleModelFactory(shown=True, full_name="Rolf Robot"))
    WishMatchFactory(wish=wish, rank=2, not_now_at=timezone.now())

    page = words(teacher_client.get(at("wish", wish.pk)))

    assert "2 partners were asked, and may answer any day" in page
    assert first.partner.display_name in page
    assert "Rolf Robot" in page
    assert "cannot this time" in page


def test_wish_page_of_others_is_not_found(wish, client):
    colleague = TeacherFactory(school=wish.school)
    stranger = TeacherFactory(role="coordinator")
    for person in (colleague.user, stranger.user, StaffFactory()):
        client.force_login(person)
        assert client.get(at("wish", wish.pk)).status_code == 404
        assert client.post(at("wish_withdraw", wish.pk)).status_code == 404
    assert Wish.objects.get().status == "open"


def test_wish_of_a_school_the_teacher_left_is_not_found(teacher, teacher_client, wish):
    teacher.status = "ended"
    teacher.save()

    assert teacher_client.get(at("wish", wish.pk)).status_code == 404


def test_coordinator_sees_and_answers_the_wishes_of_the_school(wish):
    coordinator = client_of(TeacherFactory(school=wish.school, role="coordinator").user)

    assert str(wish.teacher) in words(coordinator.get(at("wishes")))
    assert coordinator.post(at("wish_withdraw", wish.pk)).status_code == 302
    assert Wish.objects.get().status == "withdrawn"


def test_wish_that_expired_can_be_made_again(teacher_client, wish):
    Wish.objects.update(status="expired")

    page = words(teacher_client.get(at("wish", wish.pk)))
    form = teacher_client.get(at("wish_add"), {"again": wish.pk}).context["form"]

    assert "The weeks have passed without an agreement" in page
    assert f"{at('wish_add')}?again={wish.pk}" in page
    assert (form["text"].value(), form["kind"].value()) == (wish.text, wish.kind_id)
    assert not form["first_week"].value()


def test_offer_is_shown_accepted_and_booked(teacher_client, wish):
    offer = OfferFactory(wish=wish, note="Vi har roboter")
    assert "1 offer waits for your answer" in words(teacher_client.get(at("wish", wish.pk)))
    assert "Offers to your wishes" in words(teacher_client.get(at("my_page")))

    answer = teacher_client.post(at("offer_accept", offer.pk))

    booking = Booking.objects.get()
    assert answer.url == booking.get_absolute_url()
    assert "makes it happen" in words(teacher_client.get(at("wish", wish.pk)))
    assert "Offers to your wishes" not in words(teacher_client.get(at("my_page")))


def test_offer_get_changes_nothing(teacher_client, wish):
    offer = OfferFactory(wish=wish)

    assert teacher_client.get(at("offer_accept", offer.pk)).status_code == 405
    assert teacher_client.get(at("offer_decline", offer.pk)).status_code == 405
    assert not Booking.objects.exists()


def test_offer_that_filled_up_is_told_and_cannot_be_accepted(teacher_client, wish):
    offer = OfferFactory(wish=wish, session__capacity=1)
    offer.session.places_taken = 1
    offer.session.save()

    page = words(teacher_client.get(at("wish", wish.pk)))
    answer = teacher_client.post(at("offer_accept", offer.pk), follow=True)

    assert "This time is full now." in page
    assert at("offer_accept", offer.pk) not in page
    assert "The time filled up meanwhile. Your wish stays open" in words(answer)


def test_offer_at_the_time_of_another_visit_asks_why(teacher_client, wish):
    offer = OfferFactory(wish=wish)
    BookingFactory(
        session__starts_at=offer.starts_at, school=wish.school, group_name=wish.group_name, status="confirmed"
    )

    page = words(teacher_client.post(at("offer_accept", offer.pk)))
    assert "This class has another visit at that time" in page
    assert not wish.offers.get().booking

    teacher_client.post(at("offer_accept", offer.pk), {"same_time_reason": "Halve klassen"})
    assert wish.offers.get().booking.same_time_reason == "Halve klassen"


def test_offer_declined_keeps_the_wish_open(teacher_client, wish):
    offer = OfferFactory(wish=wish)

    page = words(teacher_client.post(at("offer_decline", offer.pk), follow=True))

    assert "your wish stays open" in page
    assert Offer.objects.get().status == "declined"
    assert "answered or withdrawn meanwhile" in words(teacher_client.post(at("offer_accept", offer.pk), follow=True))


def test_offer_of_a_strangers_wish_is_not_found(teacher_client):
    offer = OfferFactory()

    assert teacher_client.post(at("offer_accept", offer.pk)).status_code == 404
    assert Wish.objects.get().status == "open"
