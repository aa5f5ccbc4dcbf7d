"""The switcher in the header: every room of a person with the role there, and which one they are in."""

from __future__ import annotations

import re

import pytest
from django.urls import get_resolver, reverse

from stemportal.testing.factories import MembershipFactory, PartnerFactory, StaffFactory, TeacherFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_corner", "english")]


def rooms(response) -> list[tuple[str, str, bool]]:
    return [(room["label"], room["role"], room["current"]) for room in response.context["rooms"]()]


def marked(response) -> list[str]:
    """The rooms that the page itself shows as the current one."""
    return re.findall(r'href="/en/partner/\d+/" aria-current="true"><span>([^<]+)', response.text)


@pytest.fixture
def person():
    """Owner of one partner, reader of another, and a teacher."""
    user = TeacherFactory().user
    MembershipFactory(user=user, partner=PartnerFactory(display_name="Nordlys"), role="owner")
    MembershipFactory(user=user, partner=PartnerFactory(display_name="Solvind"), role="reader")
    return user


def partner_of(person, name: str) -> int:
    return person.memberships.get(partner__display_name=name).partner_id


def test_switcher_lists_every_room_with_its_role(client_of, person):
    page = client_of(person).get(reverse("about"))
    assert rooms(page) == [
        ("My visits", "Teacher", False),
        ("Nordlys", "Owner", False),
        ("Solvind", "Reader", False),
    ]
    assert page.text.count("Solvind") == 2, "in the wide header and in the menu of a phone"
    assert marked(page) == []


def test_switcher_of_staff_leads_to_the_admin(client_of):
    assert rooms(client_of(StaffFactory()).get(reverse("about"))) == [("Secretariat", "", False)]


def test_switcher_marks_the_room_one_is_in(client_of, person):
    client = client_of(person)
    here = partner_of(person, "Solvind")

    page = client.get(reverse("partners:members", args=[here]))

    assert [label for label, _role, current in rooms(page) if current] == ["Solvind"]
    assert marked(page) == ["Solvind", "Solvind"], "in the wide header and in the menu of a phone"


def room_pages() -> list[str]:
    """Names of all pages below /partner/<number>/ that need no other number."""
    found = []
    for space, (_prefix, resolver) in get_resolver().namespace_dict.items():
        for pattern in resolver.url_patterns:
            if str(pattern.pattern).startswith("partner/<int:partner_pk>/") and str(pattern.pattern).count("<") == 1:
                found.append(f"{space}:{pattern.name}")
    return found


def test_every_page_of_a_room_marks_it_and_no_other(client_of):
    """Also where one partner's number begins with another's."""
    user = MembershipFactory(partner__pk=7, partner__display_name="Sju").user
    MembershipFactory(user=user, partner__pk=77, partner__display_name="Syttisju")
    client = client_of(user)
    seen = []
    for name in room_pages():
        page = client.get(reverse(name, args=[77]))
        if page.status_code == 200 and page.context:
            seen.append(name)
            current = [label for label, _role, current in rooms(page) if current]
            assert current == ["Syttisju"], name
    assert {"schools:partner_today", "activities:listings", "partners:members", "partners:declaration"} <= set(seen)


def test_rooms_to_choose_from_after_login_say_the_role(client_of, person):
    person.teacher_records.all().delete()
    page = client_of(person).get(reverse("my_start"))
    assert "Reader" in page.text
