from __future__ import annotations

import pytest

from stemportal.newsletters.rendering import plain_text, written_languages
from stemportal.newsletters.tests.blocks import block
from stemportal.newsletters.tests.people import newsletter

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hei</p><p>du</p>", "Hei\n\ndu"),
        ("<h3>Nytt</h3>\n<p>Se <strong>her</strong>.</p>", "Nytt\n\nSe her."),
        ("<ul>\n<li>en</li>\n<li>to</li>\n</ul>\n<p>Slutt</p>", "- en\n- to\n\nSlutt"),
        ('<ol start="3"><li>tre</li><li>fire</li></ol>', "3. tre\n4. fire"),
        ('<p><a href="https://example.org/a">Les mer</a></p>', "Les mer (https://example.org/a)"),
        ('<p><a href="mailto:post@example.org">post@example.org</a></p>', "post@example.org"),
        ("<p>Fram &amp; tilbake<br>igjen</p>", "Fram & tilbake\nigjen"),
    ],
)
def test_plain_text_reads_well(html, text):
    assert plain_text(html) == text


def test_translation_counts_as_written_when_every_block_is_translated():
    issue = newsletter(subject_nn="Nytt om robotar")
    assert written_languages(issue) == ["nb"]

    issue.blocks.update(text_nn="Kom og sjå.")
    assert written_languages(issue) == ["nb", "nn"]

    block(issue, "heading", title_nb="Datoer")
    assert written_languages(issue) == ["nb"]


def test_translation_without_subject_counts_as_not_written():
    issue = newsletter()
    issue.blocks.update(text_en="Come and see.")

    assert written_languages(issue) == ["nb"]
