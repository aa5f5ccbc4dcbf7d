"""Logos and a text that partners of the demo world may use: the portal's own mark, drawn in two sizes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from stemportal.demo.seed import world
from stemportal.lib.pdf import FONTS
from stemportal.partners.models import BrandMaterial
from stemportal.partners.services.brand import keep_material

FJORD, SUN, WHITE = "#005a70", "#f2b134", "#ffffff"
# The drawing of static/img/favicon.svg is 32 units wide; leaves as start, control, control, end, twice.
UNITS = 32
LEAVES = [
    (WHITE, [(16, 24.5), (16, 19.3), (12.6, 16.5), (7.8, 16.5), (7.8, 21.7), (11.2, 24.5), (16, 24.5)]),
    (SUN, [(16, 18.5), (16, 12.9), (19.6, 10), (24.6, 10), (24.6, 15.6), (21, 18.5), (16, 18.5)]),
]
FINE = 4
Point = tuple[float, float]


def seed_brand() -> None:
    """The logo in two sizes and as a drawing, and a text in three languages. Safe to run again."""
    if BrandMaterial.objects.exists():
        return
    words = world.read("pages")["brand"]
    files = {
        "logo_large": ("stemportal-logo-1600.png", png(logo(1600))),
        "logo_small": ("stemportal-logo-400.png", png(logo(400))),
        "logo_drawing": ("stemportal-mark.svg", (settings.BASE_DIR / "static/img/favicon.svg").read_bytes()),
    }
    for order, row in enumerate(words, start=1):
        material = BrandMaterial(
            order=10 * order,
            **{
                f"{field}_{language}": row[language][field]
                for field in ("title", "text")
                for language in ("nb", "nn", "en")
            },
        )
        upload = SimpleUploadedFile(*files[row["code"]]) if row["code"] in files else None
        keep_material(material=material, upload=upload)


def logo(width: int) -> Image.Image:
    """Return the mark with the portal's name beside it, that many pixels wide, on nothing."""
    height = width // 4
    mark = _mark(height * FINE)
    canvas = Image.new("RGBA", (width * FINE, height * FINE))
    canvas.paste(mark, (0, 0))
    # As large as fits beside the mark, with a little room at the end.
    left, room = height * FINE * 1.12, width * FINE - height * FINE * 1.2
    probe = ImageFont.truetype(str(FONTS / "Inter-SemiBold.ttf"), 100)
    font = ImageFont.truetype(
        str(FONTS / "Inter-SemiBold.ttf"), int(100 * room / probe.getlength(settings.PORTAL_NAME))
    )
    pen = ImageDraw.Draw(canvas)
    pen.text((left, height * FINE * 0.52), settings.PORTAL_NAME, font=font, fill=FJORD, anchor="lm")
    return canvas.resize((width, height), Image.Resampling.LANCZOS)


def png(image: Image.Image) -> bytes:
    target = BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def _mark(size: int) -> Image.Image:
    """The open doorway with something growing in it."""
    unit = size / UNITS
    mark = Image.new("RGBA", (size, size))
    pen = ImageDraw.Draw(mark)
    pen.pieslice((3 * unit, 1 * unit, 29 * unit, 27 * unit), 180, 360, fill=FJORD)
    pen.rectangle((3 * unit, 14 * unit - 1, 29 * unit, 31 * unit), fill=FJORD)
    pen.rectangle((14.8 * unit, 17 * unit, 17.2 * unit, 31 * unit), fill=WHITE)
    for colour, points in LEAVES:
        pen.polygon([(x * unit, y * unit) for x, y in _outline(points)], fill=colour)
    return mark


def _outline(points: list[Point]) -> Iterator[Point]:
    """Points of two cubic curves, one after the other."""
    for curve in (points[:4], points[3:]):
        for step in range(33):
            t = step / 32
            weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
            yield (
                sum(weight * x for weight, (x, _y) in zip(weights, curve, strict=True)),
                sum(weight * y for weight, (_x, y) in zip(weights, curve, strict=True)),
            )
