import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0004_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="partner",
            name="update_update",
        ),
        # A new, empty foreign key without the long lock: the constraint is checked from now on, not on old rows.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="partnerimport",
                    name="applied_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="applied by",
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    """
                    ALTER TABLE partners_partnerimport ADD COLUMN applied_by_id bigint NULL;
                    ALTER TABLE partners_partnerimport ADD CONSTRAINT partners_partnerimport_applied_by_fk
                        FOREIGN KEY (applied_by_id) REFERENCES accounts_user (id)
                        DEFERRABLE INITIALLY DEFERRED NOT VALID;
                    """,
                    reverse_sql="ALTER TABLE partners_partnerimport DROP COLUMN applied_by_id",
                )
            ],
        ),
        migrations.AddField(
            model_name="partnerimport",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="partnerimport",
            name="new_status",
            field=models.CharField(
                choices=[("approved", "Approved at once"), ("applied", "Applications that wait for an answer")],
                default="approved",
                max_length=12,
                verbose_name="new partners become",
            ),
        ),
        migrations.AddField(
            model_name="registerrun",
            name="claimed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partner",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."about" IS DISTINCT FROM (NEW."about") OR OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."answers" IS DISTINCT FROM (NEW."answers") OR OLD."applied_at" IS DISTINCT FROM (NEW."applied_at") OR OLD."contact_email" IS DISTINCT FROM (NEW."contact_email") OR OLD."contact_name" IS DISTINCT FROM (NEW."contact_name") OR OLD."contact_role" IS DISTINCT FROM (NEW."contact_role") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."decline_reason" IS DISTINCT FROM (NEW."decline_reason") OR OLD."display_name" IS DISTINCT FROM (NEW."display_name") OR OLD."employees" IS DISTINCT FROM (NEW."employees") OR OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."legal_name" IS DISTINCT FROM (NEW."legal_name") OR OLD."logo" IS DISTINCT FROM (NEW."logo") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."municipality_id" IS DISTINCT FROM (NEW."municipality_id") OR OLD."organisation_number" IS DISTINCT FROM (NEW."organisation_number") OR OLD."parent_name" IS DISTINCT FROM (NEW."parent_name") OR OLD."parent_number" IS DISTINCT FROM (NEW."parent_number") OR OLD."personal_data_deleted_at" IS DISTINCT FROM (NEW."personal_data_deleted_at") OR OLD."postal_code" IS DISTINCT FROM (NEW."postal_code") OR OLD."postal_place" IS DISTINCT FROM (NEW."postal_place") OR OLD."register_status" IS DISTINCT FROM (NEW."register_status") OR OLD."responsible_id" IS DISTINCT FROM (NEW."responsible_id") OR OLD."sector_code" IS DISTINCT FROM (NEW."sector_code") OR OLD."sector_name" IS DISTINCT FROM (NEW."sector_name") OR OLD."sector_revision" IS DISTINCT FROM (NEW."sector_revision") OR OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."website" IS DISTINCT FROM (NEW."website"))',
                    func='INSERT INTO "partners_partnerchange" ("about", "address", "answers", "applied_at", "contact_email", "contact_name", "contact_role", "country", "decided_at", "decline_reason", "display_name", "employees", "ended_at", "id", "kind", "legal_name", "logo", "merged_into_id", "municipality_id", "organisation_number", "parent_name", "parent_number", "personal_data_deleted_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postal_code", "postal_place", "register_checked_at", "register_status", "responsible_id", "sector_code", "sector_name", "sector_revision", "slug", "status", "website") VALUES (NEW."about", NEW."address", NEW."answers", NEW."applied_at", NEW."contact_email", NEW."contact_name", NEW."contact_role", NEW."country", NEW."decided_at", NEW."decline_reason", NEW."display_name", NEW."employees", NEW."ended_at", NEW."id", NEW."kind", NEW."legal_name", NEW."logo", NEW."merged_into_id", NEW."municipality_id", NEW."organisation_number", NEW."parent_name", NEW."parent_number", NEW."personal_data_deleted_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."postal_code", NEW."postal_place", NEW."register_checked_at", NEW."register_status", NEW."responsible_id", NEW."sector_code", NEW."sector_name", NEW."sector_revision", NEW."slug", NEW."status", NEW."website"); RETURN NULL;',
                    hash="defa6db8a777d0670fe637f4e570f0dbab7b4c6d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_17ece",
                    table="partners_partner",
                    when="AFTER",
                ),
            ),
        ),
    ]
