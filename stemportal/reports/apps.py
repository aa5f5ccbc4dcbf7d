from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "stemportal.reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        """Point to new reports in the partner's room, although partners come before reports in the story."""
        from stemportal.partners import extensions
        from stemportal.reports import partner_ties
        from stemportal.reports.today import report_tasks

        extensions.today.append(report_tasks)
        partner_ties.register()
