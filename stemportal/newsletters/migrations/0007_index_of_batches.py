"""One index for taking a batch up and for deleting it: deliveries let go of their batch when they are done."""

from django.db import migrations, models

NEW = "newsletters_delivery_held"
OLD = "newsletters_delivery_taken"
MAKE = "CREATE INDEX CONCURRENTLY IF NOT EXISTS {} ON newsletters_delivery (batch_id, id) WHERE {}"
DROP = "DROP INDEX CONCURRENTLY IF EXISTS {}"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("newsletters", "0006_blocks_instead_of_bodies")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(
                    model_name="delivery",
                    index=models.Index(condition=models.Q(batch__isnull=False), fields=["batch", "id"], name=NEW),
                ),
            ],
            database_operations=[
                migrations.RunSQL(MAKE.format(NEW, "batch_id IS NOT NULL"), reverse_sql=DROP.format(NEW))
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveIndex(model_name="delivery", name=OLD)],
            database_operations=[migrations.RunSQL(DROP.format(OLD), reverse_sql=MAKE.format(OLD, "status = 'taken'"))],
        ),
    ]
