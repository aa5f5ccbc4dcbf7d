"""Colleagues in a browser: invited, accepted in another browser with a mailed code, given a role; an owner stays.

Each page on the way is looked at by axe in both colour schemes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import BrowserContext, expect

from stemportal.embedded.process import wait_until
from stemportal.testing.portal import Portal
from tests.browser.visitor import Visitor

NewContext = Callable[..., BrowserContext]
# Partners of the demo world that no other browser test uses.
FIRST, FIRST_OWNER = "Kodehytta", "mona.rapp@kodehytta.example.no"
THIRD, THIRD_OWNER = "Muohta Data", "elle.vasara@muohta-data.example.no"
SECOND, SECOND_OWNER = "Bylinja", "fatima.benali@bylinja.example.no"


def link_to(visitor: Visitor, email: str) -> str:
    """The path of the page behind the newest invitation to an address, in English."""
    mail = visitor.wait_for_mail(email, "invit")
    found = re.search(r"http://\S+(/invitations/\S+)", mail.get_body(("plain",)).get_content())
    assert found, mail
    return f"/en{found[1]}"


def colleagues(visitor: Visitor) -> str:
    """The path of the list of colleagues of the room that is open."""
    room = re.match(r".*/partner/[0-9]+/", urlsplit(visitor.page.url).path)
    assert room, visitor.page.url
    return f"{room.group()}members/"


def invite(owner: Visitor, path: str, email: str, role: str) -> str:
    owner.open(path)
    owner.fill(email=email)
    owner.page.locator(f"main [name='role'][value='{role}']").check()
    owner.click("Send the invitation")
    owner.look().sees(f"We have sent an invitation to {email}")
    return link_to(owner, email)


def code(visitor: Visitor, email: str, press: str) -> None:
    """Press the button that mails a code, and type it."""
    before = len(visitor.portal.read_mails(email))
    visitor.click(press)
    visitor.type_code(email, after=before)


def execute(portal: Portal, sql: str, *values: str) -> None:
    with psycopg.connect(portal.environment["DATABASE_URL"]) as connection:
        assert connection.execute(sql, values).rowcount == 1


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_colleague_is_invited_accepts_and_becomes_owner_and_one_owner_stays(
    portal: Portal, browser_context: NewContext, javascript: bool
) -> None:
    name, email = (FIRST, FIRST_OWNER) if javascript else (SECOND, SECOND_OWNER)
    newcomer = f"ny.{name.lower()}@example.org"
    owner = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript)
    owner.log_in_with_code(email)
    path = colleagues(owner)

    # The only owner cannot go, and is told how to.
    owner.open(f"{path}leave/").sees("You are the only owner")

    # Invited, looked at, the address proved with a code, accepted.
    link = invite(owner, path, newcomer, "reader")
    colleague = Visitor(portal, browser_context(java_script_enabled=javascript), javascript=javascript)
    colleague.open(link).sees(f"invites you to be a member of {name}")
    code(colleague, newcomer, "Mail me the code")
    assert urlsplit(colleague.page.url).path == link
    colleague.look().fill(full_name="Nina Ny")
    colleague.click("Accept the invitation")
    colleague.look().sees(f"You now look after {name} as reader.")
    owner.wait_for_mail(email, "Nina Ny")

    # A reader sees the list and changes nothing.
    colleague.open(path).sees("2 people look after the partner")
    expect(colleague.page.get_by_role("button", name="Send the invitation")).to_have_count(0)
    # The link works once.
    colleague.open(link).sees(f"You are a member of {name}.")

    # The owner makes her owner; now each of them could go, but not both.
    owner.open(path)
    owner.click("Change or remove Nina Ny", role="link").look()
    owner.page.locator("main [name='role'][value='owner']").check()
    owner.click("Save the role")
    owner.look().sees("Nina Ny is now owner.")
    owner.open(f"{path}leave/")
    owner.click("Leave", exact=True)
    owner.look()
    colleague.open(f"{path}leave/").sees("You are the only owner")
    colleague.open(path).sees("1 person looks after the partner")
    assert owner.page.goto(f"{portal.base_url}{path}").status == 404


def test_invitation_that_is_not_for_me_or_too_late_says_what_to_do(portal: Portal, browser_context: NewContext) -> None:
    owner = Visitor(portal, browser_context())
    owner.log_in_with_code(THIRD_OWNER)
    path = colleagues(owner)
    first, second, third = "en@example.org", "to@example.org", "tre@example.org"
    links = [invite(owner, path, email, "editor") for email in (first, second, third)]

    # Logged in as somebody else: nothing happens but by logging out and proving the invited address.
    other = Visitor(portal, browser_context())
    other.log_in_by_form("mari.solli@alta.example.no")
    other.open(links[0]).sees(
        "You are logged in as mari.solli@alta.example.no, but the invitation is for en@example.org."
    )
    expect(other.page.get_by_role("button", name="Accept the invitation")).to_have_count(0)
    code(other, first, "Log out and go on")
    other.look().fill(full_name="En Annen")
    other.click("Accept the invitation")
    other.look().sees(f"You now look after {THIRD} as editor.")

    # Used: whoever opens the link later is not let in.
    visitor = Visitor(portal, browser_context())
    visitor.open(links[0]).sees("This invitation has been used")

    # Sent again: the old link is dead, the new one is good until it has run out.
    owner.open(path)
    owner.click(f"Send again {second}")
    owner.look().sees("The link in the earlier mail no longer works.")
    visitor.open(links[1]).sees("We do not know this invitation")
    wait_until(lambda: link_to(owner, second) != links[1], seconds=30)
    newest = link_to(owner, second)
    visitor.open(newest).sees("To be sure that it is you")
    token = newest.strip("/").rpartition("/")[2]
    execute(
        portal,
        "UPDATE partners_invitation SET expires_at = now() - interval '1 minute' WHERE token_hash = %s",
        hashlib.sha256(token.encode()).hexdigest(),
    )
    visitor.open(newest).sees("This invitation has run out")
    owner.open(path).sees("Has run out")

    # Taken back.
    owner.click(f"Take back {third}")
    owner.look().sees(f"The invitation to {third} is taken back.")
    visitor.open(links[2]).sees("This invitation was taken back")

    # Removed: the page asks first, and the person is told.
    owner.open(path)
    owner.click("Change or remove En Annen", role="link").look()
    owner.page.locator("main").get_by_role("button", name="Remove En Annen").click()
    owner.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    owner.page.wait_for_load_state()
    owner.look().sees("En Annen is no longer a member")
    other.wait_for_mail(first, THIRD)
    assert other.page.goto(f"{portal.base_url}{path}").status == 404
