"""The story in a browser, without the shell: a partner signs up, publishes, a teacher books, both get mail, the visit
takes place, a report is built, a newsletter is sent. Each page on the way is looked at by axe in both colour schemes.

The first part runs with and without JavaScript; the steps build on each other, so each run is one test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import psycopg
import pytest
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import BrowserContext, expect

from stemportal.lib.organisation_numbers import synthetic
from stemportal.testing.portal import Portal
from tests.browser.register_server import COMPANY, COMPANY_WITHOUT_SCRIPT
from tests.browser.visitor import Visitor

STAFF = "sekretariat@stemportal.example.no"
NewContext = Callable[..., BrowserContext]


def calendar_of(mail) -> Calendar:
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    return Calendar.from_ical(part.get_content())


def register(visitor: Visitor, seeing: BrowserContext, number: str, name: str, email: str) -> None:
    """Step 1: one form, the register fills in what it knows. ``seeing`` is a browser in which axe can look."""
    visitor.open("/en/partners/register/")
    visitor.fill(organisation_number=number[:3] + " " + number[3:6] + " " + number[6:])
    visitor.click("Find in the register")
    expect(visitor.field("legal_name")).not_to_have_value("")
    expect(visitor.field("address")).to_have_value("Havnegata 4")
    visitor.look()
    visitor.field("kind").select_option("company")
    visitor.fill(
        display_name=name,
        about="Vi bygger roboter til havbruk, og viser gjerne fram verkstedet.",
        contact_name="Siri Prøve",
        contact_email=email,
        signed_name="Siri Prøve",
    )
    visitor.field("signed").check()
    if visitor.javascript:
        visitor.page.wait_for_selector("[data-verified], altcha-widget[data-state='verified']", state="attached")
    visitor.click("Send the application")
    visitor.look()
    if not visitor.javascript:
        # Without a script there was no proof of work: the application counts when the mailed link is used.
        mail = visitor.portal.wait_for_mail(email)
        link = re.search(r"http://\S+/register/confirm/\S+", mail.get_body(("plain",)).get_content())
        assert link
        # Mail filters open links too: that changes nothing.
        Visitor(visitor.portal, seeing).open(urlsplit(link.group()).path)
        visitor.page.goto(link.group())
        visitor.page.locator("main form button[type='submit']").first.click()
        visitor.page.wait_for_load_state()


def approve(staff: Visitor, name: str) -> None:
    """Step 2: the queue in the admin, one click."""
    staff.open("/en/admin/partners/partner/?status__exact=applied")
    row = staff.page.locator("tr", has_text=name)
    decline = str(row.get_by_role("link", name="Decline").get_attribute("href"))
    staff.open(urljoin(staff.page.url, decline).removeprefix(staff.portal.base_url))
    staff.open("/en/admin/partners/partner/?status__exact=applied")
    row.get_by_role("button", name="Approve").click()
    staff.page.wait_for_load_state()
    staff.look()
    expect(staff.page.locator("body")).to_contain_text(re.compile("approved", re.I))


def publish(partner: Visitor, title: str) -> None:
    """Step 3: a company visit with three sessions."""
    partner.click("Your offers", role="link").look()
    partner.click("Make your first offer", role="link").look()
    partner.click("Company visit", role="link").look()
    partner.fill(
        title=title,
        summary="Elevene ser robotene på jobb og programmerer en gripearm.",
        description="Elevene går gjennom hallen, programmerer en arm og stiller spørsmål til ingeniørene.",
        learning="Hvordan en robot får beskjed om hva den skal gjøre.",
    )
    partner.field("grade_from").select_option("8")
    partner.field("grade_to").select_option("10")
    place = partner.field("place")
    if place.count() and not place.input_value():
        place.fill("Havnegata 4, Alta")
    partner.click("Save and publish")
    partner.look()
    partner.sees(re.compile(r"things? (is|are) missing before it can be published"))
    partner.page.locator("main [name='subjects']").first.check()
    partner.fill(practical="Buss 12 stopper ved porten. Ta med varme klær; lunsj kan spises i kantina.")
    partner.click("Save and publish")
    partner.look()
    expect(partner.page.locator("main")).not_to_contain_text("missing before it can be published")
    if "sessions/add" not in partner.page.url:
        partner.click("Add sessions", role="link").look()
    first = timezone.localdate() + timedelta(days=20)
    for n in range(3):
        day = (first + timedelta(days=7 * n)).isoformat()
        partner.fill(**{f"s-{n}-date": day, f"s-{n}-time": "09:00", f"s-{n}-minutes": "120", f"s-{n}-capacity": "1"})
    partner.click("Add sessions")
    partner.look()
    partner.sees("3 sessions planned")


def sign_up(teacher: Visitor, email: str) -> None:
    """Step 4, first half: name, address, school; a code by mail."""
    teacher.open("/en/account/signup/")
    teacher.fill(full_name="Tore Prøve", email=email)
    teacher.page.locator("main [name='school_text']").press_sequentially("Alta ungdoms", delay=20)
    if not teacher.javascript:
        teacher.click("Create my account")
    teacher.page.locator("#school-choices label", has_text="Alta ungdomsskole").first.click()
    teacher.look()
    teacher.click("Create my account")
    teacher.type_code(email, after=0)
    teacher.page.wait_for_url(re.compile(r"/(me|start)/"))
    teacher.look()


def book(teacher: Visitor, title: str) -> None:
    """Step 4, second half: at most four page loads from the front page."""
    teacher.open("/en/")
    teacher.loads = 0
    teacher.fill(q="robot", place="Alta ungdomsskole")
    teacher.click("Find offers")
    teacher.look()
    teacher.sees(title)
    teacher.click(title, role="link")
    teacher.look()
    teacher.page.locator("main a[href*='/book/']").first.click()
    teacher.page.wait_for_load_state()
    teacher.look()
    teacher.page.locator("main details summary").first.click() if teacher.field("school_class").count() else None
    teacher.fill(group_name="9A robot", pupils="28", message="Vi har nettopp lært om programmering.")
    teacher.field("grade").select_option("9")
    teacher.click("Send the request")
    teacher.look()
    teacher.sees("Sent to")
    assert teacher.loads <= 4, f"{teacher.loads} page loads from the front page to the booking"


def confirm(partner: Visitor, teacher_email: str, partner_email: str) -> None:
    """Step 5: one tap in the partner's room; both get mail with a calendar entry."""
    partner.open("/en/start/")
    partner.sees("1 request to answer")
    partner.fill(reply="Velkommen skal dere være!")
    partner.click("Confirm")
    partner.look()
    partner.sees("You have an agreement")
    for email, words in ((teacher_email, "Confirmed"), (partner_email, "Agreed")):
        mail = partner.wait_for_mail(email, words)
        calendar = calendar_of(mail)
        assert calendar["METHOD"] == "REQUEST"
        assert calendar.walk("VEVENT")[0]["SEQUENCE"] == 0
    assert (
        "Velkommen skal dere være!"
        in partner.wait_for_mail(teacher_email, "Confirmed").get_body(("plain",)).get_content()
    )


