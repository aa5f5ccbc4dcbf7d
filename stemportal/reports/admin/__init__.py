"""The secretariat's side of the reports: one file a matter."""

from stemportal.reports.admin import exports, figures, partner_reports, programme, radar, runs, targets, white_spots

__all__ = ["exports", "figures", "partner_reports", "programme", "radar", "runs", "targets", "white_spots"]
