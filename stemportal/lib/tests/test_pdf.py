"""Documents from whatever people have typed: no text may keep one from being made, and no panic may end a worker."""

from __future__ import annotations

import pypdfium2
import pytest

from stemportal.lib import pdf

TEMPLATE = """#set document(title: "Test")
#set text(font: "Inter", lang: "nb")
#title[Test]
#json(bytes(sys.inputs.data)).text
"""


@pytest.fixture
def template(tmp_path):
    path = tmp_path / "test.typ"
    path.write_text(TEMPLATE)
    return path


def words_of(content: bytes) -> str:
    return " ".join(pypdfium2.PdfDocument(content)[0].get_textpage().get_text_bounded().split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("Blåbær \u202eog\ufeff\ue000 \x07bringebær\u0600", "Blåbær og bringebær", id="unprintable"),
        pytest.param("Robot 🤖 ᚠ", "Robot □", id="no-font"),
        pytest.param("Ωμέγα Добрый", "Ωμέγα Добрый", id="other-alphabets"),
    ],
)
def test_what_can_not_be_printed_is_left_out(template, text, words):
    assert words_of(pdf.render(template, {"text": text})) == f"Test {words}"


def test_panic_of_the_typesetter_leaves_boxes_and_a_compiler_that_goes_on(template, monkeypatch):
    class PanicException(BaseException):
        """As the one of Rust, which can not be imported."""

    class Fragile:
        def compile(self, *, sys_inputs, **options):
            if "א" in sys_inputs["data"]:
                raise PanicException("end byte index 3 is out of bounds")
            return compiler.compile(sys_inputs=sys_inputs, **options)

    compiler = pdf._compiler(template)
    monkeypatch.setattr(pdf, "_compiler", lambda template: Fragile())

    assert words_of(pdf.render(template, {"text": "Ål א ål"})) == "Test Ål □ ål"


def test_same_data_gives_the_same_bytes(template):
    assert pdf.render(template, {"text": "Ål"}) == pdf.render(template, {"text": "Ål"})
