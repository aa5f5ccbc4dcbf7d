import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def reference(name, table, field):
    """A new, empty foreign key without the long lock: the constraint is checked from now on, not on old rows."""
    column = f"{name}_id"
    constraint = f"partners_partner_{name}_fk"
    add = f"""
        ALTER TABLE partners_partner ADD COLUMN {column} bigint NULL;
        ALTER TABLE partners_partner ADD CONSTRAINT {constraint} FOREIGN KEY ({column})
            REFERENCES {table} (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
    """
    return [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddField(model_name="partner", name=name, field=field)],
            database_operations=[
                migrations.RunSQL(add, reverse_sql=f"ALTER TABLE partners_partner DROP COLUMN {column}")
            ],
        )
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0002_programme"),
    ]

    operations = [
        migrations.AddField(
            model_name="declaration",
            name="asked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="new signatures asked for"),
        ),
        migrations.AddField(
            model_name="declaration",
            name="changes_en",
            field=models.TextField(blank=True, max_length=1000, verbose_name="what is new, English"),
        ),
        migrations.AddField(
            model_name="declaration",
            name="changes_nb",
            field=models.TextField(blank=True, max_length=1000, verbose_name="what is new, bokmål"),
        ),
        migrations.AddField(
            model_name="declaration",
            name="changes_nn",
            field=models.TextField(blank=True, max_length=1000, verbose_name="what is new, nynorsk"),
        ),
        migrations.AddField(
            model_name="partner",
            name="answers",
            field=models.JSONField(blank=True, default=dict, verbose_name="answers"),
        ),
        migrations.AddField(
            model_name="partner",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ended"),
        ),
        migrations.AddField(
            model_name="partner",
            name="logo",
            field=models.FileField(blank=True, max_length=120, upload_to="", verbose_name="logo"),
        ),
        *reference(
            "merged_into",
            "partners_partner",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="merged",
                to="partners.partner",
                verbose_name="merged into",
            ),
        ),
        migrations.AddField(
            model_name="partner",
            name="parent_name",
            field=models.CharField(blank=True, max_length=200, verbose_name="parent organisation"),
        ),
        migrations.AddField(
            model_name="partner",
            name="parent_number",
            field=models.CharField(blank=True, max_length=12, verbose_name="number of the parent organisation"),
        ),
        migrations.AddField(
            model_name="partner",
            name="personal_data_deleted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="personal data deleted"),
        ),
        migrations.AddField(
            model_name="partner",
            name="register_checked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="compared with the register"),
        ),
        *reference(
            "responsible",
            "accounts_user",
            models.ForeignKey(
                blank=True,
                db_index=False,
                limit_choices_to={"is_staff": True},
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="partners_looked_after",
                to=settings.AUTH_USER_MODEL,
                verbose_name="responsible in the secretariat",
            ),
        ),
        migrations.AddField(
            model_name="partner",
            name="revision",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
