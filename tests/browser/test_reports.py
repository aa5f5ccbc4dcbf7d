"""A report on its way: the partner writes its words, staff check and publish, the partner reads and fetches it, and
somebody with the paper in hand asks whether it is genuine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from stemportal.embedded.process import wait_until
from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

STAFF = "sekretariat@stemportal.example.no"
STRANGER = "ingrid.fjelldal@nordlys-robotikk.example.no"
NewContext = Callable[..., BrowserContext]

# A partner with visits long ago that nobody else's test plays with, and one of its owners.
PARTNER = """
SELECT partner.id, person.email
FROM partners_partner partner
JOIN partners_membership membership ON membership.partner_id = partner.id AND membership.role = 'owner'
JOIN accounts_user person ON person.id = membership.user_id AND person.is_active
WHERE partner.status = 'approved' AND partner.slug <> 'nordlys-robotikk'
ORDER BY (SELECT count(*) FROM schools_visit visit
          WHERE visit.partner_id = partner.id AND extract(year FROM visit.starts_at) = %(year)s) DESC, partner.id
LIMIT 1
"""
REPORT = """
SELECT id, status, code FROM reports_partnerreport
WHERE partner_id = %(partner)s AND period_kind = 'calendar' AND year = %(year)s ORDER BY version DESC LIMIT 1
"""


def ask(portal: Portal, question: str, **values: object) -> tuple:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        found = connection.execute(question, values).fetchone()
    assert found, question
    return found


def is_draft(portal: Portal, partner: int, year: int) -> bool:
    return ask(portal, REPORT, partner=partner, year=year)[1] == "draft"


def test_report_with_the_partners_words_is_published_fetched_and_confirmed(
    portal: Portal, browser_context: NewContext, tmp_path: Path
) -> None:
    year = timezone.localdate().year - 2
    partner, email = ask(portal, PARTNER, year=year)
    room, slug = f"/en/partner/{partner}/reports/", str(year)
    staff = Visitor(portal, browser_context()).log_in(STAFF)
    staff.page.goto(f"{portal.base_url}/en/admin/reports/reportrun/build/?ids={partner}")
    staff.page.locator("select[name='year']").select_option(slug)
    staff.page.get_by_role("button", name="Build annual reports").click()
    expect(staff.page.locator("#progress")).to_contain_text("All done", timeout=60_000)

    owner = Visitor(portal, browser_context()).log_in(email)
    owner.page.goto(portal.base_url + room)
    owner.sees(f"Your report for {slug} is being made")
    owner.page.locator(f"main a[href='{room}{slug}/words/']").click()
    owner.look()
    owner.fill(foreword="Takk til alle som kom.\n\n- 8A\n- 9B")
    owner.click("Save")
    owner.sees("The report is built with your words")
    wait_until(lambda: is_draft(portal, partner, year), seconds=30)

    report, _status, code = ask(portal, REPORT, partner=partner, year=year)
    stranger = Visitor(portal, browser_context()).log_in(STRANGER)
    assert stranger.page.request.get(f"{portal.base_url}{room}{slug}/").status == 404
    assert owner.page.request.get(f"{portal.base_url}{room}{slug}/").status == 404, "a draft is the secretariat's"
    staff.page.goto(f"{portal.base_url}/en/admin/reports/partnerreport/{report}/change/")
    for button, then in (("It is right: check it", "Checked by the secretariat"), ("Publish", "Published")):
        staff.page.get_by_role("button", name=button).click()
        expect(staff.page.locator("#state")).to_contain_text(then, timeout=30_000)

    mail = owner.wait_for_mail(email, slug)
    assert f"{room}{slug}/".removeprefix("/en") in mail.get_body(("plain",)).get_content()
    owner.open(room)
    owner.click(f"Read the report {slug}", role="link")
    owner.look()
    owner.sees("Takk til alle som kom.")
    owner.sees(code)
    with owner.page.expect_download() as fetched:
        owner.page.get_by_role("link", name="Fetch the PDF").click()
    paper = tmp_path / fetched.value.suggested_filename
    fetched.value.save_as(paper)
    assert paper.read_bytes().startswith(b"%PDF")
    assert stranger.page.request.get(fetched.value.url).status == 404

    reader = Visitor(portal, browser_context(viewport={"width": 360, "height": 780}))
    reader.open("/en/verify/")
    reader.fill(code=f" {code.replace('-', '').lower()}")
    reader.click("See the report")
    reader.look()
    reader.sees("This report is genuine, and the newest version")
    reader.field("file").set_input_files(paper)
    reader.click("Compare")
    reader.sees("it is exactly as it was published")
    reader.look()
