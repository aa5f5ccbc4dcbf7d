"""A hearing that is open, one that is over, what partners sent, and a recommendation that came of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.demo.seed import world
from stemportal.network.models import Hearing, Input, InputEvent, InputSupport, Recommendation
from stemportal.partners.models import Membership, Partner

Status = Input.Status
SPACE = uuid.UUID("5d1c3a52-6a0b-4a2f-9f54-2f6a6f6f0f06")
OPEN, OVER = "open", "over"

HEARINGS = {
    OPEN: {
        "title_nb": "Hvordan når vi skoler langt fra bedriftene?",
        "title_nn": "Korleis når vi skular langt frå bedriftene?",
        "title_en": "How do we reach schools far from the companies?",
        "text_nb": "Mange klasser har over én times reise til nærmeste bedrift.\n\n"
        "- Hva fungerer på skjerm, og hva gjør det ikke?\n"
        "- Hva skal til for at dere reiser ut til skolene?\n"
        "- Hva bør programmet betale for?",
        "text_nn": "Mange klassar har over éin times reise til næraste bedrift.\n\n"
        "- Kva fungerer på skjerm, og kva gjer det ikkje?\n"
        "- Kva skal til for at de reiser ut til skulane?\n"
        "- Kva bør programmet betale for?",
        "text_en": "Many classes travel more than an hour to the nearest company.\n\n"
        "- What works on a screen, and what does not?\n"
        "- What would it take for you to go out to the schools?\n"
        "- What should the programme pay for?",
    },
    OVER: {
        "title_nb": "Hvor langt bør et besøk være?",
        "title_nn": "Kor langt bør eit besøk vere?",
        "title_en": "How long should a visit be?",
        "text_nb": "De fleste besøk varer i to timer. Er det nok til at elevene får gjøre noe selv?",
        "text_nn": "Dei fleste besøka varer i to timar. Er det nok til at elevane får gjere noko sjølve?",
        "text_en": "Most visits last two hours. Is that enough for the pupils to do something themselves?",
        "summary": "Partnerne er enige om at to timer er for lite når elevene skal bygge eller måle noe. "
        "Vi har samlet svarene i en anbefaling, og nye maler for tilbud foreslår tre timer.",
    },
}
RECOMMENDATION = {
    "title_nb": "Gi elevene tid til å gjøre noe selv",
    "title_nn": "Gje elevane tid til å gjere noko sjølve",
    "title_en": "Give pupils time to do something themselves",
    "text_nb": "Et besøk der elevene bygger, måler eller programmerer, bør vare i minst **tre timer**. "
    "Skolene bør legge besøket til en dag der klassen kan være borte hele formiddagen.",
    "text_nn": "Eit besøk der elevane byggjer, måler eller programmerer, bør vare i minst **tre timar**. "
    "Skulane bør leggje besøket til ein dag der klassen kan vere borte heile formiddagen.",
    "text_en": "A visit on which pupils build, measure or program should last at least **three hours**. "
    "Schools should choose a day on which the class can be away all morning.",
    "addressed_to": "Partnere og skoleeiere",
}


@dataclass(frozen=True)
class Sent:
    """One input of the demo world; ``days`` ago."""

    title: str
    text: str
    days: int
    hearing: str = ""
    status: str = Status.RECEIVED
    supporters: int = 0
    is_shared: bool = True
    reason: str = ""
    answer: str = ""
    answer_is_public: bool = True
    is_bundled: bool = False


INPUTS = (
    Sent(
        "Tre timer i verkstedet, ikke to",
        "Elevene rekker å montere roboten på to timer, men ikke å prøve den. "
        "Vi foreslår at malen for bedriftsbesøk begynner med tre timer.",
        days=64, hearing=OVER, status=Status.TAKEN_UP, supporters=5, is_bundled=True,
        answer="Takk! Nye maler foreslår tre timer fra høsten.",
    ),
    Sent(
        "La skolen velge mellom halv og hel dag",
        "På en hel dag kan klassen både se anlegget og løse en oppgave. Noen skoler har bare en formiddag.",
        days=61, hearing=OVER, status=Status.TAKEN_UP, supporters=2, is_bundled=True,
    ),
    Sent(
        "Lunsj bør være en del av tilbudet",
        "Når besøket varer over lunsj, trenger vi et felt der vi kan si om vi byr på mat.",
        days=58, hearing=OVER, status=Status.NOT_TAKEN_UP, supporters=1,
        reason="Feltet for praktiske opplysninger dekker det allerede, og vi vil holde skjemaet kort.",
    ),
    Sent(
        "Et kjøkkenbord på skjerm",
        "Vi har god erfaring med å sende en eske med deler til skolen en uke før, og møte klassen på skjerm. "
        "Da gjør elevene det samme som de ville gjort hos oss.\n\nDet koster porto, og noen må pakke.",
        days=6, hearing=OPEN, supporters=3,
    ),
    Sent(
        "Én bil, tre skoler",
        "Vi kan reise ut hvis tre skoler i samme dal tar imot oss på to dager. Kan portalen samle ønskene?",
        days=4, hearing=OPEN, status=Status.IN_WORK, supporters=4,
        answer="God idé. Vi ser på om ønsker fra nabokommuner kan vises sammen.",
    ),
    Sent(
        "Reisestøtten kommer for sent",
        "To av skolene som skulle til oss, trakk seg fordi svaret på søknaden kom etter at bussen måtte bestilles.",
        days=3, hearing=OPEN, is_shared=False,
    ),
    Sent(
        "Felles mal for risikovurdering",
        "Alle som tar imot en klasse i produksjonen, skriver den samme vurderingen. En god mal hadde spart oss timer.",
        days=25, status=Status.IN_WORK, supporters=4,
    ),
    Sent(
        "Vis hvilke skoler som aldri har vært på besøk",
        "Vi vil gjerne invitere dem som ikke finner veien til oss selv.",
        days=2, supporters=1,
    ),
)  # fmt: skip


def seed_inputs() -> None:
    """Hearings, input, support and a recommendation; safe to run again."""
    if Input.objects.exists():
        return
    dice = world.dice("inputs")
    staff = User.objects.filter(email=world.STAFF_EMAIL).first()
    hearings = {
        OPEN: _hearing(OPEN, opened=-9, closes=12, by=staff),
        OVER: _hearing(OVER, opened=-72, closes=-50, by=staff),
    }
    recommendation = Recommendation.objects.create(
        **RECOMMENDATION, created_by=staff, created_at=_at(-45), published_at=_at(-40)
    )
    writers = _writers()
    for number, sent in enumerate(INPUTS):
        writer = writers[number % len(writers)]
        decided = sent.status in (Status.TAKEN_UP, Status.NOT_TAKEN_UP)
        answered = _at(1 - sent.days if sent.days < 40 else -40)
        found = Input.objects.create(
            partner=writer.partner,
            by=writer.user,
            hearing=hearings.get(sent.hearing),
            recommendation=recommendation if sent.is_bundled else None,
            title=sent.title,
            text=sent.text,
            is_shared=sent.is_shared,
            status=sent.status,
            at=_at(-sent.days),
            reason=sent.reason,
            answer=sent.answer,
            answer_is_public=sent.answer_is_public,
            answered_at=answered if sent.answer else None,
            answered_by=staff if sent.answer else None,
            request_key=uuid.uuid5(SPACE, sent.title),
        )
        _steps(found, moved=answered, staff=staff)
        others = [row.partner for row in writers if row.partner != writer.partner]
        InputSupport.objects.bulk_create(
            InputSupport(
                input=found, partner=partner, at=_at(1 - sent.days), told_at=timezone.now() if decided else None
            )
            for partner in dice.sample(list(dict.fromkeys(others)), k=min(sent.supporters, len(set(others))))
        )


def _at(days: int) -> datetime:
    """In the morning, so many days from today."""
    return timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=days), time(9, 30)))


def _hearing(name: str, *, opened: int, closes: int, by: User | None) -> Hearing:
    """Its partners were told when it opened."""
    ends = timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=closes), time(15)))
    return Hearing.objects.create(
        **HEARINGS[name], opens_at=_at(opened), closes_at=ends, told_at=_at(opened), created_by=by
    )


def _steps(found: Input, *, moved: datetime, staff: User | None) -> None:
    """The history of an input, told already."""
    steps: list[tuple[str, str, User | None, datetime]] = [("", Status.RECEIVED, found.by, found.at)]
    if found.status != Status.RECEIVED:
        steps.append((Status.RECEIVED, found.status, staff, moved))
    InputEvent.objects.bulk_create(
        InputEvent(input=found, from_status=origin, to_status=status, by=by, at=at, told_at=at)
        for origin, status, by, at in steps
    )


def _writers() -> list[Membership]:
    """Owners of some approved partners, the demo's own partner among the first."""
    owners = Membership.objects.filter(partner__status=Partner.Status.APPROVED, role=Membership.Role.OWNER)
    found = owners.select_related("partner", "user").order_by("partner__slug", "pk")
    mine = list(found.filter(user__email=world.PARTNER_EMAIL)[:1])
    return mine + list(found.exclude(partner__in=[row.partner for row in mine])[:11])
