"""Indexes of the new columns, made while the tables are in use; a group stands once in a session, waiting or not."""

from django.db import migrations, models

HOLDS_OR_WAITS = ["requested", "offered", "waitlisted", "confirmed", "completed", "no_show"]
FOREIGN_KEYS = [("booking", "made_by"), ("school", "successor"), ("teacher", "verified_by")]


def sql(up, down):
    return migrations.RunSQL(up, reverse_sql=down)


def concurrently(name, on, *, unique=False):
    kind = "UNIQUE INDEX" if unique else "INDEX"
    return sql(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON {on}", f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def index(model, on, **facts):
    return migrations.SeparateDatabaseAndState(
        state_operations=[migrations.AddIndex(model_name=model, index=models.Index(**facts))],
        database_operations=[concurrently(facts["name"], on)],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("schools", "0005_pot_history"),
    ]

    operations = [
        *(concurrently(f"schools_{model}_{name}_id", f"schools_{model} ({name}_id)") for model, name in FOREIGN_KEYS),
        concurrently("schools_schoolclass_carried_from_id", "schools_schoolclass (carried_from_id)", unique=True),
        index(
            "booking",
            "schools_booking (offer_until) WHERE status = 'offered'",
            condition=models.Q(status="offered"),
            fields=["offer_until"],
            name="schools_booking_offered",
        ),
        index(
            "booking",
            "schools_booking (session_id, waitlisted_at) WHERE status = 'waitlisted'",
            condition=models.Q(status="waitlisted"),
            fields=["session", "waitlisted_at"],
            name="schools_booking_in_line",
        ),
        index(
            "bookingevent",
            "schools_bookingevent (at) WHERE told_at IS NULL",
            condition=models.Q(told_at=None),
            fields=["at"],
            name="schools_event_untold",
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="booking", name="schools_booking_group_once"),
                migrations.AddConstraint(
                    model_name="booking",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(session__isnull=False, status__in=HOLDS_OR_WAITS),
                        fields=("session", "school", "group_name"),
                        name="schools_booking_group_in_session",
                    ),
                ),
            ],
            database_operations=[
                concurrently(
                    "schools_booking_group_in_session",
                    "schools_booking (session_id, school_id, group_name) WHERE session_id IS NOT NULL AND status IN "
                    f"({', '.join(map(repr, HOLDS_OR_WAITS))})",
                    unique=True,
                ),
                sql("DROP INDEX CONCURRENTLY IF EXISTS schools_booking_group_once", migrations.RunSQL.noop),
            ],
        ),
    ]
