"""Who gets the newsletter in the demo world, on what consent, and what they want to read about."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from stemportal.demo.seed import world
from stemportal.newsletters.models import Bounce, ConsentEvent, Interest, Subscriber
from stemportal.newsletters.services import consents
from stemportal.newsletters.services.bounces import note_bounce
from stemportal.places.models import County

SUBSCRIBERS = 40
# Code, then the name in bokmål, nynorsk and English.
INTERESTS = (
    ("besok", "Bedriftsbesøk og turer", "Bedriftsbesøk og turar", "Company visits and trips"),
    ("rollemodeller", "Rollemodeller i klasserommet", "Rollemodellar i klasserommet", "Role models in the classroom"),
    ("koding", "Programmering og roboter", "Programmering og robotar", "Coding and robots"),
    ("klima", "Klima, hav og energi", "Klima, hav og energi", "Climate, sea and energy"),
    ("penger", "Penger til buss og utstyr", "Pengar til buss og utstyr", "Money for buses and equipment"),
    ("nettverk", "Møter og nettverk", "Møte og nettverk", "Meetings and network"),
)
SOURCES = ("/newsletter/", "/", "/activities/", "/about/")
# Of the subscribers in the order of their addresses: those who left, and one whose address is gone.
LEFT = (7, 19)
GONE = 23


def seed_subscribers() -> None:
    """Topics, words of the consent, and subscribers with their stories; safe to run again."""
    consents.keep_first_words()
    Interest.objects.bulk_create(
        [
            Interest(slug=slug, name_nb=nb, name_nn=nn, name_en=en, order=10 * number)
            for number, (slug, nb, nn, en) in enumerate(INTERESTS, 1)
        ],
        ignore_conflicts=True,
    )
    addresses = _addresses()
    if Subscriber.objects.filter(email__in=addresses).exists():
        return
    _subscribe(addresses)
    _come_and_go(addresses)


def _addresses() -> list[str]:
    dice, people = world.dice("subscribers"), world.read("people")
    return [f"{world.ascii_slug(dice.choice(people['first_names']))}{n}@example.org" for n in range(SUBSCRIBERS)]


def _subscribe(addresses: list[str]) -> None:
    dice = world.dice("subscriptions")
    counties = [*County.objects.filter(country="NO", valid_to=None), None, None]
    interests = list(Interest.objects.all())
    now = timezone.now()
    for number, email in enumerate(addresses):
        language = dice.choice(["nb", "nb", "nb", "nn", "en"])
        words = consents.words_now(language)
        asked_at = now - timedelta(days=30 + dice.randrange(500), minutes=dice.randrange(600))
        subscriber = Subscriber.objects.create(
            email=email,
            language=language,
            county=dice.choice(counties),
            status=Subscriber.Status.ACTIVE,
            consent_text=words.text,
            consent_version=words.version,
            consent_source=dice.choice(SOURCES),
            asked_at=asked_at,
            confirmed_at=asked_at + timedelta(minutes=4),
        )
        subscriber.interests.set(dice.sample(interests, number % 3))
        for kind, at, source in (
            (ConsentEvent.Kind.ASKED, subscriber.asked_at, subscriber.consent_source),
            (ConsentEvent.Kind.CONFIRMED, subscriber.confirmed_at, "/newsletter/confirm/…/"),
        ):
            event = consents.record(subscriber, kind, source=source)
            ConsentEvent.objects.filter(pk=event.pk).update(at=at)


def _come_and_go(addresses: list[str]) -> None:
    for number in LEFT:
        consents.leave(Subscriber.objects.get(email=addresses[number]), source=consents.ONE_CLICK)
    note_bounce(
        kind=Bounce.Kind.HARD,
        source=Bounce.Source.MAILBOX,
        email=addresses[GONE],
        code="5.1.1",
        diagnosis="550 5.1.1 Recipient address rejected: User unknown",
    )
