"""Uploaded pictures: what is taken and how it looks then, and what is refused before anything is decoded."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from stemportal.lib import images
from stemportal.lib.images import ImageRefused, Reason

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BLUE, RED = (0, 90, 112), (200, 30, 30)


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def picture(size=(1200, 600), mode="RGB", color=BLUE) -> Image.Image:
    return Image.new(mode, size, color)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, *chunks: bytes, pixels: bytes = b"") -> bytes:
    """A PNG that claims a size; its pixels are whatever is given, so that the largest costs no memory to make."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(pixels))
    return images.PNG_SIGNATURE + header + b"".join(chunks) + body + chunk(b"IEND", b"")


def webp_of(width: int, height: int) -> bytes:
    """The beginning of an extended WebP with a canvas of that size."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\x00\x00\x00" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_of(width: int, height: int) -> bytes:
    """The beginning of a JPEG with a frame header of that size, after padding and a comment."""
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xff\xfe" + struct.pack(">H", 6) + b"hei!" + b"\xff\xc0" + frame + b"\xff\xd9"


def made(content: bytes, **options) -> tuple[images.Picture, Image.Image]:
    done = images.prepare(BytesIO(content), **options)
    drawn = Image.open(BytesIO(done.content))
    drawn.load()
    assert drawn.size == (done.width, done.height)
    assert drawn.format.lower() == done.extension
    return done, drawn


def refusal(content: bytes, **options) -> Reason:
    with pytest.raises(ImageRefused) as refused:
        images.prepare(BytesIO(content), **options)
    assert str(refused.value), "the person is told why"
    return refused.value.reason


@pytest.fixture
def no_decoder(monkeypatch):
    """Pillow may not even open the file."""

    def opened(*args, **kwargs):
        raise AssertionError("a decoder saw the file")

    monkeypatch.setattr(Image, "open", opened)


# --- What is taken


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_picture_becomes_small_and_keeps_its_shape(kind):
    done, drawn = made(saved(picture(), kind))
    assert (done.width, done.height) == (800, 400)
    assert all(abs(a - b) < 6 for a, b in zip(drawn.convert("RGB").getpixel((400, 200)), BLUE, strict=True))


def test_small_picture_is_not_blown_up():
    done, _drawn = made(saved(picture((120, 40))))
    assert (done.width, done.height) == (120, 40)


def test_lossless_webp_is_taken():
    done, _drawn = made(saved(picture((1000, 500)), "WEBP", lossless=True))
    assert (done.width, done.height) == (800, 400)


def test_name_is_random_and_tells_the_size():
    done, _drawn = made(saved(picture((120, 40))))
    assert done.random_name() != done.random_name()
    assert done.random_name().endswith("-120x40.png")


def test_photograph_becomes_webp_and_a_drawing_stays_png():
    noise = Image.effect_noise((900, 900), 90).convert("RGB")
    assert made(saved(noise, "JPEG", quality=95))[0].extension == "webp"
    assert made(saved(picture(), "JPEG"))[0].extension == "png"


def test_photograph_for_mails_becomes_jpeg_on_white():
    noise = Image.effect_noise((700, 700), 90).convert("RGBA")
    noise.paste((0, 0, 0, 0), (0, 0, 60, 60))
    target = BytesIO()
    noise.save(target, "PNG")

    done = images.prepare(BytesIO(target.getvalue()), photo=images.JPEG)

    picture = Image.open(BytesIO(done.content))
    assert (done.extension, picture.format) == ("jpg", "JPEG")
    assert min(picture.getpixel((20, 20))) > 240


def test_transparency_stays():
    see_through = picture((100, 100), "RGBA", (*RED, 0))
    _done, drawn = made(saved(see_through))
    assert drawn.mode == "RGBA"
    assert drawn.getpixel((50, 50))[3] == 0


def test_transparent_colour_of_a_palette_stays():
    indexed = picture((100, 100)).convert("P")
    _done, drawn = made(saved(indexed, transparency=indexed.getpixel((0, 0))))
    assert drawn.convert("RGBA").getpixel((50, 50))[3] == 0


def test_print_colours_become_screen_colours():
    _done, drawn = made(saved(picture((100, 100), "CMYK", (255, 0, 0, 0)), "JPEG"))
    red, green, blue = drawn.convert("RGB").getpixel((50, 50))
    assert red < 40
    assert green > 200
    assert blue > 200


def test_sixteen_bit_grey_keeps_its_brightness():
    _done, drawn = made(saved(Image.new("I;16", (20, 20), 40_000)))
    assert abs(drawn.convert("L").getpixel((10, 10)) - 156) < 3


def test_animation_becomes_its_first_frame():
    frames = [picture((60, 60)), picture((60, 60), color=RED)]
    for kind in ("PNG", "WEBP"):
        moving = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        done, drawn = made(moving)
        assert getattr(drawn, "n_frames", 1) == 1
        assert abs(drawn.convert("RGB").getpixel((30, 30))[0] - BLUE[0]) < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_stands_upright_however_the_camera_was_held(orientation):
    """The red corner is top left in what a person sees; the file holds it turned as the camera wrote it."""
    upright = picture((80, 40))
    upright.paste(RED, (0, 0, 20, 10))
    back = {5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE}
    back |= {8: Image.Transpose.ROTATE_270, 2: Image.Transpose.FLIP_LEFT_RIGHT, 4: Image.Transpose.FLIP_TOP_BOTTOM}
    back |= {3: Image.Transpose.ROTATE_180}
    held = upright.transpose(back[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    done, drawn = made(saved(held, "JPEG", exif=exif, quality=100))
    assert (done.width, done.height) == (80, 40)
    assert drawn.convert("RGB").getpixel((5, 3))[0] > 150


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_metadata_is_left_behind(kind):
    exif = Image.Exif()
    exif[0x010E] = "Hemmelig sted"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": exif, "icc_profile": profile}
    if kind == "PNG":
        words = PngInfo()
        words.add_text("Comment", "Hemmelig sted")
        options["pnginfo"] = words
    if kind == "JPEG":
        options["comment"] = "Hemmelig sted"
    content = saved(picture(), kind, **options) + b"Hemmelig sted"

    done, drawn = made(content)

    assert b"Hemmelig" in content
    assert b"Hemmelig" not in done.content
    assert not drawn.getexif()
    assert not set(drawn.info) & {"icc_profile", "exif", "comment", "Comment", "xmp"}


def test_camera_picture_with_a_second_one_inside_is_taken():
    """Telephones write a preview behind the picture (MPO)."""
    double = saved(picture(), "MPO", save_all=True, append_images=[picture((60, 60))])
    assert made(double)[0].width == 800


# --- What is refused


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- logo -->\n" + SVG,
        '<?xml version="1.0" encoding="utf-16"?><SVG onload="alert(1)"/>'.encode("utf-16"),
        b"\x1f\x8b\x08" + b"x" * 50,
    ],
)
def test_drawing_with_or_without_script_is_refused_kindly(content, no_decoder):
    assert refusal(content) == Reason.DRAWING


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + b"\x00" * 40,
        b"%PDF-1.7",
        b"MZ" + b"\x00" * 60,
        b"<html>",
        b"\x00\x00\x00\x1cftypheic",
        b"RIFFxxxxWAVE",
    ],
)
def test_other_files_are_refused_whatever_they_are_called(content, no_decoder):
    assert refusal(content) == Reason.OTHER_KIND


@pytest.mark.parametrize("content", [b"", b"\x00" * 500])
def test_empty_file_is_refused(content, no_decoder):
    assert refusal(content) == Reason.EMPTY


@pytest.mark.parametrize(
    "content",
    [png_of(10_000, 6_000), png_of(2**31 - 1, 2**31 - 1), jpeg_of(10_000, 6_000), webp_of(10_000, 6_000)],
    ids=["png", "huge png", "jpeg", "webp"],
)
def test_sixty_megapixels_are_refused_before_a_decoder_sees_them(content, no_decoder):
    assert len(content) < 1000
    assert refusal(content) == Reason.TOO_MANY_PIXELS


def test_limit_of_pixels_is_the_last_that_passes():
    assert refusal(png_of(5001, 5000)) == Reason.TOO_MANY_PIXELS
    assert refusal(png_of(5000, 5000)) == Reason.BROKEN  # within the limit, and has no pixels
    assert made(saved(picture((10, 10))), max_pixels=100)[0].width == 10


def test_picture_that_says_less_than_it_holds_is_cut_at_what_it_says():
    """A bomb: 4 by 4 pixels, and 100 MB of zeros to unpack. Only the rows of the header are read."""
    bomb = png_of(4, 4, pixels=b"\x00" * 100_000_000)
    assert len(bomb) < 200_000
    done, _drawn = made(bomb)
    assert (done.width, done.height) == (4, 4)


@pytest.mark.parametrize(
    ("kind", "head"), [(b"zTXt", b"x\x00\x00"), (b"iCCP", b"x\x00\x00"), (b"iTXt", b"x\x00\x01\x00\x00\x00")]
)
def test_bomb_in_a_text_or_a_profile_is_refused_and_not_unpacked(kind, head):
    """50 MB packed into 50 kB: the decoder gives up after the first one."""
    evil = chunk(kind, head + zlib.compress(b"\x00" * 50_000_000))
    content = png_of(4, 4, evil, pixels=(b"\x00" + b"\x01" * 12) * 4)
    assert len(content) < 60_000
    tracemalloc.start()
    try:
        assert refusal(content) == Reason.BROKEN
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_file_above_the_limit_is_refused_without_reading_all_of_it():
    class Endless(BytesIO):
        asked = 0

        def read(self, size=-1):
            self.asked = size
            return super().read(size)

    file = Endless(b"\x89PNG" + b"x" * 5000)
    with pytest.raises(ImageRefused) as refused:
        images.prepare(file, max_bytes=1000)
    assert refused.value.reason == Reason.TOO_HEAVY
    assert file.asked == 1001


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.7, 0.97])
def test_picture_that_was_cut_is_refused(kind, part):
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    content = saved(noise, kind)
    assert refusal(content[: int(len(content) * part)]) == Reason.BROKEN


@pytest.mark.parametrize(
    "content",
    [
        images.PNG_SIGNATURE,
        images.PNG_SIGNATURE + b"x" * 60,
        png_of(0, 0),
        png_of(10, 10, pixels=b"x"),
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x00" + b"\x00" * 20,
        jpeg_of(0, 10),
        jpeg_of(10, 10),
        b"RIFF\x00\x00\x00\x00WEBP",
        b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"\x00" * 30,
        webp_of(10, 10),
        b"RIFF\x20\x00\x00\x00WEBPVP8L" + b"\x08\x00\x00\x00\x2f\x00\x00\x00\x00" + b"\x00" * 8,
    ],
)
def test_bent_files_are_refused(content):
    assert refusal(content) == Reason.BROKEN


def test_every_reason_has_words_of_its_own():
    words = {str(ImageRefused(reason)) for reason in Reason}
    assert len(words) == len(Reason)
    assert "5 MB" in str(ImageRefused(Reason.TOO_HEAVY))
    assert "25 million" in str(ImageRefused(Reason.TOO_MANY_PIXELS))
