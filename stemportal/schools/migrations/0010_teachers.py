from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0009_booking_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="teacher",
            name="asked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="colleagues were asked"),
        ),
        migrations.AddField(
            model_name="teacher",
            name="chosen_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="teacher",
            name="coordinator_asked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="asks to be coordinator"),
        ),
        migrations.AddField(
            model_name="teacher",
            name="from_feide",
            field=models.BooleanField(default=False, verbose_name="known from Feide"),
        ),
        migrations.AddField(
            model_name="teacher",
            name="secretariat_asked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="the secretariat was asked"),
        ),
    ]
