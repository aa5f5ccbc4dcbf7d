"""A delivery is sent by itself and no longer through a mail of the outbox: what became of those mails is carried over."""

from django.db import migrations, models

# What waits in the outbox still goes out from there. Of a newsletter that was finished nothing is left to send, also
# where its mails are deleted by now. One that was half way is paused: resuming it freezes what it says.
CARRY_OVER = """
    UPDATE newsletters_delivery AS delivery
    SET status = CASE mail.status WHEN 'failed' THEN 'failed' ELSE 'sent' END,
        sent_at = mail.sent_at,
        attempts = least(mail.attempts, 32767),
        error = left(mail.last_error, 300)
    FROM outbox_mail AS mail WHERE mail.id = delivery.mail_id;
    UPDATE newsletters_delivery AS delivery SET status = 'sent', sent_at = newsletter.sent_at
    FROM newsletters_newsletter AS newsletter
    WHERE newsletter.id = delivery.newsletter_id AND newsletter.status = 'sent' AND delivery.mail_id IS NULL;
    UPDATE newsletters_newsletter SET status = 'paused' WHERE status = 'sending';
"""
# No version that reads the column has been installed anywhere.
DROP = """
    -- squawk-ignore ban-drop-column
    ALTER TABLE newsletters_delivery DROP COLUMN IF EXISTS mail_id;
"""
ADD_AGAIN = """
    ALTER TABLE newsletters_delivery ADD COLUMN mail_id bigint NULL UNIQUE
        REFERENCES outbox_mail (id) DEFERRABLE INITIALLY DEFERRED;
    CREATE INDEX newsletters_delivery_todo ON newsletters_delivery (newsletter_id) WHERE mail_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("newsletters", "0004_indexes"), ("outbox", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="left_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="left as it is"),
        ),
        migrations.RunSQL(CARRY_OVER, reverse_sql=migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="delivery", name="newsletters_delivery_todo"),
                migrations.RemoveField(model_name="delivery", name="mail"),
            ],
            database_operations=[migrations.RunSQL(DROP, reverse_sql=ADD_AGAIN)],
        ),
    ]
