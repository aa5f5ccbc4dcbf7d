"""The search form and what its fields mean. Unknown values are left out, so that no address is ever an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import GRADES, Activity, Kind, Language, Session, SessionQuerySet, Subject
from stemportal.lib.templatetags.portal import localized
from stemportal.lib.widgets import DateInput
from stemportal.places.models import County

RADII = (10, 20, 40, 60, 100, 200)
USUAL_RADIUS = 60
FACETS = ("kind", "format", "subject", "county")
SORTS = {
    "best": gettext_lazy("Best match"),
    "nearest": gettext_lazy("Nearest"),
    "soonest": gettext_lazy("Soonest"),
}
# What a teacher asks for -> what is stored: an offer that can be had in both ways answers both.
FORMATS: dict[str, tuple[str, ...]] = {
    Activity.Format.ON_SITE: (Activity.Format.ON_SITE, Activity.Format.HYBRID),
    Activity.Format.AT_SCHOOL: (Activity.Format.AT_SCHOOL,),
    Activity.Format.DIGITAL: (Activity.Format.DIGITAL, Activity.Format.HYBRID),
}
LONGEST_QUERY = 300
LATEST_YEAR_AWAY = 10


class KnownChoices(forms.MultipleChoiceField):
    """Several values; those that do not exist, and repeated ones, are left out without a word."""

    def clean(self, value: Any) -> list[str]:
        given = value if isinstance(value, list | tuple) else []
        return [str(item) for item in dict.fromkeys(given) if self.valid_value(item)]


class KnownChoice(forms.ChoiceField):
    """One value, or the initial one where the value does not exist."""

    def clean(self, value: Any) -> str:
        return str(value) if value and self.valid_value(value) else str(self.initial or "")


class CutText(forms.CharField):
    """Text of any length: what is too long, or no text at all, is cut away."""

    def clean(self, value: Any) -> str:
        return str(value or "").replace("\x00", "")[:LONGEST_QUERY].strip()


class NearDate(forms.DateField):
    """A day at most some years away: the calendar has an end, and so do plans."""

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and abs(day.year - timezone.localdate().year) > LATEST_YEAR_AWAY:
            raise forms.ValidationError(_("Choose a date in the coming years."))
        return day


class Words(django_filters.Filter):
    field_class = CutText


class Several(django_filters.Filter):
    field_class = KnownChoices


class One(django_filters.Filter):
    field_class = KnownChoice


class Day(django_filters.Filter):
    field_class = NearDate


class Tick(django_filters.Filter):
    field_class = forms.BooleanField


@dataclass(frozen=True)
class Choices:
    """What can be chosen, read once a request: three small queries."""

    kinds: list[Kind]
    subjects: list[Subject]
    counties: list[County]

    @classmethod
    def load(cls) -> Choices:
        return cls(
            list(Kind.objects.filter(is_active=True)),
            list(Subject.objects.all()),
            list(County.objects.filter(valid_to__isnull=True)),
        )

    def named(self, facet: str) -> list[tuple[str, str, str]]:
        """Return (value in the address, name, key in the database) of everything a facet offers."""
        match facet:
            case "kind":
                return [(kind.code, localized(kind, "name"), str(kind.pk)) for kind in self.kinds]
            case "subject":
                return [(item.code, localized(item, "name"), str(item.pk)) for item in self.subjects]
            case "county":
                return [(item.number, item.name, str(item.pk)) for item in self.counties]
            case _:
                return [(value, str(Activity.Format(value).label), value) for value in FORMATS]


class ActivityFilter(django_filters.FilterSet):
    """Reads a query string. ``narrow`` applies everything but the words, the place and the four facets."""

    q = Words(label=gettext_lazy("What do you look for?"))
    place = Words(label=gettext_lazy("School, place or postal code"))
    radius = One(
        label=gettext_lazy("How far away"),
        choices=[(str(km), gettext_lazy("%(km)s km") % {"km": km}) for km in RADII],
        initial=str(USUAL_RADIUS),
    )
    kind = Several(label=gettext_lazy("Kind of activity"))
    format = Several(label=gettext_lazy("Where"))
    subject = Several(label=gettext_lazy("Subject"))
    county = Several(label=gettext_lazy("County"))
    grade = One(
        label=gettext_lazy("Grade"),
        choices=[("", gettext_lazy("All grades")), *((str(grade), name) for grade, name in GRADES)],
    )
    language = One(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("All languages")), *Language.choices],
    )
    date_from = Day(label=gettext_lazy("From date"), widget=DateInput)
    date_to = Day(label=gettext_lazy("To date"), widget=DateInput)
    free = Tick(label=gettext_lazy("Only with free places"))
    sort = One(choices=list(SORTS.items()), initial="best")

    class Meta:
        model = Activity
        fields: list[str] = []

    def __init__(self, data: QueryDict, *, choices: Choices) -> None:
        self.choices = choices
        super().__init__(data)
        for facet in FACETS:
            self.form.fields[facet].choices = [(value, name) for value, name, _key in choices.named(facet)]
        for name, field in self.form.fields.items():
            field.required = False
            field.widget.attrs["id"] = f"search-{name}"

    @property
    def values(self) -> dict[str, Any]:
        """What was understood of the query string, by field name."""
        self.form.is_valid()
        values = dict(self.form.cleaned_data)
        if values.get("date_from") and values.get("date_to") and values["date_to"] < values["date_from"]:
            self.form.add_error("date_to", _("This date is before the first one."))
            values["date_to"] = None
        return values

    def narrow(self, queryset: QuerySet[Activity], values: Mapping[str, Any]) -> QuerySet[Activity]:
        """Apply grade, language, dates and free places."""
        if values.get("grade"):
            queryset = queryset.filter(grade_from__lte=int(values["grade"]), grade_to__gte=int(values["grade"]))
        if values.get("language"):
            queryset = queryset.filter(languages__contains=[values["language"]])
        if values.get("date_from") or values.get("date_to"):
            on_request = Q() if values.get("free") else Q(policy=Activity.Policy.ON_REQUEST)
            queryset = queryset.filter(Q(pk__in=_held_within(values)) | on_request)
        if values.get("free"):
            queryset = queryset.filter(pk__in=_held_within(values, free=True))
        return queryset

    def facet_conditions(self, values: Mapping[str, Any]) -> dict[str, Q | Exists]:
        """Return for each facet that has chosen values what an activity must fulfil."""
        conditions: dict[str, Q | Exists] = {}
        for facet in FACETS:
            chosen = values.get(facet) or []
            keys = [key for value, _name, key in self.choices.named(facet) if value in chosen]
            if keys:
                conditions[facet] = facet_condition(facet, keys)
        return conditions


def facet_condition(facet: str, keys: Iterable[str]) -> Q | Exists:
    """Return the condition of one facet; ``keys`` as ``Choices.named`` gives them."""
    match facet:
        case "subject":
            through = Activity.subjects.through.objects
            return Exists(through.filter(activity_id=OuterRef("pk"), subject_id__in=[int(key) for key in keys]))
        case "county":
            return Q(municipality__county_id__in=[int(key) for key in keys])
        case "kind":
            return Q(kind_id__in=[int(key) for key in keys])
        case _:
            return Q(format__in={stored for key in keys for stored in FORMATS[key]})


def sessions_within(values: Mapping[str, Any]) -> SessionQuerySet:
    """Return the coming open sessions of an activity (outer reference ``pk``) between the dates that were chosen."""
    return _sessions(values).filter(activity=OuterRef("pk"))


def _held_within(values: Mapping[str, Any], *, free: bool = False) -> QuerySet[Any]:
    """Identities of activities with a session between the dates, read from the calendar once and not per activity."""
    sessions = _sessions(values).with_places_left() if free else _sessions(values)
    return sessions.values("activity_id")


def _sessions(values: Mapping[str, Any]) -> SessionQuerySet:
    sessions = Session.objects.all().open()
    if values.get("date_from"):
        sessions = sessions.filter(starts_at__gte=_midnight(values["date_from"]))
    if values.get("date_to"):
        sessions = sessions.filter(starts_at__lt=_midnight(values["date_to"] + timedelta(days=1)))
    return sessions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
