import django.contrib.postgres.fields
import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


def reference(model, name, target, field):
    """A new, empty foreign key without the long lock: the constraint is checked from now on, not on old rows."""
    table, column = f"activities_{model}", f"{name}_id"
    add = f"""
        ALTER TABLE {table} ADD COLUMN {column} bigint NULL;
        ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_fk FOREIGN KEY ({column})
            REFERENCES {target} (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
    """
    return [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddField(model_name=model, name=name, field=field)],
            database_operations=[migrations.RunSQL(add, reverse_sql=f"ALTER TABLE {table} DROP COLUMN {column}")],
        )
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0005_new_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="access_features",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("step_free", "No steps, or a lift"),
                        ("toilet", "Accessible toilet"),
                        ("parking", "Accessible parking"),
                        ("hearing", "Hearing loop or microphone"),
                        ("sign_language", "Can be held in Norwegian sign language"),
                        ("low_vision", "Suits pupils with low vision"),
                        ("quiet", "A quiet room to withdraw to"),
                        ("easy_pace", "Can be taken at an easier pace"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="accessibility, point by point",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="bring",
            field=models.TextField(blank=True, max_length=1000, verbose_name="what to bring"),
        ),
        migrations.AddField(
            model_name="activity",
            name="captions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("nb", "Norwegian bokmål"),
                        ("nn", "Norwegian nynorsk"),
                        ("en", "English"),
                        ("se", "Northern Sámi"),
                    ],
                    max_length=5,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="captions in",
            ),
        ),
        *reference(
            "activity",
            "copied_from",
            "activities_activity",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="copies",
                to="activities.activity",
                verbose_name="copied from",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="enquiries_count",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="enquiries"),
        ),
        migrations.AddField(
            model_name="activity",
            name="getting_there",
            field=models.TextField(blank=True, max_length=1000, verbose_name="getting there"),
        ),
        migrations.AddField(
            model_name="activity",
            name="last_viewed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last opened"),
        ),
        migrations.AddField(
            model_name="activity",
            name="programme",
            field=models.TextField(blank=True, max_length=2000, verbose_name="the programme, hour by hour"),
        ),
        migrations.AddField(
            model_name="activity",
            name="revision",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="activity",
            name="safety",
            field=models.TextField(blank=True, max_length=1500, verbose_name="safety"),
        ),
        migrations.AddField(
            model_name="activity",
            name="season_months",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=list,
                size=None,
                verbose_name="months in which it is offered",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="serves",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="places.county", verbose_name="counties served"
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="transcript",
            field=models.TextField(blank=True, max_length=60000, verbose_name="what is said and shown, as text"),
        ),
        *reference(
            "curriculumplan",
            "subject",
            "activities_subject",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="plans",
                to="activities.subject",
                verbose_name="subject",
            ),
        ),
        migrations.AddField(
            model_name="goal",
            name="goal_set",
            field=models.CharField(blank=True, max_length=12, verbose_name="set of goals"),
        ),
        *reference(
            "goal",
            "successor",
            "activities_goal",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="predecessors",
                to="activities.goal",
                verbose_name="successor",
            ),
        ),
        migrations.AddField(
            model_name="goal",
            name="text_nn",
            field=models.TextField(blank=True, verbose_name="text, nynorsk"),
        ),
        migrations.AddField(
            model_name="goal",
            name="valid_from",
            field=models.DateField(blank=True, null=True, verbose_name="valid from"),
        ),
        migrations.AddField(
            model_name="goal",
            name="valid_to",
            field=models.DateField(blank=True, null=True, verbose_name="valid to"),
        ),
        migrations.AddField(
            model_name="session",
            name="pupil_capacity",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="pupils at most"),
        ),
        migrations.AddField(
            model_name="session",
            name="pupils_taken",
            field=models.PositiveIntegerField(default=0, verbose_name="pupils booked"),
        ),
        migrations.AddField(
            model_name="session",
            name="where",
            field=models.CharField(
                blank=True,
                choices=[
                    ("partner", "At the partner's place"),
                    ("school", "At the school"),
                    ("video", "By video link"),
                ],
                max_length=10,
                verbose_name="where",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="role_models",
            field=models.ManyToManyField(
                blank=True, related_name="activities", to="activities.rolemodel", verbose_name="role models"
            ),
        ),
        *reference(
            "session",
            "series",
            "activities_sessionseries",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="sessions",
                to="activities.sessionseries",
                verbose_name="series",
            ),
        ),
        AddConstraintNotValid(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("pupils_taken__lte", models.F("pupil_capacity"))),
                name="activities_session_pupils_fit",
            ),
        ),
    ]
