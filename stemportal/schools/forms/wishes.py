"""What a teacher wishes for, what a partner offers in answer, and what the secretariat writes about it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.finding.filters import ActivityFilter, Choices, weeks_ahead
from stemportal.activities.models import Activity, Goal, Kind, Session, Subject
from stemportal.activities.queries.curriculum import goal_picker
from stemportal.activities.session_rules import VARYING, local_start
from stemportal.lib.school_year import current_school_year
from stemportal.lib.templatetags.portal import localized
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.schools.forms.classes import grades_of
from stemportal.schools.forms.group import PUPILS_ERRORS, SchoolClassField, session_words
from stemportal.schools.models import MAX_PUPILS, School, SchoolClass, Wish
from stemportal.schools.queries.schools import classes_of
from stemportal.schools.queries.wishes import HELD

LONGEST_GOAL = 140
# A year and a bit: so far ahead anybody plans.
MOST_WEEKS_AHEAD = 60
WEEK = re.compile(r"(\d{4})-W(\d{1,2})")


class LocalizedChoice(forms.ModelChoiceField):
    """Kinds and subjects by their names in the language of the page."""

    def label_from_instance(self, obj: Kind | Subject) -> str:
        return str(localized(obj, "name"))


class GoalChoice(forms.ModelChoiceField):
    """Competence goals in force, under the names of their curricula and grades."""

    def label_from_instance(self, obj: Goal) -> str:
        return Truncator(localized(obj, "text") or obj.text_nb).chars(LONGEST_GOAL)

    def group(self) -> None:
        """Fill in the list; two queries."""
        groups = [
            (group.title, [(option.goal.pk, self.label_from_instance(option.goal)) for option in group.options])
            for group in goal_picker(()).groups
        ]
        self.choices = [("", _("No particular goal")), *groups]


class WeekField(forms.ChoiceField):
    """A school week from a list, as its Monday. What is not on the list is told why."""

    def valid_value(self, value: str) -> bool:
        return True

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        found = WEEK.fullmatch(text)
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
        except ValueError:
            monday = None
        if monday is None:
            raise forms.ValidationError(_("Choose a week from the list."))
        today = timezone.localdate()
        if monday + timedelta(days=6) < today:
            raise forms.ValidationError(_("This week has passed. Choose one that is still to come."))
        if monday > today + timedelta(weeks=MOST_WEEKS_AHEAD):
            raise forms.ValidationError(_("Choose a week within the coming year."))
        return monday


class WishForm(forms.Form):
    """A wish: what, when, where, for whom, and in the teacher's own words. Identity numbers are thrown away first."""

    text = forms.CharField(
        label=gettext_lazy("What do you wish for?"),
        help_text=gettext_lazy("What should the pupils see, do or learn? Never write the names of pupils."),
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
    )
    kind = LocalizedChoice(
        Kind.objects.filter(is_active=True, pledge_unit__in=HELD),
        label=gettext_lazy("Kind"),
        required=False,
        empty_label=gettext_lazy("Any"),
    )
    subject = LocalizedChoice(
        Subject.objects.all(), label=gettext_lazy("Subject"), required=False, empty_label=gettext_lazy("Any")
    )
    goal = GoalChoice(Goal.objects.in_force(), label=gettext_lazy("Competence goal"), required=False)
    first_week = WeekField(label=gettext_lazy("From week"))
    last_week = WeekField(label=gettext_lazy("To week"))
    where = forms.ChoiceField(
        label=gettext_lazy("Where"), choices=Wish.Where.choices, initial=Wish.Where.ANY, widget=forms.RadioSelect
    )
    school_class = SchoolClassField(
        SchoolClass.objects.none(),
        label=gettext_lazy("Class"),
        required=False,
        empty_label=gettext_lazy("Another group"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the classes of your school.")},
    )
    group_name = forms.CharField(label=gettext_lazy("Name of the class or group"), max_length=30, required=False)
    grade = forms.TypedChoiceField(label=gettext_lazy("Grade"), coerce=int, empty_value=None, required=False)
    pupils = forms.IntegerField(
        label=gettext_lazy("Number of pupils"),
        min_value=1,
        max_value=MAX_PUPILS,
        required=False,
        error_messages=PUPILS_ERRORS,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )

    def __init__(self, data: QueryDict | None = None, *, school: School, initial: dict[str, Any] | None = None) -> None:
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, initial=initial)
        cast(GoalChoice, self.fields["goal"]).group()
        for name in ("first_week", "last_week"):
            asked = str(self[name].value() or "")
            self.fields[name].choices = [("", _("Choose")), *_weeks(asked)]  # type: ignore[attr-defined]
        classes = classes_of(school, current_school_year())
        chosen = cast(SchoolClassField, self.fields["school_class"])
        chosen.queryset = classes
        for name in ("kind", "subject", "goal", "school_class", "group_name", "grade", "pupils"):
            self.fields[name].either_or = True  # type: ignore[attr-defined]  # one of the first three; a class, or numbers
        if not classes:
            del self.fields["school_class"]
        else:
            self._choose_class(chosen, list(classes))
        self.fields["grade"].choices = [("", _("Choose")), *grades_of(school)]  # type: ignore[attr-defined]

    def _choose_class(self, field: SchoolClassField, classes: list[SchoolClass]) -> None:
        """Begin with the class that the numbers are of; they are then the class's own, whichever is chosen."""
        name, grade = self.initial.get("group_name"), str(self.initial.get("grade") or "")
        fitting = [c for c in classes if (c.name == name if name else not grade or str(c.grade) == grade)]
        if fitting:
            field.initial = fitting[0].pk
            for told in ("group_name", "grade", "pupils"):
                self.initial.pop(told, None)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "text" in self.forgotten and "text" not in self.errors:
            self.add_error(
                "text",
                _("Something here looked like a personal identity number, so we have thrown it away and sent nothing. "
                  "Please look at the text once more; nobody needs such a number to answer you."),
            )  # fmt: skip
        if not any(data.get(name) or name in self.errors for name in ("kind", "subject", "goal")):
            self.add_error("kind", _("Choose a kind, a subject or a competence goal, so that we know whom to ask."))
        first, last = data.get("first_week"), data.get("last_week")
        if first and last and last < first:
            self.add_error("last_week", _("The last week is before the first one."))
        self._clean_group(data)
        return data

    def _clean_group(self, data: dict[str, Any]) -> None:
        chosen: SchoolClass | None = data.get("school_class")
        if chosen:
            data["group_name"] = data.get("group_name") or chosen.name
            data["grade"] = data.get("grade") or chosen.grade
            data["pupils"] = data.get("pupils") or (chosen.pupils if "pupils" not in self.errors else None)
        data["group_name"] = " ".join((data.get("group_name") or "").split())
        if "school_class" in self.errors:
            return
        for name, words in (
            ("group_name", _("Write the name of the class or group.")),
            ("grade", _("Choose the grade.")),
            ("pupils", _("Write how many pupils will come.")),
        ):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, words)

    def facts(self) -> dict[str, Any]:
        """Return what the service asks, by field name of ``Wish``."""
        return {name: value for name, value in self.cleaned_data.items() if name != "school_class"}


