import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0006_columns"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        # Here and not where it was added, so that checking the old rows holds no lock on the table.
        ValidateConstraint(model_name="session", name="activities_session_pupils_fit"),
        migrations.CreateModel(
            name="RoleModelChange",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="changes",
                        to="activities.rolemodel",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "partner",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                ("full_name", models.CharField(max_length=120, verbose_name="name")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("language", models.CharField(default="nb", max_length=5, verbose_name="language of mails")),
                ("job_title", models.CharField(max_length=120, verbose_name="what the person does")),
                ("intro", models.CharField(blank=True, max_length=240, verbose_name="in one or two sentences")),
                ("path", models.TextField(blank=True, max_length=4000, verbose_name="which choices took me here")),
                ("steps", models.JSONField(blank=True, default=list, verbose_name="the way there, step by step")),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
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
                        verbose_name="languages",
                    ),
                ),
                ("visits_schools", models.BooleanField(default=True, verbose_name="visits schools")),
                ("meets_online", models.BooleanField(default=False, verbose_name="meets classes by video")),
                (
                    "grade_from",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (8, "8th grade"),
                            (9, "9th grade"),
                            (10, "10th grade"),
                            (11, "Vg1"),
                            (12, "Vg2"),
                            (13, "Vg3"),
                        ],
                        default=8,
                        verbose_name="from grade",
                    ),
                ),
                (
                    "grade_to",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (8, "8th grade"),
                            (9, "9th grade"),
                            (10, "10th grade"),
                            (11, "Vg1"),
                            (12, "Vg2"),
                            (13, "Vg3"),
                        ],
                        default=13,
                        verbose_name="to grade",
                    ),
                ),
                ("film_link", models.URLField(blank=True, max_length=300, verbose_name="film")),
                ("photo", models.FileField(blank=True, max_length=120, upload_to="", verbose_name="photo")),
                ("photo_alt", models.CharField(blank=True, max_length=200, verbose_name="what the photo shows")),
                (
                    "offer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="activities.activity",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("hidden", "Hidden")],
                        default="draft",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("consented_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="said yes")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolemodel",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "activities_rolemodelchange" ("consented_at", "created_at", "email", "film_link", "full_name", "grade_from", "grade_to", "id", "intro", "job_title", "language", "languages", "meets_online", "offer_id", "partner_id", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo", "photo_alt", "published_at", "status", "steps", "updated_at", "visits_schools") VALUES (NEW."consented_at", NEW."created_at", NEW."email", NEW."film_link", NEW."full_name", NEW."grade_from", NEW."grade_to", NEW."id", NEW."intro", NEW."job_title", NEW."language", NEW."languages", NEW."meets_online", NEW."offer_id", NEW."partner_id", NEW."path", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."photo", NEW."photo_alt", NEW."published_at", NEW."status", NEW."steps", NEW."updated_at", NEW."visits_schools"); RETURN NULL;',
                    hash="1c361b8ca2a0b392e56529d33eeb0a2b0b727355",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_19e1d",
                    table="activities_rolemodel",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolemodel",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "activities_rolemodelchange" ("consented_at", "created_at", "email", "film_link", "full_name", "grade_from", "grade_to", "id", "intro", "job_title", "language", "languages", "meets_online", "offer_id", "partner_id", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo", "photo_alt", "published_at", "status", "steps", "updated_at", "visits_schools") VALUES (NEW."consented_at", NEW."created_at", NEW."email", NEW."film_link", NEW."full_name", NEW."grade_from", NEW."grade_to", NEW."id", NEW."intro", NEW."job_title", NEW."language", NEW."languages", NEW."meets_online", NEW."offer_id", NEW."partner_id", NEW."path", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."photo", NEW."photo_alt", NEW."published_at", NEW."status", NEW."steps", NEW."updated_at", NEW."visits_schools"); RETURN NULL;',
                    hash="547c7527c024760b05f9960147065250c515822f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2c4e7",
                    table="activities_rolemodel",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolemodel",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "activities_rolemodelchange" ("consented_at", "created_at", "email", "film_link", "full_name", "grade_from", "grade_to", "id", "intro", "job_title", "language", "languages", "meets_online", "offer_id", "partner_id", "path", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "photo", "photo_alt", "published_at", "status", "steps", "updated_at", "visits_schools") VALUES (OLD."consented_at", OLD."created_at", OLD."email", OLD."film_link", OLD."full_name", OLD."grade_from", OLD."grade_to", OLD."id", OLD."intro", OLD."job_title", OLD."language", OLD."languages", OLD."meets_online", OLD."offer_id", OLD."partner_id", OLD."path", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."photo", OLD."photo_alt", OLD."published_at", OLD."status", OLD."steps", OLD."updated_at", OLD."visits_schools"); RETURN NULL;',
                    hash="dc4d1be6c6bf59713d477e7bf515bf69a1e76654",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b68a2",
                    table="activities_rolemodel",
                    when="AFTER",
                ),
            ),
        ),
    ]
