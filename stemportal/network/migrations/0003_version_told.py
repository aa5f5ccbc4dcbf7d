"""Who wants a mail for each document is told of each version once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("network", "0002_meeting_told")]

    operations = [
        migrations.AddField(
            model_name="documentversion",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="told"),
        ),
    ]
