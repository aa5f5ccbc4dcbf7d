"""Whether a group has another visit at the time of a booking is asked while the session is locked: by index."""

from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("schools", "0013_visits"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(
                    model_name="booking",
                    index=models.Index(models.F("school"), Upper("group_name"), name="schools_booking_group"),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS schools_booking_group "
                    "ON schools_booking (school_id, (upper(group_name)))",
                    reverse_sql="DROP INDEX CONCURRENTLY IF EXISTS schools_booking_group",
                ),
            ],
        ),
    ]
