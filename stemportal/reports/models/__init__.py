"""Yearly reports of partners and of the programme, targets, exports, and what the secretariat keeps an eye on."""

from stemportal.reports.models.exports import Export
from stemportal.reports.models.files import ReportFile
from stemportal.reports.models.partner_reports import (
    PartnerReport,
    PartnerReportFile,
    ReportEvent,
    ReportRun,
    new_code,
)
from stemportal.reports.models.programme import ProgrammeReport, ProgrammeReportFile, ProgrammeSection
from stemportal.reports.models.steering import Nudge, RadarDay, RadarReader
from stemportal.reports.models.targets import Target, TargetValue

__all__ = [
    "Export",
    "Nudge",
    "PartnerReport",
    "PartnerReportFile",
    "ProgrammeReport",
    "ProgrammeReportFile",
    "ProgrammeSection",
    "RadarDay",
    "RadarReader",
    "ReportEvent",
    "ReportFile",
    "ReportRun",
    "Target",
    "TargetValue",
    "new_code",
]
