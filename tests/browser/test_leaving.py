"""A partner takes its data along and leaves: the copy, what ending does, and that its people are forgotten in time."""

from __future__ import annotations

import io
import itertools
import json
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
from icalendar import Calendar
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import PASSWORD, Visitor

NewContext = Callable[..., BrowserContext]
numbers = itertools.count(1)

# A partner with an offer in the search, a teacher, and a visit they have agreed on.
WORLD = """
from stemportal.activities.search_index import refresh_availability, refresh_search
from stemportal.partners.models import Signature
from stemportal.partners.services.declarations import current_declaration
from stemportal.schools.services.booking import book_session
from stemportal.schools.models import School
from stemportal.testing.factories import *
from stemportal.places.models import Municipality
from stemportal.activities.models import Kind
from stemportal.lib.organisation_numbers import synthetic
alta = Municipality.objects.get(number="5601")
partner = PartnerFactory(display_name="{name}", slug="{slug}", organisation_number=synthetic(880000 + {number}),
    municipality=alta, contact_name="Oda Avreise", contact_email="{owner}")
owner = UserFactory(email="{owner}", full_name="Oda Avreise", language="en", password="{password}")
MembershipFactory(partner=partner, user=owner)
Signature.objects.create(partner=partner, declaration=current_declaration(), signed_by=owner, signed_name="Oda Avreise")
offer = ActivityFactory(partner=partner, kind=Kind.objects.get(code="company_visit"), title="{title}", policy="instant")
session = SessionFactory(activity=offer)
refresh_search([offer.pk])
refresh_availability([offer.pk])
teacher = TeacherFactory(school=School.objects.first(), user=UserFactory(email="{teacher}", language="en"))
book_session(session_id=session.pk, school=teacher.school, teacher=teacher.user, group_name="9A", grade=9, pupils=20)
print("partner", partner.pk)
"""


@dataclass(frozen=True)
class World:
    partner: int
    name: str
    title: str
    owner: str
    teacher: str


def make_world(portal: Portal) -> World:
    number = next(numbers)
    facts = {
        "number": number,
        "name": f"Avreise Verft {number}",
        "slug": f"avreise-verft-{number}",
        "title": f"Skrogbygging uten like {number}",
        "owner": f"oda{number}@avreise.example.no",
        "teacher": f"tor{number}@laerer.example.no",
        "password": PASSWORD,
    }
    said = portal.manage("shell", "--no-imports", "-c", WORLD.format(**facts))
    pk = re.search(r"partner (\d+)", said)
    assert pk, said
    return World(int(pk.group(1)), str(facts["name"]), str(facts["title"]), str(facts["owner"]), str(facts["teacher"]))


def search_for(visitor: Visitor, world: World, *, found: bool) -> None:
    """Search until the offer is found, or until it is not: the search follows within moments."""
    hit = visitor.page.locator("main article").get_by_role("link", name=world.title)
    for _ in range(80):
        visitor.page.goto(f"{visitor.portal.base_url}/en/activities/?q={world.title.replace(' ', '+')}")
        if (hit.count() > 0) == found:
            visitor.look()
            return
        time.sleep(0.5)
    raise AssertionError("the offer is not in the search" if found else "the offer is still in the search")


def wait_for_copy(owner: Visitor) -> None:
    """With a script the page follows by itself; without one the person looks again."""
    link = owner.page.get_by_role("link", name=re.compile("Download Copy of"))
    if owner.javascript:
        expect(link).to_be_visible(timeout=30_000)
        assert owner.loads == 0, "the page followed by itself"
        return
    for _ in range(60):
        if link.count():
            return
        time.sleep(0.5)
        owner.click("Look again", role="link")
    raise AssertionError(owner.page.locator("main").inner_text())


def fetch(owner: Visitor) -> zipfile.ZipFile:
    with owner.page.expect_download() as started:
        owner.page.get_by_role("link", name=re.compile("Download Copy of")).click()
    assert re.fullmatch(r"avreise-verft-\d+-data-\d{4}-\d\d-\d\d\.zip", started.value.suggested_filename)
    return zipfile.ZipFile(io.BytesIO(started.value.path().read_bytes()))


def take_the_data(owner: Visitor, world: World) -> None:
    owner.open(f"/en/partner/{world.partner}/data/")
    owner.click("Make a copy of all our data")
    owner.loads = 0
    wait_for_copy(owner)
    owner.look()
    archive = fetch(owner)
    assert archive.testzip() is None
    data = json.loads(archive.read("data.json"))
    assert data["organisation"][0]["display_name"] == world.name
    assert data["listings"][0]["title"] == world.title
    assert (data["bookings"][0]["group"], data["bookings"][0]["status"]) == ("9A", "confirmed")
    assert data["members"][0]["email"] == world.owner
    names = {*archive.namelist()}
    assert {"README.txt", "organisation.csv", "bookings.csv"} <= names
    # Which version was in force when the partner signed depends on what other tests have published.
    assert [name for name in names if name.startswith("files/declaration-version-")]
    assert world.name in archive.read("README.txt").decode()
    owner.wait_for_mail(world.owner, f"Your copy of the data of {world.name} is ready")


def leave(owner: Visitor, world: World) -> None:
    owner.click("End the partnership", role="link").look()
    owner.sees("1 offer is taken off the pages").sees(world.title)
    owner.sees("1 visit agreed is called off").sees("9A")
    owner.fill(name="Noen andre").click("End the partnership").look()
    owner.sees("This is not the name")
    owner.fill(name=world.name.lower(), reason="Vi legger ned", message="Takk for følget").click("End the partnership")
    owner.look().sees("The partnership has ended").sees("What we keep, and how long")
    owner.wait_for_mail(world.owner, f"The partnership of {world.name} has ended")


def forget_in_time(portal: Portal, world: World) -> None:
    """A year and a day later the nightly task has run."""
    with psycopg.connect(portal.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute(
            "UPDATE partners_partner SET ended_at = ended_at - interval '367 days' WHERE id = %s", [world.partner]
        )
        portal.manage(
            "shell", "--no-imports", "-c",
            "from stemportal.partners.tasks import delete_personal_data; delete_personal_data.delay()",
        )  # fmt: skip
        for _ in range(60):
            left = database.execute("SELECT count(*) FROM accounts_user WHERE email = %s", [world.owner]).fetchone()
            if left == (0,):
                break
            time.sleep(0.5)
        assert left == (0,), "the login is still there"
        kept = database.execute(
            "SELECT display_name, contact_name, contact_email FROM partners_partner WHERE id = %s", [world.partner]
        ).fetchone()
        assert kept == (world.name, "", "")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_partner_takes_its_data_leaves_and_is_forgotten(
    portal: Portal, browser_context: NewContext, javascript: bool
) -> None:
    world = make_world(portal)
    owner = Visitor(portal, browser_context(locale="en-GB", java_script_enabled=javascript), javascript=javascript)
    visitor = Visitor(portal, browser_context(locale="en-GB"))
    owner.log_in(world.owner)
    search_for(visitor, world, found=True)

    take_the_data(owner, world)
    leave(owner, world)

    mail = visitor.wait_for_mail(world.teacher, f"Called off: {world.title}")
    assert "Takk for følget" in mail.get_body(("plain",)).get_content()
    assert "Vi legger ned" not in mail.get_body(("plain",)).get_content()
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert Calendar.from_ical(part.get_content())["METHOD"] == "CANCEL"
    search_for(visitor, world, found=False)

    forget_in_time(portal, world)
    owner.page.goto(f"{portal.base_url}/en/partner/{world.partner}/data/")
    assert "/account/login/" in owner.page.url, "the login is gone"
