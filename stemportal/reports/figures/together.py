"""What of one year's figures and visits is hidden, taken together: total, tables and the lines of the annex.

They are published side by side, so they are hidden side by side. What was published before about the same visits (an
older version, the calendar year beside the school year) is taken along: nothing may follow from comparing, either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from stemportal.reports.figures.hiding import Cell, Sum, hide, is_small, tells_each

# A class of visits in one of the tables, by the name that is published: ("kinds", "Bedriftsbesøk"), ("months",
# "2025-03"), ("regions", "Oslo" or None), ("grades", 9), ("units", "pupils": visits whose places are pupils).
Class = tuple[str, Hashable]

TOTAL = "total"
PUPIL_PLACES: Class = ("units", "pupils")
# The key of a row in each table of Figures.
ROW_KEYS = {"kinds": "nb", "months": "month", "regions": "name", "grades": "grade"}


class Line(NamedTuple):
    """One visit as it was counted: its booking, the classes it stands in, pupils who came, hours, girls if told."""

    booking: int
    classes: tuple[Class, ...]
    pupils: int
    hours: float
    girls: int | None = None


@dataclass(frozen=True)
class Published:
    """What was shown before: pupils in all, by class and by visit, girls in all; None is what was hidden then."""

    total: int | None
    classes: Mapping[Class, int | None]
    lines: Mapping[int, int | None]
    # The classes each of its visits stood in.
    classes_of: Mapping[int, Sequence[Class]]
    girls: int | None = None


@dataclass(frozen=True)
class Hidden:
    """What must not be shown: pupils in all, pupils of classes, pupils of visits (by booking), girls.

    girls says only that their number compared with an earlier one would tell something; see ``hiding.hide_part`` too.

    pupil_hours is what may be shown as pupils times hours: exact when no visit is hidden. Visits whose pupils are
    hidden count there with the mean length of those visits, which anybody can work out from what is shown; None when
    the total is hidden.
    """

    total: bool = False
    classes: frozenset[Class] = frozenset()
    lines: frozenset[int] = frozenset()
    girls: bool = False
    pupil_hours: float | None = 0

    def row(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row of a table of Figures as it may be shown: pupils are None when they are hidden."""
        hidden = (table, row[ROW_KEYS[table]]) in self.classes
        return {**row, "pupils": None} if hidden else row


def hide_year(lines: Sequence[Line], *, earlier: Iterable[Published] = (), others: Sequence[Line] = ()) -> Hidden:
    """Return what must be hidden of a year that is shown with its total, its tables and every one of its visits.

    earlier: what was shown of the same visits before, or of ``others``: visits of another year as they are now.
    """
    earlier = list(earlier)
    table = _Table()
    table.add_lines(lines)
    for number, published in enumerate(earlier):
        table.add_published(number, published, [*lines, *others])
    hidden = hide(table.cells, table.sums, hidden=table.hidden, known=table.known)
    hidden_lines = frozenset(line.booking for line in lines if ("line", line.booking) in hidden)
    is_total_hidden = TOTAL in hidden
    return Hidden(
        total=is_total_hidden,
        classes=frozenset(cell for cell in table.classes if cell in hidden),
        lines=hidden_lines,
        girls=any(_girls_differ_by_few(lines, published) for published in earlier),
        pupil_hours=None if is_total_hidden else _pupil_hours(lines, hidden_lines),
    )


def hide_tables(
    tables: Mapping[str, Mapping[Hashable, tuple[int, int]]],
    *,
    total: int,
    more_sums: Iterable[Sum] = (),
    largest: Mapping[Class | str, int] | None = None,
    earlier: Iterable[Mapping[Cell, int | None]] = (),
) -> Hidden:
    """Return what must be hidden of tables that are shown without their visits (the programme's).

    tables: {table: {class: (visits, pupils)}}; a table whose pupils do not add up to the total stands alone. Where
    there are hardly more pupils than visits, each visit was of one pupil, so such a class is hidden too. more_sums:
    classes that are sums of others. largest: what the partner with most pupils has of a class, or of the TOTAL; where a
    few are left without it, that partner could work them out. earlier: what was shown before (other versions) of the
    same classes and of the TOTAL, None for what was hidden: what is a few more or fewer now, or was hidden, is hidden,
    and what is the same can protect no other. ``pupil_hours`` is not worked out here: it may be shown when the total
    is.
    """
    cells: dict[Cell, int] = {TOTAL: total}
    sums: list[Sum] = list(more_sums)
    alone: set[Cell] = set()
    for name, classes in tables.items():
        fewest_first = sorted(classes.items(), key=lambda item: (item[1][0], repr(item[0])))
        cells.update({(name, key): pupils for key, (_visits, pupils) in fewest_first})
        alone.update((name, key) for key, (visits, pupils) in classes.items() if tells_each(visits, pupils))
        if sum(pupils for _visits, pupils in classes.values()) == total:
            sums.append((TOTAL, [(name, key) for key in classes]))
    alone.update(cell for cell, most in (largest or {}).items() if is_small(cells.get(cell, most) - most))
    known: set[Cell] = set()
    for shown_before in earlier:
        for cell, was in shown_before.items():
            now = cells.get(cell)
            if now is None:
                continue
            if was is None or is_small(abs(now - was)):
                alone.add(cell)
            elif now == was:
                known.add(cell)
    hidden = hide(cells, sums, hidden=alone, known=known)
    is_total_hidden = TOTAL in hidden
    return Hidden(
        total=is_total_hidden,
        classes=frozenset(cast(Class, cell) for cell in hidden - {TOTAL}),
        pupil_hours=None if is_total_hidden else 0,
    )


