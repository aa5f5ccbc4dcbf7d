"""The fields of the index. Whoever changes them, or how texts become terms, counts VERSION up."""

from __future__ import annotations

from functools import cache

import tantivy

from stemportal.activities.models import AccessFeature, Activity, Language

VERSION = 3

# Texts, the most telling first: a word in the title counts more than one in the long description. All of them are in
# `anywhere` once more, where an offer is found; the others say how well it matches.
TEXTS = ("title", "head", "body", "aside")
ANYWHERE = "anywhere"
# Numbers that are looked up: ids of rows, codes below, days (date.toordinal), cells of the map.
LOOKED_UP = (
    "format",
    "language",
    "grade",
    "kind",
    "subject",
    "access",
    "county",
    "municipality",
    "on_map",
    "day",
    "places",
    "month",
    "published",
)
# `on_map` is the municipality of what has a place; `municipality` also that of a digital offer's partner.
COUNTED = ("kind", "format", "subject", "access", "county", "municipality", "on_map")
# In these facets an offer must have every chosen value; in all others any of them.
ALL_HOLD = frozenset({"access"})
FORMATS = {Activity.Format.ON_SITE: 1, Activity.Format.AT_SCHOOL: 2, Activity.Format.DIGITAL: 3}
LANGUAGES = {code: number for number, code in enumerate(Language.values)}
ACCESS = {code: number for number, code in enumerate(AccessFeature.values, 1)}

# `next_free` of offers without a free session: after everything that has one.
NEVER = 1 << 40
# `room` of offers that take any number of pupils.
ANY_NUMBER = 1 << 20
# A level of the order (``engine``) and the fairness within it are multiplied to one score: the highest level, and how
# much fairness may add to the factor so that it never lifts an offer to the next level.
HIGHEST_LEVEL = 2047
# A score is a level times that factor in single precision, a hair below the level at worst.
ROUNDING = 0.001
FAIRNESS_SPAN = 0.9 / (HIGHEST_LEVEL + 1)
# `places` is the day of a session and how many pupils it takes, in one number.
MOST_PUPILS = 1023


@cache
def schema() -> tantivy.Schema:
    """Return the schema; see ``documents`` for what stands in each field."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name in (*TEXTS, ANYWHERE):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in ("goal", "flag", "comes"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in LOOKED_UP:
        builder.add_unsigned_field(name, indexed=True, fast=name in COUNTED)
    builder.add_unsigned_field("cell", indexed=True)
    for name in ("room", "free_room", "next_free", "published_at", "bookable", "fair"):
        builder.add_unsigned_field(name, fast=True)
    for name in ("latitude", "longitude", "fairness"):
        builder.add_float_field(name, fast=True)
    return builder.build()


def session_places(day: int, pupils: int) -> int:
    """Return the value of ``places`` for a session on that day that still takes so many pupils."""
    return day << 10 | min(pupils, MOST_PUPILS)


def fairness_weight(share: float) -> float:
    """Return the value of ``fairness`` for a share from 0 to 1. tantivy multiplies the score by log2(2 + value)."""
    return float(2 ** (1 + share * FAIRNESS_SPAN) - 2)
