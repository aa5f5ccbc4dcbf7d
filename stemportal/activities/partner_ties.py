"""What activities add to a partner: what ends with it, its copy of the data, and whom its texts must forget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.activities import authoring_ties, deed_ties, role_model_ties
from stemportal.activities.models import Activity, Availability, Pledge, Session, SessionSeries
from stemportal.activities.search_index import refresh_search
from stemportal.activities.services.activities import archive_activity
from stemportal.lib.redact import blank_words
from stemportal.lib.school_year import label
from stemportal.lib.templatetags.portal import localized
from stemportal.partners import extensions
from stemportal.partners.models import Partner
from stemportal.partners.own_data import who

EXAMPLES = 3
TEXTS = (
    "title",
    "summary",
    "description",
    "learning",
    "preparation",
    "follow_up",
    "practical",
    "accessibility",
    "programme",
    "bring",
    "safety",
    "getting_there",
    "transcript",
    "place",
)


class OffersAtEnd:
    """Offers go into the archive, published ones and drafts."""

    def tell(self, partner: Partner) -> list[extensions.Consequence]:
        published, drafts = [
            list(partner.activities.filter(status=status).order_by("title").values_list("title", flat=True))
            for status in (Activity.Status.PUBLISHED, Activity.Status.DRAFT)
        ]
        return [
            extensions.Consequence(
                text=ngettext(
                    "%(count)s offer is taken off the pages and put into the archive.",
                    "%(count)s offers are taken off the pages and put into the archive.",
                    len(published),
                )
                % {"count": len(published)},
                count=len(published),
                examples=published[:EXAMPLES],
            ),
            extensions.Consequence(
                text=ngettext(
                    "%(count)s draft is put into the archive.",
                    "%(count)s drafts are put into the archive.",
                    len(drafts),
                )
                % {"count": len(drafts)},
                count=len(drafts),
                examples=drafts[:EXAMPLES],
            ),
        ]

    def carry_out(self, partner: Partner, *, by: User, message: str) -> None:
        """One by one in a fixed order: an archived offer takes no more dates and no more proposals of a date."""
        for activity in partner.activities.exclude(status=Activity.Status.ARCHIVED).order_by("pk"):
            archive_activity(activity=activity)


def pledges(partner: Partner) -> Iterator[dict[str, Any]]:
    """What was pledged for each programme year."""
    rows = Pledge.objects.filter(partner=partner).select_related("kind", "pledged_by")
    for pledge in rows.order_by("school_year", "pk").iterator():
        yield {
            "programme_year": label(pledge.school_year),
            "kind": localized(pledge.kind, "name"),
            "quantity": pledge.quantity,
            "pledged_at": pledge.pledged_at,
            "pledged_by": who(pledge.pledged_by),
        }


def listings(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every offer with its texts, in whatever state it is."""
    rows = Activity.objects.filter(partner=partner).select_related("kind", "municipality")
    rows = rows.prefetch_related("subjects", "goals", "serves", "role_models")
    for activity in rows.order_by("pk").iterator(chunk_size=200):
        yield {
            "number": activity.pk,
            "kind": localized(activity.kind, "name"),
            "status": activity.status,
            **{name: getattr(activity, name) for name in TEXTS},
            "format": activity.format,
            "languages": activity.languages,
            "grade_from": activity.grade_from,
            "grade_to": activity.grade_to,
            "subjects": [localized(subject, "name") for subject in activity.subjects.all()],
            "goals": [goal.code for goal in activity.goals.all()],
            "group_max": activity.group_max,
            "duration_minutes": activity.duration_minutes,
            "municipality": activity.municipality.name if activity.municipality else "",
            "reach": activity.reach,
            "counties": [county.name for county in activity.serves.all()],
            "months": activity.season_months,
            "access_features": activity.access_features,
            "captions": activity.captions,
            "role_models": [person.full_name for person in activity.role_models.all()],
            "copied_from": activity.copied_from_id,
            "link": activity.link,
            "policy": activity.policy,
            "grant_amount": activity.grant_amount,
            "risk_assessed_on": activity.risk_assessed_on,
            "police_certificate_seen_by": activity.police_certificate_seen_by,
            "police_certificate_seen_on": activity.police_certificate_seen_on,
            "created_at": activity.created_at,
            "updated_at": activity.updated_at,
            "published_at": activity.published_at,
            "views": activity.views_count,
        }


def sessions(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every date of every offer."""
    rows = Session.objects.filter(activity__partner=partner).select_related("activity")
    for session in rows.order_by("starts_at", "pk").iterator():
        yield {
            "number": session.pk,
            "listing": session.activity_id,
            "title": session.activity.title,
            "starts_at": session.starts_at,
            "ends_at": session.ends_at,
            "series": session.series_id,
            "where": session.where,
            "capacity": session.capacity,
            "places_taken": session.places_taken,
            "pupils_at_most": session.pupil_capacity,
            "pupils_booked": session.pupils_taken,
            "place": session.place,
            "link": session.link,
            "status": session.status,
        }


def series(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every rule by which dates were made, and the days that were left out."""
    for row in SessionSeries.objects.filter(activity__partner=partner).order_by("pk").iterator():
        yield {
            "number": row.pk,
            "listing": row.activity_id,
            "rule": row.rule,
            "first_day": row.first_day,
            "last_day": row.last_day,
            "begins": row.begins,
            "minutes": row.minutes,
            "school_weeks_only": row.school_weeks_only,
            "left_out": row.left_out,
            "created_at": row.created_at,
        }


def availability(partner: Partner) -> Iterator[dict[str, Any]]:
    """The hours at which offers on request can be asked for."""
    for row in Availability.objects.filter(activity__partner=partner).order_by("activity_id", "pk").iterator():
        yield {
            "listing": row.activity_id,
            "weekday": row.weekday + 1,  # 1 is Monday, as in ISO 8601
            "begins": row.begins,
            "ends": row.ends,
            "first_day": row.first_day,
            "last_day": row.last_day,
        }


def forget(partner: Partner, people: extensions.People) -> None:
    """Take the people out of the texts of offers and dates, and out of who pledged."""
    offers = Activity.objects.filter(partner=partner)
    offers.exclude(police_certificate_seen_by="").update(police_certificate_seen_by="")
    blank_words(offers, [*TEXTS, "link"], people.words)
    blank_words(Session.objects.filter(activity__partner=partner), ["place", "link"], people.words)
    refresh_search(list(offers.values_list("pk", flat=True)))
    Pledge.objects.filter(partner=partner, pledged_by__in=people.pks).update(pledged_by=None)
    history = apps.get_model("activities", "PledgeChange")._default_manager
    history.filter(partner_id=partner.pk, pledged_by__in=people.pks).update(pledged_by=None)


def register() -> None:
    """Add what this app knows to what every partner has. Called once, when the app is ready."""
    section = extensions.DataSection
    extensions.at_end.append(OffersAtEnd())
    extensions.forget.append(forget)
    extensions.data_sections += [
        section(name="pledges", about=_("what you pledged for each programme year"), rows=pledges),
        section(name="listings", about=_("your offers, also drafts and archived ones"), rows=listings),
        section(name="sessions", about=_("the dates of your offers"), rows=sessions),
        section(name="series", about=_("the rules by which dates repeat"), rows=series),
        section(name="availability", about=_("when your offers on request can be asked for"), rows=availability),
    ]
    authoring_ties.register()
    deed_ties.register()
    role_model_ties.register()