def _girls_differ_by_few(lines: Sequence[Line], published: Published) -> bool:
    """Whether a few girls, or a few others, are what came to or fell away from the same visits."""
    if published.girls is None:
        return False
    girls = sum(line.girls or 0 for line in lines) - published.girls
    if is_small(abs(girls)):
        return True
    return published.total is not None and is_small(abs(sum(line.pupils for line in lines) - published.total - girls))


def _pupil_hours(lines: Sequence[Line], hidden: frozenset[int]) -> float:
    kept = sum(line.pupils * line.hours for line in lines if line.booking not in hidden)
    away = [line for line in lines if line.booking in hidden]
    if not away:
        return kept
    return kept + sum(line.pupils for line in away) * sum(line.hours for line in away) / len(away)


@dataclass
class _Table:
    """Cells and sums on their way to ``hide``."""

    cells: dict[Cell, int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    hidden: set[Cell] = field(default_factory=set)
    known: set[Cell] = field(default_factory=set)
    classes: list[Class] = field(default_factory=list)

    def add_lines(self, lines: Sequence[Line]) -> None:
        """Total = the classes of a table, if every visit stands in one; a class = its visits."""
        members: dict[Class, list[Line]] = defaultdict(list)
        for line in lines:
            for name in line.classes:
                members[name].append(line)
        # What has fewest visits is the least loss.
        self.classes = sorted(members, key=lambda name: (len(members[name]), repr(name)))
        self.cells[TOTAL] = sum(line.pupils for line in lines)
        self.cells |= {name: sum(line.pupils for line in members[name]) for name in self.classes}
        self.cells |= {("line", line.booking): line.pupils for line in lines}
        for table in sorted({name[0] for name in self.classes}):
            of_table = [name for name in self.classes if name[0] == table]
            if sum(len(members[name]) for name in of_table) == len(lines):
                self.sums.append((TOTAL, of_table))
        self.sums += [(name, [("line", line.booking) for line in members[name]]) for name in self.classes]

    def add_published(self, number: int, published: Published, lines: Sequence[Line]) -> None:
        """Take along what was shown before.

        lines are all visits as they are now. One that counts what it counted then is the same cell; it stays hidden if
        it was. What was hidden then and is not to be found now (a visit that fell away, a number that was put right) is
        a cell of its own, as large as the rest of the sum.
        """
        now = {line.booking: line.pupils for line in lines}
        for booking, pupils in published.lines.items():
            if booking in now and pupils is None:
                self.hidden.add(("line", booking))
            elif now.get(booking) == pupils:
                self.known.add(("line", booking))
        members: dict[Cell, list[int]] = {TOTAL: list(published.lines)}
        for booking, classes in published.classes_of.items():
            for part in classes:
                members.setdefault(part, []).append(booking)
        counts: list[tuple[Cell, int | None]] = [(TOTAL, published.total), *published.classes.items()]
        for name, pupils in counts:
            if pupils and name in members:
                self._add_earlier_sum(("was", number, name), pupils, members[name], published.lines, now)

    def _add_earlier_sum(
        self,
        cell: Cell,
        pupils: int,
        bookings: list[int],
        then: Mapping[int, int | None],
        now: Mapping[int, int],
    ) -> None:
        same = [booking for booking in bookings if booking in now and then[booking] in (None, now[booking])]
        others = [booking for booking in bookings if booking not in now or then[booking] not in (None, now[booking])]
        parts: dict[Cell, int] = {("line", booking): now[booking] for booking in same}
        parts |= {(cell, booking): count for booking in others if (count := then[booking]) is not None}
        rest = pupils - sum(parts.values())
        if rest < 0:
            return
        self.known.update(name for name in parts if name not in self.cells)
        if rest:
            gone = frozenset(booking for booking in others if then[booking] is None)
            parts["gone", gone or cell] = rest
            self.hidden.add(("gone", gone or cell))
        if any(self.cells.get(name, count) != count for name, count in parts.items()):
            return
        self.cells |= parts
        self.cells[cell] = pupils
        self.known.add(cell)
        self.sums.append((cell, list(parts)))
