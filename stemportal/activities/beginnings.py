"""What a new offer begins with: the texts and usual values of a template, in the writer's language."""

from __future__ import annotations

from typing import Any

from stemportal.activities.models import ActivityTemplate, Subject

# A language without texts of its own begins with the next of these.
LANGUAGES = ("nb", "nn", "en")


def from_template(template: ActivityTemplate | None, language: str | None) -> dict[str, Any]:
    """Return the initial values of an editor; nothing without a template. Subjects are named by their codes."""
    if template is None:
        return {}
    texts: dict[str, str] = next(
        (template.texts[code] for code in (language, *LANGUAGES) if template.texts.get(code)), {}
    )
    values = dict(template.values)
    if codes := values.pop("subjects", None):
        values["subjects"] = list(Subject.objects.filter(code__in=codes).values_list("pk", flat=True))
    return {**values, **texts}
