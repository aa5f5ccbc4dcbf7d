import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HAS_TIME = """
    ALTER TABLE newsletters_newsletter ADD CONSTRAINT newsletters_scheduled_has_time
        CHECK (NOT (status = 'scheduled') OR scheduled_at IS NOT NULL) NOT VALID
"""


def reference(model, name, target, field):
    """A new, empty foreign key without the long lock: the constraint is checked from now on, not on old rows."""
    table, column = f"newsletters_{model}", f"{name}_id"
    add = f"""
        ALTER TABLE {table} ADD COLUMN {column} bigint NULL;
        ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_fk FOREIGN KEY ({column})
            REFERENCES {target} (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
    """
    return migrations.SeparateDatabaseAndState(
        state_operations=[migrations.AddField(model_name=model, name=name, field=field)],
        database_operations=[migrations.RunSQL(add, reverse_sql=f"ALTER TABLE {table} DROP COLUMN {column}")],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("newsletters", "0002_new_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, verbose_name="attempts"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="error",
            field=models.CharField(blank=True, db_default="", max_length=300, verbose_name="what the mail server said"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="next_try_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="next try"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sent"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="status",
            field=models.CharField(
                choices=[
                    ("queued", "Waiting"),
                    ("taken", "Being sent"),
                    ("sent", "Sent"),
                    ("failed", "Refused"),
                    ("unknown", "Unknown: cut off while it was handed over"),
                    ("skipped", "Not sent: left meanwhile"),
                    ("bounced", "Came back"),
                ],
                db_default="queued",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="approved_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="approved"),
        ),
        reference(
            "newsletter",
            "approved_by",
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
        migrations.AddField(
            model_name="newsletter",
            name="audience_counties",
            field=models.ManyToManyField(blank=True, related_name="+", to="places.county", verbose_name="counties"),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="audience_languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("nb", "Norwegian bokmål"), ("nn", "Norwegian nynorsk"), ("en", "English")], max_length=5
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="languages",
            ),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="audience_roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("partner", "People of partners"), ("teacher", "Teachers"), ("other", "Everybody else")],
                    max_length=10,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="to whom",
            ),
        ),
        reference(
            "newsletter",
            "created_by",
            "accounts_user",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="written by",
            ),
        ),
        reference(
            "newsletter",
            "edited_by",
            "accounts_user",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="last edited by",
            ),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="is_public",
            field=models.BooleanField(default=True, verbose_name="stands in the archive on the web"),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="kept_counts",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="preheader_en",
            field=models.CharField(blank=True, max_length=160, verbose_name="first line in the inbox, English"),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="preheader_nb",
            field=models.CharField(blank=True, max_length=160, verbose_name="first line in the inbox, bokmål"),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="preheader_nn",
            field=models.CharField(blank=True, max_length=160, verbose_name="first line in the inbox, nynorsk"),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="scheduled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="is sent at"),
        ),
        # Its unique index comes with the others (0004), made while the table is in use.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="newsletter",
                    name="slug",
                    field=models.SlugField(
                        blank=True, max_length=100, null=True, unique=True, verbose_name="address in the archive"
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE newsletters_newsletter ADD COLUMN slug varchar(100) NULL",
                    reverse_sql="ALTER TABLE newsletters_newsletter DROP COLUMN slug",
                )
            ],
        ),
        migrations.AddField(
            model_name="newsletter",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sending began"),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="asked_mail_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="consent_version",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="version of the consent text"),
        ),
        reference(
            "subscriber",
            "county",
            "places_county",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="places.county",
                verbose_name="county",
            ),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="soft_bounces",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="came back for a while, times in a row"),
        ),
        migrations.AlterField(
            model_name="newsletter",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("scheduled", "Scheduled"),
                    ("sending", "Being sent"),
                    ("paused", "Paused"),
                    ("sent", "Sent"),
                ],
                default="draft",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="subscriber",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting for confirmation"),
                    ("active", "Subscribes"),
                    ("unsubscribed", "Unsubscribed"),
                    ("stopped", "Stopped: mail came back, or was reported as spam"),
                ],
                default="pending",
                max_length=12,
                verbose_name="status",
            ),
        ),
        reference(
            "delivery",
            "batch",
            "newsletters_batch",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="deliveries",
                to="newsletters.batch",
                verbose_name="batch",
            ),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="audience_interests",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="newsletters.interest", verbose_name="interests"
            ),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="interests",
            field=models.ManyToManyField(
                blank=True, related_name="subscribers", to="newsletters.interest", verbose_name="interests"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model_name="newsletter",
                    constraint=models.CheckConstraint(
                        condition=~models.Q(status="scheduled") | models.Q(scheduled_at__isnull=False),
                        name="newsletters_scheduled_has_time",
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    HAS_TIME,
                    reverse_sql="ALTER TABLE newsletters_newsletter DROP CONSTRAINT newsletters_scheduled_has_time",
                )
            ],
        ),
    ]
