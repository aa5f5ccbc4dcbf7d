"""Somebody joins a working group and shares a document; the lead reads of it in a mail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
from playwright.sync_api import BrowserContext

from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

OWNER = "ingrid.fjelldal@nordlys-robotikk.example.no"
STAFF = "sekretariat@stemportal.example.no"
GROUP = "kunstig-intelligens-i-undervisningen"
NewContext = Callable[..., BrowserContext]
LEAD_HEARS_OF_EACH = """
UPDATE network_groupmember SET notify = 'each'
FROM network_workinggroup g, accounts_user u
WHERE group_id = g.id AND user_id = g.lead_id AND u.id = user_id AND g.slug = %s
RETURNING u.email
"""


def test_partner_joins_a_group_shares_a_document_and_the_lead_hears_of_it(
    portal: Portal, browser_context: NewContext, tmp_path: Path
):
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute(LEAD_HEARS_OF_EACH, [GROUP]).fetchone()
    assert found, "the demo world has the group"
    lead = found[0]
    plan = tmp_path / "Tre opplegg for åttende trinn.pdf"
    plan.write_bytes(b"%PDF-1.7 opplegg")

    ingrid = Visitor(portal, browser_context(viewport={"width": 360, "height": 800})).log_in(OWNER)
    ingrid.open("/en/network/groups/").sees("AI in teaching")
    ingrid.click("AI in teaching", role="link").look().click("Join the group").sees("Welcome!")
    ingrid.click("Share a document", role="link")
    ingrid.fill(title="Tre opplegg", note="Utkast")
    ingrid.field("file").set_input_files([str(plan)])
    ingrid.click("Share it").look().sees("Tre opplegg for åttende trinn.pdf")
    with ingrid.page.expect_download() as download:
        ingrid.page.get_by_role("link", name="Download version 1").click()
    assert Path(download.value.path()).read_bytes() == plan.read_bytes()

    mail = ingrid.wait_for_mail(lead, "Tre opplegg", seconds=60)
    assert "Utkast" in mail.get_body(("plain",)).get_content()

    # Without JavaScript: the discussion.
    staff = Visitor(portal, browser_context(java_script_enabled=False), javascript=False).log_in(STAFF)
    staff.open(f"/en/network/groups/{GROUP}/").click("Join the group")
    staff.open(f"/en/network/groups/{GROUP}/discussion/").fill(title="Så bra", text="Dette tar vi **med videre**.")
    staff.click("Put it up").sees("Dette tar vi med videre.")
