"""The secretariat's side of the reports: one file a matter."""

from stemportal.reports.admin import partner_reports, targets

__all__ = ["partner_reports", "targets"]
