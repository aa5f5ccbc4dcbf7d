"""Kinds that were loaded before pledges existed: what each is pledged in, and the grant's amount in its editor."""

from django.db import migrations

UNITS = {
    "job_shadow": "places",
    "work_week": "places",
    "homework_help": "places",
    "teacher_training": "places",
    "transport_grant": "kroner",
    "film": "published",
}


def set_units(apps, schema_editor):
    Kind = apps.get_model("activities", "Kind")
    for code, unit in UNITS.items():
        # What staff have chosen stays.
        Kind.objects.filter(code=code, pledge_unit="visits").update(pledge_unit=unit)
    for kind in Kind.objects.filter(code="transport_grant"):
        if "grant_amount" not in kind.fields:
            kind.fields = ["grant_amount", *kind.fields]
            kind.save(update_fields=["fields"])


class Migration(migrations.Migration):
    dependencies = [("activities", "0003_pledges")]

    operations = [migrations.RunPython(set_units, migrations.RunPython.noop)]