def a_moved_session_replaces_the_entry(partner: Visitor, teacher_email: str) -> None:
    """A moved session comes with the same UID and a higher SEQUENCE."""
    first = calendar_of(partner.wait_for_mail(teacher_email, "Confirmed")).walk("VEVENT")[0]
    partner.open("/en/start/")
    partner.click("Your offers", role="link")
    partner.page.locator("main a[href*='/sessions/add/']").first.click()
    partner.page.wait_for_load_state()
    partner.page.locator("main a[href*='/change/']").first.click()
    partner.page.wait_for_load_state()
    partner.look()
    partner.fill(begins="10:00", ends="12:00")
    partner.click("Save the change")
    moved = calendar_of(partner.wait_for_mail(teacher_email, "New time or place")).walk("VEVENT")[0]
    assert moved["UID"] == first["UID"]
    assert moved["SEQUENCE"] == 1
    assert moved.decoded("DTSTART") != first.decoded("DTSTART")


def let_the_day_come(portal: Portal, group: str) -> None:
    """Move the visit into the past, as time would."""
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        connection.execute(
            "UPDATE activities_session SET starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour'"
            " WHERE id IN (SELECT session_id FROM schools_booking WHERE group_name = %s AND status = 'confirmed')",
            [group],
        )


def tell_attendance(teacher: Visitor) -> None:
    """Step 6: 26 came, of whom 12 girls."""
    teacher.open("/en/me/")
    teacher.click("Tell how many came", role="link").look()
    teacher.fill(pupils="26", girls="30")
    teacher.click("Save")
    teacher.sees("There cannot be more girls than pupils.")
    teacher.fill(pupils="26", girls="12")
    teacher.click("Save")
    teacher.look()
    teacher.sees("26 pupils came")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_story_from_registration_to_the_visit(portal: Portal, browser_context: NewContext, javascript: bool) -> None:
    number, name = (COMPANY, "Fjordrobot") if javascript else (COMPANY_WITHOUT_SCRIPT, "Stillerobot")
    partner_email = f"siri@{name.lower()}.example.no"
    teacher_email = f"tore.{name.lower()}@alta.example.no"
    title = f"Robotene på jobb hos {name}"

    def person() -> Visitor:
        return Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript)

    applicant = person()
    register(applicant, browser_context(), number, name, partner_email)

    staff = Visitor(portal, browser_context()).log_in_by_form(STAFF)
    approve(staff, name)
    assert "http" in applicant.wait_for_mail(partner_email, "partner").get_body(("plain",)).get_content()

    partner = person().log_in_with_code(partner_email)
    partner.open("/en/start/")
    publish(partner, title)

    teacher = person()
    sign_up(teacher, teacher_email)
    book(teacher, title)
    confirm(partner, teacher_email, partner_email)
    a_moved_session_replaces_the_entry(partner, teacher_email)

    let_the_day_come(portal, "9A robot")
    tell_attendance(teacher)


