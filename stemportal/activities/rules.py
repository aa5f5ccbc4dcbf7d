"""What must be there before an activity can be published, and why. Driven by the kind's data, not by its name.

Three sources, each a table: what every offer needs, what the kind lists in ``required``, what its ``guards`` demand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import GRADES, Activity
from stemportal.lib.films import FilmRefused, parse_film

Text = str | Promise

# What a kind may ask for: the fields of an offer that not every kind has. None is about money from pupils, and the
# admin takes no other name (admin.kinds), so that none can come.
OPTIONAL_FIELDS = (
    "learning",
    "programme",
    "preparation",
    "follow_up",
    "bring",
    "practical",
    "safety",
    "getting_there",
    "accessibility",
    "access_features",
    "group_max",
    "duration_minutes",
    "place",
    "municipality",
    "serves",
    "season_months",
    "link",
    "captions",
    "transcript",
    "grant_amount",
    "risk_assessed_on",
    "police_certificate_seen_by",
    "police_certificate_seen_on",
)
# A place that a template leaves open: "‹what you make›".
GAP = re.compile(r"‹[^‹›\n]*›")
TEXTS_WITH_GAPS = (
    "title",
    "summary",
    "description",
    "learning",
    "programme",
    "preparation",
    "follow_up",
    "bring",
    "practical",
    "safety",
    "getting_there",
    "accessibility",
    "place",
    "transcript",
)

# Arbeidsmiljøloven § 11-1: who has turned 14 may work as part of the schooling or vocational orientation.
LAW_YOUNG_WORKERS = "https://lovdata.no/lov/2005-06-17-62/§11-1"
# Arbeidsmiljøloven § 3-1: the employer maps dangers and assesses the risk, in writing.
LAW_RISK = "https://lovdata.no/lov/2005-06-17-62/§3-1"
POLICE_CERTIFICATE = "https://www.politiet.no/tjenester/politiattest/"
# Regulation on universal design of ICT, § 4: films on the web have captions. The portal asks for a transcript as well.
LAW_FILMS = "https://lovdata.no/forskrift/2013-06-21-732/§4"
LINKS = {"captions": LAW_FILMS, "transcript": LAW_FILMS}


@dataclass(frozen=True)
class Missing:
    """One thing that stops publishing: the field (empty: none), what to do, why, and where the rule stands."""

    field: str
    what: Text
    why: Text = ""
    link: str = ""


# What a field that is still empty asks for, in the words of the editor.
ASK: dict[str, Text] = {
    "title": gettext_lazy("Give it a title"),
    "summary": gettext_lazy("Say in one or two sentences what it is"),
    "description": gettext_lazy("Tell what the pupils do"),
    "learning": gettext_lazy("Tell what they learn"),
    "preparation": gettext_lazy("Tell what the class does before the visit"),
    "follow_up": gettext_lazy("Tell what the class can do afterwards"),
    "practical": gettext_lazy("Tell what is good to know: getting there, clothes, food, safety"),
    "accessibility": gettext_lazy("Tell how accessible it is"),
    "programme": gettext_lazy("Write the programme of the day"),
    "bring": gettext_lazy("Tell what the pupils are to bring"),
    "safety": gettext_lazy("Tell what you do to keep everybody safe"),
    "getting_there": gettext_lazy("Tell how one gets there"),
    "access_features": gettext_lazy("Tick what your place has for those who need it"),
    "group_max": gettext_lazy("Say how many can take part"),
    "duration_minutes": gettext_lazy("Say how long it lasts"),
    "serves": gettext_lazy("Choose the counties you serve"),
    "season_months": gettext_lazy("Choose the months in which you offer it"),
    "captions": gettext_lazy("Say in which languages the film has captions"),
    "transcript": gettext_lazy("Write down what is said and shown in the film"),
    "languages": gettext_lazy("Choose at least one language"),
    "subjects": gettext_lazy("Choose at least one subject"),
    "place": gettext_lazy("Name the meeting place"),
    "municipality": gettext_lazy("Choose the municipality"),
    "link": gettext_lazy("Add the link"),
    "grant_amount": gettext_lazy("Say how many kroner a class can get at most"),
}
WHY: dict[str, Text] = {
    "subjects": gettext_lazy("Teachers look for offers by subject."),
    "place": gettext_lazy("The class must know where to go."),
    "municipality": gettext_lazy("Teachers look for offers near their school."),
    "learning": gettext_lazy("A visit is easier to plan when it fits what the class is to learn."),
    "practical": gettext_lazy("It saves you and the teacher a round of messages."),
    "captions": gettext_lazy("Pupils who do not hear well, and many others, need them."),
    "transcript": gettext_lazy("Pupils who do not see or hear well need it, and teachers find the film by it."),
}
ALWAYS = ("title", "summary", "description", "languages", "subjects")
# Where the class comes to the partner, or the partner travels from somewhere, the place is part of the offer.
BY_FORMAT: dict[str, tuple[str, ...]] = {
    Activity.Format.ON_SITE: ("place", "municipality"),
    Activity.Format.HYBRID: ("place", "municipality"),
    Activity.Format.AT_SCHOOL: ("municipality",),
    Activity.Format.DIGITAL: (),
}


def _min_grade(activity: Activity, grade: Any) -> Iterator[Missing]:
    if activity.grade_from < int(grade):
        yield Missing(
            "grade_from",
            _("Let it start at %(grade)s or later") % {"grade": dict(GRADES).get(int(grade), grade)},
            _("Pupils must have turned 14 to take part in work, and it must be part of their schooling."),
            LAW_YOUNG_WORKERS,
        )


def _risk_assessment(activity: Activity, wanted: Any) -> Iterator[Missing]:
    why = _("Whoever lets young people take part in work must have assessed the risk in writing first.")
    if not wanted:
        return
    if activity.risk_assessed_on is None:
        yield Missing("risk_assessed_on", _("Fill in when the written risk assessment was made"), why, LAW_RISK)
    elif activity.risk_assessed_on > timezone.localdate():
        yield Missing("risk_assessed_on", _("The risk assessment must be made before you publish"), why, LAW_RISK)


def _police_certificate(activity: Activity, wanted: Any) -> Iterator[Missing]:
    why = _("Those who help minors regularly must have shown a police certificate. Note only that it was seen.")
    if not wanted:
        return
    if not activity.police_certificate_seen_by:
        yield Missing(
            "police_certificate_seen_by", _("Fill in who has seen the police certificates"), why, POLICE_CERTIFICATE
        )
    if activity.police_certificate_seen_on is None:
        yield Missing(
            "police_certificate_seen_on", _("Fill in when the police certificates were seen"), why, POLICE_CERTIFICATE
        )
    elif activity.police_certificate_seen_on > timezone.localdate():
        yield Missing("police_certificate_seen_on", _("The date must not be in the future"), why, POLICE_CERTIFICATE)


def _film(activity: Activity, wanted: Any) -> Iterator[Missing]:
    """The film can be shown on the page, from a host that is known. An empty link is asked for as a required field."""
    if not wanted or not activity.link:
        return
    try:
        parse_film(activity.link)
    except FilmRefused as refused:
        why = _("It is shown on the portal's own page, and nothing is sent to the host before the viewer presses play.")
        yield Missing("link", str(refused), why)


GUARDS: dict[str, Callable[[Activity, Any], Iterator[Missing]]] = {
    "min_grade": _min_grade,
    "risk_assessment": _risk_assessment,
    "police_certificate": _police_certificate,
    "film": _film,
}


def wrong_in_guards(guards: Any) -> list[str]:
    """Return what is wrong with the guards of a kind, in words for the one who writes them; nothing: they work."""
    if not isinstance(guards, Mapping):
        return [_('Guards are names with values, such as {"min_grade": 9}.')]
    wrong = []
    for name, wanted in guards.items():
        if name not in GUARDS:
            wrong.append(
                _("There is no guard “%(name)s”. There are: %(names)s.") % {"name": name, "names": ", ".join(GUARDS)}
            )
        elif name == "min_grade" and (type(wanted) is not int or wanted not in dict(GRADES)):
            wrong.append(_("“min_grade” is a number from 8 to 13."))
        elif name != "min_grade" and not isinstance(wanted, bool):
            wrong.append(_("“%(name)s” is true or false.") % {"name": name})
    return wrong


def _consent(activity: Activity) -> Iterator[Missing]:
    """What classes book of a role model is shown only while the person is."""
    role_model = getattr(activity, "role_model", None)
    if role_model is not None and not role_model.is_published:
        yield Missing(
            "",
            _("Ask the role model for consent first"),
            _("The offer is made from a profile, and shown only while the person's own consent stands."),
            reverse("activities:partner_role_models", args=[activity.partner_id]),
        )


def asked_fields(activity: Activity) -> set[str]:
    """Names of the optional fields that the activity's kind asks for."""
    return set(activity.kind.fields)


