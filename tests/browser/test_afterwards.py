"""The day and after it in the browser: attendance from the link of a mail, and the pulse of a class on a phone.

Each page on the way is looked at by axe in both colour schemes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from stemportal.testing.portal import Portal
from tests.browser.visitor import PASSWORD, Visitor

NewContext = Callable[..., BrowserContext]
TEACHER = "liv.etterpaa@alta.example.no"
PHONE = {"width": 360, "height": 740}

# A visit that is over, and one that is going on; nobody has told how many came, and the mail about it is on its way.
MAKE_VISITS = """
import json
from datetime import timedelta
from django.utils import timezone
from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Session
from stemportal.schools.emails.afterwards import attendance_missing
from stemportal.schools.models import Booking, School, Teacher

user = User.objects.create_user("{teacher}", "{password}", full_name="Liv Etterpaa", language="en")
user.emailaddress_set.create(email=user.email, verified=True, primary=True)
school = School.objects.active().filter(grade_from__lte=9, grade_to__gte=9).first()
Teacher.objects.create(user=user, school=school, status="verified", verified_how="staff", verified_at=timezone.now())
activity = Activity.objects.published().filter(kind__unit="groups", grade_from__lte=9, grade_to__gte=9).first()
made = []
for name, hours in (("9X", 30), ("9Y", 1)):
    start = timezone.now() - timedelta(hours=hours)
    session = Session.objects.create(
        activity=activity, starts_at=start, ends_at=start + timedelta(hours=4), capacity=1, places_taken=1
    )
    made.append(Booking.objects.create(
        activity=activity, session=session, school=school, teacher=user, group_name=name, grade=9, pupils=7,
        status="confirmed", created_at=start - timedelta(days=20), answered_at=start - timedelta(days=19),
    ))
attendance_missing(Booking.objects.with_facts().get(pk=made[0].pk), again=False)
print(json.dumps([booking.pk for booking in made]))
"""


@pytest.fixture(scope="module")
def visits(portal: Portal) -> list[int]:
    """The numbers of two bookings of a teacher of their own."""
    code = MAKE_VISITS.replace("{teacher}", TEACHER).replace("{password}", PASSWORD)
    found: list[int] = json.loads(portal.manage("shell", "--no-imports", "-c", code).strip().splitlines()[-1])
    return found


def test_teacher_tells_how_many_came_from_the_mail(portal: Portal, visits: list[int], browser_context: NewContext):
    reader = Visitor(portal, browser_context())
    mail = reader.wait_for_mail(TEACHER, "How many came")
    found = re.search(r"http://\S+?(/\S*attendance/\S+)", mail.get_body(("plain",)).get_content())
    assert found, mail
    link = found[1]

    reader.open(link).sees("9X").fill(pupils="7", girls="9").click("Save")
    reader.look().sees("There cannot be more girls than pupils").fill(girls="3").click("Save")
    reader.look().sees("We know how many came")
    reader.open(link[:-2] + "/").sees("opens nothing")

    # Thanks come by mail; there the teacher tells how it was.
    thanks = reader.wait_for_mail(TEACHER, "Thank you! How was")
    assert f"/bookings/{visits[0]}/thanks/" in thanks.get_body(("plain",)).get_content()
    teacher = Visitor(portal, browser_context()).log_in(TEACHER)
    teacher.open(f"/en/bookings/{visits[0]}/thanks/").sees("this school year")
    teacher.page.get_by_label("5: very good").check()
    teacher.fill(text="They built a robot arm.").click("Send")
    teacher.look().sees("They built a robot arm.")


def test_class_answers_on_phones_and_the_teacher_sees_averages(
    portal: Portal, visits: list[int], browser_context: NewContext
):
    teacher = Visitor(portal, browser_context()).log_in(TEACHER)
    teacher.open(f"/en/bookings/{visits[1]}/").click("Open the questions")
    teacher.look().sees("0 of 7 have answered")
    address = teacher.page.locator(".p-board__address a").get_attribute("href") or ""
    path = urlsplit(address).path

    context = browser_context(viewport=PHONE, locale="nn-NO", has_touch=True)
    phone = Visitor(portal, context)
    phone.open(path)
    expect(phone.page.locator("html")).to_have_attribute("lang", "nn")
    phone.page.get_by_role("link", name="English").click()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for answer in phone.page.locator("label").all():
        box = answer.bounding_box()
        assert box is not None
        assert box["height"] >= 44, "a finger needs room"
    for name in ("Quite a lot", "Maybe", "Very well"):
        phone.page.get_by_label(name, exact=True).check()
    phone.look().click("Send")
    phone.look().sees("Your answers are counted")
    assert context.cookies() == []

    # Without a script, and one after another on the same phone.
    plain = Visitor(portal, browser_context(viewport=PHONE, java_script_enabled=False), javascript=False)
    for _pupil in range(4):
        plain.open(path + "?language=en")
        for name in ("Very much", "Yes, probably", "So-so"):
            plain.page.get_by_label(name, exact=True).check()
        plain.click("Send").sees("Your answers are counted")
    teacher.sees("5 of 7 have answered")

    teacher.click("Go on to the questions after the visit")
    teacher.look().sees("4.8 of 5")
    phone.open(path + "?language=en").sees("After the visit")
    teacher.click("Close, and see the answers")
    teacher.look().sees("The questions are closed")
    phone.open(path + "?language=en").sees("These questions are closed")