def test_reports_are_built_with_progress_checked_and_published(portal: Portal, browser_context: NewContext) -> None:
    """Step 7: reports of chosen partners; what is published is mailed about."""
    year = str(timezone.localdate().year - 1)
    staff = Visitor(portal, browser_context()).log_in(STAFF)
    staff.open("/en/admin/partners/partner/?status__exact=all&q=robot")
    for box in staff.page.locator("input[name='_selected_action']").all()[:2]:
        box.check()
    staff.page.locator("select[name='action']").first.select_option("build_reports")
    staff.page.get_by_role("button", name="Run").first.click()
    staff.page.wait_for_load_state()
    staff.look()
    staff.page.locator("select[name='year']").select_option(year)
    staff.page.get_by_role("button", name="Build annual reports").click()
    staff.page.wait_for_load_state()
    expect(staff.page.locator("#progress")).to_contain_text("reports are ready")
    expect(staff.page.locator("#progress")).to_contain_text("All done", timeout=60_000)
    staff.look()

    staff.page.get_by_role("link", name="See all reports of this run").click()
    staff.page.locator("#result_list, main").get_by_role("link", name="Nordlys Robotikk").first.click()
    staff.page.wait_for_load_state()
    staff.look()
    for button, then in (("It is right: check it", "Checked by the secretariat"), ("Publish", "Published")):
        staff.page.get_by_role("button", name=button).click()
        expect(staff.page.locator("#state")).to_contain_text(then, timeout=30_000)

    mail = staff.wait_for_mail("ingrid.fjelldal@nordlys-robotikk.example.no", year)
    assert "/reports/" in mail.get_body(("plain",)).get_content()


