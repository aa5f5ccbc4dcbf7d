"""The school register that the project carries."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from stemportal.places.services import load_places
from stemportal.schools.models import School
from stemportal.schools.services.registers import load_schools

pytestmark = pytest.mark.django_db

SCHOOLS = 1738


def test_registers_load_twice_and_change_nothing(capsys):
    call_command("load_registers")
    first = list(School.objects.order_by("number").values_list("number", "name", "pk"))
    call_command("load_registers")

    assert list(School.objects.order_by("number").values_list("number", "name", "pk")) == first
    assert len(first) == SCHOOLS
    assert f"The registers are loaded; {SCHOOLS} schools." in capsys.readouterr().out


def test_schools_are_where_they_should_be():
    load_places()
    assert load_schools() == SCHOOLS

    schools = School.objects.select_related("municipality")
    assert not schools.exclude(grade_from__lte=13, grade_to__gte=8).exists(), "lower and upper secondary only"
    assert {school.place_name for school in schools.filter(municipality=None)} <= {"Svalbard"}
    assert not schools.exclude(latitude__range=(57.5, 81), longitude__range=(4, 32)).exists()
    assert set(schools.values_list("language_form", flat=True)) == {"nb", "nn", "neutral"}
    alta = schools.filter(municipality__number="5601")
    assert alta.filter(name__icontains="ungdomsskole").exists()
    assert schools.filter(municipality__county__number="03").count() > 50


def test_schools_that_changed_name_keep_their_row():
    load_places()
    load_schools()
    school = School.objects.order_by("number").first()
    School.objects.filter(pk=school.pk).update(name="Et gammelt navn", is_active=False)

    load_schools()

    again = School.objects.get(number=school.number)
    assert (again.pk, again.name) == (school.pk, school.name)
    assert not again.is_active, "what the secretariat has closed stays closed"
