"""A request, another time from the partner, and a yes to it; and a waiting list that moves when a place is free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from playwright.sync_api import BrowserContext

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

TEACHER = "mari.solli@alta.example.no"
NewContext = Callable[..., BrowserContext]

# Two free dates of an offer that the partner confirms, of a partner that no other test plays with.
TWO_DATES = """
SELECT array_agg(DISTINCT session.id), min(person.email), activity.id
FROM activities_session session
JOIN activities_activity activity ON activity.id = session.activity_id
JOIN activities_kind kind ON kind.id = activity.kind_id
JOIN partners_membership membership ON membership.partner_id = activity.partner_id AND membership.role = 'owner'
JOIN accounts_user person ON person.id = membership.user_id
JOIN partners_partner partner ON partner.id = activity.partner_id
WHERE activity.policy = 'confirm' AND activity.status = 'published' AND partner.status = 'approved'
  AND partner.slug <> 'nordlys-robotikk' AND kind.unit = 'groups'
  AND activity.grade_from <= 9 AND activity.grade_to >= 9 AND activity.group_max >= 20
  AND session.status = 'open' AND session.starts_at > now() + interval '5 days' AND session.places_taken = 0
  AND session.pupil_capacity IS NULL
  AND NOT EXISTS (SELECT 1 FROM schools_booking booking WHERE booking.activity_id = activity.id
                  AND booking.status IN ('offered', 'waitlisted'))
GROUP BY activity.id HAVING count(DISTINCT session.id) >= 2
ORDER BY activity.id DESC LIMIT 1 OFFSET %s
"""


@dataclass(frozen=True)
class Offer:
    """Two free dates of an offer, and who answers for it."""

    first: int
    second: int
    owner: str


def offer(portal: Portal, *, place: int) -> Offer:
    """An offer that one test plays with; its dates have one place each."""
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute(TWO_DATES, [place]).fetchone()
        assert found, "the demo world has offers with two free dates"
        dates, owner, _activity = found
        connection.execute("UPDATE activities_session SET capacity = 1 WHERE id = ANY(%s)", [dates])
    return Offer(dates[0], dates[1], owner)


def book(visitor: Visitor, path: str, group: str, button: str) -> Visitor:
    visitor.open(path)
    details = visitor.page.locator("main details", has=visitor.page.locator("[name='group_name']"))
    if details.count() and details.first.get_attribute("open") is None:
        details.first.locator("summary").click()
    visitor.fill(group_name=group, pupils="20")
    visitor.field("grade").select_option("9")
    return visitor.click(button)


def test_request_another_time_and_a_yes(portal: Portal, browser_context: NewContext) -> None:
    dates = offer(portal, place=0)
    teacher = Visitor(portal, browser_context()).log_in(TEACHER)
    book(teacher, f"/en/sessions/{dates.first}/book/", "9A motbud", "Send the request")
    teacher.sees("Sent to")
    booking = teacher.page.url.removeprefix(portal.base_url)

    partner = Visitor(portal, browser_context()).log_in(dates.owner)
    partner.open(booking).click("Offer another time", role="link").look()
    partner.page.locator(f"main [name='session'][value='{dates.second}']").check()
    partner.fill(note="Den dagen er roboten hjemme.").click("Send the offer")
    partner.sees("The place is kept for the school").look()

    mail = teacher.wait_for_mail(TEACHER, "foreslår et annet tidspunkt")
    assert booking.removeprefix("/en") in mail.get_body(("plain",)).get_content()
    teacher.open("/en/me/").sees("Waiting for your answer")
    teacher.open(booking).sees("offers you another time").sees("Den dagen er roboten hjemme.")
    teacher.click("Accept this time").sees("Agreed!").look()
    assert partner.wait_for_mail(dates.owner, "Avtalt: 9A motbud")


def test_waiting_list_moves_when_a_place_is_free_also_without_javascript(
    portal: Portal, browser_context: NewContext
) -> None:
    dates = offer(portal, place=1)
    teacher = Visitor(portal, browser_context()).log_in(TEACHER)
    book(teacher, f"/en/sessions/{dates.first}/book/", "9A først", "Send the request")
    first = teacher.page.url.removeprefix(portal.base_url)

    waiting = Visitor(portal, browser_context(java_script_enabled=False), javascript=False).log_in(TEACHER)
    book(waiting, f"/en/sessions/{dates.first}/wait/", "9B venter", "Join the waiting list")
    waiting.sees("You are number 1 on the waiting list")
    second = waiting.page.url.removeprefix(portal.base_url)

    teacher.open(first).click("Withdraw the request")
    teacher.page.get_by_role("button", name="Withdraw", exact=True).click()
    teacher.sees("the place is free again")

    waiting.wait_for_mail(TEACHER, "Ledig plass")
    waiting.open(second).sees("A place is free for your class")
    waiting.click("Take the place").sees("The place is yours as soon as")
    partner = Visitor(portal, browser_context()).log_in(dates.owner)
    partner.open(second).click("Confirm", exact=True).sees("Confirmed.")
