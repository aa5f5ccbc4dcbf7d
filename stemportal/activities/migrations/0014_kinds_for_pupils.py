"""Who comes to training for teachers is no pupil."""

from django.db import migrations, models

TEACHERS = "UPDATE activities_kind SET for_pupils = false WHERE code = 'teacher_training'"


class Migration(migrations.Migration):
    dependencies = [("activities", "0013_deeds")]

    operations = [
        migrations.AddField(
            model_name="kind",
            name="for_pupils",
            field=models.BooleanField(db_default=True, default=True, verbose_name="those who come are pupils"),
        ),
        migrations.RunSQL(TEACHERS, reverse_sql=migrations.RunSQL.noop),
    ]
