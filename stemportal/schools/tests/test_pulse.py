"""The pulse of a class: anonymous, counted by the class's code, shown from five answers up."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client

from stemportal.lib.qr import qr_code
from stemportal.schools.models import Booking, Moment, Pulse, PulseCount
from stemportal.schools.queries.pulse import pulse_of, pulse_results
from stemportal.schools.services import pulse as service
from stemportal.schools.tests.afterwards import agreed_visit, oslo
from stemportal.schools.tests.conftest import at, client_of, words

pytestmark = pytest.mark.django_db

ANSWERS = {"q1": "4", "q2": "3", "q3": "5"}
BEFORE_THE_VISIT, MIDDLE = oslo(2026, 11, 18, 8, 30), oslo(2026, 11, 18, 10, 0)


@pytest.fixture
def visit():
    return agreed_visit(oslo(2026, 11, 18, 9, 0), pupils=6, group_name="9 Furu")


@pytest.fixture
def morning():
    """Half an hour before the visit."""
    with time_machine.travel(BEFORE_THE_VISIT, tick=False) as clock:
        yield clock


@pytest.fixture
def pulse(visit, morning) -> Pulse:
    return service.open_pulse(booking=visit)


def answer(pulse: Pulse, *, moment: str = "before", client: Client | None = None, **answers):
    return (client or Client()).post(at("pulse", pulse.token), {"moment": moment, **ANSWERS, **answers})


def results_of(pulse: Pulse):
    return pulse_results(pulse_of(pulse.booking))


# --- Nobody is known


def test_pupils_page_sets_no_cookie_whatever_is_done(pulse, visit):
    logged_in = client_of(visit.teacher)
    for client in (Client(enforce_csrf_checks=True), logged_in):
        known = set(client.cookies)
        responses = [
            client.get(at("pulse", pulse.token)),
            client.get(at("pulse", pulse.token) + "?language=nn"),
            client.get(f"/p/{pulse.token}/"),
            client.get(at("pulse", "nothing-here")),
            client.post(at("pulse", pulse.token), {"moment": "before", **ANSWERS}),
            client.post(at("pulse", pulse.token), {"moment": "before"}),
            client.get(at("pulse", pulse.token) + "?thanks"),
        ]
        for response in responses:
            assert not response.cookies, response
            assert "no-store" in response["Cache-Control"]
        assert set(client.cookies) == known
    page = words(logged_in.get(at("pulse", pulse.token)))
    assert "csrf" not in page
    assert visit.teacher.full_name not in page


def test_pupils_page_says_nothing_of_the_class_and_runs_no_script(pulse, visit):
    page = words(Client().get(at("pulse", pulse.token)))
    for secret in (visit.group_name, str(visit.school), str(visit.activity), "<script", "hx-"):
        assert secret not in page, secret


def test_only_sums_are_stored(pulse):
    answer(pulse, q1="5", q2="1", q3="1")
    answer(pulse, q1="5", q2="2", q3="1")

    rows = set(PulseCount.objects.values_list("moment", "question", "answer", "number"))

    assert rows == {("before", 1, 5, 2), ("before", 2, 1, 1), ("before", 2, 2, 1), ("before", 3, 1, 2)}


def test_opening_the_page_changes_nothing(pulse):
    for _scanner in range(3):
        Client().get(at("pulse", pulse.token))
        Client().get(at("pulse", pulse.token), {"moment": "before", **ANSWERS})
    assert not PulseCount.objects.exists()


@pytest.mark.parametrize(
    ("path", "accept", "language"),
    [
        ("/p/{}/", "nn-NO,nn;q=0.9,nb;q=0.8", "nn"),
        ("/p/{}/", "en-GB,en;q=0.9", "en"),
        ("/p/{}/", "no,en;q=0.8", "nb"),
        ("/p/{}/", "fr", "nb"),
        ("/en/p/{}/", "nb", "en"),
        ("/p/{}/?language=nn", "en", "nn"),
        ("/p/{}/?language=xx", "en", "en"),
    ],
)
def test_page_speaks_the_language_of_the_pupils_phone(pulse, path, accept, language):
    response = Client().get(path.format(pulse.token), headers={"accept-language": accept})
    assert f'<html lang="{language}"' in response.content.decode()
    assert response["Content-Language"] == language


# --- Answers


def test_address_can_be_typed_from_the_board(pulse):
    assert re.fullmatch(r"[a-hjkmnp-z2-9]{5}-[a-hjkmnp-z2-9]{5}", pulse.token)
    assert Client().get(f"/p/{pulse.token.upper()}/").status_code == 200


def test_all_three_questions_are_asked_for_and_what_was_chosen_stays(pulse):
    response = Client().post(at("pulse", pulse.token), {"moment": "before", "q1": "4", "q2": "9"})
    assert response.status_code == 422
    page = words(response)
    assert "Answer all three questions" in page
    assert re.search(r'name="q1" value="4" required checked', page)
    assert not PulseCount.objects.exists()


def test_no_more_answer_than_there_are_pupils_and_a_few(pulse):
    for _pupil in range(6 + service.A_FEW):
        assert answer(pulse).status_code == 302
    response = answer(pulse)
    assert "Everybody in the class has answered already" in words(response)
    assert service.answers_given(pulse) == (11, 0)


def test_limit_is_counted_by_the_code_and_not_by_who_asks(pulse, settings):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "pulse": (2, 60)}
    other = service.open_pulse(booking=agreed_visit(oslo(2026, 11, 18, 9, 0)))
    addresses = ("10.0.0.1", "10.0.0.2", "10.0.0.3")
    found = [answer(pulse, client=Client(REMOTE_ADDR=address)).status_code for address in addresses]
    assert found == [302, 302, 429]
    assert answer(other).status_code == 302


def test_unknown_code_is_told_kindly():
    response = Client().get(at("pulse", "aaaaa-aaaaa"))
    assert response.status_code == 404
    assert "There are no questions here" in words(response)


@pytest.mark.django_db(transaction=True)
def test_whole_class_at_once_is_counted_to_the_last(visit, morning):
    service.open_pulse(booking=visit)

    def pupil(_n: int) -> str:
        try:
            service.answer_pulse(pulse=pulse_of(visit), moment=Moment.BEFORE, answers=[4, 3, 5])
        except service.PulseFull:
            return "full"
        finally:
            connection.close()
        return "counted"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(pupil, range(20)))

    assert found.count("counted") == 11
    assert set(PulseCount.objects.values_list("number", flat=True)) == {11}


# --- Before and after


def test_clock_goes_over_to_the_questions_after_in_the_middle_of_the_visit(pulse, morning):
    assert "Before the visit" in words(Client().get(at("pulse", pulse.token)))
    morning.move_to(MIDDLE - timedelta(minutes=1))
    assert pulse.moment == Moment.BEFORE
    morning.move_to(MIDDLE)
    assert "After the visit" in words(Client().get(at("pulse", pulse.token)))
    answer(pulse, moment="after")
    assert service.answers_given(pulse) == (0, 1)


def test_answers_to_questions_that_have_changed_are_not_mixed_in(pulse, morning):
    morning.move_to(MIDDLE)
    response = answer(pulse, moment="before")
    assert response.status_code == 409
    assert "gone on to the next questions" in words(response)
    assert service.answers_given(pulse) == (0, 0)


def test_pulse_closes_by_itself_two_days_after_the_visit(pulse, morning):
    morning.move_to(oslo(2026, 11, 20, 10, 59))
    assert answer(pulse, moment="after").status_code == 302
    morning.move_to(oslo(2026, 11, 20, 11, 0))
    assert "These questions are closed" in words(answer(pulse, moment="after"))
    assert service.answers_given(pulse) == (0, 1)


def test_teacher_switches_and_closes(pulse, visit):
    teacher = client_of(visit.teacher)
    teacher.post(at("pulse_switch", visit.pk), {"to": "after"})
    assert pulse_of(visit).moment == Moment.AFTER
    teacher.post(at("pulse_switch", visit.pk), {"to": "before"})
    assert pulse_of(visit).moment == Moment.BEFORE
    teacher.post(at("pulse_switch", visit.pk), {"to": "nonsense"})
    teacher.post(at("pulse_switch", visit.pk), {"to": "close"})
    assert not pulse_of(visit).is_open


def test_first_questions_stay_closed_once_their_sums_are_shown(pulse, visit):
    for _pupil in range(5):
        answer(pulse)
    teacher = client_of(visit.teacher)
    teacher.post(at("pulse_switch", visit.pk), {"to": "after"})
    response = teacher.post(at("pulse_switch", visit.pk), {"to": "before"}, follow=True)
    assert "cannot be opened again" in words(response)
    assert pulse_of(visit).moment == Moment.AFTER


# --- Results


def test_averages_are_shown_from_five_answers_up_and_when_their_part_is_over(pulse, visit, morning):
    for n in range(4):
        answer(pulse, q1=str(n + 1))
    morning.move_to(MIDDLE)
    assert not results_of(pulse).any_shown, "four answers say who gave them"
    morning.move_to(BEFORE_THE_VISIT)
    answer(pulse, q1="5")
    assert not results_of(pulse).any_shown, "a fifth answer could be read from the difference while others come"
    morning.move_to(MIDDLE)
    found = results_of(pulse)
    assert (found.before_shown, found.after_shown) == (True, False)
    assert [question.before for question in found.questions] == [3.0, 3.0, 5.0]
    for _pupil in range(5):
        answer(pulse, moment="after")
    assert not results_of(pulse).after_shown
    service.close_pulse(pulse=pulse)
    found = results_of(pulse)
    assert [question.after for question in found.questions] == [4.0, 3.0, 5.0]


def test_both_sides_see_the_averages_on_the_booking(pulse, visit, morning):
    owner = visit.activity.partner.memberships.get().user
    assert "The pulse of the class" not in words(client_of(owner).get(at("booking", visit.pk)))
    for _pupil in range(5):
        answer(pulse, q1="5")
    morning.move_to(MIDDLE)
    for person in (visit.teacher, owner):
        page = words(client_of(person).get(at("booking", visit.pk)))
        assert "5.0 of 5" in page
        assert "5 answers before" in page


# --- The board


def test_teacher_opens_the_questions_and_shows_the_code(visit, morning, settings):
    teacher = client_of(visit.teacher)
    assert at("pulse_open", visit.pk) in words(teacher.get(at("booking", visit.pk)))

    page = words(teacher.post(at("pulse_open", visit.pk), follow=True))

    pulse = Pulse.objects.get()
    assert f"/p/{pulse.token}" in page
    assert qr_code(f"{settings.PORTAL_BASE_URL}/p/{pulse.token}/").path in page
    assert "<strong>0</strong> of 6 have answered" in page
    answer(pulse)
    live = teacher.get(at("pulse_board", visit.pk), headers={"hx-request": "true"})
    assert "<strong>1</strong> of 6 have answered" in words(live)
    assert "<html" not in live.content.decode()


def test_opening_twice_keeps_the_code(visit, morning):
    teacher = client_of(visit.teacher)
    for _press in range(2):
        teacher.post(at("pulse_open", visit.pk))
    assert Pulse.objects.count() == 1


def test_board_is_the_teachers(pulse, visit):
    owner = visit.activity.partner.memberships.get().user
    for name in ("pulse_board", "pulse_open", "pulse_switch"):
        method = "get" if name == "pulse_board" else "post"
        assert getattr(client_of(owner), method)(at(name, visit.pk)).status_code == 403


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (oslo(2026, 11, 3, 9, 0), "confirmed"),
        (oslo(2026, 11, 20, 11, 0), "confirmed"),
        (BEFORE_THE_VISIT, "requested"),
        (BEFORE_THE_VISIT, "school_cancel"),
    ],
)
def test_questions_are_opened_around_an_agreed_visit_only(visit, moment, status):
    Booking.objects.filter(pk=visit.pk).update(status=status)
    with time_machine.travel(moment, tick=False):
        page = words(client_of(visit.teacher).post(at("pulse_open", visit.pk), follow=True))
    assert "from two weeks before the visit until two days after it" in page
    assert not Pulse.objects.exists()


def test_moved_visit_can_open_its_pulse_again_for_the_questions_after(pulse, visit, morning):
    for _pupil in range(5):
        answer(pulse)
    session = visit.session
    session.starts_at, session.ends_at = oslo(2026, 12, 2, 9, 0), oslo(2026, 12, 2, 11, 0)
    session.save()
    morning.move_to(oslo(2026, 12, 2, 8, 0))
    visit = Booking.objects.get(pk=visit.pk)
    service.open_pulse(booking=visit)
    again = pulse_of(visit)
    assert again.is_open
    assert again.moment == Moment.AFTER, "the sums of the first part have been shown"
