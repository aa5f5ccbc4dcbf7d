"""What input adds to a partner: a task while a hearing is open, its copy of the data, and forgetting its people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.accounts import deletion
from stemportal.lib.templatetags.portal import clock, localized, weekdate
from stemportal.network.models import Input, InputSupport
from stemportal.network.queries.inputs import SOON, to_answer
from stemportal.network.services.inputs import forget_in_inputs, forget_person
from stemportal.partners import extensions
from stemportal.partners.models import Membership, Partner
from stemportal.partners.own_data import who

MOST_TASKS = 3


def hearing_tasks(membership: Membership) -> Iterator[extensions.Task]:
    """Say that partners are asked for input, to those who may send it. One query."""
    if not membership.may_edit or not membership.partner.is_approved:
        return
    for hearing in to_answer(membership.partner)[:MOST_TASKS]:
        is_soon = hearing.closes_at <= timezone.now() + SOON
        until = {"day": weekdate(hearing.closes_at), "clock": clock(hearing.closes_at)}
        yield extensions.Task(
            title=_("We are asking: %(title)s") % {"title": localized(hearing, "title")},
            text=_("Open until %(day)s at %(clock)s") % until,
            url=reverse("network:hearing", args=[hearing.pk]),
            action=_("Read and send input"),
            order=35 if is_soon else 55,
            icon="Megaphone",
        )


def inputs(partner: Partner) -> Iterator[dict[str, Any]]:
    """Everything that the partner has sent, and what came of it."""
    rows = Input.objects.filter(partner=partner).select_related("by", "hearing", "recommendation")
    for found in rows.order_by("at", "pk").iterator():
        yield {
            "input": found.pk,
            "sent_at": found.at,
            "by": who(found.by),
            "hearing": localized(found.hearing, "title") if found.hearing else "",
            "title": found.title,
            "text": found.text,
            "shared": found.is_shared,
            "status": found.status,
            "reason": found.reason,
            "answer": found.answer,
            "answered_at": found.answered_at,
            "recommendation": _published(found),
        }


def _published(found: Input) -> str:
    """The title of the recommendation, as soon as everybody may read it."""
    bundled = found.recommendation
    return str(localized(bundled, "title")) if bundled and bundled.published_at else ""


def supports(partner: Partner) -> Iterator[dict[str, Any]]:
    """Other partners' input that the partner stands behind."""
    rows = InputSupport.objects.filter(partner=partner).select_related("by", "input__partner")
    for support in rows.order_by("at", "pk").iterator():
        yield {
            "title": support.input.title,
            "partner": support.input.partner.display_name,
            "at": support.at,
            "by": who(support.by),
        }


def register() -> None:
    """Add what input knows to what every partner has. Called once, when the app is ready."""
    extensions.today.append(hearing_tasks)
    extensions.data_sections.append(
        extensions.DataSection(name="input", about=gettext_lazy("input that you have sent, and answers"), rows=inputs)
    )
    extensions.data_sections.append(
        extensions.DataSection(
            name="input_supports", about=gettext_lazy("other partners' input that you support"), rows=supports
        )
    )
    extensions.forget.append(forget_in_inputs)
    deletion.forget.append(forget_person)
