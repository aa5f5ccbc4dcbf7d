"""The visit pack: everything a class and its teacher need for the day, as one PDF to print and to put into a plan.

What stands in it is read anew each time, so it is never out of date; the document itself (some ten milliseconds) is
kept by its content, so a changed offer has another one at once and nobody has to throw an old one away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stemportal.activities.models import AccessFeature, Activity, ActivityFile
from stemportal.activities.queries.offers import goals_of
from stemportal.activities.seasons import season_label
from stemportal.lib import pdf
from stemportal.lib.markdown_blocks import Block, blocks_of
from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.letters import absolute_url

TEMPLATE = Path(__file__).resolve().parent / "typst" / "visit_pack.typ"
KEPT_SECONDS = 6 * 60 * 60

Section = dict[str, Any]


def visit_pack_data(activity: Activity) -> dict[str, Any]:
    """Return everything the Typst template shows, as JSON-able data in the active language. Three queries."""
    changed = timezone.localtime(activity.updated_at)
    partner = activity.partner
    return {
        "lang": get_language() or settings.LANGUAGE_CODE,
        "portal": settings.PORTAL_NAME,
        "title": activity.title,
        "partner": partner.display_name,
        "what": _("Visit pack"),
        "description": _("%(title)s, offered by %(partner)s")
        % {"title": activity.title, "partner": partner.display_name},
        "date": [changed.year, changed.month, changed.day],
        "intro": activity.summary,
        "facts_title": _("In short"),
        "facts": list(_facts(activity)),
        "sections": [section for section in _sections(activity) if section["blocks"]],
        "contact": _("Questions and booking"),
        "contact_lines": list(_contact(activity)),
        "page": _("Page"),
    }


def _facts(activity: Activity) -> Iterator[list[str]]:
    asked = set(activity.kind.fields)
    yield [_("Offered by"), activity.partner.display_name]
    yield [_("Kind"), str(localized(activity.kind, "name"))]
    yield [_("Grades"), activity.grades_label]
    yield [_("Where"), activity.format_label]
    if activity.place:
        municipality = f", {activity.municipality.name}" if activity.municipality else ""
        yield [_("Meeting place"), f"{activity.place}{municipality}"]
    if "duration_minutes" in asked:
        yield [_("Duration"), activity.duration_label]
    if "group_max" in asked:
        yield [_("Group size"), _("At most %(number)s at a time") % {"number": activity.group_max}]
    yield [_("Languages"), ", ".join(activity.language_names) or "–"]
    if activity.season_months:
        yield [_("Offered"), season_label(activity.season_months)]
    yield [_("Price"), _("Free for the school and the pupils")]


def _sections(activity: Activity) -> Iterator[Section]:
    yield _section(_("What the pupils do"), activity.description)
    yield _section(_("Programme"), activity.programme)
    yield _section(_("What they learn"), activity.learning, _goals(activity))
    yield _section(_("Before the visit"), activity.preparation)
    yield _section(_("What to bring"), activity.bring)
    yield _section(_("Good to know"), activity.practical)
    yield _section(_("Safety"), activity.safety, _safety(activity))
    yield _section(_("Getting there"), activity.getting_there)
    yield _section(_("Accessibility"), activity.accessibility, _access(activity))
    yield _section(_("After the visit"), activity.follow_up)


def _section(title: str, text: str, more: list[Block] | None = None) -> Section:
    return {"title": title, "blocks": [*blocks_of(text), *(more or [])]}


def _goals(activity: Activity) -> list[Block]:
    goals = [f"{localized(goal, 'text')} ({goal.code}, {goal.plan.title})" for goal in goals_of(activity)]
    return [_words(_("Competence goals:")), _list(goals)] if goals else []


def _access(activity: Activity) -> list[Block]:
    there = [str(AccessFeature(code).label) for code in activity.access_features if code in AccessFeature.values]
    return [_list(there)] if there else []


def _safety(activity: Activity) -> list[Block]:
    """Whether and when the risk was assessed, and where the assessment can be read."""
    blocks = []
    if activity.risk_assessed_on:
        day = formats.date_format(activity.risk_assessed_on, "DATE_FORMAT")
        blocks.append(_words(_("The partner made a written risk assessment on %(date)s.") % {"date": day}))
    elif "risk_assessed_on" in activity.kind.fields:
        blocks.append(_words(_("No written risk assessment is registered yet.")))
    for file in activity.files.filter(purpose=ActivityFile.Purpose.RISK):
        address = absolute_url(reverse("activities:file", args=[file.pk]))
        blocks.append(_words(f"{file.title}: ", address=address))
    if activity.police_certificate_seen_on:
        day = formats.date_format(activity.police_certificate_seen_on, "DATE_FORMAT")
        blocks.append(_words(_("The partner has seen police certificates, last on %(date)s.") % {"date": day}))
    return blocks


def _contact(activity: Activity) -> Iterator[list[str]]:
    yield [_("The offer, with dates and booking"), absolute_url(activity.get_absolute_url())]
    yield [activity.partner.display_name, absolute_url(activity.partner.get_absolute_url())]
    if activity.partner.contact_email:
        yield [_("Write to the partner"), absolute_url(reverse("partners:write", args=[activity.partner.slug]))]


def _words(text: str, *, address: str = "") -> Block:
    runs: list[dict[str, Any]] = [{"text": text, "bold": False}]
    if address:
        runs.append({"text": address, "bold": False, "link": address})
    return {"kind": "paragraph", "runs": runs}


def _list(items: list[str]) -> Block:
    return {"kind": "list", "ordered": False, "items": [[_words(item)] for item in items]}


def kept_pack(data: dict[str, Any]) -> bytes | None:
    """Return the document of this data if it was made lately."""
    found: bytes | None = cache.get(_key(data))
    return found


def make_pack(data: dict[str, Any]) -> bytes:
    """Return the document as PDF/UA-1, and keep it for a while."""
    content = pdf.render(TEMPLATE, data)
    cache.set(_key(data), content, KEPT_SECONDS)
    return content


def _key(data: dict[str, Any]) -> str:
    words = json.dumps(data, sort_keys=True, ensure_ascii=True)
    return f"visit-pack:{hashlib.sha256(words.encode()).hexdigest()}"
