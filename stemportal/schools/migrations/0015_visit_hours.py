"""A session that runs over several days lasts its hours on each of them, not the nights between."""

from django.db import migrations

SELECT = """
    CREATE OR REPLACE VIEW schools_visit AS
    SELECT booking.id AS booking_id, booking.school_id, school.municipality_id, municipality.county_id,
           booking.group_name, booking.grade, booking.places, attendance.pupils, attendance.girls,
           session.id AS session_id, session.starts_at, session.ends_at,
           {hours} AS hours,
           booking.activity_id, activity.kind_id, activity.partner_id
    FROM schools_booking booking
    JOIN schools_attendance attendance ON attendance.booking_id = booking.id
    JOIN activities_session session ON session.id = booking.session_id
    JOIN activities_activity activity ON activity.id = booking.activity_id
    JOIN schools_school school ON school.id = booking.school_id
    LEFT JOIN places_municipality municipality ON municipality.id = school.municipality_id
    WHERE booking.status = 'completed'
"""
WHOLE = "date_part('epoch', session.ends_at - session.starts_at) / 3600"
# As many nights as there are whole days between start and end; Monday 9:00 to Friday 15:00 is 5 times 6 hours.
NIGHTS = f"(ceil({WHOLE} / 24) - 1)"
BY_DAY = f"({WHOLE} - 24 * {NIGHTS}) * ({NIGHTS} + 1)"


class Migration(migrations.Migration):
    dependencies = [("schools", "0014_group_index")]

    operations = [
        migrations.RunSQL(SELECT.format(hours=BY_DAY), reverse_sql=SELECT.format(hours=WHOLE)),
    ]
