import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def reference(model, name, target, field):
    """A new, empty foreign key without the long lock: the constraint is checked from now on, not on old rows."""
    table, column = f"schools_{model}", f"{name}_id"
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
        ("schools", "0003_new_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="adults",
            field=models.PositiveSmallIntegerField(
                default=0,
                validators=[django.core.validators.MaxValueValidator(500)],
                verbose_name="adults who come along",
            ),
        ),
        *reference(
            "booking",
            "made_by",
            "accounts_user",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="messages_deleted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="booking",
            name="needs_deleted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="booking",
            name="offer_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="the school answers by"),
        ),
        migrations.AddField(
            model_name="booking",
            name="pupil_wishes",
            field=models.JSONField(blank=True, default=list, verbose_name="what the pupils would like"),
        ),
        migrations.AddField(
            model_name="booking",
            name="same_time_reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="why twice at the same time"),
        ),
        migrations.AddField(
            model_name="booking",
            name="travel",
            field=models.CharField(
                choices=[
                    ("walk", "On foot or by bicycle"),
                    ("public", "By bus, tram, train or boat in traffic"),
                    ("hired", "By a bus that the school hires"),
                    ("unknown", "Not decided yet"),
                ],
                default="unknown",
                max_length=10,
                verbose_name="how the group travels",
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="waitlisted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="on the waiting list since"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="calendar_sequence",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="facts",
            field=models.JSONField(blank=True, default=dict, verbose_name="facts"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="move",
            field=models.CharField(blank=True, max_length=20, verbose_name="move"),
        ),
        migrations.AddField(
            model_name="bookingevent",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="told"),
        ),
        migrations.AddField(
            model_name="school",
            name="closed_on",
            field=models.DateField(blank=True, null=True, verbose_name="closed"),
        ),
        migrations.AddField(
            model_name="school",
            name="pupils",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="number of pupils"),
        ),
        migrations.AddField(
            model_name="school",
            name="register_changed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="changed in the register"),
        ),
        *reference(
            "school",
            "successor",
            "schools_school",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="predecessors",
                to="schools.school",
                verbose_name="carried on by",
            ),
        ),
        *reference(
            "schoolclass",
            "carried_from",
            "schools_schoolclass",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="carried_to",
                to="schools.schoolclass",
                verbose_name="continues",
            ),
        ),
        migrations.AddField(
            model_name="schoolclass",
            name="feide_group",
            field=models.CharField(blank=True, editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name="schoolclass",
            name="subjects",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="activities.subject", verbose_name="subjects"
            ),
        ),
        migrations.AddField(
            model_name="teacher",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="left"),
        ),
        migrations.AddField(
            model_name="teacher",
            name="is_main",
            field=models.BooleanField(default=False, verbose_name="main school"),
        ),
        migrations.AddField(
            model_name="teacher",
            name="role",
            field=models.CharField(
                choices=[("teacher", "Teacher"), ("coordinator", "School coordinator")],
                default="teacher",
                max_length=12,
                verbose_name="role",
            ),
        ),
        *reference(
            "teacher",
            "verified_by",
            "accounts_user",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="approved by",
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="status",
            field=models.CharField(
                choices=[
                    ("requested", "Waiting for an answer"),
                    ("offered", "Another time is offered"),
                    ("waitlisted", "On the waiting list"),
                    ("confirmed", "Confirmed"),
                    ("declined", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("school_cancel", "Cancelled by the school"),
                    ("partner_cancel", "Cancelled by the partner"),
                    ("completed", "Completed"),
                    ("no_show", "The class did not come"),
                    ("expired", "Not answered in time"),
                ],
                default="requested",
                max_length=15,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="bookingevent",
            name="from_status",
            field=models.CharField(
                blank=True,
                choices=[
                    ("requested", "Waiting for an answer"),
                    ("offered", "Another time is offered"),
                    ("waitlisted", "On the waiting list"),
                    ("confirmed", "Confirmed"),
                    ("declined", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("school_cancel", "Cancelled by the school"),
                    ("partner_cancel", "Cancelled by the partner"),
                    ("completed", "Completed"),
                    ("no_show", "The class did not come"),
                    ("expired", "Not answered in time"),
                ],
                max_length=15,
                verbose_name="from",
            ),
        ),
        migrations.AlterField(
            model_name="bookingevent",
            name="to_status",
            field=models.CharField(
                choices=[
                    ("requested", "Waiting for an answer"),
                    ("offered", "Another time is offered"),
                    ("waitlisted", "On the waiting list"),
                    ("confirmed", "Confirmed"),
                    ("declined", "Declined"),
                    ("withdrawn", "Withdrawn"),
                    ("school_cancel", "Cancelled by the school"),
                    ("partner_cancel", "Cancelled by the partner"),
                    ("completed", "Completed"),
                    ("no_show", "The class did not come"),
                    ("expired", "Not answered in time"),
                ],
                max_length=15,
                verbose_name="to",
            ),
        ),
        migrations.AlterField(
            model_name="teacher",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting for approval"),
                    ("verified", "Verified"),
                    ("declined", "Declined"),
                    ("ended", "Has left the school"),
                ],
                default="pending",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="teacher",
            name="verified_how",
            field=models.CharField(
                blank=True,
                choices=[
                    ("domain", "Mail domain of the school's owner"),
                    ("staff", "The secretariat"),
                    ("colleague", "A coordinator at the school"),
                    ("feide", "Feide"),
                ],
                max_length=10,
                verbose_name="verified by",
            ),
        ),
        # What stands in the history already has been told.
        migrations.RunSQL(
            "UPDATE schools_bookingevent SET told_at = at WHERE told_at IS NULL", reverse_sql=migrations.RunSQL.noop
        ),
    ]
