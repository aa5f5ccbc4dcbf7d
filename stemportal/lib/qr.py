"""QR codes as one path of an inline drawing: no picture file, no script, and nothing that the strict policy refuses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M

# Quiet edge that readers need, in modules (ISO/IEC 18004).
EDGE = 4


@dataclass(frozen=True)
class Code:
    """A code: ``size`` modules each way with its edge, and the dark ones as the data of an SVG path."""

    size: int
    path: str


@lru_cache(maxsize=16)  # a report shows the same one in three languages
def qr_code(text: str) -> Code:
    """Return the code for a text, here an address; a sixth of it may be hidden or dirty."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=EDGE)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return Code(size=len(rows), path="".join(dark))
