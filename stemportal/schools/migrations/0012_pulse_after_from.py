from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0011_transport"),
    ]

    operations = [
        migrations.AddField(
            model_name="pulse",
            name="after_from",
            field=models.DateTimeField(blank=True, null=True, verbose_name="asks about afterwards from"),
        ),
        # Feedback is asked for with the thanks, once by its nature: it has no reminder.
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reply_soon", "reply deadline is near"),
                    ("reply_late", "reply deadline has passed"),
                    ("week_before", "a week before"),
                    ("day_before", "a day before"),
                    ("attendance", "attendance is missing"),
                    ("attendance_again", "attendance is still missing"),
                ],
                max_length=20,
                verbose_name="about",
            ),
        ),
    ]
