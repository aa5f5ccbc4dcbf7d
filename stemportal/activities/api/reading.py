"""From rows to the shapes of the open data. Each function takes what is loaded already and asks nothing more."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from stemportal.activities.api import schemas
from stemportal.activities.models import Activity, Goal, Kind, RoleModel, Session, Subject
from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.letters import absolute_url
from stemportal.partners.models import Partner
from stemportal.places.models import County, Municipality


def address(name: str, *args: Any) -> str:
    """Return the full address of a page or of a part of the API."""
    return absolute_url(reverse(name, args=args))


def named(row: Kind | Subject) -> schemas.Named:
    return schemas.Named(code=row.code, name=localized(row, "name"))


def kind(row: Kind) -> schemas.Kind:
    return schemas.Kind(code=row.code, name=localized(row, "name"), help=localized(row, "help"), unit=row.unit)


def county(row: County) -> schemas.County:
    return schemas.County(number=row.number, name=row.name)


def municipality(row: Municipality) -> schemas.Municipality:
    return schemas.Municipality(number=row.number, name=row.name, county=county(row.county))


def goal(row: Goal) -> schemas.Goal:
    """``row`` comes with its plan and its successor."""
    return schemas.Goal(
        code=row.code,
        plan=row.plan.code,
        text=localized(row, "text"),
        after_grade=row.after_grade,
        valid_from=row.valid_from or row.plan.valid_from,
        valid_to=row.valid_to or row.plan.valid_to,
        successor=row.successor.code if row.successor else None,
    )


def partner_name(row: Partner) -> schemas.PartnerName:
    return schemas.PartnerName(slug=row.slug, name=row.display_name, links=_partner_links(row))


def _partner_links(row: Partner) -> schemas.ItemLinks:
    return schemas.ItemLinks(self=address("api:partner", row.slug), page=absolute_url(row.get_absolute_url()))


def _activity_links(row: Activity) -> schemas.ActivityLinks:
    return schemas.ActivityLinks(
        self=address("api:activity", row.pk),
        page=absolute_url(row.get_absolute_url()),
        calendar=address("activities:calendar", row.pk),
        visit_pack=address("activities:visit_pack", row.pk),
    )


def activity(row: Activity, next_session: Session | None) -> dict[str, Any]:
    """Return what a list tells of an activity, for ``schemas.Activity``."""
    return {
        "id": row.pk,
        "title": row.title,
        "summary": row.summary,
        "kind": named(row.kind),
        "partner": partner_name(row.partner),
        "format": row.format,
        "languages": row.languages,
        "grades": schemas.Grades(first=row.grade_from, last=row.grade_to),
        "subjects": [named(subject) for subject in row.subjects.all()],
        "goals": [schemas.GoalCode(code=item.code, plan=item.plan.code) for item in row.goals.all()],
        "duration_minutes": row.duration_minutes,
        "group_max": row.group_max,
        "unit": row.kind.unit,
        "booking": row.policy,
        "reach": row.reach,
        "counties_served": [county(item) for item in row.serves.all()],
        "municipality": municipality(row.municipality) if row.municipality else None,
        "place": row.place,
        "point": _point(row),
        "season_months": row.season_months,
        "access_features": row.access_features,
        "next_session": _coming(next_session) if next_session else None,
        "published_at": row.published_at,
        "updated_at": row.updated_at,
        "links": _activity_links(row),
    }


def _point(row: Activity) -> schemas.Point | None:
    if row.latitude is None or row.longitude is None:
        return None
    return schemas.Point(latitude=row.latitude, longitude=row.longitude)


def _coming(row: Session) -> schemas.Coming:
    return schemas.Coming(starts_at=row.starts_at, ends_at=row.ends_at, places_left=row.places_left)


TEXTS = (
    "description",
    "learning",
    "preparation",
    "follow_up",
    "programme",
    "bring",
    "safety",
    "getting_there",
    "practical",
    "accessibility",
    "link",
    "captions",
    "transcript",
)


def activity_whole(row: Activity, sessions: list[Session]) -> schemas.ActivityWhole:
    """Return an activity with its texts; ``sessions`` are those still to come, the soonest first."""
    free = next((session for session in sessions if session.places_left), None)
    return schemas.ActivityWhole(
        **activity(row, free),
        **{name: getattr(row, name) for name in TEXTS},
        goal_texts=[goal(item) for item in row.goals.all()],
        sessions=[_session(session) for session in sessions],
        role_models=[_role_model_name(person) for person in row.role_models.all()],
    )


def _session(row: Session) -> schemas.Session:
    """The link of a video meeting is for those who book."""
    return schemas.Session(
        id=row.pk,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        places_left=row.places_left,
        where=row.where,
        place=row.place,
    )


def _role_model_name(row: RoleModel) -> schemas.RoleModelName:
    return schemas.RoleModelName(id=row.pk, name=row.full_name, job_title=row.job_title, links=_role_model_links(row))


def _role_model_links(row: RoleModel) -> schemas.ItemLinks:
    return schemas.ItemLinks(self=address("api:role_model", row.pk), page=absolute_url(row.get_absolute_url()))


def role_model(row: RoleModel) -> schemas.RoleModel:
    """Return a role model who is shown now; the way there, the photo and the film stand on the person's page only."""
    return schemas.RoleModel(
        id=row.pk,
        name=row.full_name,
        job_title=row.job_title,
        intro=row.intro,
        partner=partner_name(row.partner),
        subjects=[named(subject) for subject in row.subjects.all()],
        languages=row.languages,
        counties=[county(item) for item in row.counties.all()],
        grades=schemas.Grades(first=row.grade_from, last=row.grade_to),
        visits_schools=row.visits_schools,
        meets_online=row.meets_online,
        activity=row.offer_id if row.offer and row.offer.is_published else None,
        links=_role_model_links(row),
    )


def partner(row: Partner) -> dict[str, Any]:
    """Return what a list tells of a partner, for ``schemas.Partner``: nobody who works there is named."""
    sector = None
    if row.sector_code:
        sector = schemas.Sector(code=row.sector_code, revision=row.sector_revision, name=row.sector_name)
    return {
        "slug": row.slug,
        "name": row.display_name,
        "legal_name": row.legal_name,
        "country": row.country,
        "organisation_number": row.organisation_number,
        "kind": schemas.Named(code=row.kind, name=str(row.get_kind_display())),
        "sector": sector,
        "website": row.website,
        "municipality": municipality(row.municipality) if row.municipality else None,
        "links": _partner_links(row),
    }


def partner_whole(row: Partner, activities: list[Activity]) -> schemas.PartnerWhole:
    """Return a partner with these of its activities, which come with their kinds."""
    return schemas.PartnerWhole(
        **partner(row),
        about=row.about,
        activities=[
            schemas.PartnerActivity(id=item.pk, title=item.title, kind=item.kind.code, links=_activity_links(item))
            for item in activities
        ],
    )
