"""The view of visits that took place: what every figure counts, in one place."""

import django.db.models.deletion
from django.db import migrations, models

VIEW = """
    CREATE VIEW schools_visit AS
    SELECT booking.id AS booking_id, booking.school_id, school.municipality_id, municipality.county_id,
           booking.group_name, booking.grade, booking.places, attendance.pupils, attendance.girls,
           session.id AS session_id, session.starts_at, session.ends_at,
           extract(epoch FROM session.ends_at - session.starts_at)::float8 / 3600 AS hours,
           booking.activity_id, activity.kind_id, activity.partner_id
    FROM schools_booking booking
    JOIN schools_attendance attendance ON attendance.booking_id = booking.id
    JOIN activities_session session ON session.id = booking.session_id
    JOIN activities_activity activity ON activity.id = booking.activity_id
    JOIN schools_school school ON school.id = booking.school_id
    LEFT JOIN places_municipality municipality ON municipality.id = school.municipality_id
    WHERE booking.status = 'completed'
"""


class Migration(migrations.Migration):
    dependencies = [("schools", "0012_pulse_after_from")]

    operations = [
        migrations.RunSQL(VIEW, reverse_sql="DROP VIEW schools_visit"),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="visit",
                        serialize=False,
                        to="schools.booking",
                        verbose_name="booking",
                    ),
                ),
                ("group_name", models.CharField(max_length=30, verbose_name="class or group")),
                ("grade", models.PositiveSmallIntegerField(verbose_name="grade")),
                ("places", models.PositiveSmallIntegerField(verbose_name="places")),
                ("pupils", models.PositiveSmallIntegerField(verbose_name="pupils who came")),
                ("girls", models.PositiveSmallIntegerField(null=True, verbose_name="of whom girls")),
                ("starts_at", models.DateTimeField(verbose_name="starts")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                ("hours", models.FloatField(verbose_name="hours")),
            ],
            options={
                "verbose_name": "visit",
                "verbose_name_plural": "visits",
                "db_table": "schools_visit",
                "ordering": ["starts_at", "booking"],
                "managed": False,
            },
        ),
    ]
