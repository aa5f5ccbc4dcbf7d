"""Pages of wishes on the other side: what a partner sees and answers, and what the secretariat does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from stemportal.activities.models import Activity
from stemportal.outbox.models import Mail
from stemportal.schools.models import Offer, RegionalCoordinator, Wish
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import (
    ActivityFactory,
    CountyFactory,
    KindFactory,
    MembershipFactory,
    OfferFactory,
    SessionFactory,
    StaffFactory,
    WishFactory,
    monday_after,
)

pytestmark = pytest.mark.django_db


def week(weeks: int) -> str:
    """The value of a week in the form, so many weeks from now."""
    year, number, _day = monday_after(timezone.localdate(), days=7 * weeks).isocalendar()
    return f"{year}-W{number:02}"


def test_partner_sees_the_wish_but_not_who_made_it(member_client, match, teacher):
    teacher.user.full_name = "Mari Solheim Lærer"
    teacher.user.save()
    Wish.objects.update(pupils=4)

    for page in (at("partner_wishes", match.partner_id), at("wish_offer", match.partner_id, match.wish_id)):
        text = words(member_client.get(page))
        assert "Alta ungdomsskole" in text
        assert "fewer than five pupils" in text
        assert "Mari Solheim" not in text
        assert teacher.user.email not in text


def test_partner_without_wishes_is_told_when_they_come(client):
    member = MembershipFactory()
    client.force_login(member.user)

    assert "No class has wished" in words(client.get(at("partner_wishes", member.partner_id)))


def test_partner_offers_one_of_its_dates(member_client, match):
    activity = ActivityFactory(partner=match.partner)
    session = SessionFactory(activity=activity)
    SessionFactory(activity=activity, capacity=1, places_taken=1)
    page = at("wish_offer", match.partner_id, match.wish_id)

    assert len(member_client.get(page).context["form"].sessions) == 1
    answer = member_client.post(page, {"session": session.pk, "note": "Velkommen"}, follow=True)

    offer = Offer.objects.get()
    assert (offer.session, offer.note) == (session, "Velkommen")
    assert "Waiting for the teacher" in words(answer)
    assert Mail.objects.filter(template="wish_offer_made", to_email=match.wish.teacher.email).exists()


def test_partner_is_shown_dates_that_are_held_where_the_class_wishes(member_client, match):
    Wish.objects.update(where="video")
    SessionFactory(activity__partner=match.partner)
    online = SessionFactory(activity__partner=match.partner, activity__format="digital")

    page = member_client.get(at("wish_offer", match.partner_id, match.wish_id))

    assert list(page.context["form"].sessions) == [online.pk]


def test_partner_is_not_shown_films_as_something_to_offer(member_client, match):
    film = KindFactory(code="film", pledge_unit="published")
    ActivityFactory(partner=match.partner, kind=film)

    page = member_client.get(at("wish_offer", match.partner_id, match.wish_id))

    assert not page.context["form"].activities


def test_partner_offers_a_free_time(member_client, match):
    activity = ActivityFactory(partner=match.partner, format=Activity.Format.HYBRID)
    day = match.wish.first_week + timedelta(days=2)

    member_client.post(
        at("wish_offer", match.partner_id, match.wish_id),
        {"activity": activity.pk, "day": day.isoformat(), "clock": "12:15", "where": "video", "note": ""},
    )

    offer = Offer.objects.get()
    assert timezone.localtime(offer.starts_at).strftime("%H:%M") == "12:15"
    assert (offer.session, offer.where) == (None, "video")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"day": ""}, "Choose a day."),
        ({"clock": "25:00"}, "Write the time as for example 09:30."),
        ({"day": "2020-01-01"}, "Choose a time in the future."),
        ({"activity": "0"}, "Select a valid choice"),
        ({"session": "0"}, "This date filled up or was changed meanwhile."),
    ],
)
def test_partner_bad_offer_is_told(member_client, match, changes, told):
    session = SessionFactory(activity__partner=match.partner)
    facts = {"activity": session.activity_id, "day": match.wish.last_week.isoformat(), "clock": "10:00", "note": "Hei"}

    answer = member_client.post(at("wish_offer", match.partner_id, match.wish_id), {**facts, **changes})

    assert told in words(answer)
    assert "Hei" in words(answer)
    assert not Offer.objects.exists()


def test_partner_cannot_offer_what_is_anothers(member_client, match):
    ActivityFactory(partner=match.partner)
    other = SessionFactory()

    member_client.post(at("wish_offer", match.partner_id, match.wish_id), {"session": other.pk})
    member_client.post(
        at("wish_offer", match.partner_id, match.wish_id),
        {"activity": other.activity_id, "day": match.wish.last_week.isoformat(), "clock": "10:00"},
    )

    assert not Offer.objects.exists()


def test_partner_without_a_fitting_offer_is_shown_the_way(member_client, match):
    ActivityFactory(partner=match.partner, group_max=5)

    page = words(member_client.get(at("wish_offer", match.partner_id, match.wish_id)))

    assert "None of your published offers suits the group" in page
    assert f"/partner/{match.partner_id}/activities/new/" in page


def test_partner_says_not_now(member_client, match):
    member_client.post(at("wish_not_now", match.partner_id, match.wish_id))

    match.refresh_from_db()
    assert match.not_now_at
    assert "You said “not now”" in words(member_client.get(at("partner_wishes", match.partner_id)))


def test_partner_takes_an_offer_back(member_client, match):
    offer = OfferFactory(wish=match.wish, session__activity__partner=match.partner)

    answer = member_client.post(at("wish_offer_withdraw", match.partner_id, match.wish_id, offer.pk), follow=True)

    assert "Taken back." in words(answer)
    assert Offer.objects.get().status == "withdrawn"


def test_partner_cannot_take_back_what_is_anothers(member_client, match):
    offer = OfferFactory(wish=match.wish)

    assert member_client.post(at("wish_offer_withdraw", match.partner_id, match.wish_id, offer.pk)).status_code == 404


def test_partner_that_was_not_asked_finds_nothing(client, match):
    other = MembershipFactory()
    client.force_login(other.user)

    assert client.get(at("wish_offer", other.partner_id, match.wish_id)).status_code == 404
    assert client.post(at("wish_not_now", other.partner_id, match.wish_id)).status_code == 404
    assert client.get(at("wish_offer", match.partner_id, match.wish_id)).status_code == 404


def test_reader_sees_the_list_and_nothing_to_press(match, client):
    reader = MembershipFactory(partner=match.partner, role="reader")
    client.force_login(reader.user)

    page = words(client.get(at("partner_wishes", match.partner_id)))

    assert "Alta ungdomsskole" in page
    assert "Not now" not in page
    assert client.get(at("wish_offer", match.partner_id, match.wish_id)).status_code == 403


def test_today_leads_to_the_wishes(member_client, match):
    page = words(member_client.get(at("partner_today", match.partner_id)))

    assert "1 class wishes for something you may have" in page


def test_admin_asks_a_partner_and_writes_to_the_teacher(wish):
    from django.urls import reverse

    member = MembershipFactory(partner__display_name="Solvind")
    staff = client_of(StaffFactory(language="en"))
    page = reverse("admin:schools_wish_change", args=[wish.pk])
    inlines = {f"{name}-{field}": 0 for name in ("matches", "offers") for field in ("TOTAL_FORMS", "INITIAL_FORMS")}

    assert "Solvind, about 0 km away" in words(staff.get(page))
    answer = staff.post(page, {"partner": member.partner_id, "line": "Vi spør Solvind", **inlines}, follow=True)

    assert "Solvind was asked." in words(answer)
    assert wish.matches.get().partner == member.partner
    assert "Vi spør Solvind" in Mail.objects.get(template="wish_line", to_email=wish.teacher.email).text


def test_admin_filters_by_age_and_offers(wish):
    from django.urls import reverse

    staff = client_of(StaffFactory())
    page = reverse("admin:schools_wish_changelist")
    old = WishFactory(created_at=timezone.now() - timedelta(days=20), handed_on_at=timezone.now())
    OfferFactory(wish=wish)

    def found(query: str) -> list[int]:
        return [row.pk for row in staff.get(f"{page}?{query}").context["cl"].result_list]

    assert found("age=fortnight") == [old.pk]
    assert found("offers=none") == [old.pk]
    assert found("offers=handed_on") == [old.pk]
    assert set(found("")) == {old.pk, wish.pk}


def test_admin_coordinator_sees_the_own_counties(wish):
    from django.contrib.auth.models import Permission
    from django.urls import reverse

    far = WishFactory(school__municipality__number="0301", school__municipality__county=CountyFactory(number="03"))
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_wish", "change_wish"]))
    RegionalCoordinator.objects.create(county=far.school.municipality.county, person=person)

    page = client_of(person).get(reverse("admin:schools_wish_changelist"))

    assert [row.pk for row in page.context["cl"].result_list] == [far.pk]
    assert client_of(person).get(reverse("admin:schools_wish_change", args=[wish.pk])).status_code == 302
