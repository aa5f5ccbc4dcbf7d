"""Schools on the desk of the secretariat: finding them, and bringing them up to date from the register."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone, translation

from stemportal.lib.tests.fake_nsr import running_nsr
from stemportal.schools.models import School, SchoolChange, SchoolRegisterRun
from stemportal.schools.services import register_import
from stemportal.testing.factories import (
    BookingFactory,
    CountyFactory,
    MunicipalityFactory,
    SchoolFactory,
    StaffFactory,
    TeacherFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Status = SchoolRegisterRun.Status
LIST = reverse("admin:schools_school_changelist")
with translation.override("en"):
    START = reverse("admin:schools_schoolregisterrun_start")


@pytest.fixture
def staff(client):
    client.force_login(StaffFactory(language="en"))
    return client


def listed(client, query: str) -> set[str]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return {school.name for school in answer.context["cl"].result_list}


def test_filters_find_schools(staff):
    home = MunicipalityFactory(number="5501", name="Tromsø", county=CountyFactory(number="55", name="Troms"))
    lower = SchoolFactory(name="Nedre", municipality=home)
    SchoolFactory(name="Øvre", grade_from=11, grade_to=13, ownership="private", municipality=home)
    both = SchoolFactory(name="Begge", grade_to=13)
    closed = SchoolFactory(name="Stengt", is_active=False)
    TeacherFactory(school=lower)
    TeacherFactory(school=closed)
    TeacherFactory(school=both, status="pending")
    BookingFactory(school=both, teacher=UserFactory())
    everything = {"Nedre", "Øvre", "Begge", "Stengt"}
    assert listed(staff, "") == everything
    assert listed(staff, "grades=lower") == {"Nedre", "Begge", "Stengt"}
    assert listed(staff, "grades=upper") == {"Øvre", "Begge"}
    assert listed(staff, "grades=both") == {"Begge"}
    assert listed(staff, "ownership__exact=private") == {"Øvre"}
    assert listed(staff, "open=yes") == everything - {"Stengt"}
    assert listed(staff, "open=closed") == {"Stengt"}
    assert listed(staff, "open=teachers") == {"Stengt"}
    assert listed(staff, "teachers=none") == {"Øvre", "Begge"}
    assert listed(staff, "teachers=some") == {"Nedre", "Stengt"}
    assert listed(staff, "bookings=none") == everything - {"Begge"}
    assert listed(staff, "bookings=some") == {"Begge"}
    assert listed(staff, f"municipality__county__id__exact={home.county_id}") == {"Nedre", "Øvre"}
    assert listed(staff, "municipality=5501") == {"Nedre", "Øvre"}


def test_without_bookings_this_school_year_counts_proposed_times_too(staff):
    earlier = SchoolFactory(name="I fjor")
    booking = BookingFactory(school=earlier, teacher=UserFactory())
    booking.session.starts_at -= timezone.timedelta(days=500)
    booking.session.ends_at -= timezone.timedelta(days=500)
    booking.session.save()
    now = SchoolFactory(name="I år")
    BookingFactory(
        school=now,
        teacher=UserFactory(),
        activity=booking.activity,
        session=None,
        proposed_at=timezone.now(),
    )
    assert listed(staff, "bookings=none_this_year") == {"I fjor"}
    assert listed(staff, "bookings=none") == set()


def test_municipalities_are_offered_for_the_county_that_is_chosen(staff):
    home = MunicipalityFactory(number="5501", name="Tromsø", county=CountyFactory(number="55", name="Troms"))
    SchoolFactory(municipality=home)
    assert "municipality=5501" not in staff.get(LIST).content.decode()
    chosen = staff.get(f"{LIST}?municipality__county__id__exact={home.county_id}").content.decode()
    assert "municipality=5501" in chosen


def test_button_starts_an_import_that_shows_how_far_it_is(staff, settings, django_capture_on_commit_callbacks):
    MunicipalityFactory(number="5601", name="Alta")
    with running_nsr() as server:
        settings.NSR_BASE_URL = server.url
        settings.NSR_REQUESTS_PER_SECOND = 10_000
        server.add("974623471", "Alta ungdomsskole")
        page = staff.get(START).content.decode()
        assert "The whole register" in page
        assert "What changed since" not in page
        answer = staff.post(START, {"what": "whole"})
        run = SchoolRegisterRun.objects.get()
        progress = reverse("admin:schools_schoolregisterrun_change", args=[run.pk])
        assert answer.url == progress
        assert "No page of the register is read yet" in staff.get(progress).content.decode()
        assert "running already" in staff.post(START, {"what": "whole"}, follow=True).content.decode()
        while register_import.work(run.pk):
            pass
    told = staff.get(progress, headers={"HX-Request": "true"}).content.decode()
    assert "1 of 1 pages" in told
    assert "every 3s" not in told
    assert "<html" not in told
    report = staff.get(reverse("admin:schools_schoolchange_changelist"), {"run__id__exact": run.pk}).content.decode()
    assert "Alta ungdomsskole" in report
    assert "What changed since" in staff.get(START).content.decode()
    staff.post(START, {"what": "changes"})
    assert SchoolRegisterRun.objects.first().changed_since == timezone.localdate() - timezone.timedelta(days=1)


def test_failed_import_goes_on_with_a_button_and_only_with_post(staff):
    run = SchoolRegisterRun.objects.create(status=Status.FAILED, page=3, pages=9, error="503")
    page = staff.get(reverse("admin:schools_schoolregisterrun_change", args=[run.pk])).content.decode()
    assert "Stopped. It can go on where it is." in page
    assert "503" in page
    resume = reverse("admin:schools_schoolregisterrun_resume", args=[run.pk])
    assert resume in page
    staff.get(resume)
    run.refresh_from_db()
    assert run.status == Status.FAILED
    staff.post(resume)
    run.refresh_from_db()
    assert (run.status, run.page, run.error) == (Status.RUNNING, 3, "")


def test_who_may_only_look_starts_nothing(client):
    person = UserFactory(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_schoolregisterrun"))
    client.force_login(person)
    run = SchoolRegisterRun.objects.create(status=Status.FAILED)
    assert client.get(reverse("admin:schools_schoolregisterrun_change", args=[run.pk])).status_code == 200
    assert client.post(START, {"what": "whole"}).status_code == 403
    assert client.post(reverse("admin:schools_schoolregisterrun_resume", args=[run.pk])).status_code == 403
    assert SchoolRegisterRun.objects.get().status == Status.FAILED


def test_changes_are_told_in_words(staff):
    school = SchoolFactory(name="Nyskolen")
    run = SchoolRegisterRun.objects.create(status=Status.DONE, changed_since=date(2026, 11, 1))
    facts = {"ownership": ["public", "private"], "pupils": ["", 240], "municipality": ["5601 Alta", "5403 Alta"]}
    SchoolChange.objects.create(run=run, school=school, kind="changed", facts=facts)
    page = staff.get(reverse("admin:schools_schoolchange_changelist")).content.decode()
    for words in ("Public → Private", "– → 240", "5601 Alta → 5403 Alta"):
        assert words in page
    assert "Public → Private" in staff.get(reverse("admin:schools_school_change", args=[school.pk])).content.decode()


def test_secretariat_says_which_school_carries_a_closed_one_on(staff):
    old = SchoolFactory(is_active=False, closed_on=date(2026, 8, 1))
    new = SchoolFactory()
    names = ("name", "number", "ownership", "language_form", "grade_from", "grade_to", "municipality")
    facts = {name: getattr(old, name) for name in names} | {"municipality": old.municipality_id}
    facts |= {"latitude": old.latitude, "longitude": old.longitude, "successor": new.pk}
    formset = {"register_changes-TOTAL_FORMS": 0, "register_changes-INITIAL_FORMS": 0}
    answer = staff.post(reverse("admin:schools_school_change", args=[old.pk]), {**facts, **formset})
    assert answer.status_code == 302
    assert School.objects.get(pk=old.pk).successor == new
