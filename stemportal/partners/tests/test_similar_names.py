"""Names that are nearly equal: what the applicant is told, and what the one who decides sees."""

from __future__ import annotations

import pytest

from stemportal.lib.organisation_numbers import synthetic
from stemportal.partners.models import Partner
from stemportal.partners.queries.applications import possible_duplicates, similar_partners
from stemportal.partners.tests.helpers import NUMBER, form_data
from stemportal.testing.factories import PartnerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

URL = "/en/partners/register/"
Status = Partner.Status


def named(legal: str, shown: str = "", **facts) -> Partner:
    return PartnerFactory(legal_name=legal, display_name=shown or legal, **facts)


# Likeness


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("SOLVIND MÅLETEKNIKK AS", "Solvind Måleteknikk"),
        ("Solvind Måleteknik", "SOLVIND MÅLETEKNIKK AS"),
        ("Solvind Maaleteknikk", "Solvind Måleteknikk"),
        ("Norske Shell A/S", "AS Norske Shell"),
        ("Nordkraft", "Nord Kraft AS"),
        ("Konsberg gruppen", "KONGSBERG GRUPPEN ASA"),
        ("UiT - Norges Arktiske Universitet", "UIT NORGES ARKTISKE UNIVERSITET"),
        ("Ericsson AB (publ)", "Ericsson"),
        ("Grundfos ApS", "GRUNDFOS A/S"),
    ],
)
def test_names_that_differ_in_writing_only_are_alike(typed, known):
    partner = named(known)
    assert similar_partners(typed, "Noe helt annet") == [partner]
    assert similar_partners("Noe helt annet", typed) == [partner]


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("Elektro Bodø AS", "Elektro Hamar AS"),
        ("Hasvik kommune", "Alta kommune"),
        ("Kongsberg Defence AS", "Kongsberg Gruppen ASA"),
        ("Universitetet i Bergen", "Universitetet i Oslo"),
        ("AS", "Solvind AS"),
        ("", "Solvind AS"),
        ("%_' OR 1=1 --", "Solvind AS"),
        ("北京", "Solvind AS"),
    ],
)
def test_other_names_are_not_alike(typed, known):
    named(known)
    assert similar_partners(typed, typed) == []


def test_both_names_of_a_partner_count_and_the_most_similar_comes_first():
    farther = named("Polarkyst Sensorer AS")
    nearest = named("Helt annet foretak AS", "Polarkyst Sensor")
    found = similar_partners("Polarkyst Sensor AS", "Noe annet")
    assert found == [nearest, farther]
    assert found[0].similarity == pytest.approx(1.0)
    assert similar_partners("Polarkyst Sensor AS", "", exclude=nearest) == [farther]
    assert similar_partners("Polarkyst Sensor AS", "", limit=1) == [nearest]


# The applicant


def test_applicant_is_asked_about_a_partner_with_nearly_the_same_name(client, programme, register):
    partner = named("SOLVIND MÅLETEKNIK AS", "Solvind Måleteknik", postal_place="Alta")
    response = client.post(URL, form_data())
    assert list(response.context["form"].errors) == ["is_another"]
    assert "Is this you?" in response.text
    assert partner.get_absolute_url() in response.text
    assert "ask a colleague there to invite you" in response.text
    assert 'name="is_another"' in response.text
    assert response.context["form"]["about"].value() == "Vi måler vind."
    assert Partner.objects.count() == 1


def test_one_tick_and_one_press_more_sends_it(client, programme, register):
    named("SOLVIND MÅLETEKNIK AS")
    assert client.post(URL, form_data(is_another="on")).status_code == 302
    assert Partner.objects.filter(organisation_number=NUMBER, status=Status.APPLIED).exists()


def test_tick_is_not_lost_when_something_else_is_wrong(client, programme, register):
    named("SOLVIND MÅLETEKNIK AS")
    response = client.post(URL, form_data(is_another="on", signed=None))
    assert list(response.context["form"].errors) == ["signed"]
    assert response.context["form"]["is_another"].value() is True
    assert 'name="is_another"' in response.text


def test_form_without_a_look_alike_has_no_such_tick(client, programme, register):
    named("Helt annet foretak AS")
    assert 'name="is_another"' not in client.get(URL).text
    assert client.post(URL, form_data()).status_code == 302


@pytest.mark.parametrize("status", [status for status in Status if status != Status.APPROVED])
def test_names_of_those_who_are_not_partners_are_never_told(client, programme, register, status):
    named("SOLVIND MÅLETEKNIK AS", status=status)
    assert client.post(URL, form_data()).status_code == 302


# The secretariat


def reasons(partner: Partner) -> dict[int, list[str]]:
    return {found.partner.pk: found.reasons for found in possible_duplicates(partner)}


@pytest.fixture
def applied() -> Partner:
    return named("POLARKYST SENSOR AS", "Polarkyst", organisation_number=NUMBER, parent_number="", status="applied")


@pytest.mark.parametrize("status", Status)
def test_all_statuses_are_searched(applied, status):
    other = named("Polarkyst Sensor", status=status)
    assert reasons(applied) == {other.pk: ["Same name"]}


def test_reasons_are_told_in_words_the_surest_first(applied):
    near = named("Polarkyst Sensorer AS")
    number = named("Noe helt annet AS", organisation_number=NUMBER, status=Status.DECLINED)
    abroad = named("Grundfos A/S", organisation_number=NUMBER, country="DK")
    named("Uten likhet AS")
    found = possible_duplicates(applied)
    assert [one.partner for one in found] == [abroad, number, near]
    assert found[0].reasons == ["Same number in another country"]
    assert found[1].reasons == ["Same number"]
    assert found[2].reasons == [f"Nearly the same name ({round(found[2].similarity * 100)} %)"]
    assert 0.6 < found[2].similarity < 1


def test_family_is_found_from_every_side():
    parent = named("Polarkyst AS", organisation_number=synthetic(1))
    one = named("Avdeling nord", organisation_number=synthetic(2), parent_number=synthetic(1))
    two = named("Verksted sør", organisation_number=synthetic(3), parent_number=synthetic(1))
    assert reasons(one) == {parent.pk: ["It is the parent organisation"], two.pk: ["Same parent organisation"]}
    assert reasons(parent) == {one.pk: ["It is a branch of this one"], two.pk: ["It is a branch of this one"]}


def test_partners_without_a_parent_are_no_family(applied):
    named("Uten likhet AS", parent_number="")
    assert reasons(applied) == {}


def test_no_more_than_the_limit_and_always_two_questions(django_assert_num_queries, applied):
    for n in range(3):
        named(f"Polarkyst Sensor {n} AS")
    with django_assert_num_queries(2):
        assert len(possible_duplicates(applied, limit=2)) == 2
    with django_assert_num_queries(2):
        assert len(possible_duplicates(applied)) == 3
