"""A teacher tells of a visit with a picture, the secretariat publishes it, and everybody reads it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import Image
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

TEACHER = "mari.solli@alta.example.no"
STAFF = "sekretariat@stemportal.example.no"
TITLE = "Fem minutter som ble en time"
NewContext = Callable[..., BrowserContext]


def picture() -> bytes:
    target = BytesIO()
    Image.new("RGB", (640, 400), "#005a6b").save(target, "JPEG")
    return target.getvalue()


def test_story_is_told_published_and_read(portal: Portal, browser_context: NewContext) -> None:
    # A teacher tells, on a phone.
    teacher = Visitor(portal, browser_context(viewport={"width": 360, "height": 780})).log_in(TEACHER)
    teacher.open("/en/me/stories/write/").look()
    teacher.page.locator("[name='voice']").first.check()
    teacher.fill(title=TITLE, lead="Klassen ville ikke hjem.", text="De *ville* ikke.\n\n## Og så\n\nKom bussen.")
    teacher.click("Save, and go on to pictures")
    teacher.sees("Saved as a draft")
    teacher.page.locator("[name='file']").set_input_files(
        {"name": "bilde.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    teacher.page.locator("form:has([name='file']) [name='alt_text']").fill("En blå robot")
    teacher.page.locator("[name='consent']").check()
    teacher.click("Add the picture")
    teacher.sees("The picture is there").look()
    teacher.click("Send to the secretariat")
    teacher.sees("With the secretariat")

    # The secretariat reads it and publishes it.
    staff = Visitor(portal, browser_context()).log_in(STAFF)
    staff.open("/en/admin/network/story/?status__exact=submitted")
    staff.page.get_by_role("link", name=TITLE).first.click()
    staff.page.wait_for_load_state()
    staff.look()
    staff.page.locator("[name='decision']").select_option("publish")
    staff.page.locator("[name='_save']").first.click()
    staff.page.wait_for_load_state()
    expect(staff.page.get_by_text("Done: Published")).to_be_visible()

    # Everybody reads it.
    teacher.wait_for_mail(TEACHER, TITLE)
    reader = Visitor(portal, browser_context()).open("/en/news/").look()
    reader.click(TITLE, role="link").look()
    expect(reader.page.get_by_alt_text("En blå robot")).to_be_visible()
    reader.open("/en/ecosystems/").click("STEM North", role="link").sees(TITLE).look()

    # The teacher takes it off the pages again.
    teacher.open("/en/me/stories/").click(TITLE, role="link").click("Take the story down")
    teacher.sees("The story is no longer on the pages").look()
    reader.open("/en/news/")
    assert TITLE not in reader.page.locator("main").inner_text()
