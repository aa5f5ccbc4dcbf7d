"""A role model in the browser: written, asked by mail, says yes, found and asked for, takes the yes back.

Each page on the way is looked at by axe in both colour schemes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from stemportal.embedded.process import wait_until
from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]
# A partner of the demo world that no other browser test uses.
OWNER = "ane.kjolstad@aakerbotikk.example.no"
TEACHER = "mari.solli@alta.example.no"


def photo() -> dict[str, str | bytes]:
    target = BytesIO()
    Image.new("RGB", (600, 600), "#7a4379").save(target, "PNG")
    return {"name": "person.png", "mimeType": "image/png", "buffer": target.getvalue()}


def write_profile(partner: Visitor, name: str, email: str) -> None:
    """From the first page of the room to a profile that is ready to be asked about."""
    partner.click("Role models", role="link").look()
    partner.click(re.compile("Write the first profile|New role model"), role="link").look()  # type: ignore[arg-type]
    partner.fill(full_name=name, email=email, job_title="Feltrobotiker")
    partner.click("Save", exact=True)
    partner.look()
    assert "/role-models/" in partner.page.url
    partner.sees("at least one subject").click("Edit", role="link")
    partner.field("language").select_option("en")
    partner.fill(
        intro="Roboten min luker ugress, og jeg lærer den forskjell på en tistel og en gulrot.",
        path="Jeg ville bli **bonde**, og ble det på en måte.",
        step_year_0="2012",
        step_text_0="Naturbruk på Kalnes",
        step_year_1="i fjor",
        step_text_1="Mekatronikk",
        photo_alt="En person i regntøy",
    )
    partner.page.locator("main [name='subjects']").first.check()
    partner.page.locator("main [name='visits_schools']").uncheck()
    partner.page.locator("main [name='meets_online']").check()
    partner.page.locator("main [name='photo']").set_input_files(photo())  # type: ignore[arg-type]
    partner.click("Save", exact=True)
    partner.look().sees("Write a year such as 2014")
    partner.fill(step_year_1="2016–2019")
    partner.page.locator("main [name='photo']").set_input_files(photo())  # type: ignore[arg-type]
    partner.click("Save", exact=True)
    partner.look()
    expect(partner.page.locator("main")).not_to_contain_text("Before you can ask")


def link_to(visitor: Visitor, email: str) -> str:
    """The path of the page behind the newest mail to the person."""
    mail = visitor.wait_for_mail(email, "role model")
    found = re.search(r"http://\S+?(/\S*role-models/consent/\S+)", mail.get_body(("plain",)).get_content())
    assert found, mail
    return found[1]


def told(portal: Portal, name: str, times: int) -> bool:
    """Whether the partner has so many mails about the person, in whatever language."""

    def mails() -> bool:
        return sum(name in str(mail["Subject"]) for mail in portal.read_mails(OWNER)) == times

    wait_until(mails, seconds=30)
    return mails()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_role_model_says_yes_is_found_and_asked_for_and_takes_it_back(
    portal: Portal, browser_context: NewContext, javascript: bool
) -> None:
    name = "Ylva Tistelrud" if javascript else "Aron Gulrotmo"
    email = f"{name.split(maxsplit=1)[0].lower()}@aakerbotikk.example.no"

    def somebody() -> Visitor:
        return Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript)

    partner, person, visitor = somebody(), somebody(), somebody()
    partner.log_in(OWNER)
    write_profile(partner, name, email)
    profile = partner.page.url.removeprefix(portal.base_url)
    partner.click("Ask for consent")
    partner.look().sees(f"We have written to {email}")
    visitor.page.goto(portal.base_url + profile)
    expect(visitor.page.locator("main")).not_to_contain_text(name)

    # The link opens a page and nothing more; the button says yes.
    link = link_to(partner, email)
    person.open(link).sees("May Åkerbotikk show you as a role model?").sees("Naturbruk på Kalnes")
    visitor.open(f"/en/role-models/?q={name.split()[1]}").sees("No role model fits your search")
    person.click("Yes, show my profile")
    person.look().sees("Your profile is shown from now on")
    person.wait_for_mail(email, "you are now a role model")
    assert told(portal, name, 1)

    # Found, and a date proposed.
    teacher = somebody()
    teacher.log_in(TEACHER)
    teacher.open("/en/role-models/")
    if javascript:
        expect(teacher.page.locator("main img").first).to_have_js_property("complete", True)
    teacher.open(f"/en/role-models/?q={name.split()[1]}&way=online")
    teacher.click(name, role="link").look()
    teacher.click("Propose a date", role="link").look()
    propose(teacher)
    teacher.look().sees("Sent to Åkerbotikk")

    # Taken back: gone at once, everywhere.
    person.open(link).click("Take my consent back")
    person.look().sees("The profile and the photo are not shown any more")
    visitor.page.goto(portal.base_url + profile)
    expect(visitor.page.locator("main")).not_to_contain_text(name)
    visitor.open(f"/en/role-models/?q={name.split()[1]}").sees("No role model fits your search")
    person.wait_for_mail(email, "Your consent is taken back")
    assert told(portal, name, 2)
    partner.open(profile).sees("Consent withdrawn")

    # And deleted, with a question first where there is script.
    person.open(link).click("Delete my profile")
    if javascript:
        person.page.get_by_role("dialog").get_by_role("button", name="Delete my profile").click()
        person.page.wait_for_load_state()
    person.look().sees("Your profile is deleted")


def propose(teacher: Visitor) -> None:
    """A day in two months, for a group of one's own words."""
    day = timezone.localdate() + timedelta(days=60)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    folded = teacher.page.locator("main details:has([name='group_name']) summary")
    if folded.count():
        folded.first.click()
    teacher.fill(day=day.isoformat(), clock="10:00", group_name=f"9R{'s' if teacher.javascript else ''}", pupils="24")
    teacher.field("grade").select_option("9")
    teacher.click("Send the request")
