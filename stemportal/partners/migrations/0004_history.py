import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0003_columns"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="EngagementChange",
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
                        to="partners.engagement",
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
                ("school_year", models.PositiveSmallIntegerField(verbose_name="programme year starts in")),
                (
                    "level",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.level",
                        verbose_name="level",
                    ),
                ),
                (
                    "chosen_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="picked by",
                    ),
                ),
                ("chosen_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="picked")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MembershipChange",
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
                        to="partners.membership",
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
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("editor", "Editor"), ("reader", "Reader")],
                        default="editor",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="joined")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PartnerChange",
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
                        to="partners.partner",
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
                ("country", models.CharField(default="NO", max_length=2, verbose_name="country")),
                ("organisation_number", models.CharField(max_length=12, verbose_name="organisation number")),
                ("legal_name", models.CharField(max_length=200, verbose_name="registered name")),
                ("display_name", models.CharField(max_length=120, verbose_name="name shown to schools")),
                ("slug", models.SlugField(db_index=False, max_length=140, verbose_name="address of the page")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("company", "Company"),
                            ("public_body", "Public body"),
                            ("organisation", "Organisation"),
                            ("cluster", "Business cluster"),
                            ("municipality", "Municipality"),
                            ("county_council", "County council"),
                            ("school_owner", "School owner"),
                            ("university", "University or university college"),
                            ("union", "Trade union"),
                        ],
                        default="company",
                        max_length=20,
                        verbose_name="kind of organisation",
                    ),
                ),
                ("sector_code", models.CharField(blank=True, max_length=10, verbose_name="sector code (NACE)")),
                (
                    "sector_revision",
                    models.CharField(blank=True, default="SN2007", max_length=10, verbose_name="sector code revision"),
                ),
                ("sector_name", models.CharField(blank=True, max_length=160, verbose_name="sector")),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="employees")),
                ("address", models.CharField(blank=True, max_length=160, verbose_name="street address")),
                ("postal_code", models.CharField(blank=True, max_length=10, verbose_name="postal code")),
                ("postal_place", models.CharField(blank=True, max_length=80, verbose_name="place")),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="places.municipality",
                        verbose_name="municipality",
                    ),
                ),
                ("website", models.URLField(blank=True, verbose_name="web site")),
                ("about", models.TextField(blank=True, max_length=3000, verbose_name="about the organisation")),
                ("contact_name", models.CharField(max_length=120, verbose_name="contact person")),
                ("contact_email", models.EmailField(max_length=254, verbose_name="e-mail of the contact person")),
                (
                    "contact_role",
                    models.CharField(blank=True, max_length=80, verbose_name="what the contact person does there"),
                ),
                ("register_status", models.CharField(blank=True, max_length=20, verbose_name="what the register said")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("unconfirmed", "E-mail not confirmed"),
                            ("applied", "Waiting for approval"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("paused", "Paused"),
                            ("ended", "Ended"),
                        ],
                        default="applied",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("decline_reason", models.TextField(blank=True, max_length=1000, verbose_name="reason for declining")),
                ("applied_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="applied")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                ("answers", models.JSONField(blank=True, default=dict, verbose_name="answers")),
                (
                    "parent_number",
                    models.CharField(blank=True, max_length=12, verbose_name="number of the parent organisation"),
                ),
                ("parent_name", models.CharField(blank=True, max_length=200, verbose_name="parent organisation")),
                (
                    "register_checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="compared with the register"),
                ),
                ("logo", models.FileField(blank=True, max_length=120, upload_to="", verbose_name="logo")),
                (
                    "responsible",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        limit_choices_to={"is_staff": True},
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="responsible in the secretariat",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.partner",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "personal_data_deleted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="personal data deleted"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SignatureChange",
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
                        to="partners.signature",
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
                (
                    "declaration",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partners.declaration",
                        verbose_name="declaration",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
                ("signed_name", models.CharField(max_length=120, verbose_name="name of the person who signed")),
                ("signed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="signed")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="keeps_an_owner",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"role\" = 'owner')",
                    constraint="CONSTRAINT",
                    func="\nIF EXISTS (\n    SELECT 1 FROM partners_partner p\n    WHERE p.id = OLD.partner_id AND p.status IN ('applied', 'approved', 'paused')\n) AND NOT EXISTS (\n    SELECT 1 FROM partners_membership m WHERE m.partner_id = OLD.partner_id AND m.role = 'owner'\n) THEN\n    RAISE EXCEPTION 'a partner needs an owner'\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'partners_membership_keeps_an_owner';\nEND IF;\nRETURN NULL;\n",
                    hash="c786549015b4ba2ac389d99952b7cd12c932fd3e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_keeps_an_owner_2f323",
                    table="partners_membership",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "partners_membershipchange" ("id", "joined_at", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."id", NEW."joined_at", NEW."partner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                    hash="553a55bc0c69ea5f71d5a56b6e93ef5b8acb9b81",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_81abf",
                    table="partners_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "partners_membershipchange" ("id", "joined_at", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (NEW."id", NEW."joined_at", NEW."partner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role", NEW."user_id"); RETURN NULL;',
                    hash="df5534fb303acfa1528f8168c4c26b1824752ea4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_668ed",
                    table="partners_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "partners_membershipchange" ("id", "joined_at", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") VALUES (OLD."id", OLD."joined_at", OLD."partner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."role", OLD."user_id"); RETURN NULL;',
                    hash="61f6351edae409b8911272918da6189cc02e37c5",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_25b49",
                    table="partners_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partner",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "partners_partnerchange" ("about", "address", "answers", "applied_at", "contact_email", "contact_name", "contact_role", "country", "decided_at", "decline_reason", "display_name", "employees", "ended_at", "id", "kind", "legal_name", "logo", "merged_into_id", "municipality_id", "organisation_number", "parent_name", "parent_number", "personal_data_deleted_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "postal_place", "register_checked_at", "register_status", "responsible_id", "sector_code", "sector_name", "sector_revision", "slug", "status", "website") VALUES (NEW."about", NEW."address", NEW."answers", NEW."applied_at", NEW."contact_email", NEW."contact_name", NEW."contact_role", NEW."country", NEW."decided_at", NEW."decline_reason", NEW."display_name", NEW."employees", NEW."ended_at", NEW."id", NEW."kind", NEW."legal_name", NEW."logo", NEW."merged_into_id", NEW."municipality_id", NEW."organisation_number", NEW."parent_name", NEW."parent_number", NEW."personal_data_deleted_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."postal_code", NEW."postal_place", NEW."register_checked_at", NEW."register_status", NEW."responsible_id", NEW."sector_code", NEW."sector_name", NEW."sector_revision", NEW."slug", NEW."status", NEW."website"); RETURN NULL;',
                    hash="8953298f3ac0b8dc143a5f968187754af75a1bdd",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_71860",
                    table="partners_partner",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partner",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."about" IS DISTINCT FROM (NEW."about") OR OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."answers" IS DISTINCT FROM (NEW."answers") OR OLD."applied_at" IS DISTINCT FROM (NEW."applied_at") OR OLD."contact_email" IS DISTINCT FROM (NEW."contact_email") OR OLD."contact_name" IS DISTINCT FROM (NEW."contact_name") OR OLD."contact_role" IS DISTINCT FROM (NEW."contact_role") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."decline_reason" IS DISTINCT FROM (NEW."decline_reason") OR OLD."display_name" IS DISTINCT FROM (NEW."display_name") OR OLD."employees" IS DISTINCT FROM (NEW."employees") OR OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."legal_name" IS DISTINCT FROM (NEW."legal_name") OR OLD."logo" IS DISTINCT FROM (NEW."logo") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."municipality_id" IS DISTINCT FROM (NEW."municipality_id") OR OLD."organisation_number" IS DISTINCT FROM (NEW."organisation_number") OR OLD."parent_name" IS DISTINCT FROM (NEW."parent_name") OR OLD."parent_number" IS DISTINCT FROM (NEW."parent_number") OR OLD."personal_data_deleted_at" IS DISTINCT FROM (NEW."personal_data_deleted_at") OR OLD."postal_code" IS DISTINCT FROM (NEW."postal_code") OR OLD."postal_place" IS DISTINCT FROM (NEW."postal_place") OR OLD."register_checked_at" IS DISTINCT FROM (NEW."register_checked_at") OR OLD."register_status" IS DISTINCT FROM (NEW."register_status") OR OLD."responsible_id" IS DISTINCT FROM (NEW."responsible_id") OR OLD."sector_code" IS DISTINCT FROM (NEW."sector_code") OR OLD."sector_name" IS DISTINCT FROM (NEW."sector_name") OR OLD."sector_revision" IS DISTINCT FROM (NEW."sector_revision") OR OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."website" IS DISTINCT FROM (NEW."website"))',
                    func='INSERT INTO "partners_partnerchange" ("about", "address", "answers", "applied_at", "contact_email", "contact_name", "contact_role", "country", "decided_at", "decline_reason", "display_name", "employees", "ended_at", "id", "kind", "legal_name", "logo", "merged_into_id", "municipality_id", "organisation_number", "parent_name", "parent_number", "personal_data_deleted_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "postal_place", "register_checked_at", "register_status", "responsible_id", "sector_code", "sector_name", "sector_revision", "slug", "status", "website") VALUES (NEW."about", NEW."address", NEW."answers", NEW."applied_at", NEW."contact_email", NEW."contact_name", NEW."contact_role", NEW."country", NEW."decided_at", NEW."decline_reason", NEW."display_name", NEW."employees", NEW."ended_at", NEW."id", NEW."kind", NEW."legal_name", NEW."logo", NEW."merged_into_id", NEW."municipality_id", NEW."organisation_number", NEW."parent_name", NEW."parent_number", NEW."personal_data_deleted_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."postal_code", NEW."postal_place", NEW."register_checked_at", NEW."register_status", NEW."responsible_id", NEW."sector_code", NEW."sector_name", NEW."sector_revision", NEW."slug", NEW."status", NEW."website"); RETURN NULL;',
                    hash="5ec5d766280b0a093acaee8bf499f9e2299e14c3",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_17ece",
                    table="partners_partner",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partner",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "partners_partnerchange" ("about", "address", "answers", "applied_at", "contact_email", "contact_name", "contact_role", "country", "decided_at", "decline_reason", "display_name", "employees", "ended_at", "id", "kind", "legal_name", "logo", "merged_into_id", "municipality_id", "organisation_number", "parent_name", "parent_number", "personal_data_deleted_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "postal_place", "register_checked_at", "register_status", "responsible_id", "sector_code", "sector_name", "sector_revision", "slug", "status", "website") VALUES (OLD."about", OLD."address", OLD."answers", OLD."applied_at", OLD."contact_email", OLD."contact_name", OLD."contact_role", OLD."country", OLD."decided_at", OLD."decline_reason", OLD."display_name", OLD."employees", OLD."ended_at", OLD."id", OLD."kind", OLD."legal_name", OLD."logo", OLD."merged_into_id", OLD."municipality_id", OLD."organisation_number", OLD."parent_name", OLD."parent_number", OLD."personal_data_deleted_at", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."postal_code", OLD."postal_place", OLD."register_checked_at", OLD."register_status", OLD."responsible_id", OLD."sector_code", OLD."sector_name", OLD."sector_revision", OLD."slug", OLD."status", OLD."website"); RETURN NULL;',
                    hash="f61cd15ccb592d4d5c118d3d282c81c5021d6f74",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e7dd8",
                    table="partners_partner",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signature",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "partners_signaturechange" ("declaration_id", "id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_at", "signed_by_id", "signed_name") VALUES (NEW."declaration_id", NEW."id", NEW."partner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."signed_at", NEW."signed_by_id", NEW."signed_name"); RETURN NULL;',
                    hash="51eced8ed2c9ffa24ec76d6511ac72a6b65efc54",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_2f6b8",
                    table="partners_signature",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signature",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "partners_signaturechange" ("declaration_id", "id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_at", "signed_by_id", "signed_name") VALUES (NEW."declaration_id", NEW."id", NEW."partner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."signed_at", NEW."signed_by_id", NEW."signed_name"); RETURN NULL;',
                    hash="e215577b2e64b58e701bfd68306c21873ecb3c5b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e5afc",
                    table="partners_signature",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="signature",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "partners_signaturechange" ("declaration_id", "id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "signed_at", "signed_by_id", "signed_name") VALUES (OLD."declaration_id", OLD."id", OLD."partner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."signed_at", OLD."signed_by_id", OLD."signed_name"); RETURN NULL;',
                    hash="9e71b8e4c877f6d7bc9b01bef0d6aa9dbb7f900d",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_7415a",
                    table="partners_signature",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="engagement",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "partners_engagementchange" ("chosen_at", "chosen_by_id", "id", "level_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_year") VALUES (NEW."chosen_at", NEW."chosen_by_id", NEW."id", NEW."level_id", NEW."partner_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."school_year"); RETURN NULL;',
                    hash="a7aeb0c8efb63575b1d1195ced743d2fa95399a0",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a9ae9",
                    table="partners_engagement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="engagement",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "partners_engagementchange" ("chosen_at", "chosen_by_id", "id", "level_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_year") VALUES (NEW."chosen_at", NEW."chosen_by_id", NEW."id", NEW."level_id", NEW."partner_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."school_year"); RETURN NULL;',
                    hash="66431de2fb09bc11a933c4dc09769108b6b83454",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_19783",
                    table="partners_engagement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="engagement",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "partners_engagementchange" ("chosen_at", "chosen_by_id", "id", "level_id", "partner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "school_year") VALUES (OLD."chosen_at", OLD."chosen_by_id", OLD."id", OLD."level_id", OLD."partner_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."school_year"); RETURN NULL;',
                    hash="d278038e018adfbae6d366f5c5fa082b070735fc",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a9973",
                    table="partners_engagement",
                    when="AFTER",
                ),
            ),
        ),
    ]
