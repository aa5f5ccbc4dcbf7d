"""Pictures that people upload, made safe: checked before they are decoded, drawn anew, and nothing else is kept.

    picture = images.prepare(upload)          # any PNG, JPEG or WebP; raises ImageRefused with words for the person
    name = default_storage.save(f"logos/{picture.random_name()}", ContentFile(picture.content))

What a picture is, is decided by its content; its name and the type that a browser claims count for nothing. Width and
height are read from the first bytes by hand, because some decoders set aside memory for the whole canvas as soon as
they open a file: a picture of 60 megapixels is refused before any decoder sees it. What is kept is drawn anew, so that
places, cameras, comments, colour profiles and whatever hides behind the last pixel are gone.
"""

from __future__ import annotations

import re
import secrets
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import IO, Any

from django.utils.translation import gettext as _
from PIL import Image

MEGABYTE = 1024 * 1024
# As phones take them (12 megapixels) and twice that; decoded with transparency it needs 100 MB for a moment.
MAX_PIXELS = 25_000_000
MAX_BYTES = 5 * MEGABYTE
LONGEST = 800
# A drawing with few colours is small and sharp as PNG; above this size it is a photograph, for which WebP is made.
PNG_ENOUGH = 150_000
WEBP_QUALITY = 86
JPEG_QUALITY = 84

PNG, JPEG, WEBP = "PNG", "JPEG", "WEBP"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"
# Frame headers of JPEG (SOF0 to SOF15): all but tables (C4, CC) and an unused one (C8).
JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_END_OF_HEADER = {0xD9, 0xDA}
EXIF_ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises about files that are cut, bent or lie about themselves.
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


class Reason(StrEnum):
    """Why a picture is not taken."""

    EMPTY = "empty"
    TOO_HEAVY = "too_heavy"
    TOO_MANY_PIXELS = "too_many_pixels"
    DRAWING = "drawing"
    OTHER_KIND = "other_kind"
    BROKEN = "broken"


