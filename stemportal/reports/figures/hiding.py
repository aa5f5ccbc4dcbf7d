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
one more there does. Several sums together may tell more, as in a crossword. Therefore the result is audited
(``_Audit``): elimination over whole numbers finds everything that the sums together determine, and the bounds that
follow from "at least one" are drawn tighter along the sums and along what elimination made of them until nothing moves.
As long as a count from 1 to 4 is exact, more is hidden. Every step hides something, and when everything is hidden
nothing is exact, so it ends.

Which others are hidden does not depend on how large they are, only on the order in which they come. Was it always the
smallest, a reader of this code would know that the hidden ones are smaller than those that are shown.

``tests/test_hiding.py`` attacks it: small tables by trying every world there is, larger ones by algebra.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import gcd, inf, isinf

FEWEST = 5
# Bounds are drawn tighter so often at most; a few times are the rule.
MOST_ROUNDS = 200

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
    for _round in range(len(cells)):
        exposed = _Audit(tables).exposed()
        if not any(tables.protect(cell) for cell in exposed):
            break
        tables.settle()
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

    def protect(self, cell: Cell) -> bool:
        """Hide one more cell as near to this one as there is, a sum only when no part is left. False without any."""
        rings = list(self._rings(cell))
        return any(self._hide_part(number) for ring in rings for number in ring) or any(
            self._hide_parent(number) for ring in rings for number in ring
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
    low: float
    high: float = inf

    @property
    def is_exact(self) -> bool:
        """Whether the cells' counts are known: the sum is, and it is of one cell, or each of them is one."""
        return self.low == self.high and (len(self.cells) == 1 or self.low == len(self.cells))


@dataclass
class _Audit:
    """What a reader can work out from the shown cells."""

    tables: _Tables
    unknowns: list[_Unknown] = field(default_factory=list)

    def exposed(self) -> list[Cell]:
        """Return the first of the cells from 1 to 4 in each unknown that is known after all."""
        equations = self._equations()
        self._tighten([*equations, *_eliminate(equations)])
        return [
            cell
            for unknown in self.unknowns
            if unknown.is_exact
            for cell in unknown.cells[:1]
            if any(is_small(self.tables.cells[member]) for member in unknown.cells)
        ]

    def _equations(self) -> list[dict[int, int]]:
        """One for each sum with something hidden: factor by unknown; under -1 the number they must add up to."""
        tables = self.tables
        equations: list[dict[int, int]] = [{-1: total} for total in tables.hidden_sum]
        by_kind: dict[Hashable, int] = {}
        for cell in sorted(tables.hidden, key=tables.order.__getitem__):
            kind = tables.kind_of(cell)
            # Only cells without parts of their own can be taken together.
            name: Hashable = cell if kind[1] else kind[0]
            if name in by_kind and not kind[1]:
                unknown = self.unknowns[by_kind[name]]
                unknown.cells.append(cell)
                unknown.low += 1
                continue
            by_kind[name] = len(self.unknowns)
            for number in kind[0]:
                equations[number][len(self.unknowns)] = 1
            for number in kind[1]:
                equations[number][len(self.unknowns)] = -1
                equations[number][-1] -= tables.cells[cell]
            self.unknowns.append(_Unknown([cell], 1))
        return [equation for equation in equations if len(equation) > 1]

    def _tighten(self, equations: list[dict[int, int]]) -> None:
        """Draw the bounds tighter along every equation until nothing moves."""
        for _round in range(MOST_ROUNDS):
            if not sum(self._tighten_along(equation) for equation in equations):
                return

    def _tighten_along(self, equation: dict[int, int]) -> bool:
        """Each term is what the others leave of the sum. Return whether a bound moved."""
        terms = [(factor, self.unknowns[number]) for number, factor in equation.items() if number >= 0]
        low = _Total(factor * (unknown.low if factor > 0 else unknown.high) for factor, unknown in terms)
        high = _Total(factor * (unknown.high if factor > 0 else unknown.low) for factor, unknown in terms)
        moved = False
        for factor, unknown in terms:
            ends = (unknown.low, unknown.high)
            least, most = (factor * end for end in (ends if factor > 0 else ends[::-1]))
            at_most = _share(equation[-1] - low.without(least), factor, up=factor < 0)
            at_least = _share(equation[-1] - high.without(most), factor, up=factor > 0)
            if factor < 0:
                at_most, at_least = at_least, at_most
            if at_least > unknown.low or at_most < unknown.high:
                unknown.low, unknown.high, moved = max(unknown.low, at_least), min(unknown.high, at_most), True
                ends = (unknown.low, unknown.high)
                now_least, now_most = (factor * end for end in (ends if factor > 0 else ends[::-1]))
                low.replace(least, now_least)
                high.replace(most, now_most)
        return moved


class _Total:
    """A sum of numbers of which some may be infinite, each of which can be taken out again."""

    def __init__(self, numbers: Iterable[float]) -> None:
        self.finite: float = 0
        self.infinite = 0
        self.sign: float = 1
        for number in numbers:
            self._add(number, 1)

    def _add(self, number: float, times: int) -> None:
        if isinf(number):
            self.infinite += times
            self.sign = number
        else:
            self.finite += times * number

    def without(self, number: float) -> float:
        """Return the sum of all others."""
        others = self.infinite - isinf(number)
        return self.sign if others else self.finite - (0 if isinf(number) else number)

    def replace(self, number: float, other: float) -> None:
        """Take one number out and another in."""
        self._add(number, -1)
        self._add(other, 1)


def _share(rest: float, factor: int, *, up: bool) -> float:
    """Return rest / factor as a whole number, rounded up or down; without error, however large."""
    if isinf(rest):
        return rest / factor
    return -(-rest // factor) if up else rest // factor


def _eliminate(equations: list[dict[int, int]]) -> list[dict[int, int]]:
    """Return the same equations in reduced row echelon form, over whole numbers (Gauss and Jordan).

    An unknown that they determine stands alone in one of them.
    """
    done: list[tuple[int, dict[int, int]]] = []
    for equation in equations:
        row = dict(equation)
        for pivot, other in done:
            row = _without(row, pivot, other)
        pivot = next((number for number in row if number >= 0), None)
        if pivot is None:
            continue
        done = [(name, _without(other, pivot, row)) for name, other in done]
        done.append((pivot, row))
    return [row for _pivot, row in done]


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
    result.setdefault(-1, 0)
    divisor = gcd(*result.values()) or 1
    return {number: factor // divisor for number, factor in result.items()}
