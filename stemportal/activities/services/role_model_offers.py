"""What classes book of a role model: an activity on request, made from the profile and kept in step with it.

It is the profile's own: nobody edits it by itself, and it is published only while the profile is (``rules``).
"""

from __future__ import annotations

from typing import Any

import structlog
from django.db.models import F
from django.utils import timezone

from stemportal.activities.models import Activity, ActivityFile, ActivityImage, Kind, RoleModel
from stemportal.activities.search_index import refresh_search
from stemportal.activities.services.activities import (
    CannotPublish,
    archive_activity,
    publish_activity,
    restore_activity,
    set_point,
)
from stemportal.activities.services.files import remove_file
from stemportal.activities.services.pictures import remove_picture

logger = structlog.get_logger(__name__)

AT_SCHOOL, ONLINE = "role_model_visit", "role_model_online"
MINUTES = 45
PUPILS = 30
# Columns of the activity; what does not fit is cut at a word. Offers are written in bokmål, as most of the portal is.
TITLE, DESCRIPTION = 90, 5000
LEARNING = (
    "Elevene hører hvilke valg og hvilken utdanning som førte til et yrke i realfag og teknologi, hva en vanlig "
    "arbeidsdag går ut på, og får stille spørsmål de selv har laget."
)
PREPARATION = "La elevene lese om personen og lage spørsmål på forhånd, gjerne to hver."
NAMELESS = "Møt en rollemodell"


def show_offer(role_model: RoleModel) -> None:
    """Make the offer of a published role model, or bring it in step, and publish it. Call it under the profile's lock.

    Where the kinds ask for more than a profile can say, the offer waits as a draft for its partner; the profile is
    shown all the same.
    """
    activity = bring_in_step(role_model)
    if activity is None or activity.is_published:
        return
    restore_activity(activity=activity)
    try:
        publish_activity(activity=activity)
    except CannotPublish as refusal:
        logger.warning("role_model_offer_waits", role_model=role_model.pk, missing=str(refusal))


def bring_in_step(role_model: RoleModel) -> Activity | None:
    """Write what the profile says into its offer, made anew where there is none. None: the kind does not exist."""
    kind = Kind.objects.filter(code=kind_of(role_model)).first()
    if kind is None:
        logger.warning("role_model_kind_missing", kind=kind_of(role_model))
        return None
    facts = {"kind": kind, **offer_facts(role_model)}
    if role_model.offer_id is None:
        activity = Activity(partner_id=role_model.partner_id, **facts)
        set_point(activity)
        activity.save()
        role_model.offer = activity
        role_model.save(update_fields=["offer", "updated_at"])
    else:
        activity = Activity.objects.select_for_update(no_key=True).get(pk=role_model.offer_id)
        for name, value in facts.items():
            setattr(activity, name, value)
        set_point(activity)
        activity.revision += 1
        activity.save(update_fields=[*facts, "latitude", "longitude", "revision", "updated_at"])
    activity.subjects.set(role_model.subjects.all())
    activity.serves.set(role_model.counties.all() if role_model.visits_schools else [])
    refresh_search([activity.pk])
    return activity


def hide_offer(role_model: RoleModel) -> None:
    """Take the offer off the pages; visits that are agreed stand."""
    if role_model.offer is not None:
        archive_activity(activity=role_model.offer)


def forget_offer(role_model: RoleModel) -> None:
    """Take the person out of the offer: texts, pictures, files. Its bookings and figures stay."""
    if role_model.offer_id is None:
        return
    hide_offer(role_model)
    for image in ActivityImage.objects.filter(activity=role_model.offer_id):
        remove_picture(image=image)
    for file in ActivityFile.objects.filter(activity=role_model.offer_id):
        remove_file(file=file)
    Activity.objects.filter(pk=role_model.offer_id).update(
        title=NAMELESS,
        summary="",
        description="",
        link="",
        revision=F("revision") + 1,
        updated_at=timezone.now(),
    )
    refresh_search([role_model.offer_id])


# What the offer says


def kind_of(role_model: RoleModel) -> str:
    """Return the code of the offer's kind."""
    return AT_SCHOOL if role_model.visits_schools else ONLINE


def offer_facts(role_model: RoleModel) -> dict[str, Any]:
    """Return the offer's columns as the profile has them."""
    formats = Activity.Format
    if role_model.visits_schools:
        where, reach = (formats.HYBRID if role_model.meets_online else formats.AT_SCHOOL), Activity.Reach.COUNTY
    else:
        where, reach = formats.DIGITAL, Activity.Reach.NATIONAL
    return {
        "title": _title(role_model.full_name, role_model.job_title),
        "summary": role_model.intro,
        "description": _description(role_model),
        "learning": LEARNING,
        "preparation": PREPARATION,
        "format": where,
        "reach": reach,
        "languages": role_model.languages,
        "grade_from": role_model.grade_from,
        "grade_to": role_model.grade_to,
        "municipality": role_model.partner.municipality if role_model.visits_schools else None,
        "policy": Activity.Policy.ON_REQUEST,
        "group_max": PUPILS,
        "duration_minutes": MINUTES,
    }


def _title(name: str, job: str) -> str:
    # "Robotingeniør" is written small inside a sentence, "IT-arkitekt" is not.
    if len(job) > 1 and job[1].islower():
        job = job[0].lower() + job[1:]
    return shortened(f"Møt {name}, {job}", TITLE)


def _description(role_model: RoleModel) -> str:
    steps = "\n".join(
        f"- **{step['year']}:** {step['text']}" if step.get("year") else f"- {step['text']}"
        for step in role_model.steps
        if step.get("text")
    )
    told = "Klassen møter et menneske som forteller om jobben sin og om valgene på veien dit, og svarer på spørsmål."
    return shortened("\n\n".join(part for part in (told, role_model.path.strip(), steps) if part), DESCRIPTION)


def shortened(text: str, longest: int) -> str:
    """Return the text with at most so many characters, cut between two words."""
    if len(text) <= longest:
        return text
    cut = text.rfind(" ", 0, longest)
    return text[: cut if cut > 0 else longest - 1].rstrip(" ,;:") + "…"
