"""Subscribers, a newsletter in the making, and the programme's targets."""

from __future__ import annotations

from django.utils import timezone

from stemportal.demo.seed import world
from stemportal.lib.school_year import current_school_year
from stemportal.newsletters.models import Newsletter, Subscriber
from stemportal.reports.models import Target

SUBSCRIBERS = 40


def seed_rest() -> None:
    """Everything small; safe to run again."""
    dice = world.dice("rest")
    people = world.read("people")
    texts = world.read("pages")["newsletter"]
    consent = "Ja, send meg nyhetsbrevet. Jeg kan melde meg av når som helst."
    Subscriber.objects.bulk_create(
        [
            Subscriber(
                email=f"{world.ascii_slug(dice.choice(people['first_names']))}{n}@example.org",
                language=dice.choice(["nb", "nb", "nb", "nn", "en"]),
                status=Subscriber.Status.ACTIVE,
                consent_text=consent,
                consent_source="demo",
                confirmed_at=timezone.now(),
            )
            for n in range(SUBSCRIBERS)
        ],
        ignore_conflicts=True,
    )
    if not Newsletter.objects.exists():
        Newsletter.objects.create(
            subject_nb=texts["nb"]["subject"],
            body_nb=texts["nb"]["body"],
            subject_nn=texts["nn"]["subject"],
            body_nn=texts["nn"]["body"],
            subject_en=texts["en"]["subject"],
            body_en=texts["en"]["body"],
        )
    year = current_school_year()
    for offset, scale in ((0, 1.0), (-1, 0.9), (-2, 0.8)):
        for measure, value in (("pupils", 60_000), ("visits", 2_400), ("schools", 900), ("partners", 80)):
            Target.objects.get_or_create(
                school_year=year + offset, measure=measure, defaults={"value": round(value * scale)}
            )
