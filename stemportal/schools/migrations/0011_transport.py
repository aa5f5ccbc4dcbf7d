import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0010_teachers"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="grantpot",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="grantpot",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="grantpot",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="grantpot",
            name="opened_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="opened"),
        ),
        migrations.AddField(
            model_name="grantpotchange",
            name="opened_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="opened"),
        ),
        migrations.AddField(
            model_name="transportgrant",
            name="claimed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="receipt sent in"),
        ),
        migrations.AddField(
            model_name="transportgrant",
            name="claimed_ore",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="claimed, øre"),
        ),
        migrations.AddField(
            model_name="transportgrant",
            name="reminded_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="transportgrant",
            name="vehicles",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="vehicles"),
        ),
        migrations.AddField(
            model_name="transportrate",
            name="is_example",
            field=models.BooleanField(default=False, verbose_name="example, not decided by the programme"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grantpot",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "schools_grantpotchange" ("amount_ore", "county_id", "id", "is_open", "name", "opened_at", "paid_ore", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reserved_ore", "school_year") VALUES (NEW."amount_ore", NEW."county_id", NEW."id", NEW."is_open", NEW."name", NEW."opened_at", NEW."paid_ore", NEW."partner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reserved_ore", NEW."school_year"); RETURN NULL;',
                    hash="971642ab0e83d40ae0d9e23bbe73b18f308a9279",
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
                    func='INSERT INTO "schools_grantpotchange" ("amount_ore", "county_id", "id", "is_open", "name", "opened_at", "paid_ore", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reserved_ore", "school_year") VALUES (NEW."amount_ore", NEW."county_id", NEW."id", NEW."is_open", NEW."name", NEW."opened_at", NEW."paid_ore", NEW."partner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reserved_ore", NEW."school_year"); RETURN NULL;',
                    hash="49e2b088c6ae6c9d823eee31478e5943efcbc176",
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
                    func='INSERT INTO "schools_grantpotchange" ("amount_ore", "county_id", "id", "is_open", "name", "opened_at", "paid_ore", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reserved_ore", "school_year") VALUES (OLD."amount_ore", OLD."county_id", OLD."id", OLD."is_open", OLD."name", OLD."opened_at", OLD."paid_ore", OLD."partner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reserved_ore", OLD."school_year"); RETURN NULL;',
                    hash="a6ed29df0be4db599b759df0db64dbbfe6a2fe2b",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f6c6e",
                    table="schools_grantpot",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="keep",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="88fb256008df0a04eb8e40d7991473f55d3786a8",
                    operation="DELETE",
                    pgid="pgtrigger_keep_67054",
                    table="schools_ledgerentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="as_written",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.pot_id IS DISTINCT FROM NEW.pot_id\n    OR OLD.grant_id IS DISTINCT FROM NEW.grant_id OR OLD.kind IS DISTINCT FROM NEW.kind\n    OR OLD.ore IS DISTINCT FROM NEW.ore OR OLD.at IS DISTINCT FROM NEW.at\n    OR (NEW.by_id IS NOT NULL AND OLD.by_id IS DISTINCT FROM NEW.by_id))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="40ba6c657af7ed608261917b10e4a7187ef734d2",
                    operation="UPDATE",
                    pgid="pgtrigger_as_written_3a9db",
                    table="schools_ledgerentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
