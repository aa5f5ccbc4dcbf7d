"""What the crispy template pack (templates/designsystemet/) needs to know about a form field.

Ids follow Django's own: `<id>_helptext` and `<id>_error`, so `aria-describedby` is right also where Django sets it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

# A text input for at most this many characters is drawn that wide, not across the page.
SHORT_TEXT = 12

NATIVE_TYPES: tuple[tuple[type[forms.widgets.DateTimeBaseInput], str, str], ...] = (
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.TimeInput, "time", "%H:%M"),
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
)


@dataclass(frozen=True)
class ErrorItem:
    """One line of an error summary: where it leads (empty: nowhere), the field's label and what is wrong."""

    anchor: str
    label: str
    message: str


def field_kind(field: BoundField) -> str:
    """Which template draws the field: hidden, checkbox, radio, checkboxes, file, group, textarea, select or input.

    A widget of our own may name another one itself (`crispy_kind`: honeypot, spam_check).
    """
    widget = field.field.widget
    if own_kind := getattr(widget, "crispy_kind", None):
        return str(own_kind)
    if widget.is_hidden:
        return "hidden"
    kinds: tuple[tuple[type[forms.Widget], str], ...] = (
        (forms.CheckboxInput, "checkbox"),
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radio"),
        (forms.FileInput, "file"),
        (forms.MultiWidget, "group"),
        (forms.SelectDateWidget, "group"),
        (forms.Textarea, "textarea"),
        (forms.Select, "select"),
    )
    return next((name for kind, name in kinds if isinstance(widget, kind)), "input")


def counter_limit(field: BoundField) -> int | None:
    """Characters allowed in a textarea with a limit, for its counter; None for every other field."""
    limit = getattr(field.field, "max_length", None)
    return limit if limit and field_kind(field) == "textarea" else None


def is_marked_optional(field: BoundField) -> bool:
    """Whether the label says "(optional)": only in forms where something else is required, never on one tick box.

    A form sets ``either_or`` on fields of which one or another must be filled in: none of them is optional by itself.
    """
    if getattr(field.field, "either_or", False):
        return False
    if field.field.required or field_kind(field) in {"checkbox", "hidden", "honeypot", "spam_check"}:
        return False
    return any(other.required and not other.widget.is_hidden for other in field.form.fields.values())


def described_by(field: BoundField) -> str:
    """Ids of the texts that belong to the field, in reading order, for aria-describedby."""
    ids = str(field.field.widget.attrs.get("aria-describedby", "")).split()
    if field.auto_id:
        if field.help_text:
            ids.append(f"{field.auto_id}_helptext")
        if counter_limit(field):
            ids.append(f"{field.auto_id}_limit")
        if field.errors:
            ids.append(f"{field.auto_id}_error")
    return " ".join(dict.fromkeys(ids))


def render_widget(field: BoundField) -> SafeString:
    """The field's control with Designsystemet's class, native date and time inputs and its descriptions attached."""
    widget = field.field.widget
    attrs: dict[str, Any] = {"class": f"{widget.attrs.get('class', '')} ds-input".strip()}
    for kind, input_type, value_format in NATIVE_TYPES:
        if isinstance(widget, kind) and widget.input_type == "text":
            widget.input_type, widget.format = input_type, value_format
    if describedby := described_by(field):
        attrs["aria-describedby"] = describedby
    limit = getattr(field.field, "max_length", None)
    # A placeholder that repeats the label says nothing, and is hard to read.
    if str(widget.attrs.get("placeholder", "")).casefold().startswith(str(field.label).casefold()):
        widget.attrs.pop("placeholder", None)
    if field_kind(field) == "textarea":
        # A browser cuts pasted text at maxlength without a word; the counter and the server's message do not.
        widget.attrs.pop("maxlength", None)
        attrs.setdefault("rows", widget.attrs.get("rows") if widget.attrs.get("rows") not in (None, "10") else "4")
        widget.attrs.pop("cols", None)
    elif limit and limit <= SHORT_TEXT and isinstance(widget, forms.TextInput):
        attrs.setdefault("size", widget.attrs.get("size", limit))
    if getattr(widget, "input_type", "") == "file" and field.errors:
        attrs["aria-invalid"] = "true"
    return _as_widget(field, attrs, limit)


def _as_widget(field: BoundField, attrs: dict[str, Any], limit: int | None) -> SafeString:
    """Render; BoundField adds maxlength from the form field's attributes, which textareas must not have."""
    html = field.as_widget(attrs=attrs)
    if limit and field_kind(field) == "textarea":
        html = SafeString(html.replace(f' maxlength="{limit}"', "", 1))
    return SafeString(html)


def render_option(option: dict[str, Any]) -> SafeString:
    """One radio button or tick box of a group; `option` as from crispy's `optgroups` filter."""
    attrs = {
        **option["attrs"],
        "class": "ds-input",
        "type": option["type"],
        "name": option["name"],
        "value": str(option["value"]),
    }
    return format_html("<input{}>", flatatt(attrs))


def error_items(form: forms.BaseForm | BaseFormSet) -> Iterator[ErrorItem]:
    """What is wrong in a form or formset, in the order of the page, for the summary on top."""
    if isinstance(form, BaseFormSet):
        yield from (ErrorItem("", "", str(message)) for message in form.non_form_errors())
        for member in form.forms:
            yield from error_items(member)
        return
    yield from (ErrorItem("", "", str(message)) for message in form.non_field_errors())
    for field in form:
        for message in field.errors:
            if field.is_hidden:
                yield ErrorItem("", "", str(message))
            else:
                yield ErrorItem(_anchor(field), str(field.label), str(message))


def _anchor(field: BoundField) -> str:
    """Id of the control that a summary link leads to: the first one of a group."""
    if field_kind(field) in {"radio", "checkboxes"}:
        return f"{field.auto_id}_0" if field.auto_id else ""
    return field.id_for_label or field.auto_id
