"""A newsletter is made of blocks: what stood in one text becomes its first block."""

from django.db import migrations

MOVE = """
    INSERT INTO newsletters_block (
        newsletter_id, "order", kind, title_nb, title_nn, title_en, text_nb, text_nn, text_en, url, file, width, height
    )
    SELECT newsletter.id, 0, 'text', '', '', '', body_nb, body_nn, body_en, '', '', 0, 0
    FROM newsletters_newsletter AS newsletter
    WHERE body_nb <> '' AND NOT EXISTS (SELECT FROM newsletters_block WHERE newsletter_id = newsletter.id);
"""
# No version that reads the columns has been installed anywhere.
DROP = """
    -- squawk-ignore ban-drop-column
    ALTER TABLE newsletters_newsletter DROP COLUMN IF EXISTS body_nb;
    -- squawk-ignore ban-drop-column
    ALTER TABLE newsletters_newsletter DROP COLUMN IF EXISTS body_nn;
    -- squawk-ignore ban-drop-column
    ALTER TABLE newsletters_newsletter DROP COLUMN IF EXISTS body_en;
"""
ADD_AGAIN = """
    ALTER TABLE newsletters_newsletter ADD COLUMN body_nb text NOT NULL DEFAULT '';
    ALTER TABLE newsletters_newsletter ADD COLUMN body_nn text NOT NULL DEFAULT '';
    ALTER TABLE newsletters_newsletter ADD COLUMN body_en text NOT NULL DEFAULT '';
"""


class Migration(migrations.Migration):
    dependencies = [("newsletters", "0005_deliveries_of_their_own")]

    operations = [
        migrations.RunSQL(MOVE, reverse_sql=migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="newsletter", name="body_nb"),
                migrations.RemoveField(model_name="newsletter", name="body_nn"),
                migrations.RemoveField(model_name="newsletter", name="body_en"),
            ],
            database_operations=[migrations.RunSQL(DROP, reverse_sql=ADD_AGAIN)],
        ),
    ]
