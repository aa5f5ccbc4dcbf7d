""" "I teach this in week 41": from a goal and a week to offers, and to a text for the year plan. A page to share."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemportal.activities.finding import teaching
from stemportal.activities.finding.filters import known_query, week_days
from stemportal.activities.finding.places import own_place, resolve_place
from stemportal.activities.finding.teaching import Teaching
from stemportal.activities.forms.teach import TeachForm
from stemportal.activities.models import Activity, Goal
from stemportal.activities.queries import curriculum


@login_not_required
@require_safe
def teach(request: HttpRequest) -> HttpResponse:
    """Choose plan, goals, week and place; below stand the offers, and the text for the one that was chosen."""
    values, asked = _read(request)
    goals, replaced = teaching.known_goals(values["goal"], plan=values["plan"])
    if goals and not values["plan"]:
        values["plan"] = goals[0].plan.code
    offer = teaching.offer_for_plan(values["offer"]) if values["offer"] else None
    chosen = Teaching(
        week=values["week"],
        goals=goals,
        plan=next((plan for plan in asked["plans"] if plan.code == values["plan"]), None),
        near=resolve_place(values["place"]),
        grade=int(values["grade"]) if values["grade"] else None,
    )
    context = {
        **asked,
        "values": values,
        "chosen": chosen,
        "goals": goals,
        "chosen_codes": {goal.code for goal in goals},
        "replaced": replaced,
        "taught": curriculum.goals_taught(values["plan"], week_days(values["week"])[0]) if values["plan"] else [],
        "weeks": teaching.weeks_by_school_year(values["week"]),
        "week_words": teaching.week_words(values["week"]),
        "unknown_place": values["place"] if chosen.near is None else "",
        "query": _query(values, goals),
        "is_asked": chosen.plan is not None,
        "offer": offer,
        "offer_is_gone": bool(values["offer"]) and offer is None,
    }
    if chosen.plan is not None:
        context["with_goal"], context["of_subject"] = teaching.offers_to_teach(chosen)
        context["search_url"] = f"{reverse('activities:search')}?{_search_query(values, goals, chosen)}"
    if offer is not None:
        context["text"] = _text(request, offer, values, goals)
    return render(request, "activities/teach.html", context)


@login_not_required
@require_safe
def teach_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The text for the year plan as a file, for the goals and the week of the address."""
    values, _asked = _read(request)
    offer = teaching.offer_for_plan(pk)
    if offer is None:
        raise Http404("no such offer")
    goals, _replaced = teaching.known_goals(values["goal"], plan=values["plan"])
    response = HttpResponse(_text(request, offer, values, goals), content_type="text/plain; charset=utf-8")
    name = _("year-plan-week-%(week)s") % {"week": week_days(values["week"])[0].isocalendar().week}
    response["Content-Disposition"] = f'attachment; filename="{name}.txt"'
    response["X-Robots-Tag"] = "noindex"
    return response


def _read(request: HttpRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what was asked for, with a week and a place in any case, and the form with its plans."""
    plans = list(curriculum.plans_taught(timezone.localdate()))
    form = TeachForm(request.GET, plans=plans)
    values = form.values
    values["week"] = values["week"] or teaching.next_school_week()
    if "place" not in request.GET:
        values["place"] = own_place(request.user)
    return values, {"form": form, "plans": plans}


def _text(request: HttpRequest, offer: Activity, values: dict[str, Any], goals: list[Goal]) -> str:
    """For the goals that were chosen, else for those that the offer names itself."""
    return teaching.year_plan_text(
        offer,
        week=values["week"],
        goals=goals or teaching.goals_in_force(offer),
        session=teaching.session_for(offer, values["week"]),
        address=request.build_absolute_uri(offer.get_absolute_url()),
    )


def _query(values: dict[str, Any], goals: list[Goal]) -> str:
    """The page's address without the chosen offer: what is shared."""
    facts = {name: values[name] for name in ("plan", "week", "place", "grade")}
    return known_query({**facts, "goal": [goal.code for goal in goals]})


def _search_query(values: dict[str, Any], goals: list[Goal], chosen: Teaching) -> str:
    """The same in the words of the search, which has more filters."""
    facts: dict[str, Any] = {name: values[name] for name in ("week", "place", "grade")}
    subject = chosen.plan.subject.code if chosen.plan and chosen.plan.subject else ""
    return known_query({**facts, "goal": [goal.code for goal in goals], "subject": [] if goals else [subject]})
