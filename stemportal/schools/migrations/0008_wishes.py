"""Wishes: offers of one of the activity's dates, reminders, rounds of asking, and who coordinates a county."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A new, empty reference without the long lock: checked from now on, not on old rows.
ADD_SESSION = """
    ALTER TABLE schools_offer ADD COLUMN session_id bigint NULL;
    ALTER TABLE schools_offer ADD CONSTRAINT schools_offer_session_fk FOREIGN KEY (session_id)
        REFERENCES activities_session (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0012_grep_changed"),
        ("places", "0002_school_holidays"),
        ("schools", "0007_register_run"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="reminded_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="offer",
                    name="session",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="activities.session",
                        verbose_name="session",
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(ADD_SESSION, reverse_sql="ALTER TABLE schools_offer DROP COLUMN session_id")
            ],
        ),
        migrations.AddField(
            model_name="wish",
            name="rounds",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="offer",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "Waiting for the teacher"),
                    ("accepted", "Accepted"),
                    ("declined", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("overtaken", "Another offer was accepted"),
                    ("expired", "The time has passed"),
                ],
                default="open",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.CreateModel(
            name="RegionalCoordinator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="regional_coordinators",
                        to="places.county",
                        verbose_name="county",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        limit_choices_to={"is_staff": True},
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="coordinated_counties",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "regional coordinator",
                "verbose_name_plural": "regional coordinators",
                "ordering": ["county__number", "person__email"],
                "constraints": [
                    models.UniqueConstraint(fields=("county", "person"), name="schools_regionalcoordinator_once")
                ],
            },
        ),
    ]
