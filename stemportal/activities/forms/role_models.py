"""The form with which a partner writes a role model's profile, and the search of the directory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import GRADES, Language, RoleModel, Subject
from stemportal.activities.queries.role_models import county_choices, subject_choices
from stemportal.activities.rules import Missing
from stemportal.activities.services.role_models import FIELDS
from stemportal.lib import images
from stemportal.lib.films import FilmRefused, host_names, parse_film
from stemportal.lib.templatetags.portal import LANGUAGE_NAMES, localized
from stemportal.partners.filters import Text
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.places.models import County

MOST_STEPS = 10
# So many rows are always there to write in; the rest is folded.
STEPS_OPEN = 4
YEAR = re.compile(r"\d{4}(\s*[-–]\s*(\d{4}|\d{2})?)?")
LONGEST_STEP = 160
NEEDED_LATER = ("intro", "path", "subjects", "languages", "counties", "photo_alt")


class RoleModelForm(forms.Form):
    """Everything a profile says. A draft may lack all but name, address and job; ``picture`` is the photo, redrawn."""

    full_name = forms.CharField(max_length=120, label=gettext_lazy("Name"))
    email = forms.EmailField(
        max_length=254,
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy(
            "The person's own. We ask for consent there, and show it to nobody. If you change name or address later, "
            "the profile is taken down until we have asked anew."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of our mails to the person"), choices=list(LANGUAGE_NAMES.items()), initial="nb"
    )
    job_title = forms.CharField(
        max_length=120,
        label=gettext_lazy("What the person does"),
        help_text=gettext_lazy("For example: robot engineer"),
    )
    intro = forms.CharField(
        required=False,
        max_length=240,
        label=gettext_lazy("In one or two sentences"),
        help_text=gettext_lazy("What would make a class want to meet this person?"),
        widget=forms.Textarea(attrs={"rows": "2"}),
    )
    path = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("Which choices took me here"),
        help_text=gettext_lazy(
            "In the person's own words: what was hard, who helped, which detour was worth it. You may use **bold**, "
            "lists with - and links."
        ),
        widget=forms.Textarea(attrs={"rows": "8"}),
    )
    subjects = forms.ModelMultipleChoiceField(
        required=False,
        queryset=Subject.objects.all(),
        label=gettext_lazy("Subjects"),
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.MultipleChoiceField(
        required=False,
        choices=Language.choices,
        label=gettext_lazy("Languages"),
        widget=forms.CheckboxSelectMultiple,
        initial=[Language.BOKMAAL],
    )
    grade_from = forms.TypedChoiceField(label=gettext_lazy("From grade"), choices=GRADES, coerce=int, initial=8)
    grade_to = forms.TypedChoiceField(label=gettext_lazy("To grade"), choices=GRADES, coerce=int, initial=13)
    visits_schools = forms.BooleanField(required=False, label=gettext_lazy("Visits schools"), initial=True)
    meets_online = forms.BooleanField(
        required=False,
        label=gettext_lazy("Meets classes by video"),
        help_text=gettext_lazy("Then every school in the country can ask."),
    )
    counties = forms.ModelMultipleChoiceField(
        required=False,
        queryset=County.objects.filter(valid_to__isnull=True),
        label=gettext_lazy("Counties where the person visits schools"),
        widget=forms.CheckboxSelectMultiple,
    )
    film_link = forms.URLField(
        required=False,
        max_length=300,
        assume_scheme="https",
        label=gettext_lazy("Film"),
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    photo = forms.FileField(
        required=False,
        allow_empty_file=True,
        label=gettext_lazy("Photo"),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 5 MB. We make it 800 pixels wide at most."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    photo_alt = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("What the photo shows"),
        help_text=gettext_lazy("For those who do not see it: “Kari in overalls beside a robot arm”."),
    )
    without_photo = forms.BooleanField(required=False, label=gettext_lazy("Remove the photo"))

    def __init__(
        self,
        data: QueryDict | None = None,
        files: Any = None,
        *,
        role_model: RoleModel | None = None,
        too_large: bool = False,
    ) -> None:
        """``too_large``: a file came that was so large that it was dropped on the way (lib.uploads)."""
        self.role_model, self.too_large = role_model, too_large
        self.picture: images.Picture | None = None
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, files, initial=_values_of(role_model) if role_model else None)
        self.use_required_attribute = False
        for number in range(MOST_STEPS):
            self._add_step(number)
        self.fields["subjects"].choices = [  # type: ignore[attr-defined]  # one query, in the page's language
            (subject.pk, localized(subject, "name")) for subject in subject_choices()
        ]
        self.fields["counties"].choices = [  # type: ignore[attr-defined]
            (county.pk, county.name) for county in sorted(self._counties(), key=lambda county: county.number)
        ]
        self.fields["film_link"].help_text = _("From: %(hosts)s.") % {"hosts": ", ".join(host_names())}
        for name in NEEDED_LATER:
            # A draft may lack it, but nobody is shown without: neither optional nor asked for at once.
            self.fields[name].either_or = True  # type: ignore[attr-defined]
        if role_model is None or role_model.portrait is None:
            del self.fields["without_photo"]

    def _counties(self) -> Iterable[County]:
        return self.fields["counties"].queryset  # type: ignore[attr-defined]

    def _add_step(self, number: int) -> None:
        words = {"number": number + 1}
        self.fields[f"step_year_{number}"] = forms.CharField(
            required=False,
            max_length=9,
            label=_("Year %(number)s") % words,
            widget=forms.TextInput(attrs={"size": "9"}),
        )
        self.fields[f"step_text_{number}"] = forms.CharField(
            required=False, max_length=LONGEST_STEP, label=_("What happened %(number)s") % words
        )
        for name in (f"step_year_{number}", f"step_text_{number}"):
            self.fields[name].either_or = True  # type: ignore[attr-defined]  # the words above the rows say it

    @property
    def steps_open(self) -> list[tuple[BoundField, BoundField]]:
        """The rows for steps that are always seen."""
        return self._steps()[: self._seen()]

    @property
    def steps_folded(self) -> list[tuple[BoundField, BoundField]]:
        """Rows for more steps."""
        return self._steps()[self._seen() :]

    def _seen(self) -> int:
        """As many as are written in, and a spare one."""
        written = [n for n, row in enumerate(self._steps()) if any(field.value() or field.errors for field in row)]
        return max(STEPS_OPEN, written[-1] + 2 if written else 0)

    def _steps(self) -> list[tuple[BoundField, BoundField]]:
        return [(self[f"step_year_{n}"], self[f"step_text_{n}"]) for n in range(MOST_STEPS)]

    # Checking

    def clean_full_name(self) -> str:
        return " ".join(self.cleaned_data["full_name"].split())

    def clean_job_title(self) -> str:
        return " ".join(self.cleaned_data["job_title"].split())

    def clean_intro(self) -> str:
        return " ".join(self.cleaned_data["intro"].split())

    def clean_path(self) -> str:
        # Browsers send line ends of two characters; the same text must be the same whoever saves it.
        return str(self.cleaned_data["path"]).replace("\r\n", "\n")

    def clean_film_link(self) -> str:
        link: str = self.cleaned_data["film_link"]
        if not link:
            return ""
        try:
            return parse_film(link).watch_url
        except FilmRefused as refused:
            raise forms.ValidationError(str(refused), code="film") from refused

    def clean_photo(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["photo"]
        if self.too_large:
            raise forms.ValidationError(str(images.ImageRefused(images.Reason.TOO_HEAVY)), code="too_heavy")
        if upload is None:
            return None
        try:
            self.picture = images.prepare(upload)
        except images.ImageRefused as refused:
            raise forms.ValidationError(str(refused), code=refused.reason) from refused
        return upload

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        for name in self.forgotten & set(self.fields) - set(self.errors):
            self.add_error(
                name,
                _(
                    "Something here looked like a personal identity number, so we have thrown it away. We never ask "
                    "for one; please look at the field once more."
                ),
            )
        first, last = values.get("grade_from"), values.get("grade_to")
        if first and last and first > last:
            self.add_error("grade_to", _("This grade is below the first one."))
        if self._will_have_photo() and not values.get("photo_alt") and "photo_alt" not in self.errors:
            self.add_error("photo_alt", _("Say what the photo shows"))
        for number in range(MOST_STEPS):
            year, text = values.get(f"step_year_{number}", ""), values.get(f"step_text_{number}", "")
            if year and not YEAR.fullmatch(year):
                self.add_error(f"step_year_{number}", _("Write a year such as 2014, or two such as 2014–2017."))
            if year and not text and f"step_text_{number}" not in self.errors:
                self.add_error(f"step_text_{number}", _("Write what happened, or leave the year empty too."))
        return values

    def _will_have_photo(self) -> bool:
        has_one = self.role_model is not None and self.role_model.portrait is not None
        return self.picture is not None or (has_one and not self.cleaned_data.get("without_photo"))

    @property
    def facts(self) -> dict[str, Any]:
        """Values for the services, by field name."""
        values = self.cleaned_data
        facts = {name: values[name] for name in FIELDS if name != "steps"}
        if not self._will_have_photo():
            facts["photo_alt"] = ""
        facts["steps"] = [
            {"year": values[f"step_year_{n}"], "text": values[f"step_text_{n}"]}
            for n in range(MOST_STEPS)
            if values[f"step_text_{n}"]
        ]
        return facts | {"subjects": list(values["subjects"]), "counties": list(values["counties"])}

    @property
    def without_photo_chosen(self) -> bool:
        """Whether the photo that is there shall go."""
        return bool(self.cleaned_data.get("without_photo"))

    def add_missing(self, missing: Iterable[Missing]) -> None:
        """Say at the fields what a profile that is shown must not lose."""
        for item in missing:
            self.add_error(item.field if item.field in self.fields else None, str(item.what))


def _values_of(role_model: RoleModel) -> dict[str, Any]:
    values = {name: getattr(role_model, name) for name in FIELDS if name != "steps"}
    values |= {name: [item.pk for item in getattr(role_model, name).all()] for name in ("subjects", "counties")}
    for number, step in enumerate(role_model.steps[:MOST_STEPS]):
        values |= {f"step_year_{number}": step.get("year", ""), f"step_text_{number}": step.get("text", "")}
    return values


# The directory


class One(forms.ChoiceField):
    """One value or none; what does not exist is left out without a word."""

    def clean(self, value: Any) -> str:
        return str(value) if value and self.valid_value(value) else ""


class DirectoryForm(forms.Form):
    """What is asked of the directory. No address is an error."""

    q = Text(required=False, label=gettext_lazy("Words"), widget=forms.TextInput(attrs={"type": "search"}))
    subject = One(required=False, label=gettext_lazy("Subject"))
    county = One(required=False, label=gettext_lazy("County"))
    way = One(required=False, label=gettext_lazy("How"))
    grade = One(required=False, label=gettext_lazy("Grade"))
    language = One(required=False, label=gettext_lazy("Language"))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        choices: Mapping[str, Iterable[tuple[Any, Any]]] = {
            "subject": [(subject.code, localized(subject, "name")) for subject in subject_choices()],
            "county": county_choices(),
            "way": [("school", _("At our school")), ("online", _("By video"))],
            "grade": [(str(number), name) for number, name in GRADES],
            "language": Language.choices,
        }
        for name, options in choices.items():
            self.fields[name].choices = [("", _("All")), *options]  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for, tidied."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
