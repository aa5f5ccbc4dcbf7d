from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0006_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="schoolregisterrun",
            name="claimed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="schoolregisterrun",
            name="resume_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="goes on"),
        ),
        migrations.AddField(
            model_name="schoolregisterrun",
            name="unseen",
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
    ]