def _weeks(asked: str) -> list[tuple[str, str]]:
    """The weeks to choose from; one that was typed and is no week stands in no list."""
    try:
        return weeks_ahead(asked if WEEK.fullmatch(asked) else "")
    except ValueError:
        return weeks_ahead()


def from_search(query: QueryDict) -> dict[str, Any]:
    """Return what a search that found nothing says about a wish, as initial values of the form."""
    search = ActivityFilter(query, choices=Choices.load())
    values = search.values
    initial: dict[str, Any] = {"text": values.get("q") or "", "grade": values.get("grade") or ""}
    for facet in ("kind", "subject"):
        if len(asked := values.get(facet) or []) == 1:
            keys = {value: key for value, _name, key in search.choices.named(facet)}
            initial[facet] = keys.get(asked[0])
    if len(goals := values.get("goal") or []) == 1:
        initial["goal"] = Goal.objects.in_force().filter(code=goals[0]).values_list("pk", flat=True).first()
    if week := values.get("week"):
        initial |= {"first_week": week, "last_week": week}
    if values.get("format") == ["digital"]:
        initial["where"] = Wish.Where.VIDEO
    if values.get("pupils"):
        initial["pupils"] = values["pupils"]
    return initial


def again(wish: Wish) -> dict[str, Any]:
    """Return an earlier wish as initial values, without its weeks: for making it once more."""
    names = ("text", "where", "group_name", "grade", "pupils")
    references = {name: getattr(wish, f"{name}_id") for name in ("kind", "subject", "goal")}
    return {name: getattr(wish, name) for name in names} | references


