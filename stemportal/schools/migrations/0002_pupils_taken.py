"""How many pupils the bookings of a session bring: counted once for those that are there already."""

from django.db import migrations

COUNT = """
UPDATE activities_session AS s SET pupils_taken = b.pupils
FROM (
    SELECT session_id, sum(pupils) AS pupils FROM schools_booking
     WHERE session_id IS NOT NULL AND status IN ('requested', 'confirmed', 'completed')
     GROUP BY session_id
) AS b
WHERE b.session_id = s.id AND s.pupils_taken <> b.pupils
"""


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0001_initial"),
        ("activities", "0006_columns"),
    ]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
