"""What can be asked: the fields of the search page, and what only lists have.

The search's fields take any text: what they do not know is left out, as on the page. What only the API has is checked,
and answered with 422.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django import forms
from django.utils import translation
from ninja import Field, Schema
from pydantic import create_model

from stemportal.activities.finding.form import SearchForm
from stemportal.activities.search.engine import MOST_SHOWN

MOST_ROWS = 100
USUAL_ROWS = 25
# Far beyond the last page of everything: PostgreSQL counts no further to skip rows.
LAST_PAGE = 10_000

LanguageCode = Annotated[
    Literal["nb", "nn", "en"] | None,
    Field(description="Language of names; by itself as Accept-Language says, else bokmål."),
]


class Spoken(Schema):
    """In which language names are told."""

    lang: LanguageCode = None


class Paged(Spoken):
    """Which rows of a list."""

    page: int = Field(1, ge=1, le=LAST_PAGE)
    limit: int = Field(USUAL_ROWS, ge=1, le=MOST_ROWS, description="Rows of a page.")


# What only changes how the page looks.
OF_THE_PAGE = {"view"}
# What the labels of the page do not say by themselves.
WORDS = {
    "q": "Words to look for; endings, compounds and small mistakes are taken care of.",
    "place": "A school, a municipality, a county or a postal code; limits to what a school there can have.",
    "radius": "Kilometres around the place: 10, 20, 40, 60, 100 or 200.",
    "kind": "Codes of kinds, any of them.",
    "format": "on_site, at_school, digital or hybrid, any of them.",
    "subject": "Codes of subjects, any of them.",
    "county": "Numbers of counties, any of them.",
    "municipality": "Numbers of municipalities, any of them.",
    "goal": "Codes of competence goals, any of them.",
    "access": "What must be there for those who need it, all of them; as in access_features.",
    "accessible": "on: only with a word on accessibility.",
    "grade": "8 to 10, or 11 to 13 for Vg1 to Vg3.",
    "language": "nb, nn, en or se: a language it can be held in.",
    "date_from": "The first day, YYYY-MM-DD.",
    "date_to": "The last day, YYYY-MM-DD.",
    "week": "A school week, 2026-W41, or only its number.",
    "pupils": "Pupils in the group, 1 to 500.",
    "free": "on: only with free places.",
    "new": "on: published in the last 30 days.",
    "sort": "best, nearest (with a place), soonest or newest.",
}


def _search_fields() -> dict[str, Any]:
    """Return a parameter for each field of the search page, so that both can be asked the same."""
    found: dict[str, Any] = {}
    with translation.override("en"):
        for name, field in SearchForm().fields.items():
            if name in OF_THE_PAGE:
                continue
            words = WORDS.get(name) or str(field.label or name)
            several = isinstance(field, forms.MultipleChoiceField)
            found[name] = (list[str], Field([], description=words)) if several else (str, Field("", description=words))
    return found


Asked: type[Paged] = create_model("Asked", __base__=Paged, **_search_fields())
Asked.__doc__ = (
    f"""What a search asks. At most {MOST_SHOWN} activities of a search can be reached; narrow it for more."""
)


def parameter_words() -> list[tuple[str, str]]:
    """Return (name, what it means) of everything that a search can ask, in English as in the document."""
    known = Asked.model_fields.items()
    return [(name, field.description or "") for name, field in known if name not in Paged.model_fields]


class GoalsAsked(Paged):
    """Which competence goals."""

    plan: str = Field("", description="Code of a curriculum, for example MAT01-06.")


class PartnersAsked(Paged):
    """Which partners."""

    county: str = Field("", description="Number of a county.")
