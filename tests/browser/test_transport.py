"""A class asks for money for the bus, the secretariat approves, the receipt comes, and the journey is settled."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import psycopg
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

TEACHER = "mari.solli@alta.example.no"
STAFF = "sekretariat@stemportal.example.no"
GROUP = "9S"
NewContext = Callable[..., BrowserContext]

# A confirmed visit of the demo teacher's school to a place some way off, of a partner without a pot of its own.
MAKE_A_VISIT = """
WITH chosen AS (
    SELECT session.id AS session_id, session.activity_id
    FROM activities_session session
    JOIN activities_activity activity ON activity.id = session.activity_id
    JOIN partners_partner partner ON partner.id = activity.partner_id
    WHERE activity.format = 'on_site' AND activity.status = 'published' AND session.status = 'open'
      AND session.starts_at > now() + interval '2 days' AND session.places_taken < session.capacity
      AND abs(activity.latitude - %(latitude)s) BETWEEN 0.1 AND 1.5 AND partner.slug <> 'nordlys-robotikk'
      AND partner.status = 'approved'
    ORDER BY session.id LIMIT 1
), taken AS (
    UPDATE activities_session SET places_taken = places_taken + 1 WHERE id = (SELECT session_id FROM chosen)
)
INSERT INTO schools_booking (
    activity_id, session_id, school_id, teacher_id, group_name, grade, pupils, places, adults, travel, status, needs,
    message, reply, pupil_wishes, same_time_reason, created_at, request_key, calendar_sequence
)
SELECT activity_id, session_id, %(school)s, %(teacher)s, %(group)s, 9, 26, 1, 2, 'hired', 'confirmed', '', '', '', '[]',
       '', now(), gen_random_uuid(), 0
FROM chosen RETURNING id, session_id
"""
LET_THE_DAY_COME = """
UPDATE activities_session SET starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' WHERE id = %s
"""


def make_a_visit(portal: Portal) -> tuple[int, int]:
    """Return (booking, session)."""
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        teacher, school, latitude = connection.execute(
            "SELECT person.id, school.id, school.latitude FROM accounts_user person"
            " JOIN schools_teacher record ON record.user_id = person.id"
            " JOIN schools_school school ON school.id = record.school_id WHERE person.email = %s",
            [TEACHER],
        ).fetchone()  # type: ignore[misc]
        facts = {"teacher": teacher, "school": school, "latitude": latitude, "group": GROUP}
        made = connection.execute(MAKE_A_VISIT, facts).fetchone()
    assert made, "the demo world has offers near Alta"
    return made  # type: ignore[return-value]


def let_the_day_come(portal: Portal, session: int) -> None:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        assert connection.execute(LET_THE_DAY_COME, [session]).rowcount == 1


def receipt() -> bytes:
    target = BytesIO()
    Image.new("RGB", (300, 200), "white").save(target, "JPEG")
    return target.getvalue()


def test_grant_goes_from_the_application_to_settlement(portal: Portal, browser_context: NewContext) -> None:
    booking, session = make_a_visit(portal)
    teacher = Visitor(portal, browser_context(viewport={"width": 360, "height": 780})).log_in(TEACHER)
    teacher.open(f"/en/bookings/{booking}/")
    teacher.click("Ask for money for the journey", role="link").look()
    teacher.sees("We reckon that it is about")
    assert teacher.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    teacher.fill(ore="99 000")
    teacher.click("Send the application").look()
    teacher.sees("Say why you need more")
    teacher.fill(ore="", km="40")
    teacher.click("Work out the prices")
    teacher.page.get_by_label(re.compile(r"in traffic \(3,640 kr\)")).check()
    teacher.click("Send the application").look()
    teacher.sees("Waiting for an answer")

    staff = Visitor(portal, browser_context()).log_in(STAFF)
    staff.page.goto(f"{portal.base_url}/en/admin/")
    staff.page.get_by_role("link", name=re.compile("Applications for money for journeys")).first.click()
    staff.page.get_by_role("link", name="Answer").last.wait_for()
    row = staff.page.locator("tr", has_text=re.compile("40 km, 28,"))
    row.get_by_role("link", name=re.compile("^Answer")).click()
    staff.page.get_by_role("button", name="Approve").click()
    expect(staff.page.locator("body")).to_contain_text("Done. The teacher has been told.")
    teacher.wait_for_mail(TEACHER, "640 kr")

    let_the_day_come(portal, session)
    teacher.open(f"/en/bookings/{booking}/transport/").sees("is set aside for your journey")
    teacher.field("file").set_input_files([{"name": "kvittering.jpg", "mimeType": "image/jpeg", "buffer": receipt()}])
    teacher.fill(ore="900")
    teacher.click("Send the receipt").look()
    teacher.sees("The receipt is there")

    staff.page.goto(f"{portal.base_url}/en/admin/schools/transportgrant/?queue=claimed")
    staff.page.locator("tr", has_text="40 km, 28,").get_by_role("link", name=re.compile("^Answer")).click()
    expect(staff.page.get_by_role("link", name="Open the receipt")).to_be_visible()
    staff.page.get_by_role("button", name="Settle").click()
    expect(staff.page.locator("body")).to_contain_text("Done. The teacher has been told.")
    teacher.open(f"/en/bookings/{booking}/transport/").sees("Settled: the school gets 900 kr")


def test_partner_answers_out_of_its_own_pot_without_javascript(portal: Portal, browser_context: NewContext) -> None:
    visitor = Visitor(portal, browser_context(java_script_enabled=False), javascript=False)
    visitor.log_in("ingrid.fjelldal@nordlys-robotikk.example.no")
    visitor.open("/en/start/")
    visitor.click("Money for journeys", role="link")
    visitor.sees("Nordlysbussen")
    visitor.page.locator("main li", has_text="Applied for").get_by_role("link").first.click()
    visitor.page.wait_for_load_state()
    visitor.click("Decline").sees("Write a line, so that the teacher knows why.")
    visitor.click("Approve").sees("Done. The teacher has been told.")


def test_pages_of_a_partners_pots_are_accessible(portal: Portal, browser_context: NewContext) -> None:
    visitor = Visitor(portal, browser_context(viewport={"width": 360, "height": 780}))
    visitor.log_in("ingrid.fjelldal@nordlys-robotikk.example.no")
    visitor.open("/en/start/")
    visitor.click("Money for journeys", role="link").look()
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    visitor.page.locator("main li .ds-card").get_by_role("link").first.click()
    visitor.page.wait_for_load_state()
    visitor.look()
