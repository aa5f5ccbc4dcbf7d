"""A partner's page in the browser: two people edit it at once, a logo appears, a visitor writes and sees no address."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import psycopg
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]
# A partner of the demo world that no other test touches, its owner, and somebody who becomes a colleague here.
SLUG = "huldrespill"
OWNER, OWNER_NAME = "noah.okafor@huldrespill.example.no", "Noah Tangen Okafor"
COLLEAGUE = "samira.lien@kjellerlys.example.no"
PUBLIC = f"/en/partners/{SLUG}/"


@pytest.fixture(scope="module")
def room(portal: Portal) -> str:
    """The address of the partner's room, with a second owner in it."""
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT id FROM partners_partner WHERE slug = %s", [SLUG]).fetchone()
        assert found
        connection.execute(
            "INSERT INTO partners_membership (partner_id, user_id, role, joined_at)"
            " SELECT %s, id, 'owner', now() FROM accounts_user WHERE email = %s ON CONFLICT DO NOTHING",
            [found[0], COLLEAGUE],
        )
    return f"/en/partner/{found[0]}"


def picture(colour: str) -> bytes:
    target = BytesIO()
    Image.new("RGB", (900, 300), colour).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_two_owners_edit_the_page_at_once(portal, browser_context: NewContext, room, javascript):
    first = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript).log_in(OWNER)
    second = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript).log_in(COLLEAGUE)
    end = "med skript" if javascript else "uten skript"
    for visitor in (first, second):
        visitor.open(f"{room}/organisation/")

    second.fill(about=f"Vi lager **spill** i {end}, sier Samira.", contact_role="Produsent")
    second.click("Preview")
    expect(second.page.locator("#about-preview strong")).to_have_text("spill")
    second.look()

    first.fill(about=f"Vi lager spill i {end}, sier Noah.", website=f"https://{end.replace(' ', '-')}.example.no")
    first.click("Save", exact=True).look()
    first.sees("Saved. Schools see it at once.")

    second.click("Save", exact=True).look()
    second.sees("Somebody else has saved this page meanwhile")
    second.sees(re.compile(f"Saved by {OWNER_NAME}, .* at \\d\\d:\\d\\d"))
    second.sees(f"Vi lager spill i {end}, sier Noah.")
    second.sees(re.compile("Web site: Noah"))
    expect(second.field("about")).to_have_value(f"Vi lager **spill** i {end}, sier Samira.")
    expect(second.field("website")).to_have_value(f"https://{end.replace(' ', '-')}.example.no")
    first.open(PUBLIC).sees(f"{end}, sier Noah.")

    second.click("Save", exact=True).look()
    second.sees("Saved. Schools see it at once.")
    first.open(PUBLIC).sees(f"{end}, sier Samira.")
    expect(first.page.locator("main .p-prose strong")).to_have_text("spill")


def test_logo_is_put_up_and_shown_on_page_and_directory(portal, browser_context: NewContext, room, tmp_path):
    owner = Visitor(portal, browser_context()).log_in(OWNER)
    owner.open(f"{room}/organisation/")

    drawing = tmp_path / "logo.png"
    drawing.write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    owner.page.set_input_files("main [name='logo']", drawing)
    owner.click(re.compile("Put up the logo|Replace the logo")).look()  # type: ignore[arg-type]
    owner.sees("This is an SVG drawing.")

    drawing.write_bytes(picture("#7a4379"))
    owner.page.set_input_files("main [name='logo']", drawing)
    owner.click(re.compile("Put up the logo|Replace the logo")).look()  # type: ignore[arg-type]
    owner.sees("The logo is on your page now.")

    visitor = Visitor(portal, browser_context())
    for address in (PUBLIC, "/en/partners/?q=huldrespill"):
        visitor.open(address)
        image = visitor.page.locator("main .p-plate img").first
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("naturalWidth", 800)
        assert image.evaluate("image => image.complete && image.width > 20"), "it is drawn"

    owner.open(f"{room}/organisation/")
    owner.click("Remove the logo")
    owner.page.locator("#confirm [data-confirm-yes]").click()
    owner.sees("The logo has been removed.")
    visitor.open(PUBLIC)
    expect(visitor.page.locator("main .p-plate img")).to_have_count(0)


def test_filters_of_the_directory_follow_every_choice(portal, browser_context: NewContext):
    visitor = Visitor(portal, browser_context()).open("/en/partners/")
    visitor.page.get_by_label(re.compile("^Trade union")).check()
    expect(visitor.page.locator("#found-sentence")).to_contain_text("partners fit your search.")
    expect(visitor.page).to_have_url(re.compile(r"/en/partners/\?kind=union$"))
    visitor.look()
    visitor.click("Remove the filter Trade union", role="link")
    expect(visitor.page).to_have_url(re.compile(r"/en/partners/\?$|/en/partners/$"))

    plain = Visitor(portal, browser_context(java_script_enabled=False), javascript=False).open("/en/partners/")
    plain.page.get_by_label(re.compile("^Trade union")).check()
    plain.page.locator("main .p-filters button[type='submit']").click()
    expect(plain.page.locator("#found-sentence")).to_contain_text("partners fit your search.")


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_visitor_writes_to_a_partner_and_learns_no_address(portal, browser_context: NewContext, room, javascript):
    end = "med skript" if javascript else "uten skript"
    email = f"skribent-{end.replace(' ', '-')}@example.org"
    visitor = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript).open(PUBLIC)
    visitor.click("Write to Huldrespill", role="link").look()
    visitor.fill(name=f"Siv Skribent {end}", email=email, message="Kan vi besøke dere i mai? Vi er 28 elever.")
    if javascript:
        visitor.page.wait_for_selector("[data-verified], altcha-widget[data-state='verified']", state="attached")
    seen = visitor.page.content()
    visitor.click("Send").look()
    visitor.sees("Your message is on its way to Huldrespill.")
    seen += visitor.page.content()

    arrived = visitor.wait_for_mail(OWNER, f"Siv Skribent {end}")
    assert email in arrived["Reply-To"]
    copy = visitor.wait_for_mail(email, "Huldrespill")
    assert "Kan vi besøke dere i mai?" in copy.get_body(("plain",)).get_content()
    assert OWNER not in copy.as_string() + seen
    assert "Noah" not in copy.get_body(("plain",)).get_content()


def test_member_fetches_a_logo_of_the_programme_and_copies_a_text(portal, browser_context: NewContext, room):
    owner = Visitor(portal, browser_context(permissions=["clipboard-read", "clipboard-write"])).log_in(OWNER)
    owner.open(f"{room}/brand/")
    with owner.page.expect_download() as download:
        owner.page.get_by_role("link", name=re.compile("^Download The mark")).click()
    assert download.value.suggested_filename == "stemportal-mark.svg"
    text = owner.page.locator("main textarea[lang='en']").input_value()
    owner.page.get_by_role("button", name=re.compile("^Copy .*English")).click()
    assert owner.page.evaluate("navigator.clipboard.readText()") == text
