from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0003_version_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="hearing",
            name="told_until",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="hearing",
            name="reminded_until",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="inputevent",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="inputsupport",
            name="told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
