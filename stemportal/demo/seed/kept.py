"""What the demo teacher keeps, what people looked for in vain, and when offers were opened last."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, Favourite, SavedSearch, Session, UnmetSearch
from stemportal.demo.seed import world

FAVOURITES = 4
SEARCHES = (
    ("q=robot&grade=9", "Roboter for 9. trinn", SavedSearch.Frequency.WEEKLY),
    ("kind=homework_help&subject=MAT", "Leksehjelp i matematikk", SavedSearch.Frequency.INSTANT),
    ("place=Alta&radius=100&free=on", "Ledige plasser rundt Alta", SavedSearch.Frequency.NEVER),
)
# Words, search, address, days ago, own words.
WISHES = (
    (
        "«nordlys», 9. trinn, Alta",
        "q=nordlys&grade=9&place=Alta",
        "",
        2,
        "Vi vil måle nordlys med 9B i januar, gjerne om kvelden.",
    ),
    (
        "«arkeologi», Vg1, Hammerfest",
        "q=arkeologi&grade=11&place=Hammerfest",
        "turid.prove@skole.example.no",
        9,
        "",
    ),
)
# One offer in so many was last opened longer ago than anybody should wait.
FORGOTTEN = 25


def seed_kept() -> None:
    """Favourites, saved searches, wishes; safe to run again."""
    _seed_moments()
    teacher = User.objects.get(email=world.TEACHER_EMAIL)
    offers = Activity.objects.published().order_by("pk")
    near = offers.filter(municipality__number=world.HOME_MUNICIPALITY)
    chosen = [*near[: FAVOURITES - 1], *offers.filter(format=Activity.Format.DIGITAL)[:1]]
    Favourite.objects.bulk_create(
        [Favourite(user=teacher, activity=activity) for activity in chosen], ignore_conflicts=True
    )
    for query, name, frequency in SEARCHES:
        SavedSearch.objects.get_or_create(user=teacher, query=query, defaults={"name": name, "frequency": frequency})
    for words, query, email, days, message in WISHES:
        UnmetSearch.objects.get_or_create(
            query=query,
            defaults={
                "words": words,
                "user": None if email else teacher,
                "email": email,
                "message": message,
                "asked_at": timezone.now() - timedelta(days=days),
            },
        )


def _seed_moments() -> None:
    """When offers were opened last and had their first dates, as if people had been there all the time."""
    dice, now = world.dice("kept"), timezone.now()
    seen = list(Activity.objects.filter(views_count__gt=0, last_viewed_at=None).order_by("pk"))
    for activity in seen:
        days = dice.randint(61, 120) if dice.randrange(FORGOTTEN) == 0 else dice.randint(0, 45)
        activity.last_viewed_at = now - timedelta(days=days, minutes=dice.randrange(1_440))
    Activity.objects.bulk_update(seen, ["last_viewed_at"], batch_size=500)
    with_dates = Exists(Session.objects.filter(activity=OuterRef("pk")))
    Activity.objects.filter(with_dates, first_free_at=None).update(
        first_free_at=Coalesce(F("published_at"), F("created_at"))
    )
