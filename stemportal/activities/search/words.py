"""From text to the terms of the index, in the same way for offers and for what visitors type.

A word is stemmed (Snowball, Norwegian, which serves bokmål and nynorsk and leaves most English and Sámi words alone),
folded (æ is ae, ø is oe, å is aa; accents fall away) and, when it is a compound, taken apart. The lists that staff may
change stand in ``activities/data``: ``compounds.txt``, ``synonyms.txt``, ``stopwords.txt``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

DATA = Path(__file__).resolve().parents[1] / "data"
LONGEST_TEXT = 300
MOST_WORDS = 10
LONGEST_WORD = 40
SHORTEST_STEM, LONG_ENDING, SHORTEST_ROOT = 4, 4, 3

# Words may be held together by a sign: el-bil, micro:bit.
_token = re.compile(r"[^\W_]+(?:[-‐‑–:'’.][^\W_]+)*")
_joiner = re.compile(r"[-‐‑–:'’.]")
_vowel = re.compile("[aeiouyæøå]")
_variants = str.maketrans({"ä": "æ", "ö": "ø"})
_letters = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "đ": "d", "ŋ": "n", "ŧ": "t", "ß": "ss"})
_stemmer = TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("norwegian")).build()


def normal(text: str) -> str:
    """Return a word in lower case, with the Norwegian letters for Swedish ones, and without accents."""
    text = text.lower()
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text).translate(_variants)
    return "".join(sign if sign in "æøå" else _plain(sign) for sign in text)


def _plain(sign: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))


def fold(text: str) -> str:
    """Return normal text in letters that every keyboard has."""
    return text if text.isascii() else text.translate(_letters)


def tokens_of(text: str) -> list[str]:
    """Return the words of a text as they are written; signs that hold a word together stay in it."""
    # A letter and its ring or stroke may come as two signs, of which the second is no part of a word.
    return _token.findall(text if text.isascii() else unicodedata.normalize("NFC", text))


def words_of(text: str) -> list[str]:
    """Return the words of a query, lower case, each once: at most ten, of at most forty characters."""
    return list(dict.fromkeys(token[:LONGEST_WORD].lower() for token in tokens_of(text[:LONGEST_TEXT])))[:MOST_WORDS]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the stem of a normal word, not yet folded: the endings that the stemmer knows belong to real letters.

    What ends in -er or -ar afterwards is stemmed again, so that elektriker and elektrikeren come to the same, and some
    endings that make new words fall off (``_root``). A short word keeps a long ending, which is none: Andenes.
    """
    if word in short_inflections():
        return short_inflections()[word]
    before = ""
    # The stemmer knows -ene, but not the -ne of those whose name ends in -er.
    if word.endswith("erne") and (len(word) > len("stjerne") or word[:-2] in basic_forms()):
        word = word[:-2]
    while word != before and word not in basic_forms():
        before = word
        shorter = next(iter(_stemmer.analyze(word)), word)
        if len(shorter) < SHORTEST_STEM and len(word) - len(shorter) >= LONG_ENDING:
            break
        word = shorter if shorter in basic_forms() else _root(shorter)
        if not word.endswith(("er", "ar")):
            break
    return word


# What these words end in looks like an inflection and is none: a radar is not many rows (rad).
DECEPTIVE = ("er", "ar", "en", "et", "es", "as")


@cache
def basic_forms() -> frozenset[str]:
    """Return listed words that the stemmer must not shorten, also as people without a Norwegian keyboard write them."""
    words = (normal(word) for line in lines_of("compounds.txt") for word in line.split())
    return frozenset(form for word in words if word.endswith(DECEPTIVE) for form in (word, fold(word)))


# The stemmer leaves words of so few letters alone, and that is most of what ends in a stressed vowel: brua, byen.
LONGEST_SHORT = 4
SHORT_ENDINGS = ("a", "ar", "ane", "en", "er", "ene", "et")
# A town, and not on ski.
NO_INFLECTION = frozenset({"skien"})


@cache
def short_inflections() -> Mapping[str, str]:
    """Return the inflected forms of short listed words that end in a vowel, with their basic form."""
    words = {normal(word) for line in lines_of("compounds.txt") for word in line.split()}
    short = [word for word in words if len(word) <= LONGEST_SHORT and _vowel.match(word[-1]) and word[-1] != "e"]
    forms = {written + ending: written for word in short for written in (word, fold(word)) for ending in SHORT_ENDINGS}
    return {form: word for form, word in forms.items() if form not in words and form not in NO_INFLECTION}


