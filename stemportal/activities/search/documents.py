"""From rows of PostgreSQL to documents of the index. Reads in batches, with the same few queries for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import tantivy
from django.utils import timezone

from stemportal.activities.models import Activity, Kind, RoleModel, Session
from stemportal.activities.models.session import FREE_PLACES
from stemportal.activities.search import schema as fields
from stemportal.activities.search.cells import cells_of
from stemportal.activities.search.words import index_text

BATCH = 2_000
EPOCH = date(2020, 1, 1).toordinal()

NAMES = ("name_nb", "name_nn", "name_en")
ROW = (
    "id",
    "title",
    "summary",
    "description",
    "learning",
    "preparation",
    "follow_up",
    "programme",
    "practical",
    "bring",
    "safety",
    "getting_there",
    "transcript",
    "accessibility",
    "access_features",
    "season_months",
    "place",
    "format",
    "languages",
    "grade_from",
    "grade_to",
    "group_max",
    "latitude",
    "longitude",
    "reach",
    "policy",
    "link",
    "kind_id",
    "municipality_id",
    "published_at",
    "next_free_at",
    "booked_places",
    "enquiries_count",
    "partner__display_name",
    "partner__about",
    "partner__sector_name",
    "partner__postal_place",
    "partner__municipality__name",
    "municipality__name",
    "municipality__county_id",
    "municipality__county__name",
)
WHO_AND_WHERE = (
    "partner__display_name",
    "partner__postal_place",
    "partner__municipality__name",
    "place",
    "municipality__name",
    "municipality__county__name",
)
LONG_TEXTS = ("description", "learning", "preparation", "follow_up", "practical")
# What is told in passing finds an offer too, but says little about what it is about.
ASIDE = ("programme", "bring", "safety", "getting_there", "accessibility", "transcript")
ALL_MONTHS = range(1, 13)


def published_ids(batch: int = BATCH) -> Iterator[list[int]]:
    """Yield the identities of everything that teachers may find, in batches."""
    last = 0
    ids = Activity.objects.published().order_by("pk").values_list("pk", flat=True)
    while found := list(ids.filter(pk__gt=last)[:batch]):
        yield found
        last = found[-1]


def documents_of(ids: Sequence[int]) -> Iterator[tantivy.Document]:
    """Yield the documents of those of the activities that are published. Eight queries."""
    rows = list(Activity.objects.published().filter(pk__in=ids).order_by("pk").values(*ROW))
    found = [row["id"] for row in rows]
    kinds = {kind.pk: kind for kind in Kind.objects.all()}
    subjects, goals, sessions = _subjects(found), _goals(found), _sessions(found)
    people, serves = _people(found), _serves(found)
    for row in rows:
        pk = row["id"]
        related = Related(subjects[pk], goals[pk], sessions[pk], people[pk], serves[pk])
        values = _values(row, kinds[row["kind_id"]], related)
        yield tantivy.Document.from_dict(values, fields.schema())


class Related(NamedTuple):
    """What belongs to one activity in other tables, as tuples of their columns."""

    subjects: list[tuple[Any, ...]]
    goals: list[tuple[Any, ...]]
    sessions: list[tuple[Any, ...]]
    people: list[tuple[Any, ...]]
    serves: list[tuple[Any, ...]]


def _subjects(ids: Iterable[int]) -> defaultdict[int, list[tuple[Any, ...]]]:
    through = Activity.subjects.through.objects.filter(activity_id__in=ids)
    return _grouped(through.values_list("activity_id", "subject_id", *(f"subject__{name}" for name in NAMES)))


def _goals(ids: Iterable[int]) -> defaultdict[int, list[tuple[Any, ...]]]:
    through = Activity.goals.through.objects.filter(activity_id__in=ids)
    return _grouped(through.values_list("activity_id", "goal__code", "goal__text_nb", "goal__text_en"))


def _people(ids: Iterable[int]) -> defaultdict[int, list[tuple[Any, ...]]]:
    """Role models that everybody may see, of the offers they take part in and of their own."""
    published = RoleModel.objects.published()
    part = published.filter(activities__in=ids).values_list("activities", "full_name", "job_title")
    own = published.filter(offer__in=ids).values_list("offer", "full_name", "job_title")
    return _grouped(chain(part, own))


def _serves(ids: Iterable[int]) -> defaultdict[int, list[tuple[Any, ...]]]:
    through = Activity.serves.through.objects.filter(activity_id__in=ids)
    return _grouped(through.values_list("activity_id", "county_id"))


def _sessions(ids: Iterable[int]) -> defaultdict[int, list[tuple[Any, ...]]]:
    coming = Session.objects.filter(activity_id__in=ids).open()
    return _grouped(coming.values_list("activity_id", "starts_at", FREE_PLACES))


def _grouped(rows: Iterable[tuple[Any, ...]]) -> defaultdict[int, list[tuple[Any, ...]]]:
    groups: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, *rest in rows:
        groups[pk].append(tuple(rest))
    return groups


def _values(row: dict[str, Any], kind: Kind, related: Related) -> dict[str, Any]:
    """One activity as the index knows it, by field; what it does not have is left out."""
    subjects, goals, sessions, people, serves = related
    head = [kind.name_nb, kind.name_nn, kind.name_en, *(row[name] or "" for name in WHO_AND_WHERE)]
    head += [name for _pk, *names in subjects for name in names]
    texts = {
        "title": index_text([row["title"]]),
        "head": index_text([row["summary"], *(name for name, _job in people)], head),
        "body": index_text((row[name] for name in LONG_TEXTS), (text for goal in goals for text in goal)),
        "aside": index_text(
            [*(row[name] for name in ASIDE), *(job for _name, job in people)],
            (row["partner__about"], row["partner__sector_name"]),
        ),
    }
    values: dict[str, Any] = {
        "id": row["id"],
        **texts,
        fields.ANYWHERE: " ".join({term for text in texts.values() for term in text.split()}),
        "kind": row["kind_id"],
        "format": _formats(row["format"]),
        "subject": [pk for pk, *_names in subjects],
        "access": [fields.ACCESS[code] for code in row["access_features"] if code in fields.ACCESS],
        "language": [fields.LANGUAGES[code] for code in row["languages"] if code in fields.LANGUAGES],
        "grade": list(range(row["grade_from"], row["grade_to"] + 1)),
        "goal": " ".join(goal[0] for goal in goals),
        "comes": _comes(row, [county for (county,) in serves]),
    }
    if row["municipality_id"]:
        values |= {"municipality": row["municipality_id"], "county": row["municipality__county_id"]}
        if row["format"] != Activity.Format.DIGITAL:
            values["on_map"] = row["municipality_id"]
    if row["latitude"] is not None and row["longitude"] is not None and row["format"] != Activity.Format.DIGITAL:
        values |= {"latitude": row["latitude"], "longitude": row["longitude"]}
        values["cell"] = cells_of(row["latitude"], row["longitude"])
    return values | _times(row, kind, sessions) | _fairness(row)


def _formats(stored: str) -> list[int]:
    """What teachers ask for: an offer that can be had in both ways answers both."""
    if stored == Activity.Format.HYBRID:
        return [fields.FORMATS[Activity.Format.ON_SITE], fields.FORMATS[Activity.Format.DIGITAL]]
    return [fields.FORMATS[Activity.Format(stored)]]


def _comes(row: dict[str, Any], serves: Sequence[int]) -> str:
    """Which schools can have it wherever they are: ``everywhere``, or those of counties (``county12 county14``)."""
    if row["format"] in {Activity.Format.DIGITAL, Activity.Format.HYBRID}:
        return "everywhere"
    if row["format"] == Activity.Format.AT_SCHOOL and row["reach"] == Activity.Reach.NATIONAL:
        return "everywhere"
    if row["format"] == Activity.Format.AT_SCHOOL and row["reach"] == Activity.Reach.COUNTY:
        home = [row["municipality__county_id"]] if row["municipality__county_id"] else []
        return " ".join(f"county{county}" for county in serves or home)
    return ""


def _times(row: dict[str, Any], kind: Kind, sessions: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Days with sessions, how many pupils they still take, and what follows for the whole offer.

    ``free_room`` is the largest group that one coming session takes, ``room`` counts in what needs no session.
    """
    days, places, free_room = set(), set(), 0
    for starts_at, left in sessions:
        day = _day(starts_at)
        days.add(day)
        if left > 0:
            pupils = left if kind.unit == Kind.Unit.PUPILS else row["group_max"]
            places.add(fields.session_places(day, pupils))
            free_room = max(free_room, pupils)
    on_request = row["policy"] == Activity.Policy.ON_REQUEST
    # A film: nothing to book, so it suits every week.
    at_any_time = bool(row["link"]) and not sessions and "group_max" not in kind.fields
    room = max(free_room, row["group_max"] if on_request else 0)
    if "group_max" not in kind.fields:
        room = fields.ANY_NUMBER
    flags = {
        "free": free_room > 0,
        "bookable": free_room > 0 or on_request,
        "accessible": bool(row["access_features"] or row["accessibility"].strip()),
    }
    return {
        "day": sorted(days),
        "places": sorted(places),
        "free_room": free_room,
        "room": room,
        "month": list(row["season_months"] or ALL_MONTHS) if on_request or at_any_time else [],
        "next_free": _minutes(row["next_free_at"]) if row["next_free_at"] else fields.NEVER,
        "flag": " ".join(name for name, holds in flags.items() if holds),
        "bookable": int(flags["bookable"]),
    }


@lru_cache(maxsize=50_000)
def _day(moment: datetime) -> int:
    return timezone.localtime(moment).date().toordinal()


def _minutes(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _fairness(row: dict[str, Any]) -> dict[str, Any]:
    """Few enquiries and bookings first, then what is new. ``fair`` is exact; ``fairness`` is coarse, for the search."""
    published_at = row["published_at"]
    published = _day(published_at) if published_at else EPOCH
    asked = min(row["enquiries_count"] + row["booked_places"], (1 << 20) - 1)
    months = min(max((published - EPOCH) // 32, 0), 255)
    share = ((31 - min(asked, 31)) * 256 + months) / (32 * 256)
    return {
        "published": published,
        "published_at": int(published_at.timestamp()) if published_at else 0,
        "fair": ((1 << 20) - 1 - asked) << 32 | (_minutes(published_at) if published_at else 0),
        "fairness": fields.fairness_weight(share),
    }
