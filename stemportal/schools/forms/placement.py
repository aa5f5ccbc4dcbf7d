"""What a school says before its pupils go to work: that it may be, and what they would like, as counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from stemportal.activities.models import Kind
from stemportal.schools.models import MAX_PUPILS
from stemportal.schools.placements import APPROVED_AS_ORIENTATION, ONLY_AS_ORIENTATION, is_placement

ROWS = 5
ORIENTATION = "orientation"


def add_fields(form: forms.Form, kind: Kind) -> None:
    """Add the fields to a form about a group, where the kind of offer is pupils at work."""
    if not is_placement(kind):
        return
    form.fields[ORIENTATION] = forms.BooleanField(
        label=APPROVED_AS_ORIENTATION,
        error_messages={"required": ONLY_AS_ORIENTATION},
    )
    for number in range(1, ROWS + 1):
        form.fields[f"wish_{number}"] = forms.CharField(
            label=_("Wish %(number)s") % {"number": number},
            max_length=60,
            required=False,
            widget=forms.TextInput({"autocomplete": "off"}),
        )
        form.fields[f"wish_{number}_pupils"] = forms.IntegerField(
            label=_("Pupils with wish %(number)s") % {"number": number},
            min_value=1,
            max_value=MAX_PUPILS,
            required=False,
            widget=forms.NumberInput({"inputmode": "numeric"}),
            error_messages={"invalid": _("Write the number of pupils in digits.")},
        )


def remove_fields(form: forms.Form) -> None:
    """Take the fields away again, where they have been answered before."""
    for name in [name for name in form.fields if name == ORIENTATION or name.startswith("wish_")]:
        del form.fields[name]


def wish_rows(form: forms.Form) -> list[tuple[forms.BoundField, forms.BoundField]]:
    """Return the fields of each wish with its count, for the template; none where pupils do not go to work."""
    if ORIENTATION not in form.fields:
        return []
    return [(form[f"wish_{number}"], form[f"wish_{number}_pupils"]) for number in range(1, ROWS + 1)]


def check_wishes(form: forms.Form, pupils: int | None) -> None:
    """Note an error where a wish has no count, a count no wish, or more pupils wish than come."""
    if ORIENTATION not in form.fields:
        return
    for number in range(1, ROWS + 1):
        interest, count = (form.cleaned_data.get(name) for name in (f"wish_{number}", f"wish_{number}_pupils"))
        if interest and count is None and f"wish_{number}_pupils" not in form.errors:
            form.add_error(f"wish_{number}_pupils", _("Write how many pupils would like this."))
        elif count and not interest:
            form.add_error(f"wish_{number}", _("Write what they would like."))
    if pupils and any(wish["pupils"] > pupils for wish in _wishes(form)):
        form.add_error(None, _("More pupils have a wish than will come. Correct the numbers."))


def placement_facts(form: forms.Form) -> dict[str, Any]:
    """Return what the services ask about pupils at work; nothing for other offers."""
    if ORIENTATION not in form.fields:
        return {}
    return {"orientation": form.cleaned_data[ORIENTATION], "pupil_wishes": _wishes(form)}


def _wishes(form: forms.Form) -> list[dict[str, Any]]:
    read = form.cleaned_data
    rows = ((read.get(f"wish_{n}"), read.get(f"wish_{n}_pupils")) for n in range(1, ROWS + 1))
    return [{"interest": " ".join(interest.split()), "pupils": count} for interest, count in rows if interest and count]
