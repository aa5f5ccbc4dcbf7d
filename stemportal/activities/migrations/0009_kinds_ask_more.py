"""Kinds that were loaded earlier ask for what their editor has got since: programme, season, captions and the rest."""

from django.db import migrations

PLACE = ["getting_there", "access_features"]
VISIT = ["programme", "bring", "safety", *PLACE, "serves", "season_months"]
# Written out, not read from data/kinds.json: that file goes on changing.
NEW = {
    "company_visit": VISIT,
    "role_model_visit": ["programme", "serves", "season_months"],
    "role_model_online": ["programme", "season_months"],
    "job_shadow": VISIT,
    "work_week": VISIT,
    "homework_help": ["bring", *PLACE, "serves", "season_months"],
    "workshop": VISIT,
    "competition": VISIT,
    "teacher_training": ["programme", "bring", *PLACE, "serves", "season_months"],
    "transport_grant": ["serves", "season_months"],
    "film": ["access_features", "captions", "transcript"],
    "other": VISIT,
}
FILM_NEEDS = ["captions", "transcript"]


def ask_more(apps, schema_editor):
    Kind = apps.get_model("activities", "Kind")
    for kind in Kind.objects.filter(code__in=NEW):
        # What staff have added or taken away otherwise stays.
        kind.fields += [name for name in NEW[kind.code] if name not in kind.fields]
        if kind.code == "film":
            kind.required += [name for name in FILM_NEEDS if name not in kind.required]
            kind.guards.setdefault("film", True)
        kind.save(update_fields=["fields", "required", "guards"])


class Migration(migrations.Migration):
    dependencies = [("activities", "0008_without_search_columns")]

    operations = [migrations.RunPython(ask_more, migrations.RunPython.noop)]
