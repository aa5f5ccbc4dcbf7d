"""Activities of the demo world and their sessions in the next four months."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from stemportal.activities.models import WORKING_DAY_MINUTES, Activity, Goal, Kind, Session, Subject
from stemportal.activities.search_index import refresh_search
from stemportal.demo.seed import world
from stemportal.lib.school_year import public_holidays
from stemportal.partners.models import Partner

MONTHS_AHEAD_DAYS = 122
SESSIONS_EACH = 6
MONDAY = 1


def seed_activities() -> None:
    """All offers, published some time in the last two years; a few drafts, as in real life."""
    dice = world.dice("activities")
    kinds = {kind.code: kind for kind in Kind.objects.all()}
    subjects = {subject.code: subject for subject in Subject.objects.all()}
    partners = {partner.slug: partner for partner in Partner.objects.select_related("municipality")}
    existing = set(Activity.objects.values_list("partner_id", "title"))
    made: list[tuple[Activity, dict[str, Any]]] = []
    for row in world.activities():
        partner = partners[row["partner"]]
        activity = _activity(row, partner, kinds[row["kind"]], dice)
        if (partner.pk, row["title"]) not in existing:
            made.append((activity, row))
    Activity.objects.bulk_create([activity for activity, _row in made])
    through = Activity.subjects.through
    through.objects.bulk_create(
        [
            through(activity_id=activity.pk, subject_id=subjects[code].pk)
            for activity, row in made
            for code in dict.fromkeys(row["subjects"])
        ]
    )
    _link_goals(made, dice)
    if made:
        refresh_search(None)


def _activity(row: dict[str, Any], partner: Partner, kind: Kind, dice: random.Random) -> Activity:
    now = timezone.now()
    digital = row["format"] == "digital"
    home = None if digital else partner.municipality
    published = now - timedelta(days=dice.randint(5, 760), minutes=dice.randint(0, 1400))
    guarded = kind.guards
    return Activity(
        partner=partner,
        kind=kind,
        title=row["title"],
        summary=row["summary"],
        description=row["description"],
        learning=row["learning"],
        preparation=row["preparation"],
        follow_up=row["follow_up"],
        practical=row["practical"],
        format=row["format"],
        languages=row["languages"],
        grade_from=row["grade_from"],
        grade_to=row["grade_to"],
        group_max=row["group_max"],
        # The texts count a work week in days of six hours, the portal in days of eight.
        duration_minutes=row["duration_minutes"] * 8 // 6 if row["duration_minutes"] > 480 else row["duration_minutes"],
        place="" if row["format"] in {"digital", "at_school"} else f"{partner.display_name}, {partner.address}",
        municipality=home,
        # A few kilometres off the municipality's point, so that neighbours do not lie on top of each other.
        latitude=home.latitude + dice.uniform(-0.03, 0.03) if home else None,
        longitude=home.longitude + dice.uniform(-0.05, 0.05) if home else None,
        reach="national" if digital else row["reach"],
        policy=row["policy"],
        risk_assessed_on=timezone.localdate() - timedelta(days=90) if guarded.get("risk_assessment") else None,
        police_certificate_seen_by=partner.contact_name if guarded.get("police_certificate") else "",
        police_certificate_seen_on=timezone.localdate() - timedelta(days=60)
        if guarded.get("police_certificate")
        else None,
        status=Activity.Status.PUBLISHED,
        created_at=published,
        published_at=published,
        # One in eight has never been opened: the secretariat's radar has something to show.
        views_count=0 if dice.random() < 0.12 else dice.randint(3, 400),
    )


def _link_goals(made: list[tuple[Activity, dict[str, Any]]], dice: random.Random) -> None:
    """Give offers one or two goals in force of the subjects they name."""
    by_subject: dict[str, list[int]] = {}
    for goal in Goal.objects.in_force().select_related("plan__subject").order_by("pk"):
        if goal.plan.subject:
            by_subject.setdefault(goal.plan.subject.code, []).append(goal.pk)
    through = Activity.goals.through
    links = []
    for activity, row in made:
        fitting = [pk for code in dict.fromkeys(row["subjects"]) for pk in by_subject.get(code, [])]
        for pk in dice.sample(fitting, k=min(2, len(fitting))):
            links.append(through(activity_id=activity.pk, goal_id=pk))
    through.objects.bulk_create(links)


def school_days(first: date, last: date) -> list[date]:
    """Return the days on which schools are open: no weekends, public holidays, Christmas weeks or summer."""
    free = public_holidays()
    days = []
    day = first
    while day <= last:
        christmas = (day.month == 12 and day.day > 20) or (day.month == 1 and day.day < 4)
        summer = (day.month == 6 and day.day > 18) or day.month == 7 or (day.month == 8 and day.day < 18)
        if day.weekday() < 5 and day not in free and not christmas and not summer:
            days.append(day)
        day += timedelta(days=1)
    return days


def at(day: date, clock: str) -> datetime:
    """Return a moment in Norwegian time."""
    hour, minute = clock.split(":")
    return timezone.make_aware(datetime.combine(day, time(int(hour), int(minute))))


def seed_sessions() -> None:
    """Sessions for the next four months of every offer that has none to come and is not on request."""
    dice = world.dice("sessions")
    today = timezone.localdate()
    days = school_days(today + timedelta(days=4), today + timedelta(days=MONTHS_AHEAD_DAYS))
    times = {(row["partner"], row["title"]): row["times"] for row in world.activities()}
    waiting = (
        Activity.objects.exclude(policy=Activity.Policy.ON_REQUEST)
        .exclude(kind__code="film")  # seen whenever it suits the class
        .annotate(n=Count("sessions"))
        .filter(n=0, partner__slug__in={partner for partner, _title in times})
        .select_related("kind", "partner")
        .order_by("pk")
    )
    sessions = []
    for activity in waiting:
        usual = times.get((activity.partner.slug, activity.title)) or [
            [dice.randint(1, 5), dice.choice(["09:00", "10:00", "12:15"])]
        ]
        if activity.duration_minutes > WORKING_DAY_MINUTES:
            usual = [[MONDAY, "08:00"]]
        fitting = [(day, clock) for day in days for weekday, clock in usual if day.isoweekday() == weekday]
        if not fitting:
            continue
        for day, clock in sorted(dice.sample(fitting, k=min(SESSIONS_EACH, len(fitting)))):
            sessions.append(_session(activity, at(day, clock), dice))
    Session.objects.bulk_create(sessions, batch_size=1000)


def _session(activity: Activity, start: datetime, dice: random.Random) -> Session:
    digital = activity.format == Activity.Format.DIGITAL
    by_pupils = activity.kind.unit == Kind.Unit.PUPILS
    return Session(
        activity=activity,
        starts_at=start,
        ends_at=activity.end_after(start),
        capacity=activity.group_max if by_pupils else (dice.randint(4, 20) if digital else dice.randint(1, 3)),
        place=activity.place,
        link="https://video.example.no/stem" if digital else "",
    )
