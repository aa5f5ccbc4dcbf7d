"""Regional networks with their members, and the news and stories of the demo world."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone, translation

from stemportal.accounts.models import User
from stemportal.demo.seed import authoring, world
from stemportal.network.models import Ecosystem, EcosystemArea, EcosystemMember, Story
from stemportal.network.services.stories import add_photo, consent_words
from stemportal.partners.models import Membership, Partner
from stemportal.places.models import County
from stemportal.schools.models import Booking, School

Status = Story.Status


def seed_ecosystems() -> None:
    """Every county in one ecosystem, each with members by name beside its partners; safe to run again."""
    for place, row in enumerate(world.read("network")["ecosystems"], start=1):
        texts = {name: row[name] for name in row if name.startswith(("name_", "text_"))}
        coordinator = User.objects.filter(email=row.get("coordinator", "")).first()
        facts = {**texts, "coordinator": coordinator, "contact_email": row["email"], "order": place * 10}
        ecosystem, is_new = Ecosystem.objects.get_or_create(slug=row["slug"], defaults=facts)
        if not is_new:
            continue
        counties = County.objects.filter(number__in=row["counties"])
        EcosystemArea.objects.bulk_create([EcosystemArea(ecosystem=ecosystem, county=county) for county in counties])
        members = [
            EcosystemMember(ecosystem=ecosystem, sector=sector, name=name, website=website)
            for sector, name, website in row["members"]
        ]
        members += [
            EcosystemMember(ecosystem=ecosystem, sector=EcosystemMember.Sector.SCHOOL, school=school)
            for school in _schools(row["counties"], row["schools"])
        ]
        EcosystemMember.objects.bulk_create(members)


def _schools(counties: list[str], number: int) -> list[School]:
    """Schools of the region whose teachers use the portal."""
    found = School.objects.active().filter(municipality__county__number__in=counties, teachers__isnull=False)
    return list(found.distinct().order_by("number")[:number])


def seed_stories() -> None:
    """News and stories, some published, one to read for the secretariat and one with a question; safe to run again."""
    if Story.objects.exists():
        return
    for row in world.read("network")["stories"]:
        story = _story(row)
        if row["picture"]:
            picture, words = authoring.drawn(world.dice(f"story:{story.title}"), story.language)
            by = story.author or User.objects.get(email=world.STAFF_EMAIL)
            with translation.override(story.language):
                consent = consent_words()
            add_photo(story=story, picture=picture, alt_text=words, photographer="", consent=consent, by=by, staff=True)


def _story(row: dict[str, Any]) -> Story:
    at = timezone.now() - timedelta(days=row["days"])
    status = row.get("status", Status.PUBLISHED)
    published = {"published_at": at, "slug": row["slug"]} if status == Status.PUBLISHED else {}
    words = {name: row[name] for name in ("title", "lead", "text", "language", "byline")}
    return Story.objects.create(
        **words,
        **published,
        **_teller(row),
        kind=row.get("kind", Story.Kind.STORY),
        status=status,
        reply=row.get("reply", ""),
        created_at=at - timedelta(days=2),
        submitted_at=at - timedelta(days=1),
    )


def _teller(row: dict[str, Any]) -> dict[str, Any]:
    """Who tells: the demo teacher of a visit, a partner's owner, an ecosystem's coordinator, or the secretariat."""
    if row.get("visit"):
        teacher = User.objects.get(email=world.TEACHER_EMAIL)
        held = Booking.objects.completed().filter(teacher=teacher, session__isnull=False)
        booking = held.select_related("school", "activity__partner").order_by("session__starts_at", "pk").first()
        if booking is not None:
            partner = booking.activity.partner
            return {"author": teacher, "booking": booking, "school": booking.school, "partner": partner}
        return {"author": teacher, "school": teacher.teacher_records.get().school}
    if row.get("ecosystem"):
        ecosystem = Ecosystem.objects.get(slug=row["ecosystem"])
        return {"author": ecosystem.coordinator, "ecosystem": ecosystem}
    if row.get("partner"):
        partner = Partner.objects.get(display_name=row["partner"])
        members = Membership.objects.filter(partner=partner, role=Membership.Role.OWNER)
        owner = members.select_related("user").order_by("pk").first()
        return {"author": owner.user if owner else None, "partner": partner}
    return {"author": User.objects.get(email=world.STAFF_EMAIL)}
