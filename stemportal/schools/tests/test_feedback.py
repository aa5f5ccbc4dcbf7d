"""What both sides say after a visit: who sees it when, and what stands with an offer."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.partners import extensions
from stemportal.partners.extensions import People, tasks_of
from stemportal.schools import after_ties
from stemportal.schools.models import Booking, Feedback
from stemportal.schools.tests.afterwards import agreed_visit
from stemportal.schools.tests.conftest import at, client_of, words
from stemportal.testing.factories import (
    ActivityFactory,
    AttendanceFactory,
    MembershipFactory,
    SchoolFactory,
    SessionFactory,
    StaffFactory,
    SubjectFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

WORDS = "Elevene fikk styre roboten selv."
GOOD = {"rating": "5", "learned": "4", "text": WORDS, "may_quote": "on"}


@pytest.fixture
def staff_client():
    return client_of(StaffFactory())


@pytest.fixture
def visit():
    """Held the day before yesterday, with its count."""
    school = SchoolFactory(name="Alta ungdomsskole")
    teacher = TeacherFactory(school=school).user
    visit = agreed_visit(
        timezone.now() - timedelta(days=2), status=Booking.Status.COMPLETED, school=school, teacher=teacher, grade=9
    )
    AttendanceFactory(booking=visit, pupils=26)
    return visit


def owner_of(visit: Booking) -> User:
    return visit.activity.partner.memberships.filter(role="owner").first().user


def say(visit: Booking, person: User, **fields):
    return client_of(person).post(at("feedback", visit.pk), {**GOOD, **fields}, follow=True)


def test_both_sides_read_each_other_once_both_have_told(visit):
    page = words(say(visit, visit.teacher))
    assert WORDS in page
    waiting = words(client_of(owner_of(visit)).get(at("booking", visit.pk)))
    assert WORDS not in waiting
    assert "The other side has told" in waiting

    page = words(say(visit, owner_of(visit), text="En nysgjerrig klasse."))

    assert WORDS in page
    assert "En nysgjerrig klasse." in words(client_of(visit.teacher).get(at("booking", visit.pk)))


def test_one_side_is_read_after_fourteen_days_at_latest(visit):
    say(visit, visit.teacher)
    given = Feedback.objects.get().given_at
    for days, shown in ((timedelta(days=14) - timedelta(minutes=1), False), (timedelta(days=14), True)):
        with time_machine.travel(given + days, tick=False):
            assert (WORDS in words(client_of(owner_of(visit)).get(at("booking", visit.pk)))) is shown


def test_feedback_can_be_changed_until_the_other_side_has_read_it(visit):
    say(visit, visit.teacher)
    say(visit, visit.teacher, rating="3")
    assert Feedback.objects.get().rating == 3
    say(visit, owner_of(visit))

    page = words(say(visit, visit.teacher, rating="1"))

    assert "can no longer be changed" in page
    assert set(Feedback.objects.values_list("side", "rating")) == {("school", 3), ("partner", 5)}


def test_partner_is_not_asked_what_the_class_learns_nor_quoted(visit):
    say(visit, owner_of(visit))
    given = Feedback.objects.get()
    assert (given.side, given.learned, given.may_quote) == ("partner", None, False)


@pytest.mark.parametrize("rating", ["", "0", "6", "bra"])
def test_bad_rating_is_told(visit, rating):
    response = client_of(visit.teacher).post(at("feedback", visit.pk), {**GOOD, "rating": rating})
    assert response.status_code == 422
    assert not Feedback.objects.exists()


def test_feedback_of_a_visit_that_is_not_over_is_refused():
    visit = agreed_visit(timezone.now() + timedelta(days=2))
    assert "once the visit is completed" in words(client_of(visit.teacher).get(at("feedback", visit.pk)))
    say(visit, visit.teacher)
    assert not Feedback.objects.exists()


def test_feedback_is_for_those_who_act_for_their_side(visit):
    reader = MembershipFactory(partner=visit.activity.partner, role="reader").user
    assert client_of(reader).post(at("feedback", visit.pk), GOOD).status_code == 403
    assert client_of(UserFactory()).post(at("feedback", visit.pk), GOOD).status_code == 404
    assert client_of(reader).get(at("thanks", visit.pk)).status_code == 403
    assert not Feedback.objects.exists()


def test_identity_number_in_the_words_is_thrown_away(visit):
    say(visit, visit.teacher, text="Han heter Ola, 01010750160, og var god.")
    assert "01010750160" not in Feedback.objects.get().text


# --- On the page of the offer


def said_by(number: int, activity, **facts) -> list[Feedback]:
    found = []
    for n in range(number):
        session = SessionFactory(activity=activity, starts_at=timezone.now() - timedelta(days=20 + n))
        visit = agreed_visit(session.starts_at, session=session, status=Booking.Status.COMPLETED)
        found.append(Feedback.objects.create(booking=visit, side="school", rating=4, learned=5, **facts))
    return found


def test_offer_shows_sums_from_five_classes_up_and_words_that_may_be_quoted(client):
    activity = ActivityFactory()
    said_by(4, activity, text=WORDS, may_quote=True)
    assert "What other classes said" not in words(client.get(activity.get_absolute_url()))

    school = said_by(1, activity, text="Dette er bare til bedriften.")[0].booking.school

    page = words(client.get(activity.get_absolute_url()))
    assert "What other classes said" in page
    assert "4.0 of 5" in page
    assert "5 answers" in page
    assert WORDS in page
    assert "bare til bedriften" not in page
    assert str(school) not in page


def test_what_partners_say_counts_for_no_offer(client):
    activity = ActivityFactory()
    for feedback in said_by(5, activity):
        feedback.side = "partner"
        feedback.save()
    assert "What other classes said" not in words(client.get(activity.get_absolute_url()))


def test_secretariat_reads_all_and_takes_quotes_down(client, staff_client):
    activity = ActivityFactory()
    said_by(5, activity, text=WORDS, may_quote=True)
    listed = staff_client.get("/en/admin/schools/feedback/")
    assert WORDS in words(listed)

    chosen = list(Feedback.objects.values_list("pk", flat=True))
    staff_client.post("/en/admin/schools/feedback/", {"action": "take_down", "_selected_action": chosen})

    page = words(client.get(activity.get_absolute_url()))
    assert WORDS not in page
    assert "4.0 of 5" in page, "the sums stay"


# --- Thanks, tasks, what is left to do


def test_thanks_have_the_year_of_the_school_and_other_offers_for_the_grade(visit):
    subject = SubjectFactory()
    visit.activity.subjects.add(subject)
    soon = timezone.now() + timedelta(days=9)
    near = ActivityFactory(title="Nær, annet fag", next_free_at=soon, municipality=visit.school.municipality)
    same = ActivityFactory(title="Langt borte, samme fag", next_free_at=soon, latitude=58.0, longitude=7.0)
    same.subjects.add(subject)
    for offer in (near, same):
        SessionFactory(activity=offer, starts_at=soon)
    ActivityFactory(title="For de store", next_free_at=soon, grade_from=11)
    ActivityFactory(title="Ingen ledige")

    page = words(client_of(visit.teacher).get(at("thanks", visit.pk)))

    assert "26" in page
    assert "Alta ungdomsskole this school year" in page
    assert page.index("Langt borte, samme fag") < page.index("Nær, annet fag")
    assert "For de store" not in page
    assert "Ingen ledige" not in page
    assert "Book the same again" in page
    assert "How was the visit?" in page


def test_telling_how_many_came_leads_to_thanks():
    visit = agreed_visit(timezone.now() - timedelta(days=1))
    client = client_of(visit.teacher)
    response = client.post(at("attendance", visit.pk), {"pupils": 20})
    assert response["Location"] == at("thanks", visit.pk)
    response = client.post(at("attendance", visit.pk), {"pupils": 21})
    assert response["Location"] == at("booking", visit.pk)


def test_partners_task_leads_to_the_visits_nobody_spoke_of(visit):
    membership = visit.activity.partner.memberships.get(user=owner_of(visit))
    agreed_visit(timezone.now() - timedelta(days=100), status=Booking.Status.COMPLETED, partner=membership.partner)
    task = next(task for task in tasks_of(membership) if "How was it?" in task.title)
    assert task.title.startswith("1 visit is over")
    listed = client_of(membership.user).get(task.url)
    assert [booking.pk for booking in listed.context["page_obj"]] == [visit.pk]

    say(visit, membership.user)

    assert not [task for task in tasks_of(membership) if "How was it?" in task.title]


def test_my_page_asks_how_it_was(visit):
    page = words(client_of(visit.teacher).get(at("my_page")))
    assert at("feedback", visit.pk) in page
    say(visit, visit.teacher)
    assert at("feedback", visit.pk) not in words(client_of(visit.teacher).get(at("my_page")))


# --- Taken along, and forgotten


def test_partners_copy_has_what_it_may_read(visit):
    partner = visit.activity.partner
    say(visit, visit.teacher)
    section = next(section for section in extensions.data_sections if section.name == "feedback")
    assert list(section.rows(partner)) == []
    say(visit, owner_of(visit), text="En fin klasse.")
    assert {row["text"] for row in section.rows(partner)} == {WORDS, "En fin klasse."}


def test_forgetting_a_partner_leaves_its_ratings_without_words(visit):
    partner, owner = visit.activity.partner, owner_of(visit)
    say(visit, owner, text="Hilsen Ola.")
    say(visit, visit.teacher, text=f"Takk til {owner.full_name}!")

    after_ties.forget(partner, People(pks=frozenset({owner.pk}), words=(owner.full_name,)))

    texts = dict(Feedback.objects.values_list("side", "text"))
    assert texts == {"partner": "", "school": "Takk til …!"}
    assert Feedback.objects.filter(rating=5).count() == 2
