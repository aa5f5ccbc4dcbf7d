"""What stood in the editor when it was opened, what was typed since, and what somebody else has saved meanwhile.

A page carries the revision of the offer and a short fingerprint of every field as it was (``seen``). With these three
states of each field - as it was, as it is saved now, as it was typed - two people's work is brought together without
keeping a history.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict

from stemportal.activities.forms.editor import ActivityForm
from stemportal.activities.models import Activity, PendingEdit

Values = dict[str, list[str]]
FINGERPRINT = 8


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a page was made from: the offer's revision, the fingerprints of its fields, and the unpublished change."""

    revision: int
    seen: str
    # When the unpublished change that the page shows was saved; empty: it shows none.
    pending: str = ""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that somebody else saved while this form was open, both values as people read them."""

    label: str
    theirs: str
    yours: str


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """What two people did to the same offer: fields that both changed, and those that only the others changed."""

    both: list[Difference] = field(default_factory=list)
    taken: list[Difference] = field(default_factory=list)


def plain(value: Any) -> list[str]:
    """Return a field's value as a form sends it: strings, in a fixed order, nothing for nothing."""
    if value is None:
        return []
    if isinstance(value, dt.date):
        return [value.isoformat()]
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").strip()
        return [text] if text else []
    if isinstance(value, Iterable):
        return sorted(text for item in value for text in plain(item))
    return [str(value)]


def shown_values(form: ActivityForm) -> Values:
    """Return the fields of an editor that was not sent, as they stand in it."""
    return {name: plain(form[name].value()) for name in form.fields}


def saved_values(activity: Activity) -> Values:
    """Return the fields of an offer's editor as they are saved."""
    return shown_values(ActivityForm(kind=activity.kind, instance=activity))


def typed_values(form: ActivityForm) -> Values:
    """Return the fields as they were sent."""
    data: QueryDict = form.data  # type: ignore[assignment]  # a QueryDict, as the view gives it
    return {name: plain(data.getlist(name)) for name in form.fields}


def fingerprints(values: Values) -> str:
    """Return a short text that tells of each field whether it is still the same."""
    return ",".join(f"{name}:{_fingerprint(value)}" for name, value in values.items())


def _fingerprint(value: list[str]) -> str:
    return hashlib.sha256("\x1f".join(value).encode()).hexdigest()[:FINGERPRINT]


def begin(form: ActivityForm, pending: PendingEdit | None) -> Basis:
    """Return what an editor that is opened now is made from, and put the change that waits into its fields."""
    if pending is None:
        return Basis(revision=form.instance.revision, seen=fingerprints(shown_values(form)))
    typed: Values = pending.data.get("values", {})
    for name in typed.keys() & form.fields.keys():
        form.initial[name] = typed[name] if _is_list(form.fields[name]) else "".join(typed[name][:1])
    return Basis(revision=pending.based_on, seen=pending.data.get("seen", ""), pending=stamp(pending))


def sent_basis(data: QueryDict) -> Basis:
    """Return what the page that was sent was made from. Nonsense counts as an old revision: it overwrites nothing."""
    text = data.get("revision", "")
    revision = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    return Basis(revision=revision, seen=data.get("seen", ""), pending=data.get("pending", ""))


def stamp(pending: PendingEdit) -> str:
    """Return what tells one saving of an unpublished change from the next."""
    return pending.saved_at.isoformat()


def valid_values(form: ActivityForm) -> Values:
    """Return what was typed in the fields that are right, to be kept as an unpublished change."""
    return {name: value for name, value in typed_values(form).items() if name not in form.errors}


def pending_form(pending: PendingEdit, activity: Activity) -> ActivityForm:
    """Return an unpublished change as a form that was sent, checked: its ``facts`` are what would be published."""
    values = saved_values(activity) | dict(pending.data.get("values", {}))
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value)
    form = ActivityForm(data, kind=activity.kind, instance=activity)
    form.is_valid()
    return form


def _is_list(item: forms.Field) -> bool:
    return isinstance(item, (forms.MultipleChoiceField, forms.ModelMultipleChoiceField))


def meet(form: ActivityForm, saved: Activity) -> Meeting:
    """Bring together what was typed with what others have saved since; ``saved`` is the offer as it is now.

    Fields that both changed keep what was typed; those that only the others changed take the new value. After it the
    form stands on the saved state, so that sending it again saves it. Without fingerprints every difference counts as
    changed by both.
    """
    data: QueryDict = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
    seen: dict[str, str] = {}
    for item in sent_basis(data).seen.split(","):
        name, _colon, seen[name] = item.partition(":")
    theirs, mine = saved_values(saved), typed_values(form)
    meeting = Meeting()
    for name in form.fields:
        their, my = theirs.get(name, []), mine[name]
        if their == my or _fingerprint(their) == seen.get(name):
            continue
        difference = Difference(
            label=str(form.fields[name].label), theirs=_in_words(form, name, their), yours=_in_words(form, name, my)
        )
        if _fingerprint(my) == seen.get(name):
            data.setlist(name, their)
            meeting.taken.append(difference)
        else:
            meeting.both.append(difference)
    form.data = data
    return meeting


def _in_words(form: ActivityForm, name: str, values: list[str]) -> str:
    """A value as people read it: the labels of what was chosen, or the text."""
    choices = getattr(form.fields[name], "choices", None)
    if choices is None:
        return "\n".join(values)
    labels: dict[str, str] = {}
    for value, label in choices:
        options = label if isinstance(label, (list, tuple)) else [(value, label)]
        labels.update((str(key), str(text)) for key, text in options)
    return ", ".join(labels.get(value, value) for value in values)