class ImageRefused(ValueError):
    """A picture is not taken; ``str()`` says why and what to do, in the language of the page."""

    def __init__(self, reason: Reason, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> None:
        self.reason = reason
        super().__init__(_words(reason, megabytes=max_bytes // MEGABYTE, megapixels=max_pixels // 1_000_000))


def _words(reason: Reason, *, megabytes: int, megapixels: int) -> str:
    match reason:
        case Reason.EMPTY:
            return _("The file is empty. Please choose it once more.")
        case Reason.TOO_HEAVY:
            return _("The file is too large. It may have at most %(megabytes)s MB.") % {"megabytes": megabytes}
        case Reason.TOO_MANY_PIXELS:
            text = _(
                "The picture has too many pixels: at most %(megapixels)s million. Please save a smaller copy; "
                "800 pixels across is plenty."
            )
            return text % {"megapixels": megapixels}
        case Reason.DRAWING:
            return _(
                "This is an SVG drawing. Such a file can carry programs, so we take pictures only: please save it as "
                "PNG, 800 pixels wide, and choose that file."
            )
        case Reason.OTHER_KIND:
            return _("This is not a PNG, JPEG or WebP picture. Please save it as one of these and try again.")
        case Reason.BROKEN:
            return _("The picture can not be read; the file may have been cut. Please save it once more and try again.")


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the first bytes of a picture say: its format (PNG, JPEG or WEBP) and its size in pixels."""

    format: str
    width: int
    height: int


# What ``Picture.random_name`` makes.
NAME = re.compile(r"(?P<random>[0-9a-f]{22})-(?P<width>\d{1,4})x(?P<height>\d{1,4})\.(?P<extension>png|webp|jpg)")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture drawn anew: file content, extension (png, webp or jpg), size in pixels."""

    content: bytes
    extension: str
    width: int
    height: int

    def random_name(self) -> str:
        """Return a file name that cannot be guessed and tells the size: ``<22 letters>-<width>x<height>.png``.

        Pages need the size before the picture is there, so that nothing jumps; in the name it costs no question.
        """
        return f"{secrets.token_hex(11)}-{self.width}x{self.height}.{self.extension}"


def prepare(
    file: IO[bytes] | Any,
    *,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    longest: int = LONGEST,
    photo: str = WEBP,
) -> Picture:
    """Return an uploaded picture upright, at most ``longest`` pixels on its longer side and without metadata.

    A photograph becomes WebP, or with ``photo=JPEG`` what every mail program shows (on white where it is transparent).

    ``file`` is anything with ``read``, for example Django's UploadedFile. An animation becomes its first frame, print
    colours (CMYK) become screen colours, transparency stays. Never reads more than ``max_bytes`` + 1, and decodes
    nothing above ``max_pixels``. Raises ImageRefused.
    """
    content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise ImageRefused(Reason.TOO_HEAVY, max_bytes=max_bytes)
    header = read_header(content)
    if header.width * header.height > max_pixels:
        raise ImageRefused(Reason.TOO_MANY_PIXELS, max_pixels=max_pixels)
    try:
        image = _decode(content, header, longest)
    except UNREADABLE as error:
        raise ImageRefused(Reason.BROKEN) from error
    return _encode(image, photo)


def read_header(content: bytes) -> Header:
    """Return format and size from a picture's own first bytes. Raises ImageRefused for whatever else it is."""
    if not content.strip(b"\x00"):
        raise ImageRefused(Reason.EMPTY)
    try:
        if content.startswith(PNG_SIGNATURE):
            header = Header(format=PNG, **_png_size(content))
        elif content.startswith(JPEG_SIGNATURE):
            header = Header(format=JPEG, **_jpeg_size(content))
        elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            header = Header(format=WEBP, **_webp_size(content))
        else:
            raise ImageRefused(Reason.DRAWING if looks_like_svg(content) else Reason.OTHER_KIND)
    except (struct.error, IndexError) as error:
        raise ImageRefused(Reason.BROKEN) from error
    if not header.width or not header.height:
        raise ImageRefused(Reason.BROKEN)
    return header


def looks_like_svg(content: bytes) -> bool:
    """Say whether the file is an SVG drawing, whatever its name, byte order mark or comments in front."""
    start = content[:4096]
    for encoding in ("utf-8", "utf-16"):
        if "<svg" in start.decode(encoding, errors="ignore").lower():
            return True
    # gzip-packed SVG (.svgz) is the only gzip file that somebody would call a picture.
    return start.startswith(b"\x1f\x8b")


def _png_size(content: bytes) -> dict[str, int]:
    if content[12:16] != b"IHDR":
        raise ImageRefused(Reason.BROKEN)
    width, height = struct.unpack(">II", content[16:24])
    return {"width": width, "height": height}


def _jpeg_size(content: bytes) -> dict[str, int]:
    """Go from marker to marker until the frame header. A height of 0 (told after the picture) is refused later."""
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in JPEG_END_OF_HEADER:
            break
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        if marker in JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return {"width": width, "height": height}
        if length < 2:
            break
        at += 2 + length
    raise ImageRefused(Reason.BROKEN)


def _webp_size(content: bytes) -> dict[str, int]:
    """The three kinds of first chunk: lossy, lossless, and extended with the canvas of everything that follows."""
    kind = content[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
        return {"width": width, "height": height}
    if kind == b"VP8L" and content[20] == 0x2F:
        (bits,) = struct.unpack("<I", content[21:25])
        return {"width": (bits & 0x3FFF) + 1, "height": (bits >> 14 & 0x3FFF) + 1}
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", content[26:30])
        return {"width": width & 0x3FFF, "height": height & 0x3FFF}
    raise ImageRefused(Reason.BROKEN)


def _decode(content: bytes, header: Header, longest: int) -> Image.Image:
    """Decode the first frame, upright, in RGB or RGBA, no larger than wanted."""
    image: Image.Image = Image.open(BytesIO(content), formats=(header.format,))
    if image.size != (header.width, header.height):
        raise ValueError("two opinions about the size")
    # Lets JPEG be decoded at half, a quarter or an eighth of its size.
    image.draft(None, (longest, longest))
    turn = _turn(image)
    image = _plain(image)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return image.transpose(turn) if turn is not None else image.copy()


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How the camera was held. A picture with nonsense there is shown as it lies."""
    try:
        return UPRIGHT.get(image.getexif().get(EXIF_ORIENTATION, 1))
    except UNREADABLE:
        return None


def _plain(image: Image.Image) -> Image.Image:
    """Return RGB, or RGBA where something shows through; the picture itself where it is that already."""
    image.load()
    if image.mode in {"RGB", "RGBA"} and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):
        # 16 bits a pixel: Pillow would cut off what is brighter than 255 instead of scaling it.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _encode(image: Image.Image, photo: str) -> Picture:
    # Pillow would write a colour profile that is left here into the new file.
    image.info = {}
    content, extension = _save(image, "PNG", optimize=True), "png"
    if len(content) > PNG_ENOUGH:
        smaller = _photo(image, photo)
        if len(smaller) < len(content):
            content, extension = smaller, "jpg" if photo == JPEG else "webp"
    return Picture(content=content, extension=extension, width=image.width, height=image.height)


def _photo(image: Image.Image, kind: str) -> bytes:
    if kind == WEBP:
        return _save(image, WEBP, quality=WEBP_QUALITY, method=4)
    if image.mode == "RGBA":
        on_white = Image.new("RGB", image.size, "white")
        on_white.paste(image, mask=image.getchannel("A"))
        image = on_white
    return _save(image, JPEG, quality=JPEG_QUALITY, optimize=True, progressive=True)


def _save(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()
