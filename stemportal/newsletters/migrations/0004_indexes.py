"""Indexes of the new columns, made while the tables are in use."""

from django.db import migrations, models


def concurrently(name, on, *, unique=False):
    kind = "UNIQUE INDEX" if unique else "INDEX"
    return migrations.RunSQL(
        f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON {on}",
        reverse_sql=f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
    )


def index(model, on, **facts):
    return migrations.SeparateDatabaseAndState(
        state_operations=[migrations.AddIndex(model_name=model, index=models.Index(**facts))],
        database_operations=[concurrently(facts["name"], on)],
    )


TROUBLE = ["failed", "unknown", "bounced"]
LEFT = ["unsubscribed", "stopped"]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("newsletters", "0003_columns")]

    operations = [
        concurrently("newsletters_newsletter_slug_key", "newsletters_newsletter (slug)", unique=True),
        index(
            "delivery",
            "newsletters_delivery (newsletter_id, next_try_at) WHERE status = 'queued'",
            condition=models.Q(status="queued"),
            fields=["newsletter", "next_try_at"],
            name="newsletters_delivery_queued",
        ),
        index(
            "delivery",
            "newsletters_delivery (batch_id, id) WHERE status = 'taken'",
            condition=models.Q(status="taken"),
            fields=["batch", "id"],
            name="newsletters_delivery_taken",
        ),
        index(
            "delivery",
            "newsletters_delivery (newsletter_id, status) WHERE status IN ('failed', 'unknown', 'bounced')",
            condition=models.Q(status__in=TROUBLE),
            fields=["newsletter", "status"],
            name="newsletters_delivery_trouble",
        ),
        index(
            "newsletter",
            "newsletters_newsletter (scheduled_at) WHERE status = 'scheduled'",
            condition=models.Q(status="scheduled"),
            fields=["scheduled_at"],
            name="newsletters_scheduled",
        ),
        index(
            "subscriber",
            "newsletters_subscriber (asked_at) WHERE status = 'pending'",
            condition=models.Q(status="pending"),
            fields=["asked_at"],
            name="newsletters_sub_unconfirmed",
        ),
        index(
            "subscriber",
            "newsletters_subscriber (unsubscribed_at) WHERE status IN ('unsubscribed', 'stopped')",
            condition=models.Q(status__in=LEFT),
            fields=["unsubscribed_at"],
            name="newsletters_sub_left",
        ),
    ]
