"""Offers in pages of apps that stand before activities: {% load activities %}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from django import template
from django.db.models import Count
from django.urls import reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from stemportal.activities.models import AccessFeature, Activity, ActivityImage, Goal
from stemportal.activities.pictures import url_of
from stemportal.activities.pledging import quantity_words
from stemportal.activities.queries import curriculum
from stemportal.activities.queries import offers as queries
from stemportal.activities.seasons import season_label
from stemportal.lib.templatetags.portal import icon
from stemportal.partners.models import Partner

register = template.Library()


# Kinds in which a person comes to the class; a partner's page shows them by themselves.
ROLE_MODEL_KINDS = {"role_model_visit", "role_model_online"}
# More than a partner has in a year; whoever has more still shows its next ones, and a link to all.
MOST_OFFERS = 60


@register.inclusion_tag("activities/_offers_of_partner.html")
def offers_of_partner(partner: Partner, limit: int = 12) -> dict[str, Any]:
    """The published offers of a partner as cards, role models apart, with a link to all when there are more."""
    found = queries.offers_of_partner(partner.pk, limit=MOST_OFFERS)
    people = [offer for offer in found if offer.kind.code in ROLE_MODEL_KINDS]
    offers = [offer for offer in found if offer.kind.code not in ROLE_MODEL_KINDS]
    return {
        "partner": partner,
        "people": people[:limit],
        "offers": offers[:limit],
        "has_more": len(people) > limit or len(offers) > limit or len(found) == MOST_OFFERS,
    }


@register.simple_tag
def with_offer_counts(partners: Iterable[Partner]) -> list[Partner]:
    """The same partners, each with ``offers_count``: how many published offers it has. One query for all."""
    shown = list(partners)
    published = Activity.objects.published().filter(partner__in=shown).order_by()
    counts = dict(published.values_list("partner").annotate(Count("pk")))
    for partner in shown:
        partner.offers_count = counts.get(partner.pk, 0)  # type: ignore[attr-defined]  # for the template
    return shown


TICK_BOX = """
      <div class="ds-field">
        <input class="ds-input" type="checkbox" id="{id}" name="{name}" value="{value}" {checked}>
        <label class="ds-label" data-weight="regular" for="{id}">{label}
          <span class="p-filters__count">({count})</span></label>
      </div>"""


@register.simple_tag
def tick_boxes(facet: Mapping[str, Any]) -> SafeString:
    """The tick boxes of a facet with their counts.

    Written here and not in the template: every page of results has dozens, and a loop of tags takes ten times as long.
    """
    name = escape(facet["name"])
    boxes = [
        TICK_BOX.format(
            id=f"{name}-{(value := escape(box.value))}",
            name=name,
            value=value,
            checked="checked" if box.chosen else "",
            label=escape(box.name),
            count=int(box.count),
        )
        for box in facet["options"]
    ]
    return mark_safe("".join(boxes))  # noqa: S308  # escaped above


@register.simple_tag
def keep_link(activity: Activity, here: str) -> SafeString:
    """Keep an offer, for somebody who is not logged in: the way to log in and back to ``here``."""
    return mark_safe(f"{_way_to_log_in(here, get_language() or '')}{escape(activity.title)}</span></a>")  # noqa: S308  # escaped


@lru_cache(maxsize=100)
def _way_to_log_in(here: str, _language: str) -> SafeString:
    """What the links of all cards of a page begin with."""
    return format_html(
        '<a class="ds-button" data-variant="tertiary" data-size="sm" rel="nofollow" href="{}?next={}">{}{}'
        '<span class="ds-sr-only">: ',
        reverse("account_login"),
        quote(here, safe=""),
        icon("Heart"),
        gettext("Favourite"),
    )


@register.filter
def rounded_km(kilometres: float | None) -> str:
    """Whole kilometres; tens from a hundred on: as exact as a straight line deserves."""
    if kilometres is None:
        return ""
    return str(round(kilometres, -1 if kilometres >= 100 else None) if kilometres >= 1 else 1).removesuffix(".0")


@register.filter
def picture_url(image: ActivityImage) -> str:
    """The address of an offer's picture."""
    return url_of(image)


@register.filter
def season(activity: Activity) -> str:
    """The months in which it is offered: "September–November"; empty for all year."""
    return season_label(activity.season_months)


@register.filter
def access_names(activity: Activity) -> list[str]:
    """What its place or film has for those who need it, in the order in which the editor asks."""
    return [str(feature.label) for feature in AccessFeature if feature.value in activity.access_features]


@register.filter
def asks_for(activity: Activity, field: str) -> bool:
    """Whether the activity's kind asks for this field."""
    return field in activity.kind.fields


@register.filter
def successor_words(goal: Goal) -> str:
    """What came after a competence goal, in codes: "KM13854 in NAT01-05"; "" when nothing is known."""
    return curriculum.successor_words(goal)


@register.filter
def grade_name(after_grade: str) -> str:
    """The grade after which a goal is to be reached, as people say it."""
    return curriculum.grade_name(after_grade)


@register.filter
def quantity(number: int | None, unit: str) -> str:
    """A quantity with its unit, as pledges are counted: {{ 20000|quantity:"kroner" }} is "20,000 kr"."""
    return "" if number is None else quantity_words(unit, number)


@register.filter
def grouped(number: int) -> str:
    """A number with its thousands apart, as the language writes them."""
    return formats.number_format(number, force_grouping=True)
