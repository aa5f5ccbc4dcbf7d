"""Reports of school and calendar years, in versions with several files; targets, programme reports, exports, the radar.

Written before the portal was installed anywhere: the tables are empty (0003).
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import stemportal.reports.models.partner_reports


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0001_initial"),
        ("partners", "0009_import_language"),
        ("reports", "0003_without_first_reports"),
        ("schools", "0013_visits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("reportrun", "reports_run_one_at_a_time"),
        migrations.RemoveIndex("partnerreport", "reports_partnerreport_partner"),
        migrations.RemoveConstraint("partnerreport", "reports_partnerreport_unique"),
        migrations.RenameField("reportrun", "school_year", "year"),
        migrations.RenameField("partnerreport", "school_year", "year"),
        migrations.DeleteModel("Target"),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("tables", "Tables with a data dictionary"),
                            ("installation", "The whole installation, data and files"),
                        ],
                        default="tables",
                        max_length=15,
                        verbose_name="what",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("csv", "CSV"),
                            ("xlsx", "spreadsheet (XLSX)"),
                            ("parquet", "Parquet"),
                            ("archive", "archive of an installation"),
                        ],
                        default="csv",
                        max_length=10,
                        verbose_name="format",
                    ),
                ),
                ("tables", models.JSONField(blank=True, default=list, verbose_name="tables")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("building", "Being built"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("expired", "Deleted"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked for")),
                ("claim", models.CharField(blank=True, editable=False, max_length=32)),
                ("claimed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("total", models.PositiveIntegerField(default=0, verbose_name="steps")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="steps done")),
                ("file", models.FileField(blank=True, max_length=120, upload_to="", verbose_name="file")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="size in bytes")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="fingerprint")),
                ("built_at", models.DateTimeField(blank=True, null=True, verbose_name="ready")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                ("error", models.TextField(blank=True, verbose_name="error")),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "ordering": ["-asked_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Nudge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invite_school", "School invited"),
                            ("offer_online", "Partner asked to offer it online"),
                            ("wake_partner", "Silent partner asked how it goes"),
                        ],
                        max_length=15,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=2000, verbose_name="what was written")),
                ("mails", models.PositiveSmallIntegerField(default=0, verbose_name="mails")),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent")),
            ],
            options={
                "verbose_name": "invitation to act",
                "verbose_name_plural": "invitations to act",
                "ordering": ["-sent_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="PartnerReportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "format",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("xlsx", "spreadsheet"), ("json", "JSON")],
                        max_length=5,
                        verbose_name="format",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=5, verbose_name="language")),
                ("file", models.FileField(max_length=120, upload_to="", verbose_name="file")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
            ],
            options={
                "verbose_name": "file of a report",
                "verbose_name_plural": "files of reports",
                "ordering": ["format", "language"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProgrammeReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "period_kind",
                    models.CharField(
                        choices=[("school", "school year"), ("calendar", "calendar year")],
                        db_default="school",
                        default="school",
                        max_length=10,
                        verbose_name="kind of year",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year in which it begins")),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("publishing", "Being published"),
                            ("published", "Published"),
                            ("superseded", "Replaced by a newer version"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="begun")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="why there is a new version")),
                ("figures", models.JSONField(blank=True, default=dict, editable=False, verbose_name="figures")),
                (
                    "fingerprint",
                    models.CharField(blank=True, editable=False, max_length=64, verbose_name="fingerprint of the data"),
                ),
                (
                    "code",
                    models.CharField(
                        default=stemportal.reports.models.partner_reports.new_code,
                        editable=False,
                        max_length=14,
                        unique=True,
                        verbose_name="verification code",
                    ),
                ),
                ("claimed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("error", models.TextField(blank=True, editable=False, verbose_name="error")),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="published")),
                ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="replaced")),
            ],
            options={
                "verbose_name": "programme report",
                "verbose_name_plural": "programme reports",
                "ordering": ["-year", "period_kind", "-version"],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeReportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "format",
                    models.CharField(
                        choices=[("pdf", "PDF"), ("xlsx", "spreadsheet"), ("json", "JSON")],
                        max_length=5,
                        verbose_name="format",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=5, verbose_name="language")),
                ("file", models.FileField(max_length=120, upload_to="", verbose_name="file")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
            ],
            options={
                "verbose_name": "file of a report",
                "verbose_name_plural": "files of reports",
                "ordering": ["format", "language"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProgrammeSection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title_nb", models.CharField(max_length=160, verbose_name="title, bokmål")),
                ("title_nn", models.CharField(blank=True, max_length=160, verbose_name="title, nynorsk")),
                ("title_en", models.CharField(blank=True, max_length=160, verbose_name="title, English")),
                ("text_nb", models.TextField(blank=True, max_length=6000, verbose_name="text, bokmål (Markdown)")),
                ("text_nn", models.TextField(blank=True, max_length=6000, verbose_name="text, nynorsk (Markdown)")),
                ("text_en", models.TextField(blank=True, max_length=6000, verbose_name="text, English (Markdown)")),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("foreword", "foreword"),
                            ("targets", "beside the targets"),
                            ("regions", "beside the counties"),
                            ("kinds", "beside the kinds of activity"),
                            ("equality", "beside equal chances"),
                            ("end", "at the end"),
                        ],
                        default="end",
                        max_length=10,
                        verbose_name="where it stands",
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
            ],
            options={
                "verbose_name": "text of the programme report",
                "verbose_name_plural": "texts of the programme report",
                "ordering": ["order", "id"],
            },
        ),
        migrations.CreateModel(
            name="RadarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("counts", models.JSONField(default=dict, verbose_name="counts")),
                ("mailed_at", models.DateTimeField(blank=True, null=True, verbose_name="mailed")),
            ],
            options={
                "verbose_name": "day of the radar",
                "verbose_name_plural": "days of the radar",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="RadarReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wants_mail", models.BooleanField(default=True, verbose_name="gets the weekly mail")),
                ("mailed_week", models.DateField(blank=True, null=True, verbose_name="last mailed")),
            ],
            options={
                "verbose_name": "reader of the radar",
                "verbose_name_plural": "readers of the radar",
                "ordering": ["person__email"],
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title_nb", models.CharField(max_length=160, verbose_name="title, bokmål")),
                ("title_nn", models.CharField(blank=True, max_length=160, verbose_name="title, nynorsk")),
                ("title_en", models.CharField(blank=True, max_length=160, verbose_name="title, English")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("pupils", "Pupils reached"),
                            ("visits", "Visits held"),
                            ("schools", "Schools reached"),
                            ("municipalities", "Municipalities reached"),
                            ("partners", "Partners engaged"),
                            ("companies", "Companies engaged"),
                            ("girls_share", "Share of girls, percent"),
                            ("remote_share", "Share of remote municipalities reached, percent"),
                            ("entered", "Entered by the secretariat, with its source"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
                (
                    "period_kind",
                    models.CharField(
                        choices=[("school", "school year"), ("calendar", "calendar year")],
                        default="school",
                        max_length=10,
                        verbose_name="kind of year",
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=40, verbose_name="unit")),
                (
                    "baseline",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="value at the start"
                    ),
                ),
                (
                    "baseline_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year of the start"),
                ),
                ("goal", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="goal")),
                ("due_year", models.PositiveSmallIntegerField(verbose_name="to be reached in")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="where the goal is decided")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("is_public", models.BooleanField(default=True, verbose_name="shown to everybody")),
            ],
            options={
                "verbose_name": "target",
                "verbose_name_plural": "targets",
                "ordering": ["order", "id"],
            },
        ),
        migrations.CreateModel(
            name="TargetValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year in which it begins")),
                ("value", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="value")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="entered")),
            ],
            options={
                "verbose_name": "value of a target",
                "verbose_name_plural": "values of targets",
                "ordering": ["year"],
            },
        ),
        migrations.AlterModelOptions(
            name="partnerreport",
            options={
                "ordering": ["-year", "period_kind", "partner__display_name", "-version"],
                "verbose_name": "partner report",
                "verbose_name_plural": "partner reports",
            },
        ),
        migrations.RemoveField(
            model_name="partnerreport",
            name="file",
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="checked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="checked"),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="checked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="checked by",
            ),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="claim",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="code",
            field=models.CharField(
                default=stemportal.reports.models.partner_reports.new_code,
                max_length=14,
                unique=True,
                verbose_name="verification code",
            ),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                verbose_name="begun",
            ),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="esg_text",
            field=models.TextField(
                blank=True, db_default="", max_length=3000, verbose_name="own text on sustainability"
            ),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="fingerprint",
            field=models.CharField(blank=True, db_default="", max_length=64, verbose_name="fingerprint of the data"),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="foreword",
            field=models.TextField(blank=True, db_default="", max_length=3000, verbose_name="foreword"),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="period_kind",
            field=models.CharField(
                choices=[("school", "school year"), ("calendar", "calendar year")],
                db_default="school",
                default="school",
                max_length=10,
                verbose_name="kind of year",
            ),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="published_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="published"),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="published by",
            ),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="reason",
            field=models.CharField(
                blank=True, db_default="", max_length=500, verbose_name="why there is a new version"
            ),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="superseded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="replaced"),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="version",
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="version"),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="words_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="words changed"),
        ),
        migrations.AddField(
            model_name="partnerreport",
            name="words_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="words by",
            ),
        ),
        migrations.AddField(
            model_name="reportrun",
            name="medians",
            field=models.JSONField(
                db_default=models.Value({}, models.JSONField()), default=dict, verbose_name="medians of the levels"
            ),
        ),
        migrations.AddField(
            model_name="reportrun",
            name="period_kind",
            field=models.CharField(
                choices=[("school", "school year"), ("calendar", "calendar year")],
                db_default="school",
                default="school",
                max_length=10,
                verbose_name="kind of year",
            ),
        ),
        migrations.AlterField(
            model_name="partnerreport",
            name="status",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("building", "Building"),
                    ("failed", "Failed"),
                    ("draft", "Draft"),
                    ("checked", "Checked by the secretariat"),
                    ("published", "Published"),
                    ("superseded", "Replaced by a newer version"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="partnerreport",
            name="year",
            field=models.PositiveSmallIntegerField(verbose_name="year in which it begins"),
        ),
        migrations.AlterField(
            model_name="reportrun",
            name="year",
            field=models.PositiveSmallIntegerField(verbose_name="year in which it begins"),
        ),
        migrations.AddIndex(
            model_name="partnerreport",
            index=models.Index(fields=["partner", "-year"], name="reports_partnerreport_partner"),
        ),
        migrations.AddIndex(
            model_name="partnerreport",
            index=models.Index(
                condition=models.Q(("status", "draft")), fields=["built_at"], name="reports_partnerreport_to_check"
            ),
        ),
        migrations.AddIndex(
            model_name="partnerreport",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "building"])),
                fields=["claimed_at"],
                name="reports_partnerreport_at_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerreport",
            constraint=models.UniqueConstraint(
                fields=("partner", "period_kind", "year", "version"), name="reports_partnerreport_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerreport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "published")),
                fields=("partner", "period_kind", "year"),
                name="reports_partnerreport_one_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerreport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["waiting", "building", "failed", "draft", "checked"])),
                fields=("partner", "period_kind", "year"),
                name="reports_partnerreport_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("version", 1), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="reports_partnerreport_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "running")),
                fields=("period_kind", "year"),
                name="reports_run_one_at_a_time",
            ),
        ),
        migrations.AddField(
            model_name="export",
            name="asked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.AddField(
            model_name="nudge",
            name="partner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="nudges",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.AddField(
            model_name="nudge",
            name="school",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="nudges",
                to="schools.school",
                verbose_name="school",
            ),
        ),
        migrations.AddField(
            model_name="nudge",
            name="sent_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="sent by",
            ),
        ),
        migrations.AddField(
            model_name="partnerreportfile",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="files",
                to="reports.partnerreport",
                verbose_name="report",
            ),
        ),
        migrations.AddField(
            model_name="programmereport",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="published by",
            ),
        ),
        migrations.AddField(
            model_name="programmereport",
            name="stories",
            field=models.ManyToManyField(blank=True, related_name="+", to="network.story", verbose_name="stories"),
        ),
        migrations.AddField(
            model_name="programmereportfile",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="files",
                to="reports.programmereport",
                verbose_name="report",
            ),
        ),
        migrations.AddField(
            model_name="programmesection",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sections",
                to="reports.programmereport",
                verbose_name="report",
            ),
        ),
        migrations.AddField(
            model_name="radarreader",
            name="person",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="radar_reader",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("baseline__isnull", True), ("baseline_year__isnull", True)),
                    models.Q(
                        ("baseline__isnull", False),
                        ("baseline_year__isnull", False),
                        ("baseline_year__lte", models.F("due_year")),
                    ),
                    _connector="OR",
                ),
                name="reports_target_baseline",
            ),
        ),
        migrations.AddField(
            model_name="targetvalue",
            name="entered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="targetvalue",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="values",
                to="reports.target",
                verbose_name="target",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["waiting", "building"]), ("what", "installation")),
                fields=("what",),
                name="reports_export_one_installation",
            ),
        ),
        migrations.AddIndex(
            model_name="nudge",
            index=models.Index(fields=["kind", "-sent_at"], name="reports_nudge_kind"),
        ),
        migrations.AddConstraint(
            model_name="nudge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("partner__isnull", True), ("school__isnull", False)),
                    models.Q(("partner__isnull", False), ("school__isnull", True)),
                    _connector="OR",
                ),
                name="reports_nudge_one_receiver",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerreportfile",
            index=models.Index(fields=["sha256"], name="reports_partnerreportfile_sha"),
        ),
        migrations.AddConstraint(
            model_name="partnerreportfile",
            constraint=models.UniqueConstraint(
                fields=("report", "format", "language"), name="reports_partnerreportfile_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="programmereport",
            constraint=models.UniqueConstraint(
                fields=("period_kind", "year", "version"), name="reports_programme_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="programmereport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "published")),
                fields=("period_kind", "year"),
                name="reports_programme_one_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="programmereport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["draft", "publishing"])),
                fields=("period_kind", "year"),
                name="reports_programme_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="programmereport",
            constraint=models.CheckConstraint(
                condition=models.Q(("version", 1), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="reports_programme_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="programmereportfile",
            index=models.Index(fields=["sha256"], name="reports_programmefile_sha"),
        ),
        migrations.AddConstraint(
            model_name="programmereportfile",
            constraint=models.UniqueConstraint(
                fields=("report", "format", "language"), name="reports_programmefile_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="targetvalue",
            constraint=models.UniqueConstraint(fields=("target", "year"), name="reports_targetvalue_once"),
        ),
    ]
