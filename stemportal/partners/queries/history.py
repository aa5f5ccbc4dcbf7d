"""Everything that was ever changed about a partner: when, who and what, from tables that the database writes itself.

The tables are found, not named: any app that keeps history (``lib.history``) of a model with a foreign key to a partner
is part of it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from django.apps import apps
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import F, OuterRef, Subquery, Value
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.school_year import label as school_year_label
from stemportal.lib.templatetags.portal import clock, weekdate
from stemportal.partners.models import Partner, PartnerEvent

PER_PAGE = 50
# Characters of the two values together.
LONG = 160
# Entries of the status table stand beside those of the change tables.
STATUS = -1


@dataclass(frozen=True)
class Source:
    """A table of history: its model, the model it follows, and by which column a partner's rows are found."""

    events: type[models.Model]
    tracked: type[models.Model]
    column: str

    @property
    def fields(self) -> list[models.Field[Any, Any]]:
        """The fields that are followed, without the key and the table's own columns."""
        own = [item for item in self.events._meta.concrete_fields if not item.name.startswith("pgh_")]
        return [item for item in own if item.name != "id"]

    @property
    def naming(self) -> list[str]:
        """The fields that say which of a partner's rows it is: what is unique beside the partner."""
        for constraint in self.tracked._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and "partner" in constraint.fields:
                return [name for name in constraint.fields if name != "partner"]
        return []


@dataclass(frozen=True)
class Change:
    """One field's value before and after, as people read them; an empty one is "–"."""

    label: str
    old: str
    new: str

    @property
    def is_long(self) -> bool:
        """More than stands well in a line: shortened, with the whole behind it."""
        return len(self.old) + len(self.new) > LONG


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``who`` is empty when the portal did it by itself."""

    at: dt.datetime
    who: str
    what: str
    action: str
    changes: list[Change] = field(default_factory=list)
    note: str = ""
    is_new: bool = False


@cache
def sources() -> list[Source]:
    """The tables of history that know of partners, the partners' own first."""
    found: list[Source] = []
    for model in apps.get_models():
        tracked = getattr(model, "pgh_tracked_model", None)
        if tracked is Partner:
            found.insert(0, Source(model, tracked, "pgh_obj_id"))
        elif tracked is not None:
            keys = [item.attname for item in tracked._meta.concrete_fields if item.related_model is Partner]
            found += [Source(model, tracked, key) for key in keys[:1]]
    return found


def history_of(partner: Partner, page: int | str | None = 1) -> Page[Entry]:
    """Return a page of what happened to a partner and what belongs to it, newest first. Constant queries a page."""
    moves = PartnerEvent.objects.filter(partner=partner).order_by()
    keys = moves.annotate(source=Value(STATUS), key=F("pk"), when=F("at")).values_list("source", "key", "when")
    tables = []
    for number, source in enumerate(sources()):
        events = source.events._base_manager.filter(**{source.column: partner.pk}).order_by()
        tables.append(
            events.annotate(source=Value(number), key=F("pgh_id"), when=F("pgh_created_at")).values_list(
                "source", "key", "when"
            )
        )
    everything = keys.union(*tables, all=True).order_by("-when", "-source", "-key")
    found = Paginator(everything, PER_PAGE).get_page(page)
    entries = _entries(list(cast(Iterable[tuple[int, int, dt.datetime]], found.object_list)))
    return Page(entries, found.number, cast("Paginator[Entry]", found.paginator))


def _entries(keys: Sequence[tuple[int, int, dt.datetime]]) -> list[Entry]:
    wanted: dict[int, list[int]] = defaultdict(list)
    for number, key, _when in keys:
        wanted[number].append(key)
    moves = PartnerEvent.objects.select_related("by").in_bulk(wanted.pop(STATUS, []))
    rows = {number: _with_previous(sources()[number], pks) for number, pks in wanted.items()}
    words = Words()
    for number, pairs in rows.items():
        for event, before in pairs.values():
            words.will_need(sources()[number], event, before)
    words.look_up()
    return [
        _moved(moves[key]) if number == STATUS else _changed(sources()[number], *rows[number][key], words)
        for number, key, _when in keys
    ]


