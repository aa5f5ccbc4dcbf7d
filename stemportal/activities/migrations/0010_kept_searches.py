"""First free dates, which saved searches tell of, and the language in which somebody asked for something."""

from django.db import migrations, models

import stemportal.activities.models.saved


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0009_kinds_ask_more"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="first_free_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="unmetsearch",
            name="language",
            field=models.CharField(
                choices=[("nb", "Norwegian bokmål"), ("nn", "Norwegian nynorsk"), ("en", "English")],
                default="nb",
                max_length=5,
                verbose_name="language",
            ),
        ),
        migrations.AlterField(
            model_name="savedsearch",
            name="stop_token",
            field=models.CharField(
                default=stemportal.activities.models.saved.new_token, editable=False, max_length=40, unique=True
            ),
        ),
    ]
