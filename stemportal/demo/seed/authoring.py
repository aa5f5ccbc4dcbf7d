"""What partners of the demo world tell about the day itself: programme, safety, the way there, season, pictures."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import datetime, time, timedelta
from io import BytesIO

from django.utils import translation
from PIL import Image, ImageDraw

from stemportal.activities.models import AccessFeature, Activity
from stemportal.activities.search_index import refresh_search
from stemportal.activities.services.files import add_file
from stemportal.activities.services.pictures import add_picture
from stemportal.activities.visit_pack import TEMPLATE, visit_pack_data
from stemportal.demo.seed import world
from stemportal.demo.seed.pictures import INKS, Ink, Pen
from stemportal.lib import images, pdf
from stemportal.lib.markdown_blocks import blocks_of
from stemportal.places.models import County

KINDS = ("company_visit", "workshop", "work_week", "job_shadow")
PICTURES = 24
WIDTH, HEIGHT, FINE = 960, 540, 2
PARTS = {
    "nb": [("Velkommen og sikkerhet", 0.0), ("Runde i grupper", 0.15), ("Pause", 0.5), ("Elevene prøver selv", 0.58),
           ("Spørsmål og oppsummering", 0.9)],
    "nn": [("Velkomen og tryggleik", 0.0), ("Runde i grupper", 0.15), ("Pause", 0.5), ("Elevane prøver sjølve", 0.58),
           ("Spørsmål og oppsummering", 0.9)],
}  # fmt: skip
DAYS = {
    "nb": "- Mandag: Bli kjent, sikkerhet og omvisning\n- Tirsdag og onsdag: Med på jobb\n- Torsdag: Egen oppgave\n"
    "- Fredag: Framvisning og samtale",
    "nn": "- Måndag: Bli kjend, tryggleik og omvising\n- Tysdag og onsdag: Med på jobb\n- Torsdag: Eiga oppgåve\n"
    "- Fredag: Framvising og samtale",
}
BRING = {
    "nb": [
        "- Matpakke\n- Gode sko",
        "- Matpakke\n- Klær som tåler litt søl",
        "- Matpakke\n- Noe å skrive med\n- Varme klær",
    ],
    "nn": [
        "- Matpakke\n- Gode sko",
        "- Matpakke\n- Klede som toler litt søl",
        "- Matpakke\n- Noko å skrive med\n- Varme klede",
    ],
}
SAFETY = {
    "nb": [
        "Alle får hjelm, briller og vest av oss. **Læreren blir med hele tiden.** To av oss går med hver gruppe.",
        "Vi går gjennom reglene før vi går inn. Elevene rører ikke maskiner uten at en av oss står ved siden av.",
    ],
    "nn": [
        "Alle får hjelm, briller og vest av oss. **Læraren er med heile tida.** To av oss går med kvar gruppe.",
        "Vi går gjennom reglane før vi går inn. Elevane rører ikkje maskiner utan at ein av oss står ved sida av.",
    ],
}
THERE = {
    "nb": [
        "Nærmeste holdeplass er {minutes} minutter unna. Buss kan stå ved porten.",
        "Fra sentrum er det {minutes} minutter å gå.",
    ],
    "nn": [
        "Næraste haldeplass er {minutes} minutt unna. Buss kan stå ved porten.",
        "Frå sentrum er det {minutes} minutt å gå.",
    ],
}
SEASONS = [[], [], [], [9, 10, 11], [3, 4, 5], [9, 10, 11, 12, 1, 2, 3], [4, 5, 6, 8, 9]]
RISK = {
    "nb": [
        "**Fall på vått gulv:** Vi tørker opp før dere kommer, og alle har gode sko.",
        "**Bevegelige maskiner:** De står mens elevene er i hallen. Nødstopp er merket med gult.",
        "**Støy:** Hørselvern deles ut ved døra.",
        "**Noen blir borte fra gruppa:** Vi teller inn og ut, og hver gruppe har to voksne.",
    ],
    "nn": [
        "**Fall på vått golv:** Vi tørkar opp før de kjem, og alle har gode sko.",
        "**Maskiner i rørsle:** Dei står mens elevane er i hallen. Naudstopp er merkt med gult.",
        "**Støy:** Høyrselsvern blir delt ut ved døra.",
        "**Nokon blir borte frå gruppa:** Vi tel inn og ut, og kvar gruppe har to vaksne.",
    ],
}


def seed_authoring() -> None:
    """Fill in the day of every other offer to which a class comes; safe to run again."""
    slugs = {row["partner"] for row in world.activities()}
    offers = Activity.objects.filter(kind__code__in=KINDS, format="on_site", programme="", partner__slug__in=slugs)
    changed = []
    for offer in offers.select_related("kind", "partner").order_by("pk"):
        dice = world.dice(f"authoring:{offer.partner.slug}:{offer.title}")
        if dice.random() < 0.5:
            continue
        _fill_in(offer, dice)
        changed.append(offer)
    fields = ["programme", "bring", "safety", "getting_there", "access_features", "season_months"]
    Activity.objects.bulk_update(changed, fields)
    _serve_neighbours()
    refresh_search([offer.pk for offer in changed])


def _language(offer: Activity) -> str:
    return "nn" if offer.languages[:1] == ["nn"] else "nb"


def _fill_in(offer: Activity, dice: random.Random) -> None:
    language = _language(offer)
    offer.programme = DAYS[language] if offer.kind.code == "work_week" else _programme(offer, language, dice)
    offer.bring = dice.choice(BRING[language])
    offer.safety = dice.choice(SAFETY[language])
    offer.getting_there = dice.choice(THERE[language]).format(minutes=dice.randint(3, 15))
    there = dice.sample(AccessFeature.values[:7], k=dice.randint(1, 4))
    offer.access_features = [feature for feature in AccessFeature.values if feature in there]
    offer.season_months = dice.choice(SEASONS)


def _programme(offer: Activity, language: str, dice: random.Random) -> str:
    start = datetime.combine(datetime(2026, 1, 1), time(dice.choice([8, 9, 10]), 0))
    lines = []
    for words, share in PARTS[language]:
        minutes = round(offer.duration_minutes * share / 5) * 5
        lines.append(f"- {start + timedelta(minutes=minutes):%H:%M} {words}")
    return "\n".join(lines)


def _serve_neighbours() -> None:
    """Some who come to schools come to more than their own county."""
    counties = list(County.objects.order_by("number"))
    visits = Activity.objects.filter(kind__code="role_model_visit", reach="county").exclude(municipality=None)
    for offer in visits.select_related("municipality").order_by("pk")[:12]:
        home = next(n for n, county in enumerate(counties) if county.pk == offer.municipality.county_id)  # type: ignore[union-attr]
        offer.serves.set({counties[home], counties[(home + 1) % len(counties)]})


def seed_offer_pictures() -> None:
    """Draw a picture for some offers, and put a risk assessment beside the first of them. Safe to run again."""
    offers = Activity.objects.published().filter(kind__code__in=KINDS, images=None).exclude(programme="")
    there = Activity.objects.exclude(images=None).count()
    for offer in offers.select_related("partner", "kind", "municipality").order_by("pk")[: max(0, PICTURES - there)]:
        dice = world.dice(f"picture:{offer.title}")
        picture, words = drawn(dice, _language(offer))
        add_picture(activity=offer, picture=picture, alt_text=words)
        if offer.risk_assessed_on:
            _add_assessment(offer)


def _add_assessment(offer: Activity) -> None:
    language, title = _language(offer), "Risikovurdering"
    with translation.override(language):
        data = visit_pack_data(offer) | {"what": title, "facts": [[title, f"{offer.risk_assessed_on:%d.%m.%Y}"]]}
    data["sections"] = [{"title": title, "blocks": blocks_of("\n".join(f"- {danger}" for danger in RISK[language]))}]
    content = pdf.render(TEMPLATE, data)
    add_file(activity=offer, purpose="risk", title=title, content=content, extension="pdf")


def drawn(dice: random.Random, language: str) -> tuple[images.Picture, str]:
    """Return a drawn picture and what it shows, in the offer's language."""
    motive, words = dice.choice(MOTIVES)
    canvas = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), "#dcebed")
    motive(ImageDraw.Draw(canvas), dice.choice(INKS), dice)
    target = BytesIO()
    canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(target, "PNG")
    return images.prepare(BytesIO(target.getvalue()), longest=WIDTH), words[language]


