"""Text from users as blocks of plain data, for documents that are no HTML: nothing in it can be anything but words."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Block = dict[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline", "image", "reference"])


def blocks_of(text: str) -> list[Block]:
    """Return the Markdown subset of a text (paragraphs, lists, headings, bold) as blocks that JSON can hold.

    A paragraph or heading is ``{"kind", "runs": [{"text", "bold"}]}``, a list is ``{"kind": "list", "ordered",
    "items": [[block, ...], ...]}``. A run of a link has its address too: ``"link"``. Whatever else Markdown knows keeps
    its words and loses its look.
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
    """The words of a paragraph in pieces that are bold or not, and those of a link with where it leads."""
    runs: list[dict[str, Any]] = []

    def walk(node: SyntaxTreeNode, bold: bool, link: str) -> None:
        leads = {"link": link} if link else {}
        if node.type in {"softbreak", "hardbreak"}:
            runs.append({"text": " ", "bold": bold, **leads})
        elif node.type in {"text", "code_inline"}:
            runs.append({"text": node.content, "bold": bold, **leads})
        for child in node.children:
            address = str(child.attrs.get("href", "")) if child.type == "link" else ""
            walk(child, bold or node.type == "strong", address if is_address(address) else link)

    walk(node, False, "")
    return [run for run in runs if run["text"]]


def is_address(url: str) -> bool:
    """Whether a link leads somewhere also from paper: a web page, a mail address, a telephone."""
    return url.startswith(("https://", "http://", "mailto:", "tel:"))


def text_of(block: Block) -> str:
    """Return the plain words of a paragraph or heading."""
    return "".join(run["text"] for run in block["runs"]).strip()
