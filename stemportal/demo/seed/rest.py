"""The programme's targets: where they began, where they are to be, and what was entered of the one nobody can measure
here.
"""

from __future__ import annotations

from stemportal.accounts.models import User
from stemportal.lib.school_year import current_school_year
from stemportal.reports.models import Target, TargetValue

# Measure, value at the start, goal, titles.
TARGETS = (
    ("pupils", 18_200, 60_000, "Elever nådd", "Elevar nådde", "Pupils reached"),
    ("visits", 1_120, 2_400, "Besøk gjennomført", "Besøk gjennomførte", "Visits held"),
    ("schools", 540, 900, "Skoler nådd", "Skular nådde", "Schools reached"),
    ("partners", 38, 80, "Partnere med i arbeidet", "Partnarar med i arbeidet", "Partners engaged"),
    ("companies", 22, 60, "Bedrifter med i arbeidet", "Bedrifter med i arbeidet", "Companies engaged"),
    ("girls_share", 44, 50, "Andel jenter", "Del jenter", "Share of girls"),
    (
        *("remote_share", 41, 80),
        *("Andel distriktskommuner nådd", "Del distriktskommunar nådde", "Share of remote municipalities reached"),
    ),
)
BEGAN, DUE = -3, 3
GRADUATES = {
    "title_nb": "Nye studenter i realfag og teknologi",
    "title_nn": "Nye studentar i realfag og teknologi",
    "title_en": "New students of science and technology",
    "measure": "entered",
    "period_kind": "calendar",
    "unit": "",
    "baseline": 21_400,
    "goal": 25_700,
    "source": "Programplanen, oppdiktet for demonstrasjonen",
}
# Years back from this one, and the value.
ENTERED = ((2, 21_900), (1, 22_600))


def seed_rest() -> None:
    """Targets of the programme; safe to run again."""
    year = current_school_year()
    for order, (measure, baseline, goal, nb, nn, en) in enumerate(TARGETS):
        Target.objects.get_or_create(
            measure=measure,
            defaults={
                "baseline": baseline, "baseline_year": year + BEGAN, "goal": goal, "due_year": year + DUE,
                "order": order, "title_nb": nb, "title_nn": nn, "title_en": en,
            },
        )  # fmt: skip
    years = {"baseline_year": year + BEGAN, "due_year": year + 2 * DUE, "order": len(TARGETS)}
    graduates, is_new = Target.objects.get_or_create(measure="entered", defaults={**GRADUATES, **years})
    if not is_new:
        return
    staff = User.objects.filter(is_superuser=True).earliest("pk")
    TargetValue.objects.bulk_create(
        TargetValue(
            target=graduates,
            year=year - back,
            value=value,
            source="Opptakstall, oppdiktet for demonstrasjonen",
            entered_by=staff,
        )
        for back, value in ENTERED
    )
