"""Logos of the demo world's partners, drawn when the world is made: none is shipped, and nobody owns the shapes."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from stemportal.demo.seed import world
from stemportal.lib import images
from stemportal.lib.pdf import FONTS
from stemportal.partners.models import Partner
from stemportal.partners.services.organisation import set_logo

# Drawn four times as large, so that edges are smooth.
FINE = 4
MARK = 200
INKS = [
    ("#005a70", "#f2b134"),
    ("#7a4379", "#e2a9b8"),
    ("#1f5c3a", "#8cc084"),
    ("#22406b", "#6fb1d6"),
    ("#9c2f2f", "#e98a5b"),
    ("#2f3b45", "#d0493f"),
    ("#0e6e6e", "#c6d645"),
    ("#5a3d1f", "#d9a441"),
]
Ink = tuple[str, str]
Point = tuple[float, float]
Pen = ImageDraw.ImageDraw


def seed_logos() -> None:
    """Give most approved partners a logo; some have none, as in life. Safe to run again."""
    for partner in Partner.objects.approved().filter(logo="").order_by("pk"):
        dice = world.dice(f"logo:{partner.slug}")
        if dice.random() < 0.8:
            set_logo(partner_id=partner.pk, picture=drawn(partner.display_name, dice))


def drawn(name: str, dice: random.Random) -> images.Picture:
    """Return a logo for a name: a mark, and in most cases the name beside or below it."""
    ink, mark, shape = dice.choice(INKS), dice.choice(MARKS), dice.choice(["mark", "beside", "below", "below"])
    canvas = Image.new("RGBA", (MARK * FINE, MARK * FINE))
    mark(ImageDraw.Draw(canvas), MARK * FINE, ink)
    if shape != "mark":
        canvas = _with_name(canvas, name, ink, is_below=shape == "below")
    canvas = canvas.resize((canvas.width // FINE, canvas.height // FINE), Image.Resampling.LANCZOS)
    target = BytesIO()
    canvas.save(target, "PNG")
    return images.prepare(BytesIO(target.getvalue()))


def _with_name(mark: Image.Image, name: str, ink: Ink, *, is_below: bool) -> Image.Image:
    font = ImageFont.truetype(str(FONTS / "Inter-SemiBold.ttf"), 56 * FINE)
    gap = 28 * FINE
    words = name.replace(" ", "\n", 1)
    left, top, right, bottom = ImageDraw.Draw(mark).multiline_textbbox((0, 0), words, font=font)
    width, height = math.ceil(right - left), math.ceil(bottom - top)
    if is_below:
        size = (max(mark.width, width), mark.height + gap + height)
        at, text_at = ((size[0] - mark.width) // 2, 0), ((size[0] - width) // 2, mark.height + gap)
    else:
        size = (mark.width + gap + width, max(mark.height, height))
        at, text_at = (0, (size[1] - mark.height) // 2), (mark.width + gap, (size[1] - height) // 2)
    canvas = Image.new("RGBA", size)
    canvas.paste(mark, at)
    align = "center" if is_below else "left"
    pen = ImageDraw.Draw(canvas)
    pen.multiline_text((text_at[0] - left, text_at[1] - top), words, font=font, fill=ink[0], align=align)
    return canvas


def _rings(pen: Pen, size: int, ink: Ink) -> None:
    pen.ellipse((0, 0, size, size), fill=ink[0])
    pen.ellipse((size * 0.2, size * 0.2, size * 0.8, size * 0.8), fill="#ffffff")
    pen.ellipse((size * 0.36, size * 0.36, size * 0.64, size * 0.64), fill=ink[1])


def _peaks(pen: Pen, size: int, ink: Ink) -> None:
    pen.ellipse((size * 0.58, size * 0.06, size * 0.86, size * 0.34), fill=ink[1])
    pen.polygon([(0, size * 0.9), (size * 0.38, size * 0.15), (size * 0.76, size * 0.9)], fill=ink[0])
    pen.polygon([(size * 0.44, size * 0.9), (size * 0.7, size * 0.45), (size, size * 0.9)], fill=ink[0])


def _waves(pen: Pen, size: int, ink: Ink) -> None:
    for row, colour in enumerate((ink[1], ink[0], ink[0])):
        middle = size * (0.22 + 0.28 * row)
        line = [(x, middle + size * 0.07 * math.sin(x / size * 4 * math.pi + row)) for x in range(0, size + 1, FINE)]
        under = [(x, y + size * 0.12) for x, y in reversed(line)]
        pen.polygon([*line, *under], fill=colour)


def _bars(pen: Pen, size: int, ink: Ink) -> None:
    for number, share in enumerate((0.4, 0.65, 1.0)):
        left = size * (0.05 + 0.33 * number)
        box = (left, size * (1 - share), left + size * 0.24, size)
        pen.rounded_rectangle(box, radius=size * 0.05, fill=ink[1] if number == 1 else ink[0])


def _hexagon(pen: Pen, size: int, ink: Ink) -> None:
    for scale, colour in ((0.5, ink[0]), (0.32, "#ffffff"), (0.18, ink[1])):
        corners = [math.pi / 6 + math.pi / 3 * n for n in range(6)]
        pen.polygon(
            [(size * (0.5 + scale * math.cos(a)), size * (0.5 + scale * math.sin(a))) for a in corners], fill=colour
        )


def _cog(pen: Pen, size: int, ink: Ink) -> None:
    half = size / 2
    for n in range(8):
        angle = math.pi / 4 * n
        pen.line(
            (half, half, half + half * math.cos(angle), half + half * math.sin(angle)), fill=ink[0], width=size // 6
        )
    pen.ellipse((size * 0.14, size * 0.14, size * 0.86, size * 0.86), fill=ink[0])
    pen.ellipse((size * 0.34, size * 0.34, size * 0.66, size * 0.66), fill=ink[1])


def _petals(pen: Pen, size: int, ink: Ink) -> None:
    """Two leaves that share a stem, each between two arcs of a circle."""
    for side, colour in ((-1, ink[0]), (1, ink[1])):
        tip, stem = (size * (0.5 + 0.48 * side), size * 0.06), (size * 0.5, size * 0.96)
        steps = [n / 40 for n in range(41)]
        outer = [_bend(stem, (tip[0], stem[1]), tip, t) for t in steps]
        inner = [_bend(tip, (stem[0], tip[1]), stem, t) for t in steps]
        pen.polygon([*outer, *inner], fill=colour)


def _bend(start: Point, towards: Point, end: Point, t: float) -> Point:
    """A point of a quadratic curve."""
    x, y = ((1 - t) ** 2 * a + 2 * (1 - t) * t * b + t**2 * c for a, b, c in zip(start, towards, end, strict=True))
    return x, y


MARKS: list[Callable[[Pen, int, Ink], None]] = [_rings, _peaks, _waves, _bars, _hexagon, _cog, _petals]
