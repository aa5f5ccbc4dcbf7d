import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("schools", "0004_columns"),
    ]

    operations = [
        migrations.CreateModel(
            name="GrantPotChange",
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
                        to="schools.grantpot",
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
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="places.county",
                        verbose_name="county",
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="school year starts in")),
                ("amount_ore", models.PositiveBigIntegerField(verbose_name="amount, øre")),
                (
                    "reserved_ore",
                    models.PositiveBigIntegerField(default=0, editable=False, verbose_name="reserved, øre"),
                ),
                ("paid_ore", models.PositiveBigIntegerField(default=0, editable=False, verbose_name="paid, øre")),
                ("is_open", models.BooleanField(default=True, verbose_name="open")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grantpot",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_grantpotchange" ("amount_ore", "county_id", "id", "is_open", "name", "paid_ore", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reserved_ore", "school_year") VALUES (NEW."amount_ore", NEW."county_id", NEW."id", NEW."is_open", NEW."name", NEW."paid_ore", NEW."partner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reserved_ore", NEW."school_year"); RETURN NULL;',
                    hash="e18699d6003438891901d1772846c2786223040b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_fe9e7",
                    table="schools_grantpot",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grantpot",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "schools_grantpotchange" ("amount_ore", "county_id", "id", "is_open", "name", "paid_ore", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reserved_ore", "school_year") VALUES (NEW."amount_ore", NEW."county_id", NEW."id", NEW."is_open", NEW."name", NEW."paid_ore", NEW."partner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reserved_ore", NEW."school_year"); RETURN NULL;',
                    hash="d686bf11203e1977c9a41fd50fbedcbbfa7ee62c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ef737",
                    table="schools_grantpot",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grantpot",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_grantpotchange" ("amount_ore", "county_id", "id", "is_open", "name", "paid_ore", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reserved_ore", "school_year") VALUES (OLD."amount_ore", OLD."county_id", OLD."id", OLD."is_open", OLD."name", OLD."paid_ore", OLD."partner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reserved_ore", OLD."school_year"); RETURN NULL;',
                    hash="f9800080354ba0c01968d683a006b2170f972249",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f6c6e",
                    table="schools_grantpot",
                    when="AFTER",
                ),
            ),
        ),
    ]
