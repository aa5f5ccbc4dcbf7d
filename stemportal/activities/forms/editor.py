"""The editor of an activity. Which fields there are follows from the kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Fieldset, Layout, Row
from django import forms
from django.core.validators import MinValueValidator
from django.http import QueryDict
from django.utils.dates import MONTHS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities import rules
from stemportal.activities.models import AccessFeature, Activity, Goal, Kind, Language, RoleModel, Subject, format_label
from stemportal.activities.queries.curriculum import GoalPicker, goal_picker, with_successors
from stemportal.activities.services.activities import EDITABLE, MANY_TO_MANY
from stemportal.activities.session_rules import (
    SHORTEST_MINUTES,
)
from stemportal.lib.templatetags.portal import localized
from stemportal.lib.widgets import DateInput
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.partners.queries.directory import municipality_choices
from stemportal.places.models import County

# The long calm page: sections in the order in which one thinks of an offer. A tuple stands in one row.
SECTIONS: list[tuple[Any, list[Any]]] = [
    (gettext_lazy("What you offer"), ["title", "summary", "description", "programme", "link", "grant_amount"]),
    (gettext_lazy("The film"), ["captions", "transcript"]),
    (
        gettext_lazy("For whom"),
        [("grade_from", "grade_to"), "group_max", "languages", "subjects", "learning", "goals", "role_models"],
    ),
    (
        gettext_lazy("Where and how long"),
        [
            "format",
            "place",
            "municipality",
            "getting_there",
            "reach",
            "serves",
            "duration_minutes",
            "season_months",
        ],
    ),
    (gettext_lazy("Before, during and after"), ["preparation", "bring", "practical", "follow_up"]),
    (
        gettext_lazy("Safety"),
        ["safety", "risk_assessed_on", ("police_certificate_seen_by", "police_certificate_seen_on")],
    ),
    (gettext_lazy("Accessibility"), ["access_features", "accessibility"]),
    (gettext_lazy("Bookings"), ["policy"]),
]
HELP: dict[str, Any] = {
    "title": gettext_lazy("Say what the pupils get to do: “Program a robot arm” rather than “Visit us”."),
    "description": gettext_lazy("Tell it step by step. You may use **bold**, lists with - and links."),
    "programme": gettext_lazy("One line for each part: “- 09:00 Welcome and safety”."),
    "learning": gettext_lazy("In words a teacher can put in a plan."),
    "bring": gettext_lazy("Clothes, food, laptops. One line for each."),
    "practical": gettext_lazy("Whatever else a teacher asks before coming."),
    "safety": gettext_lazy("What can be dangerous, what you do about it, and what you ask of the class."),
    "getting_there": gettext_lazy("The nearest stop, how long the walk is, where a bus can park."),
    "accessibility": gettext_lazy("Lift, wheelchair, sound, light, quiet corners."),
    "access_features": gettext_lazy("Tick only what is there. Teachers can search for it."),
    "place": gettext_lazy("Address and where you meet them, for example “the reception”."),
    "serves": gettext_lazy("Leave all open for the county you are in."),
    "duration_minutes": gettext_lazy("In minutes. A whole day is 480, a week 2400."),
    "season_months": gettext_lazy("Leave all open when you offer it all year."),
    "risk_assessed_on": gettext_lazy("The assessment itself can stay with you, or be added under Files."),
    "police_certificate_seen_by": gettext_lazy("Only who saw it and when. Never upload the certificate."),
    "link": gettext_lazy("The film, or a page with more."),
    "captions": gettext_lazy("Text on the picture, made by people and not only by a machine."),
    "transcript": gettext_lazy(
        "Everything that is said, and what one must see to follow. Teachers find the film by it."
    ),
    "goals": gettext_lazy("Choose a few. Teachers look for them."),
    "role_models": gettext_lazy("Those of you whom the class meets."),
    "grant_amount": gettext_lazy("Teachers see it, and what you have pledged is counted with it."),
}
ALL_MONTHS = 12
SHORT_TEXTS = ("learning", "bring", "safety", "getting_there", "accessibility")


def _month_choices() -> list[tuple[int, str]]:
    return [(number, capfirst(str(name))) for number, name in MONTHS.items()]


class ActivityForm(forms.ModelForm):
    """Everything a partner writes about an activity. A draft may lack anything but the title."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("languages"), choices=Language.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    link = forms.URLField(label=gettext_lazy("link"), max_length=300, required=False, assume_scheme="https")
    access_features = forms.MultipleChoiceField(
        label=gettext_lazy("what there is"),
        choices=AccessFeature.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    captions = forms.MultipleChoiceField(
        label=gettext_lazy("captions in"), choices=Language.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    season_months = forms.TypedMultipleChoiceField(
        label=gettext_lazy("months in which it is offered"),
        choices=_month_choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Activity
        fields = (*EDITABLE, *MANY_TO_MANY)
        widgets = {
            "summary": forms.Textarea(attrs={"rows": "2"}),
            "description": forms.Textarea(attrs={"rows": "9"}),
            **{name: forms.Textarea(attrs={"rows": "4"}) for name in SHORT_TEXTS},
            "format": forms.RadioSelect,
            "reach": forms.RadioSelect,
            "policy": forms.RadioSelect,
            "subjects": forms.CheckboxSelectMultiple,
            "goals": forms.CheckboxSelectMultiple,
            "serves": forms.CheckboxSelectMultiple,
            "role_models": forms.CheckboxSelectMultiple,
            "risk_assessed_on": DateInput,
            "police_certificate_seen_on": DateInput,
        }

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        kind: Kind,
        instance: Activity,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """``instance`` has its partner; ``initial`` stands in an empty form instead of what the instance says."""
        self.kind = kind
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, instance=instance, initial=dict(initial or {}))
        self.use_required_attribute = False
        for name in set(rules.OPTIONAL_FIELDS) - set(kind.fields):
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
        if "serves" in self.fields:
            self.fields["serves"].choices = list(County.objects.order_by("name").values_list("pk", "name"))  # type: ignore[attr-defined]
        self._fill_role_models()
        formats = [
            (value, format_label(value, self.kind)) for value in Activity.Format.values if value in self.kind.formats
        ]
        if len(formats) == 1:
            del self.fields["format"]
        elif formats:
            self.fields["format"].choices = formats  # type: ignore[attr-defined]

    def _fill_role_models(self) -> None:
        """Only people who said yes and whom the partner shows; without any there is nothing to ask."""
        people = RoleModel.objects.published().filter(partner_id=self.instance.partner_id)
        self.fields["role_models"].queryset = people  # type: ignore[attr-defined]
        choices = [(person.pk, f"{person.full_name}, {person.job_title}") for person in people]
        if choices:
            self.fields["role_models"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["role_models"]

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
        for name in self.forgotten & set(self.fields) - set(self.errors):
            self.add_error(
                name,
                _(
                    "Something here looked like a personal identity number, so we have thrown it away. We never ask "
                    "for one; please look at the field once more."
                ),
            )
        return values

    @property
    def goal_picker(self) -> GoalPicker:
        """The competence goals as activities/_goals.html draws them: in folded groups, those that are over first."""
        chosen = [str(getattr(item, "pk", item)) for item in self["goals"].value() or []]
        return goal_picker({int(pk) for pk in chosen if pk.isascii() and pk.isdecimal() and len(pk) < 18})

    def clean_goals(self) -> list[Goal]:
        """The chosen goals; one that is over is replaced where its "use the successor" is ticked."""
        replaced = self.data.getlist("use_successor") if hasattr(self.data, "getlist") else []
        return with_successors(self.cleaned_data["goals"], replaced)

    def clean_season_months(self) -> list[int]:
        """The months in order; all of them are all year, which is kept as none."""
        months = sorted(set(self.cleaned_data["season_months"]))
        return [] if len(months) == ALL_MONTHS else months

    def _post_clean(self) -> None:
        """Leave the instance alone: services write it, under a lock, from ``facts``."""
        instance, self.instance = self.instance, Activity(partner=self.instance.partner, kind=self.kind)
        try:
            super()._post_clean()  # type: ignore[misc]
        finally:
            self.instance = instance

    @property
    def facts(self) -> dict[str, Any]:
        """Values for the services; a field the kind does not ask for goes back to its default.

        Of a form with errors: those without. Grades come as a pair or not at all.
        """
        facts, unwritten = dict(self.cleaned_data), Activity()
        for name in set(rules.OPTIONAL_FIELDS) - set(self.kind.fields):
            facts[name] = [] if name in MANY_TO_MANY else getattr(unwritten, name)
        if "format" not in self.fields and self.kind.formats:
            facts["format"] = self.kind.formats[0]
        if not {"grade_from", "grade_to"} <= facts.keys():
            facts = {name: value for name, value in facts.items() if name not in {"grade_from", "grade_to"}}
        if facts.get("reach") not in {None, Activity.Reach.COUNTY}:
            facts["serves"] = []
        # Browsers send line ends of two characters; the same text must be the same whoever saves it.
        return {name: value.replace("\r\n", "\n") if isinstance(value, str) else value for name, value in facts.items()}

    def add_missing(self, missing: Iterable[rules.Missing]) -> None:
        """Say at the fields what a published activity must not lose."""
        for item in missing:
            self.add_error(item.field if item.field in self.fields else None, str(item.what))
