"""The steps of each report, previews, and which reports wait to be published."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0009_import_language"),
        ("reports", "0004_years_and_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                (
                    "from_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("waiting", "Waiting"),
                            ("building", "Building"),
                            ("failed", "Failed"),
                            ("draft", "Draft"),
                            ("checked", "Checked by the secretariat"),
                            ("published", "Published"),
                            ("superseded", "Replaced by a newer version"),
                        ],
                        max_length=10,
                        verbose_name="from",
                    ),
                ),
                (
                    "to_status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("building", "Building"),
                            ("failed", "Failed"),
                            ("draft", "Draft"),
                            ("checked", "Checked by the secretariat"),
                            ("published", "Published"),
                            ("superseded", "Replaced by a newer version"),
                        ],
                        max_length=10,
                        verbose_name="to",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="reports.partnerreport",
                        verbose_name="report",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a report",
                "verbose_name_plural": "steps of reports",
                "ordering": ["at", "id"],
            },
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="is_preview",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Begun before the year was over.", verbose_name="preview"
            ),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="publish_asked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        AddConstraintNotValid(
            model_name="partnerreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_preview", False),
                    models.Q(("status__in", ["checked", "published", "superseded"]), _negated=True),
                    _connector="OR",
                ),
                name="reports_partnerreport_preview",
            ),
        ),
    ]
