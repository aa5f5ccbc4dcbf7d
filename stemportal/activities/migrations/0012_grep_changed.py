"""When Grep last changed a plan or goal: what has not changed since is not asked for again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0011_seen_before"),
    ]

    operations = [
        migrations.AddField(
            model_name="curriculumplan",
            name="register_changed",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="goal",
            name="register_changed",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
    ]
