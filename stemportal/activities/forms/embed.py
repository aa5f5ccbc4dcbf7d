"""What a municipality chooses for the list of offers on its own web site. Whatever stands in the address is fine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.finding.filters import Choices
from stemportal.activities.finding.form import KnownChoice
from stemportal.places.models import Municipality, PostalCode

MOST_SHOWN = 10
USUALLY_SHOWN = 5
THEMES = {
    "auto": gettext_lazy("As the reader's device"),
    "light": gettext_lazy("Light"),
    "dark": gettext_lazy("Dark"),
}


class EmbedForm(forms.Form):
    """Where, what, how many and how; ``query`` is the address of the list that was chosen."""

    use_required_attribute = False

    area = KnownChoice(label=gettext_lazy("For which schools"))
    only_there = forms.BooleanField(
        label=gettext_lazy("Only what takes place there"),
        help_text=gettext_lazy("Else also what comes to the schools there, what is near, and digital offers."),
    )
    kind = KnownChoice(label=gettext_lazy("Kind of activity"))
    subject = KnownChoice(label=gettext_lazy("Subject"))
    limit = KnownChoice(
        label=gettext_lazy("Offers at most"),
        choices=[(str(number), str(number)) for number in range(1, MOST_SHOWN + 1)],
        initial=str(USUALLY_SHOWN),
    )
    lang = KnownChoice(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    theme = KnownChoice(label=gettext_lazy("Colours"), choices=list(THEMES.items()), initial="auto")

    def __init__(self, data: Any, *, language: str) -> None:
        choices = Choices.load().with_municipalities()
        # Fields that the address does not name stand as they usually are, so that the form shows what it makes.
        super().__init__({"limit": str(USUALLY_SHOWN), "lang": language, "theme": "auto", **data.dict()})
        counties = [(f"c{row.number}", row.name) for row in choices.counties]
        towns = [(f"m{row.number}", row.name) for row in choices.municipalities]
        self.names = {**dict(counties), **dict(towns)}
        self.fields["area"].choices = [  # type: ignore[attr-defined]
            ("", _("The whole country")),
            (_("Counties"), counties),
            (_("Municipalities"), towns),
        ]
        self.fields["kind"].choices = [("", _("All kinds")), *_named(choices, "kind")]  # type: ignore[attr-defined]
        self.fields["subject"].choices = [("", _("All subjects")), *_named(choices, "subject")]  # type: ignore[attr-defined]
        self.fields["lang"].initial = language
        for field in self.fields.values():
            field.required = False

    @property
    def place_name(self) -> str:
        """The name of the county or municipality; "" for the whole country."""
        self.is_valid()
        return self.names.get(self.cleaned_data["area"], "")

    @property
    def search(self) -> dict[str, str]:
        """What is searched, by the names of the search page."""
        self.is_valid()
        asked = {name: self.cleaned_data[name] for name in ("kind", "subject")} | self._where()
        return {name: value for name, value in asked.items() if value}

    @property
    def query(self) -> str:
        """The query string of the list."""
        asked = self.search
        return urlencode(asked | {name: self.cleaned_data[name] for name in ("limit", "lang", "theme")})

    def _where(self) -> dict[str, str]:
        area, name = self.cleaned_data["area"], self.place_name
        if not name:
            return {}
        level, number = ("county", area[1:]) if area.startswith("c") else ("municipality", area[1:])
        if self.cleaned_data["only_there"]:
            return {level: number}
        if level == "county":
            return {"place": f"{name} fylke"}
        return {"place": f"{name} kommune" if list(self.names.values()).count(name) == 1 else _postal_code(number)}


def _named(choices: Choices, facet: str) -> list[tuple[str, str]]:
    return [(value, name) for value, name, _key in choices.named(facet)]


def _postal_code(number: str) -> str:
    """Return a postal code of a municipality that shares its name with another one (Herøy, Våler)."""
    towns = Municipality.objects.filter(number=number, valid_to__isnull=True)
    return PostalCode.objects.filter(municipality__in=towns).values_list("code", flat=True).first() or ""