def test_newsletter_from_subscribing_to_leaving(portal: Portal, browser_context: NewContext) -> None:
    """Step 8: double opt-in, preview, test, send; out again with one click."""
    email = "leser@example.org"
    reader = Visitor(portal, browser_context())
    reader.open("/en/")
    reader.page.locator("footer [name='email']").fill(email)
    reader.page.locator("footer").get_by_role("button", name="Subscribe").click()
    reader.page.wait_for_load_state()
    reader.look()
    mail = portal.wait_for_mail(email)
    link = re.search(r"http://\S+/confirm/\S+", mail.get_body(("plain",)).get_content())
    assert link
    reader.page.goto(link.group())
    reader.look()
    reader.click("Yes, send me the newsletter")
    reader.look()
    reader.sees("You get our newsletter")

    staff = Visitor(portal, browser_context()).log_in(STAFF)
    staff.open("/en/admin/newsletters/newsletter/add/")
    staff.page.locator("[name='subject_nb']").fill("Nytt fra verkstedene")
    # Translations stand folded together.
    staff.page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))")
    staff.page.locator("[name='subject_en']").fill("News from the workshops")
    staff.page.locator("[name='blocks-0-kind']").select_option("heading")
    expect(staff.page.locator("[name='blocks-0-text_nb']")).to_be_hidden()
    staff.page.locator("[name='blocks-0-title_nb']").fill("Hei")
    staff.page.locator("[name='blocks-0-title_en']").fill("Hello")
    staff.page.locator("[name='blocks-1-text_nb']").fill("Robotene **venter** på dere.")
    staff.page.locator("[name='blocks-1-text_en']").fill("The robots are **waiting** for you.")
    everybody = staff.page.locator("#newsletter-receivers strong").inner_text()
    staff.page.locator("[name='audience_roles'][value='partner']").check()
    expect(staff.page.locator("#newsletter-receivers strong")).not_to_have_text(everybody)
    staff.page.locator("[name='audience_roles'][value='partner']").uncheck()
    expect(staff.page.locator("#newsletter-receivers strong")).to_have_text(everybody)
    staff.look()
    staff.page.locator("[name='_save']").first.click()
    staff.page.wait_for_load_state()
    staff.page.get_by_role("link", name="Dark", exact=True).click()
    expect(staff.page.frame_locator("iframe").get_by_role("heading", name="Hei")).to_be_visible()
    staff.look()
    staff.page.get_by_role("button", name=re.compile("Send a test")).first.click()
    staff.page.wait_for_load_state()
    assert "verkstedene" in str(staff.wait_for_mail(STAFF, "verkstedene")["Subject"])
    staff.page.get_by_role("link", name="Go on to sending").click()
    staff.page.wait_for_load_state()
    staff.look()
    staff.page.get_by_role("button", name=re.compile("Send to")).click()
    staff.page.wait_for_load_state()
    staff.look()

    letter = reader.wait_for_mail(email, "News from the workshops")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "<strong>waiting</strong>" in letter.get_body(("html",)).get_content()
    reader.open("/en/newsletter/archive/").click("News from the workshops", role="link")
    reader.sees("The robots are waiting for you.")
    reader.look()
    url = re.search(r"<(http[^>]+)>", str(letter["List-Unsubscribe"]))
    assert url
    # What a mail program does: a POST without cookies, login or CSRF token.
    outsider = browser_context()
    answer = outsider.request.post(url.group(1), form={"List-Unsubscribe": "One-Click"})
    assert answer.ok
    visible = re.search(r"http://\S+/unsubscribe/\S+", letter.get_body(("plain",)).get_content())
    assert visible
    reader.page.goto(visible.group())
    reader.look()
    reader.sees("You are unsubscribed")


def test_registration_is_kind_about_what_it_cannot_take(portal: Portal, browser_context: NewContext) -> None:
    """Wrong, taken and unknown numbers: words at the field, nothing typed is lost, the summary has the focus."""
    visitor = Visitor(portal, browser_context())
    visitor.open("/en/partners/register/")
    visitor.fill(organisation_number="312345678", display_name="Mitt <b>firma</b>", contact_name="Åse")
    visitor.page.wait_for_selector("[data-verified], altcha-widget[data-state='verified']", state="attached")
    visitor.click("Send the application")
    visitor.look()
    visitor.sees("This is not a valid organisation number.")
    expect(visitor.field("display_name")).to_have_value("Mitt <b>firma</b>")
    expect(visitor.page.locator("main :focus")).to_have_count(1)

    visitor.fill(organisation_number=synthetic(0))
    visitor.click("Find in the register")
    visitor.sees(re.compile("already", re.I))
    visitor.fill(organisation_number=synthetic(60_000))
    visitor.click("Find in the register")
    visitor.sees(re.compile("does not know|by hand|not find", re.I))
