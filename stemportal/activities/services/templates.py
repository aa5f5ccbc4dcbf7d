"""Templates that the portal comes with. Loading again changes nothing that staff changed; a reset brings one back."""

from __future__ import annotations

from typing import Any

from stemportal.activities.models import ActivityTemplate, Kind
from stemportal.activities.services.seeding import read_rows


def _shipped() -> dict[str, dict[str, Any]]:
    """Templates as the portal ships them, by code: the model's fields but the kind, which is its code."""
    return {
        row["code"]: {
            "kind": row["kind"],
            "order": row["order"],
            **{f"name_{language}": name for language, name in row["name"].items()},
            "texts": row["texts"],
            "values": row["values"],
        }
        for row in read_rows("activity_templates.json")
    }


def load_templates() -> int:
    """Create the templates of ``data/activity_templates.json`` that are missing; return how many."""
    kinds = {kind.code: kind for kind in Kind.objects.all()}
    templates = [
        ActivityTemplate(code=code, **(facts | {"kind": kinds[facts["kind"]]}))
        for code, facts in _shipped().items()
        if facts["kind"] in kinds
    ]
    before = ActivityTemplate.objects.count()
    ActivityTemplate.objects.bulk_create(templates, ignore_conflicts=True)
    return ActivityTemplate.objects.count() - before


def reset_template(*, template: ActivityTemplate) -> bool:
    """Bring a template back to what the portal came with. False: it is one that staff made."""
    facts = _shipped().get(template.code)
    if facts is None:
        return False
    names = [name for name in facts if name != "kind"]
    for name in names:
        setattr(template, name, facts[name])
    template.is_active = True
    template.save(update_fields=[*names, "is_active"])
    return True