def _is_empty(activity: Activity, field: str) -> bool:
    if field in {"subjects", "serves"}:
        return not getattr(activity, field).exists()
    value = getattr(activity, field)
    return not value.strip() if isinstance(value, str) else not value


def _required(activity: Activity) -> list[str]:
    """Fields that must be filled in, in the order of the editor, each once."""
    asked = asked_fields(activity)
    by_format = [name for name in BY_FORMAT.get(activity.format, ()) if name in asked]
    return list(dict.fromkeys([*ALWAYS, *activity.kind.required, *by_format]))


def missing_for_publishing(activity: Activity) -> list[Missing]:
    """Return everything that stops this activity from being published; an empty list means it may be.

    Needs a saved activity (subjects are counted). Two queries at most besides the activity, its kind and partner.
    """
    missing = [
        Missing(name, ASK.get(name, _("Fill in “%(field)s”") % {"field": name}), WHY.get(name, ""), LINKS.get(name, ""))
        for name in _required(activity)
        if _is_empty(activity, name)
    ]
    missing += [
        Missing(name, _("Replace “%(gap)s” with your own words") % {"gap": gap[0]}, _("It comes from the template."))
        for name in TEXTS_WITH_GAPS
        if (gap := GAP.search(getattr(activity, name)))
    ]
    if activity.kind.formats and activity.format not in activity.kind.formats:
        missing.append(Missing("format", _("Choose where it takes place")))
    for name, wanted in activity.kind.guards.items():
        if guard := GUARDS.get(name):
            missing.extend(guard(activity, wanted))
    if activity.kind.code.startswith("role_model"):
        missing.extend(_consent(activity))
    if not activity.partner.is_approved:
        missing.append(
            Missing(
                "",
                _("Wait until your organisation is approved"),
                _("You can prepare everything now. We write to you as soon as you can publish."),
            )
        )
    return missing
