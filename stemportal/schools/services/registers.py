"""Schools as the register has them: the snapshot that the project carries, and single units as they are fetched."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.utils import timezone

from stemportal.lib.nsr import Unit
from stemportal.places.models import LanguageForm, Municipality, PostalCode
from stemportal.places.services import read
from stemportal.schools.models import School, SchoolChange, SchoolRegisterRun

logger = structlog.get_logger(__name__)

DATA = Path(__file__).parents[1] / "data"
Kind = SchoolChange.Kind
LOWEST, HIGHEST = 8, 13
# The register counts some offices of the counties among the upper secondary schools.
NO_SCHOOL = re.compile(
    r"^fagopplæring|privatist|eksamenskontor|^karriere|lærlingeverksemd|lærlingkontor|fagskole\b|voksenopplæring inntak"
    r"|^oppfølgingstenest",
    re.IGNORECASE,
)
LOWER_SECONDARY = re.compile(r"ungdomss[kc]|ungdomstrinn", re.IGNORECASE)
# A school that comes back under another number does so within this time.
RENUMBERED_WITHIN = timedelta(days=3 * 365)
# Schools there belong to no municipality: Svalbard, and the pseudo-municipalities of schools abroad.
NO_MUNICIPALITY = ("21", "22", "25")


def load_schools() -> int:
    """Create or update every school of the snapshot; safe to run again. Returns how many the snapshot has.

    What the register itself has told since is newer: such a school stays as it is, and one that got another number
    does not come back under the old one.
    """
    municipalities = dict(Municipality.objects.filter(valid_to=None).values_list("number", "pk"))
    rows = list(read(DATA / "schools.csv"))
    newer = set(School.objects.exclude(register_changed_at=None).values_list("number", flat=True)) | _old_numbers()
    schools = [
        School(
            number=row["number"],
            name=row["name"],
            municipality_id=municipalities.get(row["municipality"]),
            address=row["address"],
            ownership=row["ownership"],
            language_form=row["language_form"],
            grade_from=int(row["grade_from"]),
            grade_to=int(row["grade_to"]),
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            point_is_exact=row["exact"] == "1",
        )
        for row in rows
        if row["number"] not in newer
    ]
    School.objects.bulk_create(
        schools,
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=[
            "name",
            "municipality",
            "address",
            "ownership",
            "language_form",
            "grade_from",
            "grade_to",
            "latitude",
            "longitude",
            "point_is_exact",
        ],
    )
    return len(rows)


def _old_numbers() -> set[str]:
    renumbered = SchoolChange.objects.filter(facts__has_key="number").values_list("facts__number", flat=True)
    return {old for old, _new in renumbered}


# One unit of the register


class Places:
    """Municipalities by number and by postal code, looked up once for many units."""

    def __init__(self) -> None:
        current = Municipality.objects.filter(valid_to=None)
        self._by_number = {municipality.number: municipality for municipality in current}
        self._by_pk = {municipality.pk: municipality for municipality in self._by_number.values()}

    def find(self, unit: Unit, known: School | None) -> Municipality | None:
        """The unit's municipality: by its number, else its postal code, else what we had. None: it belongs to none."""
        number = unit.municipality_number
        if number in self._by_number:
            return self._by_number[number]
        if is_outside(unit):
            return None
        postal = PostalCode.objects.filter(code=unit.postal_code).exclude(municipality=None).first()
        if postal is not None and postal.municipality_id in self._by_pk:
            return self._by_pk[postal.municipality_id]
        return known.municipality if known else None


def is_outside(unit: Unit) -> bool:
    """Whether the school is on Svalbard or abroad, where there are no municipalities."""
    return unit.number.startswith("U") or unit.municipality_number.startswith(NO_MUNICIPALITY)


def is_ours(unit: Unit, known: School | None = None) -> bool:
    """Whether it is an open school with grades from the 8th to Vg3."""
    grades = _grades(unit, known)
    return (
        unit.is_school
        and unit.is_active
        and bool(unit.name)
        and NO_SCHOOL.search(unit.name) is None
        and grades is not None
        and grades[1] >= LOWEST
    )


def _grades(unit: Unit, known: School | None) -> tuple[int, int] | None:
    """The school's grades; where the register has none what we had, or what name and level tell. None: unknown."""
    if unit.grades is not None:
        return unit.grades
    if known is not None:
        return known.grade_from, known.grade_to
    if LOWER_SECONDARY.search(unit.name):
        return 8, 10
    return (11, 13) if unit.is_upper_secondary else None


