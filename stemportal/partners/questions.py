"""What an applicant is asked about, by kind of organisation: two or three short questions, most of them optional.

Answers stand in ``Partner.answers`` by the question's code: a text, a whole number, or true and false. A code is never
given another meaning; a question that is asked no more keeps its row here with no kinds, so that old answers can be
read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stemportal.partners.models import Partner

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Kind = Partner.Kind
Answer = str | int | bool
# As many characters as an answer in words may have.
TEXT_LENGTH = 400
# No answer is a larger number than this.
NUMBER_MOST = 1_000_000


class Type(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question to some kinds of organisations."""

    code: str
    kinds: tuple[str, ...]
    label: _StrPromise
    type: Type = Type.TEXT
    help: _StrPromise | str = ""
    is_required: bool = False


QUESTIONS = (
    Question(
        code="meet",
        kinds=(Kind.COMPANY,),
        label=_("What could a class see or try with you?"),
        help=_("A machine, a laboratory, a building site, people at work: a few words are enough."),
    ),
    Question(
        code="apprentices",
        kinds=(Kind.COMPANY,),
        label=_("Do you take apprentices?"),
        type=Type.YES_NO,
    ),
    Question(
        code="shows_stem",
        kinds=(Kind.PUBLIC_BODY,),
        label=_("Which of your tasks need science or technology?"),
        help=_("For example weather, roads, health or maps."),
    ),
    Question(
        code="offices",
        kinds=(Kind.PUBLIC_BODY,),
        label=_("Where in the country could classes visit you?"),
    ),
    Question(
        code="whom_we_reach",
        kinds=(Kind.ORGANISATION,),
        label=_("Whom do you gather, and what do you do for young people?"),
    ),
    Question(
        code="volunteers",
        kinds=(Kind.ORGANISATION,),
        label=_("Do you have members or volunteers who can visit schools?"),
        type=Type.YES_NO,
    ),
    Question(
        code="members",
        kinds=(Kind.CLUSTER,),
        label=_("How many members does the cluster have?"),
        type=Type.NUMBER,
        is_required=True,
    ),
    Question(
        code="trades",
        kinds=(Kind.CLUSTER,),
        label=_("Which trades are your members in?"),
    ),
    Question(
        code="members_join",
        kinds=(Kind.CLUSTER,),
        label=_("Will your members receive classes themselves?"),
        type=Type.YES_NO,
        help=_("Each of them can become a partner of its own as well."),
    ),
    Question(
        code="lower_secondary_schools",
        kinds=(Kind.MUNICIPALITY, Kind.SCHOOL_OWNER),
        label=_("How many lower secondary schools do you have?"),
        type=Type.NUMBER,
    ),
    Question(
        code="coordinator",
        kinds=(Kind.MUNICIPALITY, Kind.SCHOOL_OWNER),
        label=_("Who coordinates contact between schools and working life?"),
        help=_("A post or a unit, not a person's name."),
    ),
    Question(
        code="workplaces",
        kinds=(Kind.MUNICIPALITY,),
        label=_("Can classes visit the municipality's own workplaces?"),
        type=Type.YES_NO,
        help=_("Water works, health services, planning and building, and so on."),
    ),
    Question(
        code="upper_secondary_schools",
        kinds=(Kind.COUNTY_COUNCIL,),
        label=_("How many upper secondary schools do you have?"),
        type=Type.NUMBER,
    ),
    Question(
        code="transport",
        kinds=(Kind.COUNTY_COUNCIL,),
        label=_("Can you help with transport for classes?"),
        type=Type.YES_NO,
    ),
    Question(
        code="transport_how",
        kinds=(Kind.COUNTY_COUNCIL,),
        label=_("If so, how?"),
        help=_("For example free seats on ordinary buses, or money for a coach."),
    ),
    Question(
        code="departments",
        kinds=(Kind.UNIVERSITY,),
        label=_("Which departments receive classes?"),
    ),
    Question(
        code="student_role_models",
        kinds=(Kind.UNIVERSITY,),
        label=_("Can students visit schools as role models?"),
        type=Type.YES_NO,
    ),
    Question(
        code="role_model_trades",
        kinds=(Kind.UNION,),
        label=_("Which trades can send role models?"),
        is_required=True,
    ),
    Question(
        code="regions",
        kinds=(Kind.UNION,),
        label=_("In which parts of the country?"),
    ),
)
BY_CODE = {question.code: question for question in QUESTIONS}


def questions_for(kind: str) -> list[Question]:
    """Return the questions to a kind of organisation, in the order of the form; none for an unknown kind."""
    return [question for question in QUESTIONS if kind in question.kinds]


def answered(partner: Partner) -> list[tuple[str, str]]:
    """Return (question, answer) as people read them, in the order of the form, also those of an earlier kind.

    What was left empty is left out. An answer whose question is not known stands last, under its code.
    """
    given: Mapping[str, Any] = partner.answers
    codes = [code for code in BY_CODE if code in given] + sorted(set(given) - set(BY_CODE))
    return [
        (str(BY_CODE[code].label) if code in BY_CODE else code, in_words(given[code]))
        for code in codes
        if given[code] not in ("", None)
    ]


def in_words(answer: Answer) -> str:
    """Return an answer as people read it."""
    if isinstance(answer, bool):
        return gettext("Yes") if answer else gettext("No")
    if isinstance(answer, int):
        return number_format(answer, force_grouping=True)
    return str(answer)
