"""A partner lets dates repeat, a holiday is left out, one is called off and the rest moves; the class is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import psycopg
from playwright.sync_api import BrowserContext

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

TEACHER = "mari.solli@alta.example.no"
NewContext = Callable[..., BrowserContext]

# A visit that is confirmed at once, of a partner that no other test plays with.
OFFER = """
SELECT activity.id, person.email
FROM activities_activity activity
JOIN activities_kind kind ON kind.id = activity.kind_id AND kind.unit = 'groups'
JOIN partners_partner partner ON partner.id = activity.partner_id AND partner.status = 'approved'
JOIN partners_membership membership ON membership.partner_id = partner.id AND membership.role = 'owner'
JOIN accounts_user person ON person.id = membership.user_id
WHERE activity.policy = 'instant' AND activity.status = 'published' AND activity.duration_minutes <= 300
  AND activity.grade_from <= 9 AND activity.grade_to >= 9 AND activity.group_max >= 20
  AND activity.format <> 'digital' AND partner.slug NOT IN ('nordlys-robotikk', 'kodehytta')
  AND right(person.email, 11) = '.example.no'
ORDER BY activity.id, membership.id LIMIT 1
"""
DATES = """
SELECT session.id, session.starts_at FROM activities_session session
JOIN activities_sessionseries series ON series.id = session.series_id
WHERE series.activity_id = %s AND session.status = 'open' ORDER BY session.starts_at
"""


def ask(portal: Portal, query: str, *values: object) -> list[tuple]:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        return connection.execute(query, values).fetchall()


def test_series_with_an_exception_one_called_off_and_the_rest_moved(
    portal: Portal, browser_context: NewContext
) -> None:
    activity, owner = ask(portal, OFFER)[0]
    # Constitution Day is a holiday on whatever weekday it falls.
    holiday = date(datetime.now(UTC).year + 1, 5, 17)
    partner = Visitor(portal, browser_context()).log_in(owner)
    partner.open(f"/en/activities/{activity}/sessions/add/")
    rule = partner.page.locator("#repeat")
    rule.locator(f"[name='r-weekdays'][value='{holiday.weekday()}']").check()
    rule.locator("[name='r-first_day']").fill((holiday - timedelta(days=21)).isoformat())
    rule.locator("[name='r-last_day']").fill((holiday + timedelta(days=14)).isoformat())
    rule.locator("[name='r-begins']").fill("09:00")
    rule.locator("[name='r-minutes']").fill("120")
    rule.locator("[name='r-pupil_capacity']").fill("45")
    partner.click("See the dates").look()
    partner.sees("left out: 17 May")
    partner.click("Add these dates").look()
    partner.sees("sessions added.")
    partner.sees("Public holiday")
    dates = ask(portal, DATES, activity)
    assert len(dates) >= 4
    assert holiday not in {start.date() for _pk, start in dates}

    teacher = Visitor(portal, browser_context()).log_in(TEACHER)
    last, began = dates[-1]
    teacher.open(f"/en/sessions/{last}/book/")
    if teacher.field("school_class").count():
        teacher.page.locator("main details summary").first.click()
    teacher.fill(group_name="9A serie", pupils="20")
    teacher.field("grade").select_option("9")
    teacher.page.locator("main form button[type='submit']").last.click()
    teacher.page.wait_for_load_state()
    teacher.sees("Booked!")

    partner.open(f"/en/sessions/{dates[1][0]}/cancel/")
    partner.fill(note="Maskinen er i stykker")
    partner.click("Call it off")
    partner.sees("The session is called off. 0 groups have been told.")

    third, start = dates[2]
    partner.open(f"/en/sessions/{third}/change/")
    partner.sees("1 group is told.")
    partner.page.locator("[name='scope'][value='following']").check()
    partner.fill(day=(start.date() + timedelta(days=1)).isoformat(), begins="10:00", ends="12:00")
    partner.click("Save the change").look()
    partner.sees("1 group is told.")
    partner.page.locator("main form button[type='submit']").first.click()
    partner.page.wait_for_load_state()
    partner.look()
    partner.sees("sessions are changed.")

    moved = dict(ask(portal, DATES, activity))
    assert moved[dates[0][0]] == dates[0][1], "what lies before stays"
    assert dates[1][0] not in moved
    assert [moved[pk] - before for pk, before in dates[2:]] == [timedelta(days=1, hours=1)] * len(dates[2:])
    mail = teacher.wait_for_mail(TEACHER, "Nytt tidspunkt eller sted")
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar").get_content()
    assert "SEQUENCE:1" in calendar
    then = began.astimezone(UTC) + timedelta(days=1, hours=1)
    assert f"DTSTART:{then:%Y%m%dT%H%M%SZ}" in calendar
