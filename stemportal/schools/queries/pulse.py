"""Reading a class's pulse: averages of those who answered, from five answers up."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from stemportal.schools.models import PULSE_QUESTIONS, SMALLEST_SUM, Booking, Moment, Pulse, PulseCount


@dataclass(frozen=True)
class Question:
    """One of the three questions, with its averages from 1 to 5 where they may be shown."""

    number: int
    words: str
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True)
class Results:
    """What a class answered: averages where the part is over and five have answered, else None."""

    questions: tuple[Question, ...]
    before_count: int
    after_count: int
    before_shown: bool
    after_shown: bool

    @property
    def any_shown(self) -> bool:
        """Whether there is anything to see."""
        return self.before_shown or self.after_shown


def question_words() -> dict[int, str]:
    """Return the three questions as a pupil reads them, the same before and after."""
    return {
        1: _("How interested are you in science and technology?"),
        2: _("Can you imagine having a job like those you meet on this visit?"),
        3: _("How well do you know what people do in such jobs?"),
    }


def answer_words() -> dict[int, list[tuple[int, str, str]]]:
    """Return the five answers to each question: (value, words, name of the icon), the least first."""
    icons = ("FaceCry", "FaceFrown", "Face", "FaceSmile", "FaceLaugh")
    words = {
        1: (_("Not at all"), _("A little"), _("Somewhat"), _("Quite a lot"), _("Very much")),
        2: (_("No, not at all"), _("Hardly"), _("Maybe"), _("Yes, probably"), _("Yes, absolutely")),
        3: (_("I have no idea"), _("Not very well"), _("So-so"), _("Quite well"), _("Very well")),
    }
    return {
        question: [(value, answer, icons[value - 1]) for value, answer in enumerate(answers, start=1)]
        for question, answers in words.items()
    }


def pulse_of(booking: Booking) -> Pulse | None:
    """Return the booking's pulse, if one was opened."""
    pulse = Pulse.objects.filter(booking=booking).first()
    if pulse is not None:
        pulse.booking = booking
    return pulse


def pulse_results(pulse: Pulse) -> Results:
    """Return what may be shown of a pulse. One query."""
    rows = (
        PulseCount.objects.filter(pulse=pulse)
        .order_by()
        .values_list("moment", "question")
        .annotate(total=Sum("number"), points=Sum(F("number") * F("answer")))
    )
    sums = {(moment, question): (total, points) for moment, question, total, points in rows}
    counts = {moment: sums.get((moment, PULSE_QUESTIONS[0]), (0, 0))[0] for moment in Moment.values}
    over = {Moment.BEFORE: not pulse.is_open or pulse.moment == Moment.AFTER, Moment.AFTER: not pulse.is_open}
    shown = {moment: over[moment] and counts[moment] >= SMALLEST_SUM for moment in Moment}

    def average(moment: Moment, question: int) -> float | None:
        total, points = sums.get((moment.value, question), (0, 0))
        return round(points / total, 1) if shown[moment] and total else None

    return Results(
        questions=tuple(
            Question(number, words, average(Moment.BEFORE, number), average(Moment.AFTER, number))
            for number, words in question_words().items()
        ),
        before_count=counts[Moment.BEFORE],
        after_count=counts[Moment.AFTER],
        before_shown=shown[Moment.BEFORE],
        after_shown=shown[Moment.AFTER],
    )
