"""Files that tests send with a form."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


class Upload:
    """A file for the test client that can be sent again and again, once for each role."""

    content_type = "application/octet-stream"

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content

    def read(self) -> bytes:
        return self.content


def small_png() -> bytes:
    target = BytesIO()
    Image.new("RGB", (12, 8)).save(target, "PNG")
    return target.getvalue()
