"""What a partner's report says, before any language: one value from which all its files and its page are made.

Everything that could change later stands in it (names, words, the portal's address), so the same material always gives
the same bytes, and an old report can be drawn again as it was. It is stored as the report's JSON file; the fingerprint
of the data is the SHA-256 of exactly those bytes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from stemportal.lib.periods import Period
from stemportal.partners.models import Engagement, Level, Partner
from stemportal.reports.figures.counting import figures_of
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.lines import VisitLine, hidden_of, visit_lines
from stemportal.reports.figures.together import Hidden
from stemportal.reports.models import PartnerReport, ReportFile

# What the JSON says of itself; the number goes up when something in it comes to mean something else.
KIND = "stemportal-partner-report"
FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Material:
    """A partner's report in no language. Figures are protected already: a hidden count is None.

    ``level`` is {nb, nn, en} or None; ``made_on`` an ISO date, of the day on which the report was begun; ``address``
    where the verification code is confirmed. ``before`` are the figures of the year before, None where the partner did
    nothing then; ``medians`` those of its level ({"partners": 12, "pupils": 140.5, …}), None where too few are on it.
    """

    display_name: str
    legal_name: str
    organisation_number: str
    level: dict[str, str] | None
    period_kind: str
    year: int
    version: int
    reason: str
    code: str
    made_on: str
    portal: str
    address: str
    foreword: str
    esg_text: str
    figures: Figures
    before: Figures | None
    medians: dict[str, float | None] | None
    lines: list[VisitLine]

    @property
    def period(self) -> Period:
        """The year it is about."""
        return Period(self.period_kind, self.year)

    @property
    def day(self) -> date:
        """The day on which the report was begun."""
        return date.fromisoformat(self.made_on)

    @property
    def is_preview(self) -> bool:
        """Whether the year was not over when the report was begun: its figures are those so far."""
        return self.day <= self.period.last_day

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-able data that says what it is."""
        return {
            "kind": KIND,
            "format_version": FORMAT_VERSION,
            **{item.name: getattr(self, item.name) for item in fields(self)},
            "figures": self.figures.as_json(),
            "before": self.before.as_json() if self.before else None,
            "lines": [vars(line) for line in self.lines],
        }

    @cached_property
    def canonical(self) -> bytes:
        """The one way to write it down: JSON in UTF-8 with sorted keys and nothing between them."""
        return json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the canonical JSON, in hexadecimal: that of the report's JSON file."""
        return sha256(self.canonical).hexdigest()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Material:
        """Read what ``as_json`` gave. Raises ValueError for data of another kind or a later version."""
        if data.get("kind") != KIND or data.get("format_version") != FORMAT_VERSION:
            raise ValueError("no partner report that this portal knows")
        own = {key: value for key, value in data.items() if key not in {"kind", "format_version"}}
        return cls(
            **{
                **own,
                "figures": Figures.from_json(own["figures"]),
                "before": Figures.from_json(own["before"]) if own["before"] else None,
                "lines": [VisitLine(**line) for line in own["lines"]],
            }
        )


@dataclass(frozen=True)
class Counted:
    """What is counted for many reports on one year at once, by the partners' ids."""

    figures: dict[int, Figures]
    before: dict[int, Figures]
    hidden: dict[int, Hidden]


def count_for(period: Period, partners: Collection[int]) -> Counted:
    """Count for the reports of these partners (ids): as many queries as for one of them."""
    return Counted(
        figures=figures_of(period, partners),
        before=figures_of(period.previous, partners),
        hidden=hidden_of(period, partners),
    )


def material_of(report: PartnerReport, counted: Counted | None = None) -> Material:
    """Gather everything that a report says, as it is now or as it was ``counted`` a moment ago."""
    partner, period = report.partner, report.period
    counted = counted or count_for(period, [partner.pk])
    before = counted.before[partner.pk]
    level = _level(partner, period)
    # What stands in it must not depend on who asks for the report: schools abroad have a word for a place.
    with translation.override(settings.LANGUAGE_CODE):
        lines = visit_lines(period, partner, counted.hidden)
    return Material(
        display_name=partner.display_name,
        legal_name=partner.legal_name,
        organisation_number=partner.organisation_number,
        level={"nb": level.name_nb, "nn": level.name_nn, "en": level.name_en} if level else None,
        period_kind=period.kind,
        year=period.year,
        version=report.version,
        reason=report.reason,
        code=report.code,
        made_on=timezone.localdate(report.created_at).isoformat(),
        portal=settings.PORTAL_NAME,
        address=f"{settings.PORTAL_BASE_URL}/verify/{report.code}/",
        foreword=report.foreword.strip(),
        esg_text=report.esg_text.strip(),
        figures=counted.figures[partner.pk],
        before=before if before.visits or before.own_visits else None,
        medians=report.run.medians.get(level.code) if level else None,
        lines=lines,
    )


def _level(partner: Partner, period: Period) -> Level | None:
    """The level that the partner had picked for the year."""
    picked = Engagement.objects.filter(partner=partner, school_year=period.programme_year).select_related("level")
    return engagement.level if (engagement := picked.first()) else None


def canonical(material: Material) -> bytes:
    """Return the bytes of the report's JSON file."""
    return material.canonical


def load(report: PartnerReport) -> Material:
    """Return the material of a report that was built, from its stored JSON file.

    Raises PartnerReportFile.DoesNotExist when it was not built, OSError when the file is gone.
    """
    stored = report.files.get(format=ReportFile.Format.JSON)
    with stored.file.open("rb") as file:
        return Material.from_json(json.load(file))
