"""The questions that belong to a kind of organisation: shown with and without JavaScript, kept, and readable."""

from __future__ import annotations

import pytest
from django.utils import translation

from stemportal.lib.tests.fake_register import number
from stemportal.partners.models import Partner
from stemportal.partners.questions import QUESTIONS, answered, questions_for
from stemportal.partners.tests.helpers import form_data
from stemportal.testing.factories import PartnerFactory

URL = "/en/partners/register/"
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("kind", Partner.Kind)
def test_each_kind_is_asked_two_or_three_questions_most_of_them_optional(kind):
    asked = questions_for(kind)
    assert 2 <= len(asked) <= 3
    assert sum(question.is_required for question in asked) <= 1


def test_codes_are_unique_and_unknown_kinds_are_asked_nothing():
    assert len({question.code for question in QUESTIONS}) == len(QUESTIONS)
    assert questions_for("") == questions_for("bank") == []


@pytest.mark.django_db
class TestForm:
    def test_empty_form_says_where_the_questions_come(self, client, programme):
        page = client.get(URL).text
        assert "They come here when you have chosen the kind of organisation." in page
        assert 'name="answer_' not in page

    @pytest.mark.parametrize("kind", Partner.Kind)
    def test_htmx_gets_the_questions_of_the_chosen_kind_only(self, client, programme, kind):
        response = client.post(URL, form_data(kind=kind, show="questions"), headers=HTMX)
        assert response.status_code == 200
        assert "<html" not in response.text
        assert "contact_email" not in response.text
        for question in QUESTIONS:
            assert (f'name="answer_{question.code}"' in response.text) == (kind in question.kinds)
        assert "data-error" not in response.text

    def test_button_without_script_shows_them_and_loses_nothing(self, client, programme):
        response = client.post(URL, form_data(kind="cluster", about="Vi samler", contact_email="x", show="questions"))
        assert response.status_code == 200
        assert 'name="answer_trades"' in response.text
        assert response.context["form"]["about"].value() == "Vi samler"
        assert response.context["form"].errors == {}
        assert Partner.objects.count() == 0

    def test_changing_the_kind_and_back_loses_no_answer(self, client, programme):
        other = client.post(URL, form_data(kind="union", answer_meet="En robot", show="questions"))
        assert '<input type="hidden" name="answer_meet" value="En robot">' in other.text
        back = client.post(URL, form_data(kind="company", answer_meet="En robot", show="questions"))
        assert back.context["form"]["answer_meet"].value() == "En robot"
        assert 'type="hidden" name="answer_meet"' not in back.text

    def test_showing_questions_does_not_use_up_the_proof_of_work(self, client, programme, register):
        data = form_data()
        client.post(URL, {**data, "show": "questions"})
        client.post(URL, data)
        assert Partner.objects.get().status == Partner.Status.APPLIED

    def test_answers_go_to_the_partner_by_code(self, client, programme, register):
        data = form_data(
            kind="cluster", answer_members="120", answer_trades="Robotikk", answer_members_join="no", answer_meet="Nei"
        )
        assert client.post(URL, data).status_code == 302
        assert Partner.objects.get().answers == {"members": 120, "trades": "Robotikk", "members_join": False}

    def test_answers_left_empty_are_not_kept(self, client, programme, register):
        client.post(URL, form_data(answer_meet=" ", answer_apprentices=""))
        assert Partner.objects.get().answers == {}

    @pytest.mark.parametrize(
        ("kind", "name", "typed"),
        [
            ("cluster", "answer_members", ""),
            ("cluster", "answer_members", "mange"),
            ("cluster", "answer_members", "-1"),
            ("cluster", "answer_members", "1000001"),
            ("cluster", "answer_members", "1e5"),
            ("union", "answer_role_model_trades", "  "),
            ("company", "answer_apprentices", "kanskje"),
            ("company", "answer_meet", "x" * 401),
        ],
    )
    def test_bad_answer_is_named_where_it_stands(self, client, programme, register, kind, name, typed):
        response = client.post(URL, form_data(**{"kind": kind, "answer_members": "3", name: typed}))
        assert response.status_code == 200
        assert list(response.context["form"].errors) == [name]
        assert f'href="#id_{name}' in response.text
        assert Partner.objects.count() == 0

    def test_look_up_that_tells_the_kind_brings_its_questions(self, client, programme, register):
        typed = {"organisation_number": number("unit"), "look_up": "yes"}
        assert 'name="answer_apprentices"' in client.post(URL, typed).text
        answer = client.post(URL, typed, headers=HTMX).text
        assert 'hx-swap-oob="innerHTML:#questions"' in answer
        assert 'name="answer_apprentices"' in answer


# For the secretariat


@pytest.mark.django_db
def test_answers_are_readable_in_the_language_of_the_reader():
    partner = PartnerFactory(
        kind="cluster", answers={"trades": "Robotikk", "members_join": False, "members": 1200, "meet": ""}
    )
    with translation.override("en"):
        assert [(label, text.replace("\xa0", " ").replace(",", " ")) for label, text in answered(partner)] == [
            ("How many members does the cluster have?", "1 200"),
            ("Which trades are your members in?", "Robotikk"),
            ("Will your members receive classes themselves?", "No"),
        ]


@pytest.mark.django_db
def test_answers_of_an_earlier_kind_and_of_forgotten_questions_can_still_be_read():
    partner = PartnerFactory(kind="union", answers={"gone": "Noe", "apprentices": True, "members": 0})
    with translation.override("en"):
        assert answered(partner) == [
            ("Do you take apprentices?", "Yes"),
            ("How many members does the cluster have?", "0"),
            ("gone", "Noe"),
        ]
