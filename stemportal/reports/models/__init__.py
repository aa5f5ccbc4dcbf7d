"""Yearly reports to partners, the runs that build them, and the programme's targets."""

from stemportal.reports.models.partner_reports import PartnerReport, ReportRun
from stemportal.reports.models.targets import Target

__all__ = ["PartnerReport", "ReportRun", "Target"]
