"""Eyes for accessibility: axe on the open page in both colour schemes."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

SCRIPT = Axe().axe_script
# WCAG 2.0 to 2.2, A and AA. Of rules that nothing broke axe need not describe every element.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
# The rules among them that compute with colours; all others ask for names, roles, states, language and size.
COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Milliseconds before each look at a page.
WAITS = (100, 500, 1500)
# The click before led to another page, which came while axe looked at the old one.
WENT_AWAY = ("Execution context was destroyed", "axe is not defined")

LOOK = """async (options) => (await axe.run(options)).violations.flatMap((rule) => rule.nodes.slice(0, 3).map(
  (node) => `${rule.id}: ${JSON.stringify(node.target)} ${node.html.slice(0, 160)}`))"""
# All that a rule without colours could read: each element with its attributes and words, and how it is shown.
SHAPE = """() => {
  const everything = (root) => Array.from(root.querySelectorAll("*")).flatMap(
    (element) => element.shadowRoot ? [element, ...everything(element.shadowRoot)] : [element]);
  const shown = (element) => {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    return [element.shadowRoot?.innerHTML, style.display, style.visibility, style.opacity, style.position,
      style.overflow, style.clip, style.clipPath, style.fontSize, style.fontWeight, style.fontStyle,
      style.textDecorationLine, style.pointerEvents, box.x + scrollX, box.y + scrollY, box.width, box.height].join();
  };
  return [location.href, document.documentElement.outerHTML, ...everything(document).map(shown)].join("\\n");
}"""


def complaints(page: Page) -> list[str]:
    """What axe finds wrong in the light, else what it finds in the dark; the page is light again afterwards.

    In the light it asks all rules. In the dark it asks those about colours, and all others too if the page is not the
    very same but for its colours: other words, attributes, or another element shown, moved or of another size. Where
    none of that differs, a rule that reads no colour cannot say anything else than it just said.
    """
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if words := _found(page, RULES):
        return [f"{page.url} (light)", *words]
    in_the_light = _shape(page)
    page.emulate_media(color_scheme="dark")
    words = _found(page, COLOURS)
    if _shape(page) != in_the_light:
        words = _found(page, RULES)
    page.emulate_media(color_scheme="light")
    return [f"{page.url} (dark)", *words] if words else []


def _found(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds and keeps finding: on a busy machine a page may not have taken its new colours yet."""
    words: list[str] = []
    for wait in WAITS:
        page.wait_for_timeout(wait)
        try:
            # Half a megabyte: a page that has it needs it only once.
            if not page.evaluate("typeof axe === 'object'"):
                page.evaluate(SCRIPT)
            words = page.evaluate(LOOK, options)
        except Error as error:
            if wait == WAITS[-1] or not any(text in str(error) for text in WENT_AWAY):
                raise
            page.wait_for_load_state()
            continue
        if not words:
            break
    return words


def _shape(page: Page) -> str:
    """Equal texts stand for pages that differ in colours only; a page that is just going away is like no other."""
    try:
        return str(page.evaluate(SHAPE))
    except Error as error:
        if WENT_AWAY[0] not in str(error):
            raise
        page.wait_for_load_state()
        return ""