def _root(word: str) -> str:
    """Bring together lodding and lodde, geologi, geologisk and geolog, statistikk and statistiker, rommet and rom."""
    base = word[:-3]
    if word.endswith("ing") and len(base) >= SHORTEST_ROOT and _vowel.search(base) and not _is_empty(base):
        word = base
    if word.endswith("logisk"):
        return word[:-3]
    if word.endswith(("logi", "ikk", "mm")):
        return word[:-1]
    return word


def _is_empty(word: str) -> bool:
    return fold(word) in stopwords()[0]


def term(word: str) -> str:
    """Return the term of the index for a normal word."""
    return fold(stem(word))


@lru_cache(maxsize=200_000)
def terms_of(token: str) -> tuple[str, ...]:
    """Return everything a word of an offer is found by: its stem, the parts it is made of, and it written as one."""
    pieces = pieces_of(token)
    terms = [term(joined(token))]
    for piece in pieces:
        terms += [term(piece), *parts_of(piece)]
    return tuple(dict.fromkeys(terms))


def pieces_of(token: str) -> list[str]:
    """Return the pieces of a word that signs hold together: el-bil is el and bil."""
    return [normal(piece) for piece in _joiner.split(token[:LONGEST_WORD]) if piece]


def joined(token: str) -> str:
    """Return a word without the signs that hold it together: el-bil is elbil."""
    return "".join(pieces_of(token))


def index_text(texts: Iterable[str], recurring: Iterable[str] = ()) -> str:
    """Return the terms of the texts, each once, for a field of the index. ``recurring`` ones are worked out once."""
    tokens = set(tokens_of("\n".join(texts)))
    return " ".join(set(chain.from_iterable(map(terms_of, tokens))).union(*map(_terms_of_text, recurring)))


@lru_cache(maxsize=20_000)
def _terms_of_text(text: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(terms_of, tokens_of(text))))


# Compounds


@dataclass(frozen=True)
class Constituents:
    """The words that compounds are made of, with their terms: first parts as they stand, last parts by their stem."""

    heads: Mapping[str, str]
    endings: Mapping[str, str]


@cache
def constituents() -> Constituents:
    """Read the list of constituents once a process; each also as people without a Norwegian keyboard write it."""
    words = [normal(word) for line in lines_of("compounds.txt") for word in line.split()]
    forms = [(form, term(word)) for word in words for form in (fold(word), word)]
    return Constituents(dict(forms), {stem(form): of_word for form, of_word in forms})


SHORTEST_COMPOUND, SHORTEST_PART = 6, 3
# A last part of this many letters is believed although the first part is unknown (torske-oppdrett).
SURE_ENDING = 5


@lru_cache(maxsize=200_000)
def parts_of(word: str) -> tuple[str, ...]:
    """Return the terms of the known parts of a normal compound, the first part first; () for a simple word."""
    known = constituents()
    if len(word) < SHORTEST_COMPOUND:
        return ()
    if whole := _split(word, known):
        return whole
    for start in range(3, len(word) - SURE_ENDING + 1):
        ending = stem(word[start:])
        if len(ending) >= SURE_ENDING and ending in known.endings:
            return (known.endings[ending],)
    return ()


def _split(word: str, known: Constituents) -> tuple[str, ...]:
    """Take the word apart into known constituents, long first parts first; () where that does not work out."""
    for end in range(len(word) - SHORTEST_PART, SHORTEST_PART - 1, -1):
        head, rest = word[:end], word[end:]
        # An s or e may stand between the parts: arbeid-s-uke, barn-e-hage.
        first = known.heads.get(head) or (head[-1] in "se" and known.heads.get(head[:-1]))
        if not first:
            continue
        if last := known.endings.get(stem(rest)):
            return (first, last)
        if len(rest) >= 5 and (others := _split(rest, known)):
            return (first, *others)
    return ()


def first_part(word: str) -> str:
    """Return the term of the known beginning of a compound whose end is unknown (tare-farm); "" without one."""
    known = constituents().heads
    ends = range(len(word) - SHORTEST_PART, SHORTEST_PART, -1)
    return next((known[word[:end]] for end in ends if word[:end] in known), "")


# Lists


@cache
def stopwords() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that say nothing, and those that may match but need not, both folded."""
    empty: set[str] = set()
    optional: set[str] = set()
    for line in lines_of("stopwords.txt"):
        (optional if line.startswith("~") else empty).update(fold(normal(word)) for word in line.lstrip("~").split())
    return frozenset(empty), frozenset(optional)


def lines_of(name: str) -> list[str]:
    lines = (line.strip() for line in (DATA / name).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
