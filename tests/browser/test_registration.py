"""Registering in a browser, with and without JavaScript: begun, left, gone on with from the mailed link, and sent."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import BrowserContext, expect

from stemportal.lib.organisation_numbers import synthetic
from stemportal.testing.portal import Portal
from tests.browser.register_server import BRANCH, HEAD_OFFICE
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]
FORM = "/en/partners/register/"
# Made up, with right check digits.
PERSONAL = "01016050012"

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])


def person(portal: Portal, browser_context: NewContext, *, javascript: bool) -> Visitor:
    return Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript)


def link_to(visitor: Visitor, email: str, subject: str, page: str) -> str:
    """The link in the newest mail to the address."""
    mail = visitor.wait_for_mail(email, subject)
    found = re.search(rf"http://\S+/{page}/\S+", mail.get_body(("plain",)).get_content())
    assert found
    return found.group()


def send(visitor: Visitor) -> None:
    """Press the button when the browser has done its work, if it can."""
    if visitor.javascript:
        visitor.page.wait_for_selector("[data-verified], altcha-widget[data-state='verified']", state="attached")
    visitor.click("Send the application")


@both_ways
def test_form_is_left_and_gone_on_with_in_another_browser(
    portal: Portal, browser_context: NewContext, javascript: bool
) -> None:
    name = "Tåkevarsel" if javascript else "Isbremåler"
    email = f"mari@{'takevarsel' if javascript else 'isbremaler'}.example.no"
    first = person(portal, browser_context, javascript=javascript).open(FORM)
    first.fill(legal_name=f"{name.upper()} AS", about="Vi varsler", contact_email="ikke-en-adresse")
    first.field("kind").select_option("cluster")
    if not javascript:
        first.click("Show the questions")
    first.fill(answer_trades="Meteorologi")
    first.look()
    first.click("Save and go on later")
    first.look().sees("Please look at this once more")
    first.fill(contact_email=email)
    first.click("Save and go on later")
    first.look().sees("What you typed is saved")
    first.sees(email)

    # Another browser, hours later.
    link = link_to(first, email, "Go on with your registration", "resume")
    second = person(portal, browser_context, javascript=javascript)
    second.page.goto(link)
    second.look().sees("Kept until")
    for field, text in {
        "legal_name": f"{name.upper()} AS",
        "about": "Vi varsler",
        "answer_trades": "Meteorologi",
    }.items():
        expect(second.field(field)).to_have_value(text)
    expect(second.field("signed")).not_to_be_checked()

    # Saved once more: the link stays, no second mail.
    second.fill(about="Vi varsler tåke")
    second.click("Save and go on later")
    second.look().sees("is still the right one")
    second.page.goto(link)
    expect(second.field("about")).to_have_value("Vi varsler tåke")

    second.fill(
        organisation_number=synthetic(50_021 if javascript else 50_022),
        display_name=name,
        answer_members="40",
        contact_name="Mari Prøve",
        signed_name="Mari Prøve",
    )
    second.field("signed").check()
    send(second)
    second.look()
    if javascript:
        second.sees("We have received the application from")
    else:
        second.sees("look in your inbox")
        second.page.goto(link_to(second, email, "Please confirm", "confirm"))
        second.click("Confirm the application")
        second.sees("We have received the application from")

    second.page.goto(link)
    second.look().sees("This link has run out")
    second.click("Begin again", role="link")
    expect(second.field("legal_name")).to_have_value("")
    portal.wait_for_mail(email, count=2)
    assert len(portal.read_mails(email)) == 2


@both_ways
def test_draft_is_deleted_by_its_button(portal: Portal, browser_context: NewContext, javascript: bool) -> None:
    email = f"slett.{'med' if javascript else 'uten'}@example.no"
    visitor = person(portal, browser_context, javascript=javascript).open(FORM)
    visitor.fill(legal_name="SLETTES AS", contact_email=email)
    visitor.click("Save and go on later")
    visitor.page.goto(link_to(visitor, email, "Go on with your registration", "resume"))
    visitor.click("Delete what I typed")
    if javascript:
        visitor.page.locator("#confirm [data-confirm-yes]").click()
        visitor.page.wait_for_url(re.compile(rf"{FORM}$"))
    visitor.look().sees("What you typed has been deleted.")
    expect(visitor.field("legal_name")).to_have_value("")


@both_ways
def test_branch_gives_way_to_the_organisation_it_belongs_to(
    portal: Portal, browser_context: NewContext, javascript: bool
) -> None:
    visitor = person(portal, browser_context, javascript=javascript).open(FORM)
    visitor.fill(organisation_number=BRANCH, contact_name="Mari Prøve")
    visitor.click("Find in the register")
    visitor.sees("It is a branch (underenhet) of BØLGEVARSEL AS")
    expect(visitor.field("legal_name")).to_have_value("BØLGEVARSEL AVD VARDØ")
    visitor.look()
    visitor.click("Register BØLGEVARSEL AS instead")
    expect(visitor.field("organisation_number")).to_have_value(HEAD_OFFICE)
    expect(visitor.field("organisation_number")).to_be_focused()
    expect(visitor.field("legal_name")).to_have_value("BØLGEVARSEL AS")
    expect(visitor.field("address")).to_have_value("Havnegata 4")
    expect(visitor.field("contact_name")).to_have_value("Mari Prøve")
    visitor.sees("We found BØLGEVARSEL AS")
    visitor.look()


def test_form_follows_country_and_kind_as_they_are_chosen(portal: Portal, browser_context: NewContext) -> None:
    visitor = person(portal, browser_context, javascript=True).open(FORM)
    visitor.field("kind").select_option("company")
    visitor.fill(answer_meet="En robot")
    visitor.field("kind").select_option("municipality")
    expect(visitor.field("answer_coordinator")).to_be_visible()
    visitor.field("kind").select_option("company")
    expect(visitor.field("answer_meet")).to_have_value("En robot")
    visitor.fill(legal_name="GRUNNFORS A/S")
    visitor.field("country").focus()
    visitor.field("country").select_option("DK")
    visitor.sees("The CVR number: eight digits.")
    expect(visitor.field("country")).to_be_focused()
    expect(visitor.field("legal_name")).to_have_value("GRUNNFORS A/S")
    visitor.look()


def found_in_database(portal: Portal, text: str) -> list[str]:
    """The tables in which a text stands, in whatever column."""
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [
            table
            for (table,) in tables
            if connection.execute(f'SELECT 1 FROM "{table}" t WHERE t::text LIKE %s LIMIT 1', [f"%{text}%"]).fetchone()
        ]


def found_in_files(portal: Portal, text: str) -> list[str]:
    """Logs and mails in which a text stands."""
    files = [portal.log, *(portal.var / "log").iterdir(), *(portal.var / "mail").iterdir()]
    return [file.name for file in files if text in file.read_text(errors="replace")]


@both_ways
def test_personal_number_typed_by_mistake_is_nowhere(
    portal: Portal, browser_context: NewContext, javascript: bool
) -> None:
    email = f"feil.{'med' if javascript else 'uten'}@example.no"
    visitor = person(portal, browser_context, javascript=javascript).open(FORM)
    visitor.fill(organisation_number=PERSONAL)
    visitor.click("Find in the register")
    visitor.sees("thrown it away")
    expect(visitor.field("organisation_number")).to_have_value("")
    visitor.look()

    visitor.fill(
        organisation_number=PERSONAL, contact_name=f"Mari {PERSONAL}", about=f"Født {PERSONAL}", contact_email=email
    )
    visitor.click("Send the application")
    visitor.look().sees("thrown it away")
    expect(visitor.field("contact_name")).to_have_value("Mari")
    assert PERSONAL not in visitor.page.content()

    visitor.fill(legal_name=PERSONAL, contact_role=f"Leder {PERSONAL[:6]} {PERSONAL[6:]}")
    visitor.click("Save and go on later")
    visitor.look().sees("thrown it away and kept the rest")
    visitor.page.goto(link_to(visitor, email, "Go on with your registration", "resume"))
    expect(visitor.field("contact_role")).to_have_value("Leder")
    assert PERSONAL not in visitor.page.content()

    for text in (PERSONAL, f"{PERSONAL[:6]} {PERSONAL[6:]}"):
        assert found_in_database(portal, text) == []
        assert found_in_files(portal, text) == []
    # The search itself works: what was kept is found.
    assert "partners_registrationdraft" in found_in_database(portal, email)


def test_partner_with_nearly_the_same_name_is_shown_and_one_tick_goes_on(
    portal: Portal, browser_context: NewContext
) -> None:
    visitor = person(portal, browser_context, javascript=True).open(FORM)
    visitor.field("kind").select_option("company")
    visitor.fill(
        organisation_number=synthetic(50_031),
        legal_name="NORDLYS ROBOTIK AS",
        display_name="Nordlys Robotik",
        contact_name="Mari Prøve",
        contact_email="mari@nordlys-robotik.example.no",
        signed_name="Mari Prøve",
    )
    visitor.field("signed").check()
    send(visitor)
    visitor.look().sees("Is this you?")
    expect(visitor.page.locator("main").get_by_role("link", name="Nordlys Robotikk").last).to_be_visible()
    visitor.field("is_another").check()
    send(visitor)
    visitor.look().sees("We have received the application from Nordlys Robotik")
