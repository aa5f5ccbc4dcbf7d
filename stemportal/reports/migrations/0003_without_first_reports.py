"""The first reports had one file and no version: they are built anew, and nobody had been given any."""

from django.db import migrations

FORGET = """
    DELETE FROM reports_partnerreport;
    DELETE FROM reports_reportrun;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_report_fetched")]

    operations = [migrations.RunSQL(FORGET, reverse_sql=migrations.RunSQL.noop)]
