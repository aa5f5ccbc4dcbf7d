"""What the pages of the white spots are asked: year, kind and measure in the address; whom to write to, and what."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from stemportal.activities.models import Activity, Kind
from stemportal.lib.periods import Period, PeriodKind
from stemportal.reports.white_spots.choosing import AT_ONCE, invitable
from stemportal.reports.white_spots.spots import Measure
from stemportal.schools.models import School

YEARS_BACK = 4


class Asked:
    """The year, kind and measure of the address; nonsense counts as not asked. One query."""

    def __init__(self, request: HttpRequest) -> None:
        self.kinds = list(Kind.objects.all())
        years = request.GET.get("year", "")
        self.period = next((period for period in self.periods if period.slug == years), self.periods[0])
        code = request.GET.get("kind", "")
        self.kind = next((kind for kind in self.kinds if kind.code == code), None)
        measure = request.GET.get("by", "")
        self.measure = Measure(measure) if measure in Measure.values else Measure.SCHOOLS

    @cached_property
    def periods(self) -> list[Period]:
        """The years to choose from, this one and four back: school years, then calendar years."""
        return [
            Period(kind, Period.current(kind).year - back)
            for kind in (PeriodKind.SCHOOL, PeriodKind.CALENDAR)
            for back in range(YEARS_BACK + 1)
        ]

    @property
    def kind_id(self) -> int | None:
        return self.kind.pk if self.kind else None

    @property
    def measures(self) -> list[tuple[str, Any]]:
        return list(Measure.choices)

    @property
    def query(self) -> str:
        """What an address needs to ask for the same; without what is asked for anyhow."""
        asked = {}
        if self.period != self.periods[0]:
            asked["year"] = self.period.slug
        if self.kind:
            asked["kind"] = self.kind.code
        if self.measure != Measure.SCHOOLS:
            asked["by"] = self.measure.value
        return f"?{urlencode(asked)}" if asked else ""


def _words() -> forms.CharField:
    return forms.CharField(
        label=_("Your own words"),
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("They stand after the mail's own words, as you write them, with your name below."),
    )


class InviteForm(forms.Form):
    """Which schools to invite, and what to add to the mail."""

    schools = forms.ModelMultipleChoiceField(label=_("Schools"), queryset=School.objects.none())
    text = _words()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["schools"].queryset = invitable()  # type: ignore[attr-defined]

    def clean_schools(self) -> Any:
        chosen = self.cleaned_data["schools"]
        if len(chosen) > AT_ONCE:
            raise forms.ValidationError(gettext("Choose %(count)s schools at most.") % {"count": AT_ONCE})
        return chosen


class AskForm(forms.Form):
    """Which offers to ask for on screen too, and what to add to the mail."""

    offers = forms.ModelMultipleChoiceField(label=_("Offers"), queryset=Activity.objects.none())
    text = _words()

    def __init__(self, *args: Any, offers: list[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [offer.pk for offer in offers]
        self.fields["offers"].queryset = Activity.objects.filter(pk__in=keys).select_related("partner")  # type: ignore[attr-defined]
