"""Visits of a kind that is not for pupils reach no pupils."""

from django.db import migrations

SELECT = """
    CREATE OR REPLACE VIEW schools_visit AS
    SELECT booking.id AS booking_id, booking.school_id, school.municipality_id, municipality.county_id,
           booking.group_name, booking.grade, booking.places, {pupils},
           session.id AS session_id, session.starts_at, session.ends_at,
           {hours} AS hours,
           booking.activity_id, activity.kind_id, activity.partner_id
    FROM schools_booking booking
    JOIN schools_attendance attendance ON attendance.booking_id = booking.id
    JOIN activities_session session ON session.id = booking.session_id
    JOIN activities_activity activity ON activity.id = booking.activity_id
    JOIN schools_school school ON school.id = booking.school_id
    {kind}LEFT JOIN places_municipality municipality ON municipality.id = school.municipality_id
    WHERE booking.status = 'completed'
"""
WHOLE = "date_part('epoch', session.ends_at - session.starts_at) / 3600"
# As many nights as there are whole days between start and end; Monday 9:00 to Friday 15:00 is 5 times 6 hours.
NIGHTS = f"(ceil({WHOLE} / 24) - 1)"
BY_DAY = f"({WHOLE} - 24 * {NIGHTS}) * ({NIGHTS} + 1)"


COUNTED = """
           CASE WHEN kind.for_pupils THEN attendance.pupils ELSE 0::smallint END AS pupils,
           CASE WHEN kind.for_pupils THEN attendance.girls END AS girls"""
JOIN = "JOIN activities_kind kind ON kind.id = activity.kind_id\n    "
NEW = SELECT.format(pupils=COUNTED, kind=JOIN, hours=BY_DAY)
OLD = SELECT.format(pupils="attendance.pupils, attendance.girls", kind="", hours=BY_DAY)


class Migration(migrations.Migration):
    dependencies = [("activities", "0014_kinds_for_pupils"), ("schools", "0015_visit_hours")]

    operations = [migrations.RunSQL(NEW, reverse_sql=OLD)]
