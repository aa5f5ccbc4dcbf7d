import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import stemportal.schools.models.rules


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("schools", "0008_wishes"),
    ]

    operations = [
        migrations.CreateModel(
            name="BookingRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reply_working_days",
                    models.PositiveSmallIntegerField(
                        default=stemportal.schools.models.rules.reply_working_days,
                        help_text="Weekends, public holidays and the holidays of the school's county do not count. Requests that have been sent keep the deadline they were given.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="a request is answered within, working days",
                    ),
                ),
                (
                    "remind_working_days_before",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="0 reminds on the last day itself.",
                        validators=[django.core.validators.MaxValueValidator(30)],
                        verbose_name="the partner is reminded before the deadline, working days",
                    ),
                ),
                (
                    "place_offer_working_days",
                    models.PositiveSmallIntegerField(
                        default=stemportal.schools.models.rules.place_offer_working_days,
                        help_text="After that the place goes to the next group on the waiting list.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="the school answers another time or a place that became free within, working days",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
            ],
            options={
                "verbose_name": "rules for bookings",
                "verbose_name_plural": "rules for bookings",
            },
        ),
        migrations.CreateModel(
            name="BookingRulesChange",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "reply_working_days",
                    models.PositiveSmallIntegerField(
                        default=stemportal.schools.models.rules.reply_working_days,
                        help_text="Weekends, public holidays and the holidays of the school's county do not count. Requests that have been sent keep the deadline they were given.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="a request is answered within, working days",
                    ),
                ),
                (
                    "remind_working_days_before",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="0 reminds on the last day itself.",
                        validators=[django.core.validators.MaxValueValidator(30)],
                        verbose_name="the partner is reminded before the deadline, working days",
                    ),
                ),
                (
                    "place_offer_working_days",
                    models.PositiveSmallIntegerField(
                        default=stemportal.schools.models.rules.place_offer_working_days,
                        help_text="After that the place goes to the next group on the waiting list.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(30),
                        ],
                        verbose_name="the school answers another time or a place that became free within, working days",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
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
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="changes",
                        to="schools.bookingrules",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="bookingrules",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="schools_rules_one_row"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookingrules",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_bookingruleschange" ("changed_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_offer_working_days", "remind_working_days_before", "reply_working_days") VALUES (NEW."changed_at", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."place_offer_working_days", NEW."remind_working_days_before", NEW."reply_working_days"); RETURN NULL;',
                    hash="9e7b858f2a1d8eea44a5e70598f0e09168f2a3c9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b5888",
                    table="schools_bookingrules",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookingrules",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "schools_bookingruleschange" ("changed_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_offer_working_days", "remind_working_days_before", "reply_working_days") VALUES (NEW."changed_at", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."place_offer_working_days", NEW."remind_working_days_before", NEW."reply_working_days"); RETURN NULL;',
                    hash="449fdd9b87f88f6a53d95fef50927b2fb7a558b4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f9cb1",
                    table="schools_bookingrules",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bookingrules",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_bookingruleschange" ("changed_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_offer_working_days", "remind_working_days_before", "reply_working_days") VALUES (OLD."changed_at", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."place_offer_working_days", OLD."remind_working_days_before", OLD."reply_working_days"); RETURN NULL;',
                    hash="381c3ac207b1159ca9404ed729640b2746c753d4",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_5c544",
                    table="schools_bookingrules",
                    when="AFTER",
                ),
            ),
        ),
    ]
