"""Translations without GNU gettext on the machine: the messages are found and compiled with Babel.

    python scripts/messages.py extract   print the template (.pot)
    python scripts/messages.py update    bring locale/<language>/LC_MESSAGES/django.po to what the code says now
    python scripts/messages.py compile   write .mo files that are older than their .po
    python scripts/messages.py check     fail with a list unless every message is translated, with its placeholders

Message ids are English, so English itself needs no catalogue. Templates go through Django's own `templatize`, so what
is found is what Django looks up. To translate a text of a package that lacks our languages (nynorsk often), name it
once with `gettext_noop` in any module.
"""

from __future__ import annotations

import io
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("nb", "nn")
MOST_SHOWN = 60
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# %(name)s may be followed by a letter (genitive); %%d is what a template's "%d" becomes.
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%%?[sd](?!\w)|\{[A-Za-z_]\w*(?:[.:][^{}]*)?\}|\{\}")
# Dates and program versions in a header change with every run and say nothing.
VOLATILE_HEADER = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|Report-Msgid-Bugs-To):.*\n',
    re.M,
)

Found = tuple[Path, int, str | tuple[str, ...], list[str], str | None]


def sources() -> Iterator[tuple[Path, str]]:
    """Yield each file that can hold messages with its text as Python source."""
    from django.utils.translation.template import templatize

    for file in sorted((ROOT / "stemportal").rglob("*.py")):
        if not {"tests", "migrations"} & set(file.parts):
            yield file, file.read_text()
    for file in sorted((ROOT / "templates").rglob("*")):
        if file.suffix in {".html", ".txt", ".xml"}:
            # What templatize returns is Python but for its indentation, which the tokenizer would stumble over.
            lines = templatize(file.read_text(), origin=str(file)).split("\n")
            yield file, "\n".join(line.lstrip() for line in lines)


def found() -> Iterator[Found]:
    """Yield (file, line, message id or plural forms, translator comments, context) for every message."""
    for file, text in sources():
        stream = io.BytesIO(text.encode())
        options = {"encoding": "utf-8"}
        for line, message, comments, context in babel_extract("python", stream, KEYWORDS, ("Translators:",), options):
            if message and message != "":
                yield file, line, message, comments, context


def template() -> Catalog:
    """All messages of code and templates."""
    catalog = Catalog(project="stemportal", charset="utf-8")
    for file, line, message, comments, context in found():
        place = (str(file.relative_to(ROOT)), line)
        catalog.add(message, None, [place], auto_comments=comments, context=context)
    return catalog


def po_file(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language, empty when there is no file yet."""
    file = po_file(language)
    if not file.exists():
        return Catalog(locale=language, domain="django", project="stemportal", fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale=language, domain="django")


def po_text(catalog: Catalog) -> str:
    """The catalogue as a stable .po text: sorted, no locations, no dates."""
    catalog.header_comment = (
        "# Translations of stemportal. `python scripts/messages.py update` keeps this file in step."
    )
    catalog.fuzzy = False
    output = io.BytesIO()
    write_po(output, catalog, width=110, no_location=True, sort_output=True, ignore_obsolete=True)
    return VOLATILE_HEADER.sub("", output.getvalue().decode())


def update() -> None:
    """Add what is new, drop what is gone, keep every translation."""
    messages = template()
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(messages, no_fuzzy_matching=True)
        file = po_file(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(po_text(catalog))
        empty = sum(1 for message in catalog if message.id and not is_translated(message))
        print(f"{file.relative_to(ROOT)}: {len(catalog)} messages, {empty} without a translation")


def compile_catalogues() -> None:
    """Write the .mo of each catalogue whose .po is newer."""
    for language in LANGUAGES:
        source = po_file(language)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        fresh = target.with_suffix(".mo.new")
        with fresh.open("wb") as output:
            write_mo(output, read(language))
        fresh.replace(target)


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """A message's text as a list: one item, or singular and plurals."""
    if text is None:
        return [""]
    return [text] if isinstance(text, str) else list(text)


def is_translated(message: Message) -> bool:
    """True if every form has a text and none is a guess."""
    wanted = 1 if isinstance(message.id, str) else 2  # Norwegian has two forms
    texts = forms(message.string)
    return len(texts) >= wanted and all(text.strip() for text in texts) and not message.fuzzy


def placeholders(text: str) -> list[str]:
    return sorted(set(PLACEHOLDER.findall(text)))


def placeholder_faults(message: Message) -> list[str]:
    """Say where a translation lacks or invents placeholders. A singular may name its number in words, as the id may."""
    originals = [placeholders(text) for text in forms(message.id)]
    faults = []
    for index, text in enumerate(forms(message.string)):
        allowed = originals if index == 0 else originals[-1:]
        if placeholders(text) not in allowed:
            faults.append(f"placeholders {placeholders(text)} instead of {allowed[-1]}")
    return faults


def check() -> list[str]:
    """All complaints about the catalogues, ready to print."""
    messages = template()
    complaints = []
    for language in LANGUAGES:
        catalog = read(language)
        for wanted in messages:
            if not wanted.id:
                continue
            place = "{}:{}".format(*wanted.locations[0])
            label = f"{language}: {textwrap.shorten(repr(forms(wanted.id)[0]), 80)} ({place})"
            message = catalog.get(wanted.id, wanted.context)
            if message is None or forms(message.id) != forms(wanted.id):
                complaints.append(f"{label}: missing, run `python scripts/messages.py update`")
            elif not is_translated(message):
                complaints.append(f"{label}: {'fuzzy' if message.fuzzy else 'not translated'}")
            else:
                complaints += [f"{label}: {fault}" for fault in placeholder_faults(message)]
        for message in catalog:
            if message.id and messages.get(message.id, message.context) is None:
                complaints.append(f"{language}: {textwrap.shorten(repr(forms(message.id)[0]), 80)}: no longer used")
    return complaints


def main(argv: list[str]) -> int:
    command = argv[0] if len(argv) == 1 else ""
    if command == "extract":
        print(po_text(template()))
    elif command == "update":
        update()
    elif command == "compile":
        compile_catalogues()
    elif command == "check":
        complaints = check()
        print("\n".join(complaints[:MOST_SHOWN]) or f"Every message is translated into {' and '.join(LANGUAGES)}.")
        if len(complaints) > MOST_SHOWN:
            print(f"... and {len(complaints) - MOST_SHOWN} more.")
        return 1 if complaints else 0
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