def _with_previous(source: Source, pks: list[int]) -> dict[int, tuple[Any, Any]]:
    """Return each event with the state of the same object before it. Two queries."""
    manager = source.events._base_manager
    earlier = manager.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
    events = list(
        manager.filter(pk__in=pks).select_related("pgh_context").annotate(before=Subquery(earlier.values("pgh_id")[:1]))
    )
    before = manager.in_bulk([event.before for event in events if event.before])
    return {event.pk: (event, before.get(event.before)) for event in events}


class Words:
    """Names for the ids that stand in the rows: people, places, levels. One query for each model."""

    def __init__(self) -> None:
        self.ids: dict[type[models.Model], set[Any]] = defaultdict(set)
        self.found: dict[type[models.Model], dict[Any, Any]] = {}

    def will_need(self, source: Source, event: Any, before: Any) -> None:
        """Note what an event and the state before it name."""
        for state in filter(None, (event, before)):
            for item in source.fields:
                if item.related_model and (pk := getattr(state, item.attname)) is not None:
                    self.ids[item.related_model].add(pk)
        if (person := _person(event)) is not None:
            self.ids[User].add(person)

    def look_up(self) -> None:
        """Fetch all that is needed."""
        self.found = {model: model._base_manager.in_bulk(list(pks)) for model, pks in self.ids.items()}

    def who(self, event: Any) -> str:
        """Name the person behind an event; empty when the portal did it itself."""
        if (person := _person(event)) is None:
            return ""
        return str(self.found[User].get(person, _("Somebody whose account is deleted")))

    def value(self, state: Any, item: models.Field[Any, Any]) -> str:
        """Return a field's value as people read it; "" when there is none."""
        raw = getattr(state, item.attname)
        if raw is None or raw in ("", {}):
            return ""
        if item.related_model:
            names = self.found[item.related_model]
            return str(names.get(raw, _("deleted")))
        if item.flatchoices:
            return str(dict(item.flatchoices).get(raw, raw))
        return _plain(item.name, raw)


def _plain(name: str, raw: Any) -> str:
    if isinstance(raw, dt.datetime):
        return f"{weekdate(raw)}, {clock(raw)}"
    if isinstance(raw, dt.date):
        return weekdate(raw)
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, dict):
        return "; ".join(f"{key}: {value}" for key, value in raw.items())
    if name == "school_year":
        return school_year_label(raw)
    return str(raw)


def _person(event: Any) -> int | None:
    """The id of who was logged in, from the context of the request or task (``HistoryMiddleware``)."""
    context = event.pgh_context
    return context.metadata.get("user") if context is not None else None


def _moved(event: PartnerEvent) -> Entry:
    status = Partner._meta.get_field("status")
    names = dict(Partner.Status.choices)
    changes = []
    if event.from_status != event.to_status:
        old = str(names[event.from_status]) if event.from_status else "–"
        changes = [Change(capfirst(str(status.verbose_name)), old, str(names[event.to_status]))]
    return Entry(event.at, str(event.by or ""), _("Partnership"), _("decided"), changes, event.note)


def _changed(source: Source, event: Any, before: Any, words: Words) -> Entry:
    named = [words.value(event, item) for item in source.fields if item.name in source.naming]
    what = ": ".join(filter(None, [capfirst(str(source.tracked._meta.verbose_name)), ", ".join(named)]))
    if event.pgh_label == "delete":
        return Entry(event.pgh_created_at, words.who(event), what, _("deleted"))
    is_new = event.pgh_label == "insert"
    changes = []
    for item in source.fields:
        if is_new and (item.attname == source.column or item.name in source.naming):
            continue
        old = "" if is_new or before is None else words.value(before, item)
        new = words.value(event, item)
        if old != new and (is_new or before is not None):
            changes.append(Change(capfirst(str(item.verbose_name)), old or "–", new or "–"))
    action = _("created") if is_new else _("changed")
    return Entry(event.pgh_created_at, words.who(event), what, action, changes, is_new=is_new)
