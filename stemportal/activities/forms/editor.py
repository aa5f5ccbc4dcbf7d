"""The editor of an activity. Which fields there are follows from the kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout, Row
from django import forms
from django.core.validators import MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities import rules
from stemportal.activities.models import Activity, Goal, Kind, Language, Subject
from stemportal.activities.services.activities import EDITABLE, MANY_TO_MANY
from stemportal.activities.session_rules import (
    SHORTEST_MINUTES,
)
from stemportal.lib.templatetags.portal import localized
from stemportal.lib.widgets import DateInput
from stemportal.partners.queries.directory import municipality_choices

OPTIONAL_BY_KIND = {
    "learning",
    "preparation",
    "follow_up",
    "practical",
    "accessibility",
    "group_max",
    "duration_minutes",
    "place",
    "municipality",
    "link",
    "grant_amount",
    "risk_assessed_on",
    "police_certificate_seen_by",
    "police_certificate_seen_on",
}
# The long calm page: sections in the order in which one thinks of an offer. A tuple stands in one row.
SECTIONS: list[tuple[Any, list[Any]]] = [
    (gettext_lazy("What you offer"), ["title", "summary", "description", "grant_amount"]),
    (
        gettext_lazy("For whom"),
        [("grade_from", "grade_to"), "group_max", "languages", "subjects", "learning", "goals"],
    ),
    (
        gettext_lazy("Where and how long"),
        ["format", "place", "municipality", "reach", "duration_minutes", "link"],
    ),
    (gettext_lazy("Before, during and after"), ["preparation", "practical", "accessibility", "follow_up"]),
    (
        gettext_lazy("Safety"),
        ["risk_assessed_on", ("police_certificate_seen_by", "police_certificate_seen_on")],
    ),
    (gettext_lazy("Bookings"), ["policy"]),
]
HELP: dict[str, Any] = {
    "title": gettext_lazy("Say what the pupils get to do: “Program a robot arm” rather than “Visit us”."),
    "description": gettext_lazy("Tell it step by step. You may use **bold**, lists with - and links."),
    "learning": gettext_lazy("In words a teacher can put in a plan."),
    "practical": gettext_lazy("Getting there, clothes, food, safety."),
    "accessibility": gettext_lazy("Lift, wheelchair, sound, light, quiet corners."),
    "place": gettext_lazy("Address and where you meet them, for example “the reception”."),
    "duration_minutes": gettext_lazy("In minutes. A whole day is 480, a week 2400."),
    "risk_assessed_on": gettext_lazy("The assessment itself stays with you."),
    "police_certificate_seen_by": gettext_lazy("Only who saw it and when. Never upload the certificate."),
    "link": gettext_lazy("The film, or a page with more."),
    "goals": gettext_lazy("Choose a few. Teachers look for them."),
    "grant_amount": gettext_lazy("Teachers see it, and what you have pledged is counted with it."),
}


class ActivityForm(forms.ModelForm):
    """Everything a partner writes about an activity. A draft may lack anything but the title."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("languages"), choices=Language.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    link = forms.URLField(label=gettext_lazy("link"), max_length=300, required=False, assume_scheme="https")

    class Meta:
        model = Activity
        fields = (*EDITABLE, *MANY_TO_MANY)
        widgets = {
            "summary": forms.Textarea(attrs={"rows": "2"}),
            "description": forms.Textarea(attrs={"rows": "9"}),
            "format": forms.RadioSelect,
            "reach": forms.RadioSelect,
            "policy": forms.RadioSelect,
            "subjects": forms.CheckboxSelectMultiple,
            "goals": forms.CheckboxSelectMultiple,
            "risk_assessed_on": DateInput,
            "police_certificate_seen_on": DateInput,
        }

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        for name in OPTIONAL_BY_KIND - set(kind.fields):
            self.fields.pop(name, None)
        for name, field in self.fields.items():
            field.required = name in {"grade_from", "grade_to", "format", "reach", "policy", "title"}
            field.help_text = HELP.get(name, field.help_text)
            field.label = str(field.label)[:1].upper() + str(field.label)[1:]
        for name, least in (("group_max", 1), ("duration_minutes", SHORTEST_MINUTES), ("grant_amount", 1)):
            if name in self.fields:
                self.fields[name].required = name != "grant_amount"
                # A positive number's own least is 0; the model's validators are asked later and say the rest.
                self.fields[name].validators = [MinValueValidator(least)]
                self.fields[name].widget.attrs |= {"min": least, "inputmode": "numeric"}
        self._fill_choices()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = self._layout()

    def _fill_choices(self) -> None:
        if "municipality" in self.fields:
            self.fields["municipality"].choices = [("", "---------"), *municipality_choices()]  # type: ignore[attr-defined]
        self.fields["subjects"].choices = [  # type: ignore[attr-defined]
            (subject.pk, localized(subject, "name")) for subject in Subject.objects.all()
        ]
        goals = self._goals()
        if goals:
            self.fields["goals"].choices = goals  # type: ignore[attr-defined]
        else:
            del self.fields["goals"]
        formats = [(value, label) for value, label in Activity.Format.choices if value in self.kind.formats]
        if len(formats) == 1:
            del self.fields["format"]
        elif formats:
            self.fields["format"].choices = formats  # type: ignore[attr-defined]

    def _goals(self) -> list[tuple[str, list[tuple[int, str]]]]:
        """Goals of curricula in force, and those chosen earlier, grouped by curriculum."""
        today = timezone.localdate()
        in_force = Q(plan__valid_to__isnull=True) | Q(plan__valid_to__gt=today)
        if self.instance.pk:
            in_force |= Q(activities=self.instance)
        groups: dict[str, list[tuple[int, str]]] = {}
        for goal in Goal.objects.filter(in_force).select_related("plan").distinct():
            groups.setdefault(goal.plan.title, []).append((goal.pk, localized(goal, "text")))
        return list(groups.items())

    def _layout(self) -> Layout:
        sections = []
        for legend, names in SECTIONS:
            fields = [item for item in map(self._laid_out, names) if item is not None]
            if fields:
                sections.append(Fieldset(str(legend), *fields))
        return Layout(*sections)

    def _laid_out(self, item: str | tuple[str, ...]) -> Any:
        if item == "goals" and "goals" in self.fields:
            # A long list that many leave alone: folded.
            return HTML('{% include "activities/_goals.html" %}')
        if isinstance(item, str):
            return item if item in self.fields else None
        present = [name for name in item if name in self.fields]
        return Row(*present) if present else None

    def mark_needed(self) -> None:
        """For drawing only: what publishing needs is not marked as optional, although a draft may lack it."""
        needed = {*rules.ALWAYS, *self.kind.required, *rules.BY_FORMAT[Activity.Format.ON_SITE], "risk_assessed_on"}
        needed |= {"police_certificate_seen_by", "police_certificate_seen_on"}
        for name in needed & set(self.fields):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("grade_from"), values.get("grade_to")
        if first and last and first > last:
            self.add_error("grade_to", _("This grade is below the first one."))
        return values

    def _post_clean(self) -> None:
        """Leave the instance alone: services write it, under a lock, from ``facts``."""
        instance, self.instance = self.instance, Activity(partner=self.instance.partner, kind=self.kind)
        try:
            super()._post_clean()  # type: ignore[misc]
        finally:
            self.instance = instance

    @property
    def facts(self) -> dict[str, Any]:
        """Values for the services; a field the kind does not ask for goes back to its default."""
        facts, unwritten = dict(self.cleaned_data), Activity()
        for name in OPTIONAL_BY_KIND - set(self.kind.fields):
            facts[name] = getattr(unwritten, name)
        if "format" not in facts and self.kind.formats:
            facts["format"] = self.kind.formats[0]
        return facts

    def add_missing(self, missing: Iterable[rules.Missing]) -> None:
        """Say at the fields what a published activity must not lose."""
        for item in missing:
            self.add_error(item.field if item.field in self.fields else None, str(item.what))
