"""The data the portal starts with."""

from datetime import date

import pytest

from stemportal.activities.models import CurriculumPlan, Goal, Kind, Subject
from stemportal.activities.rules import ASK, GUARDS
from stemportal.activities.services.seeding import load_curriculum, load_kinds, load_subjects
from stemportal.lib.templatetags.portal import icon_set

pytestmark = pytest.mark.django_db


def test_loading_twice_changes_nothing():
    assert (load_kinds(), load_subjects(), load_curriculum()) == (12, 15, 231)
    assert (load_kinds(), load_subjects(), load_curriculum()) == (0, 0, 0)


def test_kinds_keep_what_staff_changed():
    load_kinds()
    Kind.objects.filter(code="workshop").update(name_nb="Makerverksted", guards={"min_grade": 10})
    load_kinds()
    kind = Kind.objects.get(code="workshop")
    assert (kind.name_nb, kind.guards) == ("Makerverksted", {"min_grade": 10})


def test_kinds_are_complete_in_three_languages():
    load_kinds()
    for kind in Kind.objects.all():
        texts = [getattr(kind, f"{name}_{language}") for name in ("name", "help") for language in ("nb", "nn", "en")]
        assert all(texts), kind.code
        assert kind.icon in icon_set(), kind.code
        assert set(kind.guards) <= set(GUARDS), kind.code
        assert set(kind.required) <= set(kind.fields), kind.code
        assert set(kind.required) <= set(ASK), kind.code


def test_no_kind_asks_pupils_for_money():
    load_kinds()
    assert not {field for kind in Kind.objects.all() for field in kind.fields if "fee" in field or "price" in field}


def test_subjects_have_the_names_of_the_language():
    load_subjects()
    subject = Subject.objects.get(code="UTV")
    assert (subject.name_nb, subject.name_nn, subject.name_en) == (
        "Utdanningsvalg",
        "Utdanningsval",
        "Educational choice",
    )


def test_expired_plans_point_to_their_successors():
    load_curriculum()
    for old, new in (("MAT01-05", "MAT01-06"), ("NAT01-04", "NAT01-05")):
        plan = CurriculumPlan.objects.get(code=old)
        assert (plan.valid_to, plan.successor.code) == (date(2026, 8, 1), new)
    assert Goal.objects.get(plan__code="MAT01-05", code="KM204").text_nb.startswith("bruke potenser")