def facts_of(unit: Unit, *, known: School | None, places: Places) -> dict[str, Any] | None:
    """Return the fields of a school that is ours; what the register does not tell stays as we had it.

    None for a new school whose place nobody knows: it cannot be found by anybody near it.
    """
    municipality = places.find(unit, known)
    if municipality is None and not is_outside(unit):
        return None
    grades = _grades(unit, known)
    assert grades is not None  # is_ours said so
    facts: dict[str, Any] = {
        "name": unit.name[:160],
        "municipality": municipality,
        "ownership": School.Ownership.PRIVATE if unit.is_private else School.Ownership.PUBLIC,
        "grade_from": max(LOWEST, grades[0]),
        "grade_to": min(HIGHEST, grades[1]),
    }
    if unit.address:
        facts["address"] = unit.address[:200]
    if unit.pupils is not None:
        facts["pupils"] = unit.pupils
    if unit.language_form:
        facts["language_form"] = unit.language_form
    elif known is None:
        facts["language_form"] = municipality.language_form if municipality else LanguageForm.NEUTRAL
    if unit.point is not None:
        facts |= {"latitude": unit.point[0], "longitude": unit.point[1], "point_is_exact": True}
    elif known is None or (municipality is not None and known.municipality_id != municipality.pk):
        if municipality is None:
            return None
        facts |= {"latitude": municipality.latitude, "longitude": municipality.longitude, "point_is_exact": False}
    return facts


def namesake_of(unit: Unit, *, places: Places) -> School | None:
    """Return the one school of another number with this name in this municipality, if there is just one.

    No two open schools of the register share name and municipality but for one pair, so a namesake that is closed is
    the same school under its old number: that is how the register shows a reorganisation (it names no successors).
    """
    municipality = places.find(unit, None)
    if municipality is None:
        return None
    since = timezone.localdate() - RENUMBERED_WITHIN
    found = School.objects.filter(name__iexact=unit.name, municipality=municipality, successor=None).exclude(
        number=unit.number
    )
    alike = [school for school in found if school.is_active or (school.closed_on and school.closed_on >= since)]
    return alike[0] if len(alike) == 1 else None


def note_unit(
    unit: Unit, *, run: SchoolRegisterRun, places: Places, old_number: str | None = None
) -> SchoolChange.Kind | None:
    """Write what the register says about a unit, with what was and what is. Returns what happened; None: nothing.

    ``old_number`` is the number under which we have the school so far (see ``namesake_of``). In a transaction.
    """
    rows = School.objects.select_for_update(of=("self",), no_key=True).select_related("municipality")
    known = rows.filter(number=unit.number).first()
    if known is None and old_number is not None:
        known = rows.filter(number=old_number).first()
    if not is_ours(unit, known):
        if known is None:
            return None
        return close_school(known, run=run, day=unit.closed_on, changed_at=unit.changed_at)
    facts = facts_of(unit, known=known, places=places)
    if facts is None:
        logger.warning("school_without_a_place", number=unit.number, municipality=unit.municipality_number)
        return None
    facts |= {"number": unit.number}
    if known is None:
        school = School.objects.create(register_changed_at=unit.changed_at or timezone.now(), **facts)
        return _note(school, run, Kind.ADDED, {})
    changed = {
        name: [_shown(getattr(known, name)), _shown(value)]
        for name, value in facts.items()
        if getattr(known, name) != value
    }
    kind = Kind.CHANGED
    # What the secretariat closed has no such day and stays closed.
    if not known.is_active and known.closed_on is not None:
        changed["closed_on"] = [known.closed_on.isoformat(), ""]
        facts |= {"is_active": True, "closed_on": None}
        kind = Kind.CHANGED if "number" in changed else Kind.REOPENED
    for name, value in facts.items():
        setattr(known, name, value)
    known.register_changed_at = unit.changed_at or timezone.now()
    known.save(update_fields=[*facts, "register_changed_at"])
    return _note(known, run, kind, changed) if changed else None


def close_school(
    school: School, *, run: SchoolRegisterRun, day: Any = None, changed_at: Any = None
) -> SchoolChange.Kind | None:
    """Note that a school closed, or has no grades for us any more. All that happened there stays."""
    was_open = school.is_active
    school.register_changed_at = changed_at or timezone.now()
    if not was_open:
        school.save(update_fields=["register_changed_at"])
        return None
    school.is_active = False
    # A day in the future is a plan; the register calls the school closed now.
    school.closed_on = min(day or timezone.localdate(), timezone.localdate())
    school.save(update_fields=["is_active", "closed_on", "register_changed_at"])
    return _note(school, run, Kind.CLOSED, {"closed_on": ["", school.closed_on.isoformat()]})


def _note(school: School, run: SchoolRegisterRun, kind: Kind, facts: dict[str, Any]) -> SchoolChange.Kind:
    """Write the change; a school that changes twice in a run has one row that tells both."""
    row, created = SchoolChange.objects.get_or_create(run=run, school=school, defaults={"kind": kind, "facts": facts})
    if not created:
        both = row.facts | {name: [row.facts.get(name, pair)[0], pair[1]] for name, pair in facts.items()}
        row.facts = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
        row.kind = row.kind if row.kind == Kind.ADDED else kind
        row.save(update_fields=["kind", "facts"])
    return kind


def _shown(value: Any) -> Any:
    """A fact as people read it and JSON keeps it."""
    if isinstance(value, Municipality):
        return f"{value.number} {value.name}"
    return "" if value is None else value
