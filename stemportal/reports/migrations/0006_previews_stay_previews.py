"""Looks through the rows once for the constraint that the migration before has added."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_report_steps")]

    operations = [ValidateConstraint(model_name="partnerreport", name="reports_partnerreport_preview")]
