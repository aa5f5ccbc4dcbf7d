"""Films of the demo world with captions and a text of what they show, and offers whose goals are over."""

from __future__ import annotations

import hashlib

from stemportal.activities.models import Activity, Goal
from stemportal.activities.search_index import refresh_search
from stemportal.demo.seed import world

# A film at a host that everybody knows: its page shows what is asked before anything is fetched. No such film exists.
AT_YOUTUBE = {("nordlys-robotikk", "Film: Natt i robothallen"): "https://youtu.be/demo_robot0"}
# The letters in which PeerTube writes the name of a film.
BASE_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
TEXTS = {
    "nb": "**Tekst på skjermen:** {title}\n\n{description}\n\n**Til slutt:** oppgavene til klassen.",
    "nn": "**Tekst på skjermen:** {title}\n\n{description}\n\n**Til slutt:** oppgåvene til klassen.",
}
WITH_OLD_GOALS = ("nordlys-robotikk", "skavl-sensor")


def film_link(partner_slug: str, title: str) -> str:
    """Return the address of a made-up film: always the same for the same film."""
    if known := AT_YOUTUBE.get((partner_slug, title)):
        return known
    number = int(hashlib.sha256(f"{partner_slug} {title}".encode()).hexdigest(), 16)
    name = "".join(BASE_58[number // 58**place % 58] for place in range(22))
    return f"https://film.example.no/w/{name}"


def seed_films() -> None:
    """Give the films that lack it a link to a known host, captions and a text of what they say and show."""
    slugs = {row["partner"] for row in world.activities()}
    films = Activity.objects.filter(kind__code="film", transcript="", partner__slug__in=slugs).select_related("partner")
    changed = []
    for film in films:
        language = film.languages[0] if film.languages and film.languages[0] in TEXTS else "nb"
        film.link = film_link(film.partner.slug, film.title)
        film.captions = film.languages
        film.transcript = TEXTS[language].format(title=film.title.removeprefix("Film: "), description=film.description)
        changed.append(film)
    Activity.objects.bulk_update(changed, ["link", "captions", "transcript"])
    if changed:
        refresh_search([film.pk for film in changed])


def seed_old_goals() -> None:
    """Let an offer of some partners name goals that were over last summer, as real offers do."""
    old = list(Goal.objects.expired().filter(successor__isnull=False).order_by("plan__code", "code")[:2])
    for slug in WITH_OLD_GOALS:
        offers = Activity.objects.published().filter(partner__slug=slug)
        if old and not offers.filter(goals__in=Goal.objects.expired()).exists():
            offer = offers.exclude(kind__code="film").order_by("title").first()
            if offer is not None:
                offer.goals.add(*old)
                refresh_search([offer.pk])
