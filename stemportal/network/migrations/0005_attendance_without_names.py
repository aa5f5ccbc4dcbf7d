"""How many came to a meeting outlives the account of the one who came.

Django alone would drop the foreign key and build it anew, which locks accounts while it is checked.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The version that still runs writes no row without a person, and deletes rows with the account as before.
NULLABLE = """
    -- squawk-ignore ban-drop-not-null
    ALTER TABLE network_rsvp ALTER COLUMN user_id DROP NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("network", "0004_input_telling"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="rsvp",
                    name="user",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="rsvps",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(NULLABLE, "ALTER TABLE network_rsvp ALTER COLUMN user_id SET NOT NULL;")
            ],
        )
    ]
