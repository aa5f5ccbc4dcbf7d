"""What activities add to a partner: what ends with it, its copy of the data, and whom its texts must forget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Pledge, Session
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
    rows = rows.prefetch_related("subjects", "goals")
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
            "capacity": session.capacity,
            "places_taken": session.places_taken,
            "place": session.place,
            "link": session.link,
            "status": session.status,
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
    ]
