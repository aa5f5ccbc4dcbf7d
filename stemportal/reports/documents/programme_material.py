"""What the programme's report says, before any language: one value from which its page and its files are made.

Published, it is kept with the report and as its JSON file, so that both stay as they were, whatever changes later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.conf import settings

from stemportal.lib.periods import Period
from stemportal.partners.models import Partner
from stemportal.reports.figures.counting import partner_figures
from stemportal.reports.figures.equality import Chances, count_chances, remote_share
from stemportal.reports.figures.figures import Figures
from stemportal.reports.figures.measures import values_of
from stemportal.reports.models import ProgrammeReport
from stemportal.reports.queries.targets import TargetLine, lines_of_report
from stemportal.schools.models import Visit

Status = ProgrammeReport.Status
# What the JSON says of itself; the number goes up when something in it comes to mean something else.
KIND = "stemportal-programme-report"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Section:
    """A text of the secretariat; ``title`` and ``text`` (Markdown) are {nb, nn, en}. ``place`` is one of
    ProgrammeSection.Place."""

    place: str
    title: dict[str, str]
    text: dict[str, str]


@dataclass(frozen=True)
class StoryLine:
    """A story the report points to, in the language it was written in; ``voice`` is a school or a partner."""

    slug: str
    language: str
    title: str
    lead: str
    voice: str


@dataclass(frozen=True, kw_only=True)
class ProgrammeMaterial:
    """The programme's report in no language. Figures are protected already: a hidden count is None.

    ``made_on`` is an ISO date; ``address`` where the verification code is confirmed. ``before`` are the figures of the
    year before, None where there was no visit. ``engaged`` are the partners that held a visit in the year, by name.
    """

    period_kind: str
    year: int
    version: int
    reason: str
    code: str
    made_on: str
    portal: str
    address: str
    figures: Figures
    before: Figures | None
    targets: list[TargetLine]
    chances: list[Chances]
    sections: list[Section]
    stories: list[StoryLine]
    engaged: list[str]

    @property
    def period(self) -> Period:
        """The year it is about."""
        return Period(self.period_kind, self.year)

    @property
    def day(self) -> date:
        """The day on which it was made."""
        return date.fromisoformat(self.made_on)

    def sections_at(self, place: str) -> list[Section]:
        """Return the texts that stand in one place, in order."""
        return [section for section in self.sections if section.place == place]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-able data that says what it is."""
        return {
            "kind": KIND,
            "format_version": FORMAT_VERSION,
            **{item.name: getattr(self, item.name) for item in fields(self)},
            "figures": self.figures.as_json(),
            "before": self.before.as_json() if self.before else None,
            **{name: [asdict(line) for line in getattr(self, name)] for name in _ROWS},
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
    def from_json(cls, data: Mapping[str, Any]) -> ProgrammeMaterial:
        """Read what ``as_json`` gave. Raises ValueError for data of another kind or a later version."""
        if data.get("kind") != KIND or data.get("format_version") != FORMAT_VERSION:
            raise ValueError("no programme report that this portal knows")
        own = {key: value for key, value in data.items() if key not in {"kind", "format_version"}}
        return cls(
            **{
                **own,
                "figures": Figures.from_json(own["figures"]),
                "before": Figures.from_json(own["before"]) if own["before"] else None,
                **{name: [row(**line) for line in own[name]] for name, row in _ROWS.items()},
            }
        )


_ROWS: dict[str, Any] = {"targets": TargetLine, "chances": Chances, "sections": Section, "stories": StoryLine}


def programme_material(report: ProgrammeReport, *, day: date) -> ProgrammeMaterial:
    """Count and gather everything the report says, as it is now; ``day`` is the one that will stand in it."""
    period = report.period
    figures = partner_figures(period=period, earlier=_published_before(report))
    chances = count_chances(period)
    # The year before as it was published: nobody shall compare it with what it would be today.
    last = ProgrammeReport.objects.published().filter(period_kind=period.kind, year=period.year - 1).first()
    published = material_of_report(last) if last else None
    before = published.figures if published else partner_figures(period=period.previous)
    return ProgrammeMaterial(
        period_kind=period.kind,
        year=period.year,
        version=report.version,
        reason=report.reason,
        code=report.code,
        made_on=day.isoformat(),
        portal=settings.PORTAL_NAME,
        address=f"{settings.PORTAL_BASE_URL}/verify/{report.code}/",
        figures=figures,
        before=before if before.visits else None,
        targets=lines_of_report(
            period,
            values_of(figures, remote_share(chances)),
            values_of(published.figures, remote_share(published.chances)) if published else None,
        ),
        chances=chances,
        sections=_sections(report),
        stories=_stories(report),
        engaged=_engaged(period),
    )


def material_of_report(report: ProgrammeReport) -> ProgrammeMaterial:
    """Return what a published report says, as it was frozen. Raises ValueError for one that was never published."""
    return ProgrammeMaterial.from_json(report.figures)


def _published_before(report: ProgrammeReport) -> list[Figures]:
    """Figures of what was published on the same months: earlier versions, and years of the other kind."""
    years = (report.year - 1, report.year + 1)
    found = ProgrammeReport.objects.filter(year__range=years, status__in=[Status.PUBLISHED, Status.SUPERSEDED])
    return [material_of_report(other).figures for other in found.exclude(pk=report.pk).order_by("pk")]


def _sections(report: ProgrammeReport) -> list[Section]:
    return [
        Section(
            place=section.place,
            title={"nb": section.title_nb, "nn": section.title_nn, "en": section.title_en},
            text={"nb": section.text_nb, "nn": section.text_nn, "en": section.text_en},
        )
        for section in report.sections.all()
    ]


def _stories(report: ProgrammeReport) -> list[StoryLine]:
    """Stories that everybody may read. Whoever wrote one is not named: a printed report cannot forget."""
    found = report.stories.published().select_related("school", "partner", "ecosystem")
    return [StoryLine(str(story.slug), story.language, story.title, story.lead, story.voice) for story in found]


def _engaged(period: Period) -> list[str]:
    held = Visit.objects.in_period(period).order_by().values("partner")
    names = Partner.objects.approved().filter(pk__in=held).values_list("display_name", flat=True)
    return sorted(names, key=lambda name: (_alphabet(name), name))


def _alphabet(name: str) -> str:
    """Norwegian: æ, ø and å come last, in this order, and aa is an å."""
    lower = name.casefold().replace("aa", "å").replace("ä", "æ").replace("ö", "ø")
    return lower.translate(str.maketrans("æøå", "{|}"))
