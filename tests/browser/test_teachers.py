"""Teachers in a browser: a login with Feide, and a colleague whom a coordinator approves.

Signing up with e-mail is in test_story. Each page of the portal is looked at by axe in both colour schemes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.feide_server import Feide, org, teaching_group, unit
from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]
SCHOOL = "Alta ungdomsskole"
LISE = "lise.laerer@eksempel.example.no"


def number_of(portal: Portal, school: str) -> str:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT number FROM schools_school WHERE name = %s", [school]).fetchone()
    assert found
    return str(found[0])


def log_in_at_feide(visitor: Visitor, sub: str) -> None:
    """Give one's name on Feide's own page, which is none of the portal's."""
    visitor.page.locator("input[name='sub']").fill(sub)
    visitor.page.get_by_role("button", name="Authorize").click()
    visitor.page.wait_for_load_state()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_pupil_is_refused_kindly(portal: Portal, feide: Feide, browser_context: NewContext, javascript: bool) -> None:
    visitor = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript)
    feide.groups.answer = [org("member", "student", primary="student")]
    visitor.open("/en/account/login/")
    visitor.click("Log in with Feide")
    log_in_at_feide(visitor, "elev")
    visitor.look().sees("The portal is for teachers")


def test_teacher_logs_in_with_feide_and_takes_a_class_over(
    portal: Portal, feide: Feide, browser_context: NewContext
) -> None:
    teacher = Visitor(portal, browser_context())
    number = number_of(portal, SCHOOL)
    feide.groups.answer = [
        org("member", "employee", "faculty"),
        unit(number, SCHOOL, main=True),
        teaching_group(number, "10F naturfag", "10f"),
    ]
    teacher.open("/en/account/signup/")
    teacher.click("Sign up with Feide")
    log_in_at_feide(teacher, "lise")
    teacher.type_code(LISE, after=0)
    teacher.look().sees(SCHOOL)
    expect(teacher.page.locator("main")).not_to_contain_text("is confirming")

    teacher.open("/en/me/classes/feide/")
    teacher.page.get_by_role("checkbox", name="10F naturfag").check()
    teacher.fill(**{"g0-name": "10F", "g0-pupils": "26"})
    teacher.click("Take over the ticked classes")
    teacher.look().sees("10F")

    teacher.open("/en/me/colleagues/")
    teacher.open("/en/me/schools/")
    teacher.open("/en/account/3rdparty/").sees("Feide is connected since")


def test_coordinator_approves_a_colleague(portal: Portal, browser_context: NewContext) -> None:
    """The coordinator is asked by mail, and the page that the mail leads to has the button."""
    email, newcomer = "nils.ny@privat.example.org", Visitor(portal, browser_context())
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        (school,) = connection.execute(
            "SELECT s.name FROM schools_teacher t JOIN schools_school s ON s.id = t.school_id"
            " JOIN accounts_user u ON u.id = t.user_id WHERE u.email = 'mari.solli@alta.example.no'"
        ).fetchone() or ("",)
    newcomer.open("/en/account/signup/")
    newcomer.fill(full_name="Nils Ny", email=email)
    newcomer.page.locator("main [name='school_text']").press_sequentially(school, delay=20)
    newcomer.page.locator("#school-choices label", has_text=school).first.click()
    newcomer.click("Create my account")
    newcomer.type_code(email, after=0)
    newcomer.page.wait_for_url(re.compile(r"/(me|start)/"))
    newcomer.look().sees("A coordinator at your school is confirming")

    coordinator = Visitor(portal, browser_context()).log_in_by_form("mari.solli@alta.example.no")
    coordinator.wait_for_mail("mari.solli@alta.example.no", "Nils Ny")
    coordinator.open("/en/me/colleagues/").sees("Nils Ny")
    coordinator.click("Approve Nils Ny")
    coordinator.look().sees("can book now")
    newcomer.wait_for_mail(email, "You can book visits now")
    coordinator.open("/en/me/school/bookings/")
    coordinator.page.locator("main .p-hits a").first.click()
    coordinator.page.wait_for_load_state()
    if coordinator.page.get_by_role("link", name="Hand over to a colleague").count():
        coordinator.click("Hand over to a colleague", role="link")
        coordinator.look()