def _mountains(pen: Pen, ink: Ink, dice: random.Random) -> None:
    width, height = WIDTH * FINE, HEIGHT * FINE
    pen.ellipse((width * 0.68, height * 0.12, width * 0.68 + height * 0.3, height * 0.42), fill=ink[1])
    for layer in range(3):
        base = height * (0.55 + 0.15 * layer)
        points = [(width * n / 6, base - dice.uniform(0, height * 0.28)) for n in range(7)]
        pen.polygon([(0, height), *points, (width, height)], fill=ink[0] if layer == 2 else _paler(ink[0], 2 - layer))


def _turbines(pen: Pen, ink: Ink, dice: random.Random) -> None:
    width, height = WIDTH * FINE, HEIGHT * FINE
    for at in (0.22, 0.5, 0.78):
        x, y, blade = width * at, height * dice.uniform(0.25, 0.4), height * 0.22
        pen.line((x, y, x, height), fill="#ffffff", width=14)
        turn = dice.uniform(0, math.pi)
        for n in range(3):
            angle = turn + n * 2 * math.pi / 3
            pen.line((x, y, x + blade * math.cos(angle), y + blade * math.sin(angle)), fill=ink[0], width=16)
        pen.ellipse((x - 16, y - 16, x + 16, y + 16), fill=ink[1])
    pen.rectangle((0, height * 0.82, width, height), fill=_paler(ink[0], 1))


