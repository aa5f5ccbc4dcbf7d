"""The programme's targets."""

from __future__ import annotations

from stemportal.lib.school_year import current_school_year
from stemportal.reports.models import Target

TARGETS = (
    ("pupils", 60_000, "Elever nådd", "Elevar nådde", "Pupils reached"),
    ("visits", 2_400, "Besøk gjennomført", "Besøk gjennomførte", "Visits held"),
    ("schools", 900, "Skoler nådd", "Skular nådde", "Schools reached"),
    ("partners", 80, "Partnere med i arbeidet", "Partnarar med i arbeidet", "Partners engaged"),
)


def seed_rest() -> None:
    """Targets of the programme; safe to run again."""
    due = current_school_year()
    for order, (measure, goal, nb, nn, en) in enumerate(TARGETS):
        Target.objects.get_or_create(
            measure=measure,
            defaults={
                "goal": goal, "due_year": due, "order": order, "title_nb": nb, "title_nn": nn, "title_en": en,
            },
        )  # fmt: skip
