"""The declaration as a document: its Markdown in blocks, and everything the signed PDF says.

The PDF is made when somebody asks for it (about 15 ms): the text of a version that is signed never changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from stemportal.lib import pdf
from stemportal.lib.templatetags.portal import localized
from stemportal.outbox.letters import absolute_url
from stemportal.partners.models import Signature

TEMPLATE = Path(__file__).resolve().parent / "typst" / "declaration.typ"

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline", "image", "reference"])

Block = dict[str, Any]


def blocks_of(text: str) -> list[Block]:
    """Return the Markdown subset of a text (paragraphs, lists, headings, bold) as blocks that JSON can hold.

    A paragraph or heading is ``{"kind", "runs": [{"text", "bold"}]}``, a list is ``{"kind": "list", "ordered",
    "items": [[block, ...], ...]}``. Whatever else Markdown knows keeps its words and loses its look.
    """
    return _blocks(SyntaxTreeNode(_MARKDOWN.parse(text)))


def _blocks(parent: SyntaxTreeNode) -> list[Block]:
    found: list[Block] = []
    for node in parent.children:
        if node.type in {"paragraph", "heading"}:
            if runs := _runs(node):
                found.append({"kind": node.type, "runs": runs})
        elif node.type in {"bullet_list", "ordered_list"}:
            items = [_blocks(item) for item in node.children]
            found.append({"kind": "list", "ordered": node.type == "ordered_list", "items": items})
        elif node.type in {"fence", "code_block"}:
            found.append({"kind": "paragraph", "runs": [{"text": node.content.strip(), "bold": False}]})
        else:
            found += _blocks(node)
    return found


def _runs(node: SyntaxTreeNode) -> list[dict[str, Any]]:
    """The words of a paragraph in pieces that are bold or not."""
    runs: list[dict[str, Any]] = []

    def walk(node: SyntaxTreeNode, bold: bool) -> None:
        if node.type in {"softbreak", "hardbreak"}:
            runs.append({"text": " ", "bold": bold})
        elif node.type in {"text", "code_inline"}:
            runs.append({"text": node.content, "bold": bold})
        for child in node.children:
            walk(child, bold or node.type == "strong")

    walk(node, False)
    return [run for run in runs if run["text"]]


def text_of(block: Block) -> str:
    """Return the plain words of a paragraph or heading."""
    return "".join(run["text"] for run in block["runs"]).strip()


def signed_document(signature: Signature) -> dict[str, Any]:
    """Return everything the Typst template shows, as JSON-able data in the active language."""
    partner, declaration = signature.partner, signature.declaration
    signed_at = timezone.localtime(signature.signed_at)
    day = formats.date_format(signed_at, "DATE_FORMAT")
    return {
        "lang": get_language() or settings.LANGUAGE_CODE,
        "portal": settings.PORTAL_NAME,
        "title": _("Declaration, version %(version)s") % {"version": declaration.version},
        "partner": partner.display_name,
        "description": _("Signed by %(partner)s on %(day)s") % {"partner": partner.legal_name, "day": day},
        "date": [signed_at.year, signed_at.month, signed_at.day],
        "intro": _("%(partner)s has signed this declaration.") % {"partner": partner.legal_name},
        "blocks": blocks_of(str(localized(declaration, "text"))),
        "signature": _("Signature"),
        "facts": [
            [_("Organisation"), partner.legal_name],
            [_("Organisation number"), partner.organisation_number],
            [_("Signed by"), signature.signed_name],
            [_("Signed on"), day],
            [_("Version"), str(declaration.version)],
        ],
        "check": _("Signed electronically in %(portal)s. Who has signed which version stands on this page:")
        % {"portal": settings.PORTAL_NAME},
        "check_url": absolute_url(reverse("partners:signatories")),
        "page": _("Page"),
    }


def make_pdf(signature: Signature) -> bytes:
    """Return the signed declaration as PDF/UA-1 in the active language."""
    return pdf.render(TEMPLATE, signed_document(signature))
