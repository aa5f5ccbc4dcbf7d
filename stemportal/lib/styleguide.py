"""Examples for the style guide (templates/styleguide.html, shown at /demo/styleguide/ in demo mode)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Fieldset, Layout, Row, Submit
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone

from stemportal.lib.widgets import DateInput, DateTimeInput, SwitchInput, TimeInput

PATTERNS = ("front", "search", "activity", "booking", "partner", "components", "forms", "login")


class ExampleForm(forms.Form):
    """One of every kind of field."""

    title = forms.CharField(label="Title", max_length=80, help_text="What pupils will do, in a few words.")
    number = forms.CharField(label="Organisation number", max_length=9, help_text="Nine digits.")
    email = forms.EmailField(label="Email", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    kind = forms.ChoiceField(label="Kind", choices=[("", "Choose"), ("visit", "Company visit"), ("film", "Film")])
    text = forms.CharField(label="What pupils do", widget=forms.Textarea, max_length=600, required=False)
    day = forms.DateField(label="Date", widget=DateInput())
    start = forms.TimeField(label="Starts", widget=TimeInput(), required=False)
    deadline = forms.DateTimeField(label="Answer by", widget=DateTimeInput(), required=False)
    pupils = forms.IntegerField(label="How many pupils", min_value=1, max_value=60)
    where = forms.ChoiceField(
        label="Where",
        choices=[("us", "At our place"), ("school", "At the school"), ("digital", "Digital")],
        widget=forms.RadioSelect,
    )
    subjects = forms.MultipleChoiceField(
        label="Subjects",
        choices=[("m", "Mathematics"), ("n", "Natural science"), ("p", "Programming"), ("a", "Art and crafts")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Choose as many as fit.",
    )
    picture = forms.FileField(label="Picture", required=False, help_text="JPEG or PNG, at most 5 MB.")
    instant = forms.BooleanField(label="Take bookings without asking us first", required=False, widget=SwitchInput())
    agree = forms.BooleanField(label="We have read the declaration and sign it for our organisation")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_action = "#"
        self.helper.layout = Layout(
            Fieldset(
                "About the visit", "title", Row(Column("number"), Column("kind")), "email", "text", Field("where")
            ),
            Fieldset("When and who", Row("day", "start"), "deadline", "pupils", "subjects"),
            Fieldset("Practical", "picture", "instant", "agree"),
        )
        self.helper.add_input(Submit("save", "Save and go on"))
        self.helper.add_input(Submit("draft", "Save as draft", css_class="secondary"))


def _refused() -> ExampleForm:
    """The form as it comes back when somebody made mistakes."""
    return ExampleForm({"title": "x" * 81, "email": "kari@", "text": "word " * 130, "pupils": "-3", "number": "123"})


def styleguide_context(request: HttpRequest) -> dict[str, Any]:
    """Everything the style guide's templates show; `?pattern=` chooses one of PATTERNS, `?errors` a refused form."""
    pattern = request.GET.get("pattern", "components")
    now = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    sessions = [
        {
            "start": now + dt.timedelta(days=days),
            "end": now + dt.timedelta(days=days, hours=2, minutes=30),
            "left": left,
        }
        for days, left in ((9, 24), (16, 3), (23, 0), (37, 60))
    ]
    return {
        "pattern": pattern if pattern in PATTERNS else "components",
        "patterns": PATTERNS,
        "form": _refused() if "errors" in request.GET else ExampleForm(),
        "sessions": sessions,
        "offers": _offers(sessions),
        "page_obj": Paginator(range(300), 25).get_page(request.GET.get("page", 4)),
        "crumbs": [("Home", "/"), ("Find offers", "/"), ("Build a robot arm", "")],
        "chips": [
            {"label": "9th grade", "url": "?"},
            {"label": "Within 40 km of Alta", "url": "?"},
            {"label": "Digital", "url": "?"},
        ],
        "figures": [
            {"value": "412 318", "label": "pupils took part this year", "note": "41 % of 1 000 000", "done": 41},
            {"value": "287", "label": "companies take part", "note": "82 % of 350", "done": 82},
            {"value": "46 %", "label": "of the pupils were girls", "note": "Last year 44 %"},
            {"value": "241", "label": "municipalities were reached", "note": "of 357"},
        ],
        "facts": [
            ("Meeting point", "Reception, Industriveien 4, Alta"),
            ("Contact", "Ola Nordmann, 900 00 000"),
            ("Pupils", "28, of whom one uses a wheelchair"),
            ("Bring", "Indoor shoes and lunch"),
        ],
        "timeline": [
            {"time": "Today, 10:12", "title": "Nordlys Robotikk confirmed the visit"},
            {"time": "Monday, 14:40", "title": "You wrote", "text": "Can we eat our lunch with you?"},
            {"time": "Monday, 09:05", "title": "You asked for 28 places for 9A"},
            {"title": "After the visit: tell how many came", "state": "coming"},
        ],
        "tabs": [
            {"label": "Today", "url": "#", "current": True, "icon": "House", "count": 3},
            {"label": "Offers", "url": "#", "icon": "Tasklist"},
            {"label": "Bookings", "url": "#", "icon": "Calendar"},
            {"label": "Role models", "url": "#", "icon": "PersonGroup"},
            {"label": "Reports", "url": "#", "icon": "FileText"},
            {"label": "Organisation", "url": "#", "icon": "Buildings2"},
        ],
        "markdown": "**What you do:** you programme a robot arm.\n\n- plan\n- build\n- test\n\nRead more on [our site](https://example.org).",
    }


def _offers(sessions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Six offers as search and front page show them."""
    rows = (
        (
            "Build and programme a robot arm",
            "Company visit",
            "accent",
            "Nordlys Robotikk AS",
            "Alta, 12 km",
            "8th to 10th grade",
            "2 h 30 min",
        ),
        ("Meet an engineer who builds with wood", "Role model", "brand2", "Furu Bygg", "At your school", "Vg1", "1 h"),
        (
            "How does the water get clean?",
            "Company visit",
            "accent",
            "Finnmark Vann KF",
            "Hammerfest, 38 km",
            "8th to 10th grade",
            "3 h",
        ),
        ("Maths in the fish pen", "Digital", "info", "Havbruk Nord AS", "Digital", "9th grade to Vg2", "45 min"),
        ("A week in the control room", "Work week", "brand1", "Kraftlaget SA", "Alta, 9 km", "10th grade", "5 days"),
        (
            "Homework help on Tuesdays",
            "Homework help",
            "success",
            "Universitetet i Nord",
            "Alta, 4 km",
            "8th grade to Vg3",
            "2 h",
        ),
    )
    return [
        {
            "title": title,
            "kind": kind,
            "color": color,
            "partner": partner,
            "place": place,
            "grades": grades,
            "duration": duration,
            "next": sessions[index % 4]["start"],
            "left": sessions[index % 4]["left"],
        }
        for index, (title, kind, color, partner, place, grades, duration) in enumerate(rows)
    ]
