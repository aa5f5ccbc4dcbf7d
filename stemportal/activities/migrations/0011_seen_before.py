"""What the new moments cannot know of older offers: they had their dates from the start, and were opened lately."""

from django.db import migrations

# Without it every saved search would tell of all offers, and all of them would count as never opened.
FILL = """
    UPDATE activities_activity a SET first_free_at = coalesce(published_at, created_at)
     WHERE first_free_at IS NULL AND EXISTS (SELECT FROM activities_session s WHERE s.activity_id = a.id);
    UPDATE activities_activity SET last_viewed_at = now() WHERE last_viewed_at IS NULL AND views_count > 0;
"""


class Migration(migrations.Migration):
    dependencies = [("activities", "0010_kept_searches")]

    operations = [migrations.RunSQL(FILL, reverse_sql=migrations.RunSQL.noop)]
