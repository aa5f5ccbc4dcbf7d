"""A partner pledges, a class comes, and the figure moves; two who plan at once; a browser without JavaScript too."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

TEACHER = "mari.solli@alta.example.no"
GROUP = "9A løfte"
NewContext = Callable[..., BrowserContext]

# An online visit that is confirmed at once, of a partner that no other test plays with.
FREE_VISIT = """
SELECT session.id, activity.partner_id, person.email
FROM activities_session session
JOIN activities_activity activity ON activity.id = session.activity_id
JOIN activities_kind kind ON kind.id = activity.kind_id
JOIN partners_membership membership ON membership.partner_id = activity.partner_id AND membership.role = 'owner'
JOIN accounts_user person ON person.id = membership.user_id
JOIN partners_partner partner ON partner.id = activity.partner_id
WHERE kind.code = 'role_model_online' AND activity.policy = 'instant' AND activity.status = 'published'
  AND partner.slug <> 'nordlys-robotikk' AND partner.status = 'approved'
  AND activity.grade_from <= 9 AND activity.grade_to >= 9 AND activity.group_max >= 20
  AND session.status = 'open' AND session.starts_at > now() AND session.places_taken < session.capacity
ORDER BY session.id DESC LIMIT 1
"""
LET_THE_DAY_COME = """
UPDATE activities_session SET starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour'
WHERE id IN (SELECT session_id FROM schools_booking WHERE group_name = %s AND status = 'confirmed')
"""


@dataclass(frozen=True)
class Visit:
    """A session to book, and the partner that holds it."""

    session: int
    partner: int
    owner: str


def free_visit(portal: Portal) -> Visit:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute(FREE_VISIT).fetchone()
    assert found, "the demo world has online visits"
    return Visit(*found)


def let_the_day_come(portal: Portal) -> None:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        assert connection.execute(LET_THE_DAY_COME, [GROUP]).rowcount == 1


def figure(visitor: Visitor, name: str) -> int:
    """A figure of the online visits on the page "Level and pledges"."""
    card = visitor.page.locator("#kind-role_model_online .p-quad > div", has_text=name)
    number = re.search(r"\d+", card.locator("dd").inner_text())
    assert number
    return int(number.group())


def test_pledge_moves_when_the_visit_is_completed(portal: Portal, browser_context: NewContext) -> None:
    visit = free_visit(portal)
    room = f"/en/partner/{visit.partner}/pledges/"
    partner = Visitor(portal, browser_context()).log_in(visit.owner)
    partner.open(room)
    partner.fill(pledge_role_model_online="6", pledge_transport_grant="20 000")
    partner.page.get_by_label("Steady company").check()
    partner.click("Save")
    partner.look()
    partner.sees("Saved.")
    partner.sees("Your level is Steady company.")
    partner.sees("20,000 kr")
    assert figure(partner, "Pledged") == 6
    booked, delivered = figure(partner, "Booked"), figure(partner, "Delivered")

    teacher = Visitor(portal, browser_context()).log_in(TEACHER)
    teacher.open(f"/en/sessions/{visit.session}/book/")
    if teacher.field("school_class").count():
        teacher.page.locator("main details summary").first.click()
    teacher.fill(group_name=GROUP, pupils="20")
    teacher.field("grade").select_option("9")
    teacher.page.locator("main form button[type='submit']").last.click()
    teacher.page.wait_for_load_state()
    partner.open(room)
    assert (figure(partner, "Booked"), figure(partner, "Delivered")) == (booked + 1, delivered)

    let_the_day_come(portal)
    partner.open(room)
    assert figure(partner, "Delivered") == delivered, "a day that has passed is not a visit that was held"
    teacher.open("/en/me/")
    teacher.page.locator("main li, main article").filter(has_text=GROUP).get_by_role(
        "link", name="Tell how many came"
    ).first.click()
    teacher.page.wait_for_load_state()
    teacher.fill(pupils="19")
    teacher.click("Save")
    teacher.sees("19 pupils came")

    partner.open(room)
    assert (figure(partner, "Booked"), figure(partner, "Delivered")) == (booked + 1, delivered + 1)
    partner.page.locator("#kind-role_model_online dd a").last.click()
    partner.page.wait_for_load_state()
    partner.look()
    partner.sees(GROUP)
    partner.open(f"/en/partner/{visit.partner}/").sees(f"{delivered + 1} of 6 visits")
    partner.open(f"/en/partner/{visit.partner}/bookings/?status=completed&kind=role_model_online").sees(GROUP)
    partner.open(room)
    partner.page.locator("#kind-role_model_online dd a").first.click()
    partner.page.wait_for_load_state()
    partner.look()


def test_second_of_two_colleagues_is_told_without_javascript_too(portal: Portal, browser_context: NewContext) -> None:
    visit = free_visit(portal)
    room = f"/en/partner/{visit.partner}/pledges/"
    first = Visitor(portal, browser_context()).log_in(visit.owner)
    second = Visitor(portal, browser_context(java_script_enabled=False), javascript=False).log_in(visit.owner)
    first.open(room)
    second.open(room)

    first.fill(pledge_workshop="7")
    first.click("Save")
    first.sees("Saved.")
    second.fill(pledge_competition="3")
    second.click("Save")

    second.sees("Somebody else has changed this while you were writing")
    second.sees(re.compile(r"Workshop: was .+, is now 7 visits"))
    expect(second.field("pledge_workshop")).to_have_value("7")
    expect(second.field("pledge_competition")).to_have_value("3")
    second.click("Save")
    second.sees("Saved.")
    first.open(room)
    expect(first.field("pledge_workshop")).to_have_value("7")
    expect(first.field("pledge_competition")).to_have_value("3")


def test_last_years_pledges_fill_in_the_form(portal: Portal, browser_context: NewContext) -> None:
    partner = Visitor(portal, browser_context()).log_in("ingrid.fjelldal@nordlys-robotikk.example.no")
    partner.open("/en/start/")
    partner.click("Level and pledges", role="link").look()
    partner.page.get_by_role("link", name=re.compile("Fill in the same as in")).click()
    partner.page.wait_for_load_state()
    partner.look()
    partner.sees("Nothing is saved yet.")


def test_levels_stand_side_by_side_for_who_may_become_a_partner(portal: Portal, browser_context: NewContext) -> None:
    visitor = Visitor(portal, browser_context(viewport={"width": 1280, "height": 900}))
    visitor.open("/en/partners/become/")
    tops = {
        round(visitor.page.get_by_role("heading", name=name, exact=True).bounding_box()["y"])  # type: ignore[index]
        for name in ("Open door", "Steady company", "Driving force")
    }
    assert len(tops) == 1

    phone = Visitor(portal, browser_context(viewport={"width": 360, "height": 780}))
    phone.open("/en/partners/become/")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
