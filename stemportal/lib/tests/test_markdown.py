"""Text from users becomes safe HTML."""

from __future__ import annotations

import pytest

from stemportal.lib.markdown import render_markdown


def test_markdown_renders_paragraphs_lists_and_emphasis() -> None:
    html = render_markdown("Bring **warm** clothes.\n\n- boots\n- lunch")
    assert "<p>Bring <strong>warm</strong> clothes.</p>" in html
    assert "<li>boots</li>" in html


def test_markdown_keeps_line_breaks() -> None:
    assert "<br>" in render_markdown("one\ntwo")


def test_markdown_puts_headings_below_the_pages_own() -> None:
    html = render_markdown("# Big\n\n### Small")
    assert "<h3>Big</h3>" in html
    assert "<h4>Small</h4>" in html
    assert "<h1" not in html


def test_markdown_is_empty_for_empty_text() -> None:
    assert render_markdown("  \n") == ""


def test_markdown_shows_raw_html_as_text() -> None:
    html = render_markdown('<script>alert(1)</script> <b onclick="x()">hi</b>')
    assert "<script" not in html
    assert "<b" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "java&#10;script:alert(1)",
        "file:///etc",
    ],
)
def test_markdown_drops_links_that_run_or_carry_data(target: str) -> None:
    assert "href" not in render_markdown(f"[press]({target})")


def test_markdown_fetches_no_images() -> None:
    assert "<img" not in render_markdown("![pixel](https://tracker.example.org/x.png)")


def test_markdown_marks_links_that_leave_the_portal() -> None:
    assert 'rel="noopener nofollow"' in render_markdown("[site](https://example.org)")
    assert 'rel="noopener nofollow"' in render_markdown("[site](//example.org/x)")


def test_markdown_leaves_links_within_the_portal_plain() -> None:
    html = render_markdown("[about](/about/)")
    assert 'href="/about/"' in html
    assert "rel=" not in html