def _cogs(pen: Pen, ink: Ink, dice: random.Random) -> None:
    width, height = WIDTH * FINE, HEIGHT * FINE
    for x, y, radius, colour in (
        (0.35, 0.52, 0.3, ink[0]),
        (0.6, 0.38, 0.2, ink[1]),
        (0.74, 0.68, 0.16, _paler(ink[0], 1)),
    ):
        _cog(pen, (width * x, height * y), height * radius, colour, dice.uniform(0, 1))


def _cog(pen: Pen, middle: tuple[float, float], radius: float, colour: str, turn: float) -> None:
    x, y = middle
    for n in range(10):
        angle = turn + n * math.pi / 5
        pen.line(
            (x, y, x + radius * math.cos(angle), y + radius * math.sin(angle)), fill=colour, width=int(radius * 0.28)
        )
    inner = radius * 0.8
    pen.ellipse((x - inner, y - inner, x + inner, y + inner), fill=colour)
    hole = radius * 0.35
    pen.ellipse((x - hole, y - hole, x + hole, y + hole), fill="#dcebed")


def _paler(colour: str, steps: int) -> str:
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * 0.3 * steps):02x}" for part in parts)


Motive = Callable[[Pen, Ink, random.Random], None]
MOTIVES: list[tuple[Motive, dict[str, str]]] = [
    (_mountains, {"nb": "Tegning av tre fjellrygger og en lav sol", "nn": "Teikning av tre fjellryggar og ei låg sol"}),
    (_turbines, {"nb": "Tegning av tre vindturbiner på en slette", "nn": "Teikning av tre vindturbinar på ei slette"}),
    (_cogs, {"nb": "Tegning av tre tannhjul", "nn": "Teikning av tre tannhjul"}),
]