class OfferForm(forms.Form):
    """What a partner offers: one of its published offers, at one of its dates or at a free time."""

    session = forms.TypedChoiceField(
        label=gettext_lazy("One of your dates in those weeks"), coerce=int, empty_value=None, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    activity = forms.TypedChoiceField(label=gettext_lazy("Your offer"), coerce=int, empty_value=None, required=False)
    day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    clock = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    where = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[("", gettext_lazy("As the offer says")), *Session.Where.choices],
        required=False,
    )
    note = forms.CharField(
        label=gettext_lazy("A line to the teacher"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(
        self, data: QueryDict | None = None, *, wish: Wish, activities: list[Activity], sessions: list[Session]
    ) -> None:
        if data is not None:
            data, _forgotten = forget_personal_numbers(data)
        super().__init__(data)
        self.activities = {activity.pk: activity for activity in activities}
        self.sessions = {session.pk: session for session in sessions}
        titles = {activity.pk: activity.title for activity in activities}
        dates = [(pk, f"{titles[item.activity_id]}: {session_words(item)}") for pk, item in self.sessions.items()]
        if dates:
            self.fields["session"].choices = [*dates, ("", _("Another time, which is written below"))]  # type: ignore[attr-defined]
            self.fields["session"].error_messages["invalid_choice"] = _(
                "This date filled up or was changed meanwhile. Choose another one."
            )
        else:
            del self.fields["session"]
        self.fields["activity"].choices = list(titles.items())  # type: ignore[attr-defined]
        if not any(activity.format in VARYING for activity in activities):
            del self.fields["where"]
        for name in ("session", "activity", "day", "clock"):
            if name in self.fields:
                self.fields[name].either_or = True  # type: ignore[attr-defined]  # a date, or a time of one's own
        first = max(wish.first_week, timezone.localdate())
        self.fields["day"].widget.attrs |= {
            "min": first.isoformat(),
            "max": (wish.last_week + timedelta(days=6)).isoformat(),
        }
        self.fields["day"].error_messages["invalid"] = _("Write the day as for example 24.03.2027.")
        self.fields["clock"].error_messages["invalid"] = _("Write the time as for example 09:30.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("session") or "session" in self.errors:
            return data
        for name, words in (
            ("activity", _("Choose which of your offers it is.")),
            ("day", _("Choose a day.")),
            ("clock", _("Choose a time.")),
        ):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, words)
        if not self.errors:
            try:
                data["starts_at"] = local_start(data["day"], data["clock"])
            except forms.ValidationError as error:
                self.add_error("clock", error)
        return data

    def facts(self) -> dict[str, Any]:
        """Return what the service asks: an activity with one of its dates or a moment, where, and the note."""
        data = self.cleaned_data
        session = self.sessions.get(data.get("session") or 0)
        moment: datetime | None = data.get("starts_at")
        return {
            "activity": self.activities[session.activity_id if session else data["activity"]],
            "session": session,
            "starts_at": None if session else moment,
            "where": data.get("where", ""),
            "note": data["note"],
        }
