"""Role models of the demo world: made-up people with the ways they went, drawn portraits and consents."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image, ImageDraw

from stemportal.activities.models import RoleModel, RoleModelConsent, Subject
from stemportal.activities.portraits import FOLDER
from stemportal.activities.services.consent_links import link_token, no_token
from stemportal.activities.services.consents import consent_text
from stemportal.activities.services.role_models import publish
from stemportal.demo.seed import world
from stemportal.lib import images
from stemportal.partners.models import Partner
from stemportal.places.models import County

SIZE, FINE = 480, 2
BACKGROUNDS = ["#d5e8ea", "#f3e2c0", "#e4d7ea", "#d9e8d4", "#f0d8d3"]
SKINS = ["#f2cfb0", "#e0ac86", "#c98d63", "#9a6341", "#6f4428"]
HAIRS = ["#2b211c", "#6b4226", "#b98b4a", "#8f8f8f", "#a8431f"]
CLOTHES = ["#005a70", "#7a4379", "#1f5c3a", "#9c2f2f", "#22406b"]


def seed_role_models() -> None:
    """Everybody in world/role_models.json whose partner is there. Safe to run again; nobody is mailed."""
    partners = Partner.objects.select_related("municipality").in_bulk(field_name="slug")
    subjects = {subject.code: subject for subject in Subject.objects.all()}
    counties = {county.number: county for county in County.objects.filter(valid_to__isnull=True)}
    existing = set(RoleModel.objects.values_list("email", flat=True))
    for number, row in enumerate(world.read("role_models")):
        email = f"{world.ascii_slug(row['name']).replace('-', '.')}@{row['partner']}.example.no"
        if email in existing or row["partner"] not in partners:
            continue
        role_model = _profile(row, partners[row["partner"]], email)
        role_model.subjects.set([subjects[code] for code in row["subjects"]])
        role_model.counties.set([counties[code] for code in row["counties"]])
        _answer(role_model, row["state"], timezone.now() - timedelta(days=20 + 9 * number))


def _profile(row: dict[str, Any], partner: Partner, email: str) -> RoleModel:
    dice = world.dice(f"portrait:{row['name']}")
    picture = portrait(dice)
    return RoleModel.objects.create(
        partner=partner,
        full_name=row["name"],
        email=email,
        language=row["language"],
        job_title=row["job"],
        intro=row["intro"],
        path=row["path"],
        steps=[{"year": year, "text": text} for year, text in row["steps"]],
        languages=row["languages"],
        visits_schools=row["school"],
        meets_online=row["online"],
        grade_from=row["grades"][0],
        grade_to=row["grades"][1],
        film_link=f"https://film.example.no/w/{_film_id(dice)}" if row["film"] else "",
        photo=default_storage.save(f"{FOLDER}/{picture.random_name()}", ContentFile(picture.content)),
        photo_alt=f"Tegnet portrett av {row['name']}"
        if row["language"] == "nb"
        else f"Teikna portrett av {row['name']}",
    )


def _film_id(dice: random.Random) -> str:
    """A name as PeerTube gives it."""
    digits = f"{dice.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _answer(role_model: RoleModel, state: str, asked_at: datetime) -> None:
    """Asked three weeks ago or more, and answered the next day, but for the one that is waiting."""
    consent = RoleModelConsent.objects.create(role_model=role_model, token_hash=no_token(), asked_at=asked_at)
    link_token(consent)
    if state == "waiting":
        return
    consent.text = consent_text(role_model.partner, role_model.language)
    consent.given_at = asked_at + timedelta(days=1)
    if state == "withdrawn":
        consent.withdrawn_at = timezone.now() - timedelta(days=2)
    consent.save()
    if consent.stands:
        publish(role_model, consent)
    else:
        RoleModel.objects.filter(pk=role_model.pk).update(status=RoleModel.Status.HIDDEN)


def portrait(dice: random.Random) -> images.Picture:
    """Return a person drawn from a few shapes, with nobody's face."""
    side = SIZE * FINE
    canvas = Image.new("RGB", (side, side), dice.choice(BACKGROUNDS))
    pen, skin, hair, clothes = ImageDraw.Draw(canvas), *map(dice.choice, (SKINS, HAIRS, CLOTHES))

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return left * side, top * side, right * side, bottom * side

    has_long_hair = dice.random() < 0.5
    if has_long_hair:
        pen.rounded_rectangle(box(0.28, 0.22, 0.72, 0.74), radius=0.2 * side, fill=hair)
    pen.rounded_rectangle(box(0.16, 0.72, 0.84, 1.2), radius=0.2 * side, fill=clothes)
    pen.rounded_rectangle(box(0.43, 0.58, 0.57, 0.78), radius=0.06 * side, fill=skin)
    pen.ellipse(box(0.33, 0.2, 0.67, 0.64), fill=skin)
    pen.chord(box(0.31, 0.15, 0.69, 0.56), 180, 360, fill=hair)
    for middle in (0.43, 0.57):
        pen.ellipse(box(middle - 0.018, 0.4, middle + 0.018, 0.436), fill="#2b211c")
    pen.arc(box(0.43, 0.44, 0.57, 0.55), 20, 160, fill="#7a3a2a", width=side // 90)
    if dice.random() < 0.4:
        for middle in (0.43, 0.57):
            pen.ellipse(box(middle - 0.06, 0.36, middle + 0.06, 0.48), outline="#2b211c", width=side // 110)
        pen.line((0.49 * side, 0.42 * side, 0.51 * side, 0.42 * side), fill="#2b211c", width=side // 110)
    target = BytesIO()
    canvas.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(target, "PNG")
    return images.prepare(BytesIO(target.getvalue()))
