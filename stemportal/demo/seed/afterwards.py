"""What was said after the demo world's visits, and the pulse of some classes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count

from stemportal.activities.models import Activity
from stemportal.demo.seed import world
from stemportal.schools.models import PULSE_ANSWERS, PULSE_QUESTIONS, Booking, Feedback, Moment, Pulse, PulseCount
from stemportal.schools.services.pulse import CLOSES_AFTER

OFFERS = 40
VISITS = 9
PULSES = 6
SCHOOL_WORDS = (
    "Elevene fikk gjøre noe selv fra første minutt. De snakket om det på bussen hele veien hjem.",
    "Godt forberedt, og akkurat passe vanskelig. Vi brukte målingene i naturfag uka etter.",
    "Fint å møte folk som liker jobben sin. Noen av jentene spurte om lærlingplass.",
    "Litt mye prat på slutten, men verkstedet var strålende.",
    "Elevane lærte meir på to timar enn eg klarer på ei veke.",
    "",
    "",
)
PARTNER_WORDS = (
    "En nysgjerrig klasse som stilte gode spørsmål. Læreren hadde forberedt dem godt.",
    "Hyggelig besøk. Neste gang deler vi klassen i tre grupper.",
    "",
)


def seed_afterwards() -> None:
    """Feedback from both sides and a few pulses; safe to run again."""
    if Feedback.objects.exists():
        return
    dice = world.dice("afterwards")
    popular = (
        Activity.objects.published()
        .filter(bookings__status=Booking.Status.COMPLETED)
        .annotate(held=Count("bookings"))
        .order_by("-held", "pk")[:OFFERS]
    )
    given: list[Feedback] = []
    for activity in popular:
        held = Booking.objects.completed().filter(activity=activity).select_related("session")
        for booking in held.order_by("-session__starts_at", "pk")[:VISITS]:
            if booking.session is None:
                continue
            told = booking.session.ends_at + timedelta(hours=dice.randint(2, 70))
            text = dice.choice(SCHOOL_WORDS)
            rating, learned = dice.choice([5, 5, 5, 4, 4, 3]), dice.choice([5, 4, 4, 3, None])
            quote = bool(text) and dice.random() < 0.5
            school = {"rating": rating, "learned": learned, "text": text, "may_quote": quote, "given_at": told}
            given.append(Feedback(booking=booking, side=Feedback.Side.SCHOOL, **school))
            if dice.random() < 0.6:
                partner = {"rating": dice.choice([5, 5, 4, 4, 3]), "text": dice.choice(PARTNER_WORDS)}
                at = told + timedelta(hours=dice.randint(1, 48))
                given.append(Feedback(booking=booking, side=Feedback.Side.PARTNER, given_at=at, **partner))
    Feedback.objects.bulk_create(given, batch_size=500)
    _seed_pulses()


def _seed_pulses() -> None:
    """A few classes answered before and after; more of them can imagine such a job afterwards."""
    dice = world.dice("pulses")
    held = Booking.objects.completed().filter(pupils__gte=14).select_related("session")
    counts: list[PulseCount] = []
    for booking in held.order_by("-session__starts_at", "pk")[:PULSES]:
        if booking.session is None:
            continue
        opened, closed = booking.session.starts_at - timedelta(days=1), booking.session.ends_at + CLOSES_AFTER
        token = "".join(dice.choice("abcdefghjkmnpqrstuvwxyz23456789") for _letter in range(10))
        pulse = Pulse.objects.create(
            booking=booking, token=f"{token[:5]}-{token[5:]}", opened_at=opened, closes_at=closed
        )
        for moment, weights in ((Moment.BEFORE, (2, 4, 6, 4, 2)), (Moment.AFTER, (1, 2, 5, 6, 5))):
            for question in PULSE_QUESTIONS:
                chosen = dice.choices(PULSE_ANSWERS, weights, k=booking.pupils - 1)
                counts += [
                    PulseCount(
                        pulse=pulse, moment=moment, question=question, answer=answer, number=chosen.count(answer)
                    )
                    for answer in PULSE_ANSWERS
                    if answer in chosen
                ]
    PulseCount.objects.bulk_create(counts)
