"""People of the demo world: the secretariat, teachers and their schools' mail domains."""

from __future__ import annotations

import random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.demo.seed import world
from stemportal.lib.school_year import current_school_year
from stemportal.places.models import County, Municipality
from stemportal.schools.models import OwnerDomain, School, SchoolClass, Teacher

TEACHERS = 150


def ensure_users(people: list[tuple[str, str, str]], *, password: str | None = None) -> dict[str, User]:
    """Create the missing ones of (address, name, language), with confirmed addresses. Returns all by address."""
    hashed = make_password(password)
    User.objects.bulk_create(
        [User(email=email, full_name=name, language=language, password=hashed) for email, name, language in people],
        ignore_conflicts=True,
    )
    users = {user.email: user for user in User.objects.filter(email__in=[email for email, _n, _l in people])}
    confirmed = set(EmailAddress.objects.filter(user__in=users.values()).values_list("user_id", flat=True))
    EmailAddress.objects.bulk_create(
        [
            EmailAddress(user=user, email=user.email, verified=True, primary=True)
            for user in users.values()
            if user.pk not in confirmed
        ]
    )
    return users


def seed_staff() -> None:
    """One member of the secretariat with every right."""
    users = ensure_users([(world.STAFF_EMAIL, "Sekretariatet", "nb")], password=world.PASSWORD)
    User.objects.filter(pk__in=[user.pk for user in users.values()]).update(is_staff=True, is_superuser=True)


def seed_domains() -> None:
    """A mail domain for every municipality and county, so that sign-up can be tried at any school."""
    taken: set[str] = set()
    domains: list[OwnerDomain] = []
    for municipality in Municipality.objects.select_related("county").order_by("number"):
        domains.append(
            OwnerDomain(domain=_free(municipality.name, municipality.county.name, taken), municipality=municipality)
        )
    domains += [
        OwnerDomain(domain=f"{world.ascii_slug(county.name)}-fylke.example.no", county=county)
        for county in County.objects.order_by("number")
    ]
    OwnerDomain.objects.bulk_create(domains, ignore_conflicts=True)


def _free(name: str, county: str, taken: set[str]) -> str:
    """Return a domain for a municipality; the few that share a name also carry their county's."""
    slug = world.ascii_slug(name.rsplit(" – ", maxsplit=1)[-1])
    if slug in taken:
        slug = f"{slug}-{world.ascii_slug(county)}"
    taken.add(slug)
    return f"{slug}.example.no"


def seed_teachers() -> None:
    """The demo teacher in Alta, and teachers at schools in every county, each with two classes."""
    if Teacher.objects.count() >= TEACHERS:
        return
    dice = world.dice("teachers")
    people = world.read("people")
    domains = {d.municipality_id: d.domain for d in OwnerDomain.objects.exclude(municipality=None)}
    counties = {d.county_id: d.domain for d in OwnerDomain.objects.exclude(county=None)}
    home = demo_school()
    chosen: list[tuple[str, str, School]] = [(world.TEACHER_EMAIL, world.TEACHER_NAME, home)]
    seen = {world.TEACHER_EMAIL}
    for school in _schools_in_every_county(dice):
        name = f"{dice.choice(people['first_names'])} {dice.choice(people['last_names'])}"
        home_of_school = school.municipality
        if home_of_school is None:
            continue
        domain = counties[home_of_school.county_id] if school.grade_from > 10 else domains[home_of_school.pk]
        email = f"{world.ascii_slug(name).replace('-', '.')}@{domain}"
        if email not in seen:
            seen.add(email)
            chosen.append((email, name, school))
        if len(chosen) == TEACHERS:
            break
    users = ensure_users([(email, name, school.mail_language) for email, name, school in chosen[1:]])
    users |= ensure_users([(world.TEACHER_EMAIL, world.TEACHER_NAME, "nb")], password=world.PASSWORD)
    Teacher.objects.bulk_create(
        [
            Teacher(
                user=users[email],
                school=school,
                status=Teacher.Status.VERIFIED,
                verified_how=Teacher.VerifiedHow.DOMAIN,
                verified_at=timezone.now(),
            )
            for email, _name, school in chosen
        ],
        ignore_conflicts=True,
    )
    _seed_classes([school for _email, _name, school in chosen], dice)
    _seed_waiting_teacher()


def demo_school() -> School:
    """Return the demo teacher's school: the first lower secondary school of Alta, by name."""
    schools = School.objects.filter(municipality__number=world.HOME_MUNICIPALITY, grade_to=10).select_related(
        "municipality"
    )
    return schools.filter(name__icontains="ungdomsskole").order_by("name").first() or schools.order_by("name")[0]


def _schools_in_every_county(dice: random.Random) -> list[School]:
    """Return public schools, whose owner's mail domain says enough, taking one of each county in turn."""
    by_county: dict[int, list[School]] = {}
    public = School.objects.active().filter(ownership=School.Ownership.PUBLIC).exclude(municipality=None)
    for school in public.select_related("municipality__county").order_by("number"):
        if school.municipality:
            by_county.setdefault(school.municipality.county_id, []).append(school)
    for schools in by_county.values():
        dice.shuffle(schools)
    ordered: list[School] = []
    while any(by_county.values()):
        ordered += [schools.pop() for schools in by_county.values() if schools]
    return ordered


def _seed_classes(schools: list[School], dice: random.Random) -> None:
    year = current_school_year()
    classes = [SchoolClass(school=schools[0], name="9A", grade=9, pupils=28, school_year=year)]
    for school in schools:
        for letter in "AB":
            grade = dice.randint(school.grade_from, school.grade_to)
            name = f"{grade}{letter}" if grade <= 10 else f"{grade - 10}ST{letter}"
            classes.append(
                SchoolClass(school=school, name=name, grade=grade, pupils=dice.randint(18, 30), school_year=year)
            )
    SchoolClass.objects.bulk_create(classes, ignore_conflicts=True)


def _seed_waiting_teacher() -> None:
    """One teacher for the secretariat to approve."""
    school = School.objects.active().exclude(municipality=None).filter(grade_from__gt=10).order_by("number")[40]
    users = ensure_users([(world.SECOND_TEACHER_EMAIL, "Jonas Vik", "nb")])
    Teacher.objects.get_or_create(user=users[world.SECOND_TEACHER_EMAIL], school=school)
