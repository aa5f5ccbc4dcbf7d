"""What some partners did outside the portal, by their own word, and how often their films were started."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from stemportal.activities.models import Activity, FilmPlays, Kind, OwnWord
from stemportal.lib.school_year import FIRST_MONTH, current_school_year
from stemportal.partners.models import Membership, Partner

# Partner, kind, title, (month, day) of the last school year, pupils, girls, hours, note.
TOLD = (
    ("nordlys-robotikk", "other", "Stand på Forskningsdagene i Alta", (9, 21), 420, None, 12, "Nordlyshallen"),
    ("nordlys-robotikk", "workshop", "Lego-liga på biblioteket", (11, 8), 36, 19, 5, "Med Alta bibliotek"),
    ("nordlys-robotikk", "role_model_visit", "Karrieredag for tiende trinn", (2, 3), 85, 41, 3, "Avtalt på telefon"),
    ("jarfjell-mineral", "company_visit", "Åpent fjell for ungdomsskolen", (5, 22), 110, 52, 6, "Sammen med kommunen"),
    ("skavl-sensor", "competition", "Premie til årets elevbedrift", (4, 16), 24, 13, 2, "Ungt Entreprenørskap"),
)
FILM_DAYS = 120


def seed_own_words() -> None:
    """Tell of last year's deeds of a few partners, and of plays of all films in the last months."""
    kinds = {kind.code: kind for kind in Kind.objects.all()}
    partners = {partner.slug: partner for partner in Partner.objects.filter(slug__in={row[0] for row in TOLD})}
    for slug, code, title, (month, day), pupils, girls, hours, note in TOLD:
        year = current_school_year() - 1 + (month < FIRST_MONTH)
        owner = Membership.objects.filter(partner=partners[slug], role="owner").order_by("pk").first()
        facts = {"pupils": pupils, "girls": girls, "hours": hours, "note": note, "said_by": owner and owner.user}
        OwnWord.objects.get_or_create(
            partner=partners[slug],
            title=title,
            defaults={"kind": kinds[code], "held_on": date(year, month, day), **facts},
        )
    _seed_plays()


def _seed_plays() -> None:
    """Some films are started on most school days, none at night or on Sundays."""
    if FilmPlays.objects.exists():
        return
    today = timezone.localdate()
    films = list(Activity.objects.published().filter(kind__code="film").order_by("pk").values_list("pk", flat=True))
    plays = []
    for place, film in enumerate(films):
        for back in range(FILM_DAYS):
            day = today - timedelta(days=back)
            number = (day.toordinal() * 7 + place * 5) % 9 - 3 - place
            if day.weekday() < 5 and number > 0:
                plays.append(FilmPlays(activity_id=film, day=day, number=number))
    FilmPlays.objects.bulk_create(plays)
