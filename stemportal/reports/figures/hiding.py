"""Which counts of pupils must not be shown outside the school, so that none from 1 to 4 can be worked out.

A count from 1 to 4 is hidden. That is not enough: beside a total it could be worked out by subtraction. So other counts
are hidden with it, and nothing tells which ones are hidden for their own sake. Here is only the arithmetic; where the
counts come from is rows.py.

What a reader may know: every count that is shown; which counts are sums of which others; that a count of nought is
always shown, so that a hidden one is a whole number of at least one. What holds in the end, for every sum in which
something is hidden (``_needy``):

1. where the sum is shown, at least two of its parts are hidden, and together they are at least three more than their
   number: five for two of them, six for three (were they just their number, each would be one);
2. where the sum is hidden although it is not small, one of its parts is hidden too (else one could add them up).

(1) holds against the reader of one sum: if the hidden parts are not all alike, exchanging two of them gives another
world with the same sum; if they are all alike, each is at least two and there are at least two, so one less here and
one more there does. Several sums together may tell more, as in a crossword. Therefore the result is proved
(``_Worlds``): for every hidden count from 1 to 4 another world is found, in which that count is another, everything
that is shown is the same, every sum is right, and every hidden count is at least one. Then nobody can work it out,
however clever. Elimination over whole numbers gives the ways in which hidden counts can change together, and a search
tries the rest. Where no other world is found, more is hidden; when everything is hidden there always is one (one more,
and one more in each of its sums), so it ends.

Which others are hidden does not depend on how large they are, only on the order in which they come. Was it always the
smallest, a reader of this code would know that the hidden ones are smaller than those that are shown.

``tests/test_hiding.py`` attacks it: small tables by trying every world there is, larger ones by algebra.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import gcd, lcm

FEWEST = 5
# How long another world is looked for: steps in all, cells that differ, ways tried at each step. What is not found then
# counts as exposed, and more is hidden.
MOST_STEPS, MOST_CHANGES, MOST_WAYS = 400, 24, 6
# So many changes found by elimination are tried two by two.
MOST_PAIRED = 60

Cell = Hashable
# A sum and its parts.
Sum = tuple[Cell, Collection[Cell]]


def is_small(count: int | None) -> bool:
    """Whether a count is from 1 to 4."""
    return count is not None and 0 < count < FEWEST


def tells_each(number: int, count: int) -> bool:
    """Whether so many counts (visits) of at least one, together ``count`` (pupils), are nearly known one by one."""
    return 0 < count < number + FEWEST - 2


def shown(count: int | None) -> int | None:
    """Return a count that stands alone, or None when it is from 1 to 4. Beside other counts it takes ``hide``."""
    return None if is_small(count) else count


def hide(
    cells: Mapping[Cell, int], sums: Iterable[Sum], *, hidden: Collection[Cell] = (), known: Collection[Cell] = ()
) -> set[Cell]:
    """Return the cells that must not be shown: all from 1 to 4, and as many more that none can be worked out.

    cells: every count that would be shown, by name. sums: which cells are the sum of which others; all parts are cells.
    hidden: cells to hide whatever they count. known: cells that were shown already, which can protect no other. Of
    cells that would protect equally well the first in ``cells`` is taken. Raises ValueError when a sum is wrong.
    """
    tables = _Tables(cells, list(sums), hidden=set(hidden), known=set(known))
    tables.settle()
    more = 1
    while exposed := list(_Worlds(tables).exposed()):
        if not sum(tables.protect(cell, more) for cell in exposed):
            break
        tables.settle()
        more *= 2
    return tables.hidden


def hide_part(whole: int | None, part: int | None) -> bool:
    """Whether a part (girls) must be hidden beside its whole (pupils), because it or the rest is from 1 to 4."""
    if whole is None or part is None:
        return True
    return is_small(whole) or is_small(part) or is_small(whole - part)


class _Tables:
    """The cells, what is hidden of them, and for each sum how much of it is."""

    def __init__(self, cells: Mapping[Cell, int], sums: list[Sum], *, hidden: set[Cell], known: set[Cell]) -> None:
        self.cells = cells
        self.known = known
        self.parents = [parent for parent, _children in sums]
        # Noughts are always shown and say nothing.
        self.children = [[child for child in children if cells[child]] for _parent, children in sums]
        self.order = {cell: number for number, cell in enumerate(cells)}
        self.part_of: dict[Cell, list[int]] = defaultdict(list)
        self.sum_of: dict[Cell, list[int]] = defaultdict(list)
        for number, (parent, children) in enumerate(zip(self.parents, self.children, strict=True)):
            if cells[parent] != sum(cells[child] for child in children):
                raise ValueError(f"{parent!r} is not the sum of its parts")
            self.sum_of[parent].append(number)
            for child in children:
                self.part_of[child].append(number)
        self.hidden: set[Cell] = set()
        self.hidden_parts = [0] * len(sums)
        self.hidden_sum = [0] * len(sums)
        # Shown cells that are parts of the same sums and sums of the same parts; the last one is hidden first.
        self.alike: dict[tuple[tuple[int, ...], tuple[int, ...]], list[Cell]] = defaultdict(list)
        self.choices: list[list[tuple[tuple[int, ...], tuple[int, ...]]]] = [[] for _sum in sums]
        self._sort_into_kinds(hidden)

    def _sort_into_kinds(self, hidden: set[Cell]) -> None:
        for cell, count in self.cells.items():
            if is_small(count) or (cell in hidden and count):
                self._note_hidden(cell)
            elif count and cell not in self.known:
                self.alike[self.kind_of(cell)].append(cell)
        for kind, cells in self.alike.items():
            cells.reverse()
            for number in kind[0]:
                self.choices[number].append(kind)

    def kind_of(self, cell: Cell) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return tuple(self.part_of.get(cell, ())), tuple(self.sum_of.get(cell, ()))

    def _note_hidden(self, cell: Cell) -> None:
        self.hidden.add(cell)
        for number in self.part_of.get(cell, ()):
            self.hidden_parts[number] += 1
            self.hidden_sum[number] += self.cells[cell]

    def _needy(self, number: int) -> bool:
        """Whether the sum, as it stands, gives something away; see the two rules above."""
        parts, total = self.hidden_parts[number], self.hidden_sum[number]
        if self.parents[number] in self.hidden:
            return not parts
        return bool(parts) and (parts < 2 or tells_each(parts, total))

    def settle(self) -> None:
        """Hide more until no sum gives anything away by itself. A sum that was shown before is left as it is."""
        stuck: set[int] = set()
        while True:
            number = next((n for n in range(len(self.parents)) if n not in stuck and self._needy(n)), None)
            if number is None:
                return
            if not self._hide_best(number):
                stuck.add(number)

    def _hide_best(self, number: int) -> bool:
        """Hide one of its parts; the sum itself when there is none to hide."""
        return self._hide_part(number) or self._hide_parent(number)

    def _hide_part(self, number: int) -> bool:
        """Hide the part that helps most sums and troubles fewest, the first of those.

        Not the smallest: then the choice itself would tell that the hidden ones are smaller than those that are shown.
        """
        kinds = self.choices[number] = [kind for kind in self.choices[number] if self.alike[kind]]
        if not kinds:
            return False
        best = min(kinds, key=self._cost)
        self._note_hidden(self.alike[best].pop())
        return True

    def _hide_parent(self, number: int) -> bool:
        parent = self.parents[number]
        if parent in self.hidden or parent in self.known or not self.cells[parent]:
            return False
        self.alike[self.kind_of(parent)].remove(parent)
        self._note_hidden(parent)
        return True

    def _cost(self, kind: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[int, int]:
        trouble = 0
        for number in kind[0]:
            if self._needy(number):
                trouble -= 1
            elif not self.hidden_parts[number] and self.parents[number] not in self.hidden:
                trouble += 1
        trouble += sum(not self.hidden_parts[number] for number in kind[1])
        return trouble, self.order[self.alike[kind][-1]]

    def protect(self, cell: Cell, more: int) -> int:
        """Hide so many more parts of each sum that the cell is in, or one further away; a sum when no part is left.

        Return how many were hidden.
        """
        rings = list(self._rings(cell))
        near = sum(self._hide_part(number) for number in rings[0] for _more in range(more)) if rings else 0
        if near:
            return near
        return int(
            any(self._hide_part(number) for ring in rings for number in ring)
            or any(self._hide_parent(number) for ring in rings for number in ring)
        )

    def _rings(self, cell: Cell) -> Iterator[list[int]]:
        """The sums that the cell is in, then those that share a cell with these, and so on."""
        seen: set[int] = set()
        ring = [*self.part_of.get(cell, ()), *self.sum_of.get(cell, ())]
        while ring:
            yield ring
            seen.update(ring)
            cells = {self.parents[number] for number in ring} | {
                child for number in ring for child in self.children[number]
            }
            wider = {n for other in cells for n in (*self.part_of.get(other, ()), *self.sum_of.get(other, ()))}
            ring = sorted(wider - seen)


@dataclass(slots=True)
class _Unknown:
    """Hidden cells that are parts of the same sums and of which only their own sum counts; most often just one."""

    cells: list[Cell]
    count: int
    # The sums it is in, by number: 1 as a part, -1 as the sum.
    sums: dict[int, int]

    def spare(self, change: int) -> int:
        """How much may be taken away with the change made: each of its cells is at least one."""
        return self.count + change - len(self.cells)


class _Worlds:
    """The hidden cells of tables, and other numbers that they could have with nothing shown being another."""

    def __init__(self, tables: _Tables) -> None:
        self.tables = tables
        self.unknowns: list[_Unknown] = []
        # Unknowns by sum.
        self.members: dict[int, list[int]] = defaultdict(list)
        by_kind: dict[Hashable, _Unknown] = {}
        for cell in sorted(tables.hidden, key=tables.order.__getitem__):
            parts_of, sums_of = tables.kind_of(cell)
            # Only cells without parts of their own can be taken together.
            if not sums_of and (known := by_kind.get(parts_of)):
                known.cells.append(cell)
                known.count += tables.cells[cell]
                continue
            unknown = _Unknown([cell], tables.cells[cell], dict.fromkeys(parts_of, 1) | dict.fromkeys(sums_of, -1))
            for number in unknown.sums:
                self.members[number].append(len(self.unknowns))
            self.unknowns.append(unknown)
            if not sums_of:
                by_kind[parts_of] = unknown

    def exposed(self) -> Iterator[Cell]:
        """Find cells from 1 to 4 for which no other world is found: one of each unknown."""
        movable = self._movable()
        for number, unknown in enumerate(self.unknowns):
            if number in movable:
                continue
            small = [cell for cell in unknown.cells if is_small(self.tables.cells[cell])]
            # Among several, one less here is one more there, unless each is one.
            is_safe = not small or (len(unknown.cells) > 1 and unknown.spare(0) > 0)
            if not is_safe and not self._other_world(number, 1) and not self._other_world(number, -1):
                yield small[0]

    def _movable(self) -> set[int]:
        """Return unknowns that differ in some other world, by elimination.

        Each unknown that the equations leave free gives a way to change some unknowns at once with every sum right. It
        is another world if no count falls under one; so is what two such ways make together.
        """
        ways = [{number: factor * way[number] for number in way} for way in self._free_ways() for factor in (1, -1)]
        movable = {number for way in ways if self._is_world(way) for number in way}
        if len(ways) <= MOST_PAIRED:
            for first, second in combinations(ways, 2):
                if movable.issuperset(first) and movable.issuperset(second):
                    continue
                both = {number: first.get(number, 0) + second.get(number, 0) for number in first.keys() | second.keys()}
                if self._is_world(both):
                    movable.update(number for number, change in both.items() if change)
        return movable

    def _is_world(self, way: dict[int, int]) -> bool:
        return all(self.unknowns[number].spare(change) >= 0 for number, change in way.items())

    def _free_ways(self) -> Iterator[dict[int, int]]:
        """A change of the unknowns for each that is free when all equations are solved, in whole numbers."""
        rows = _solved(
            [
                {number: self.unknowns[number].sums[which] for number in members}
                for which, members in self.members.items()
            ],
            [unknown.count for unknown in self.unknowns],
        )
        pivots = {pivot for pivot, _row in rows}
        for free in range(len(self.unknowns)):
            if free not in pivots:
                bound = [(pivot, row) for pivot, row in rows if free in row]
                scale = lcm(*(row[pivot] for pivot, row in bound))
                yield {free: scale, **{pivot: -row[free] * scale // row[pivot] for pivot, row in bound}}

    def _other_world(self, first: int, step: int) -> bool:
        """Whether this unknown can be one more (or less), with as many changes elsewhere as it takes."""
        if step < 0 and not self.unknowns[first].spare(0):
            return False
        changes = {first: step}
        left = {number: step * factor for number, factor in self.unknowns[first].sums.items()}
        self.budget = MOST_STEPS
        return self._mend(changes, left)

    def _mend(self, changes: dict[int, int], left: dict[int, int]) -> bool:
        """Change unknowns by one until every sum is right again; ``left`` is by how much which ones are wrong."""
        if not left:
            return True
        if not self.budget or len(changes) > MOST_CHANGES:
            return False
        self.budget -= 1
        wrong = min(left, key=lambda number: (len(self.members[number]), number))
        for _cost, unknown, step in heapq.nsmallest(MOST_WAYS, self._ways(wrong, changes, left)):
            after = _after(left, self.unknowns[unknown].sums, step)
            if self._mend({**changes, unknown: changes.get(unknown, 0) + step}, after):
                return True
        return False

    def _ways(self, wrong: int, changes: dict[int, int], left: dict[int, int]) -> Iterator[tuple[int, int, int]]:
        """Unknowns that make this sum less wrong, with what is wrong afterwards, and the step to take."""
        for number in self.members[wrong]:
            unknown, before = self.unknowns[number], changes.get(number, 0)
            step = -1 if (left[wrong] > 0) == (unknown.sums[wrong] > 0) else 1
            if before * step >= 0 and (step > 0 or unknown.spare(before)):
                yield len(_after(left, unknown.sums, step)), number, step


def _after(left: dict[int, int], sums: dict[int, int], step: int) -> dict[int, int]:
    """Return by how much which sums are wrong after one more step."""
    result = dict(left)
    for number, factor in sums.items():
        if rest := result.get(number, 0) + step * factor:
            result[number] = rest
        else:
            result.pop(number, None)
    return result


def _solved(equations: list[dict[int, int]], counts: list[int]) -> list[tuple[int, dict[int, int]]]:
    """Return the equations solved for one unknown each (Gauss and Jordan, over whole numbers), with that unknown.

    For the largest unknown that is left: it has most to give when others change.
    """
    done: list[tuple[int, dict[int, int]]] = []
    for equation in equations:
        row = equation
        for pivot, other in done:
            row = _without(row, pivot, other)
        if row:
            pivot = max(row, key=lambda number: (counts[number], number))
            done = [(name, _without(other, pivot, row)) for name, other in done]
            done.append((pivot, row))
    return done


def _without(row: dict[int, int], pivot: int, other: dict[int, int]) -> dict[int, int]:
    """Return the row with the pivot taken out by means of the other one, in lowest terms."""
    if pivot not in row:
        return row
    ours, theirs = other[pivot], row[pivot]
    result = {number: factor * ours for number, factor in row.items()}
    for number, factor in other.items():
        if left := result.get(number, 0) - factor * theirs:
            result[number] = left
        else:
            result.pop(number, None)
    divisor = gcd(*result.values()) or 1
    return {number: factor // divisor for number, factor in result.items()}
