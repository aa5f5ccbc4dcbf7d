"""Small counts are hidden, and attacks on what is left find none of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from stemportal.reports.figures.hiding import hide, hide_part, is_small
from stemportal.reports.figures.together import Hidden, Line, Published, hide_tables, hide_year

FAMILIES = ("kinds", "months", "regions", "grades")


def lines_of(*rows: tuple[str, int]) -> list[Line]:
    """Visits in one kind each: ("a", 3)."""
    return [Line(number, (("kinds", kind),), pupils, 2) for number, (kind, pupils) in enumerate(rows)]


def random_lines(dice: random.Random, number: int, families: int, classes: int, counts: list[int]) -> list[Line]:
    """Visits that stand in a random class of each table."""
    return [
        Line(n, tuple((name, dice.randrange(classes)) for name in FAMILIES[:families]), dice.choice(counts), 2)
        for n in range(number)
    ]


# The attacker's side: written for itself, on nothing but what is published.


def published(lines: list[Line], hidden: Hidden) -> tuple[dict[int, int], list[tuple[frozenset[int], int]]]:
    """What a reader sees: the shown visits, and for each shown sum the hidden visits in it with what they add up to."""
    shown = {line.booking: line.pupils for line in lines if line.booking not in hidden.lines}
    names: dict[Any, list[Line]] = {} if hidden.total else {"total": lines}
    for name in {name for line in lines for name in line.classes} - hidden.classes:
        names[name] = [line for line in lines if name in line.classes]
    sums = [
        (
            frozenset(line.booking for line in members if line.booking not in shown),
            sum(line.pupils for line in members) - sum(shown.get(line.booking, 0) for line in members),
        )
        for members in names.values()
    ]
    return shown, [(members, rest) for members, rest in sums if members]


def groups_of(lines: list[Line]) -> list[frozenset[int]]:
    """Everything whose number of pupils must stay unknown when it is small: each visit, each class, all."""
    classes = {name for line in lines for name in line.classes}
    return [
        frozenset(line.booking for line in lines),
        *(frozenset(line.booking for line in lines if name in line.classes) for name in sorted(classes, key=repr)),
        *(frozenset([line.booking]) for line in lines),
    ]


def small_groups(lines: list[Line]) -> list[frozenset[int]]:
    pupils = {line.booking: line.pupils for line in lines}
    return [group for group in groups_of(lines) if is_small(sum(pupils[booking] for booking in group))]


def worlds(unknown: list[int], sums: list[tuple[frozenset[int], int]]) -> Iterator[dict[int, int]]:
    """Every way in which the hidden visits could have had at least one pupil each and the shown sums their value."""
    if not unknown:
        yield {}
        return
    first, others = unknown[0], unknown[1:]
    with_first = [(members, rest) for members, rest in sums if first in members]
    most = min((rest - len(members) + 1 for members, rest in with_first), default=6)
    for pupils in range(1, most + 1):
        left = [(members - {first}, rest - pupils) if first in members else (members, rest) for members, rest in sums]
        if all(rest >= len(members) if members else rest == 0 for members, rest in left):
            left = [(members, rest) for members, rest in left if members]
            for world in worlds(others, left):
                yield {first: pupils, **world}


def exact_by_trying(lines: list[Line], hidden: Hidden) -> list[frozenset[int]]:
    """The small groups that have the same number in every world there is."""
    shown, sums = published(lines, hidden)
    left = dict.fromkeys(small_groups(lines))
    seen: dict[frozenset[int], set[int]] = {group: set() for group in left}
    for world in worlds([line.booking for line in lines if line.booking not in shown], sums):
        for group in list(left):
            seen[group].add(sum(world.get(booking, shown.get(booking, 0)) for booking in group))
            if len(seen[group]) > 1:
                del left[group]
        if not left:
            break
    return list(left)


def exact_by_algebra(lines: list[Line], sums: list[tuple[frozenset[int], int]]) -> list[frozenset[int]]:
    """The small groups that are a combination of shown sums: Gauss over fractions, one row a sum."""
    echelon: list[tuple[int, dict[int, Fraction]]] = []

    def reduced(row: dict[int, Fraction]) -> dict[int, Fraction]:
        for pivot, other in echelon:
            if factor := row.get(pivot):
                row = {key: row.get(key, 0) - factor * other.get(key, 0) for key in row.keys() | other.keys()}
        return {key: value for key, value in row.items() if value}

    for members, _rest in sums:
        row = reduced(dict.fromkeys(members, Fraction(1)))
        if row:
            pivot = min(row)
            echelon.append((pivot, {key: value / row[pivot] for key, value in row.items()}))
    hidden = {booking for members, _rest in sums for booking in members}
    return [
        group for group in small_groups(lines) if group <= hidden and not reduced(dict.fromkeys(group, Fraction(1)))
    ]


def test_nothing_is_hidden_where_nobody_is_few():
    assert hide_year(lines_of(("a", 5), ("a", 20), ("b", 0))) == Hidden(pupil_hours=50)


def test_few_pupils_take_another_visit_of_the_same_kind_with_them():
    hidden = hide_year(lines_of(("a", 3), ("a", 20), ("a", 25), ("b", 30)))

    assert hidden.lines == {0, 1}
    assert hidden.classes == frozenset()
    assert not hidden.total


def test_a_small_kind_takes_another_kind_with_it():
    hidden = hide_tables({"kinds": {"shadow": (2, 3), "visit": (9, 200), "film": (3, 60)}}, total=263)

    assert hidden.classes == {("kinds", "shadow"), ("kinds", "film")}
    assert not hidden.total


def test_two_small_counts_that_are_one_each_do_not_protect_each_other():
    assert hide({"all": 2, "a": 1, "b": 1}, [("all", "ab")]) == {"all", "a", "b"}
    assert hide({"all": 8, "a": 4, "b": 4}, [("all", "ab")]) == {"a", "b"}
    assert hide({"all": 31, "a": 1, "b": 1, "c": 1, "d": 28}, [("all", "abcd")]) == {"a", "b", "c", "d"}


def test_visits_of_one_pupil_each_hide_their_total_because_the_number_of_visits_is_shown():
    hidden = hide_year(lines_of(*[("shadow", 1)] * 6))

    assert (hidden.total, hidden.pupil_hours, len(hidden.lines)) == (True, None, 6)


def test_a_sum_that_is_none_is_refused():
    with pytest.raises(ValueError, match="sum of its parts"):
        hide({"all": 3, "a": 1}, [("all", "a")])


@pytest.mark.parametrize(
    ("pupils", "girls", "must"),
    [(20, 9, False), (20, 4, True), (20, 17, True), (20, 20, False), (20, 0, False), (4, 0, True), (None, 5, True)],
)
def test_girls_are_hidden_when_they_or_the_others_are_few(pupils, girls, must):
    assert hide_part(pupils, girls) is must


def test_pupil_hours_say_nothing_of_hidden_visits():
    """With the exact number two equations would have two unknowns: a + b = 23 and 1 a + 4 b = 83 make a = 3."""
    lines = [Line(1, (("kinds", "a"),), 3, 1), Line(2, (("kinds", "a"),), 20, 4)]

    hidden = hide_year(lines)

    assert hidden.lines == {1, 2}
    assert hidden.pupil_hours == 23 * 2.5


COUNTS = [[1, 2, 3, 4, 5, 6, 20], [0, 1, 3, 20, 25], [1, 1, 1, 2, 9], [3, 9, 11, 12]]


@pytest.mark.parametrize("counts", COUNTS, ids=["mixed", "noughts", "ones", "few"])
def test_no_small_count_is_the_same_in_every_possible_world(counts):
    dice = random.Random(str(counts))
    for _table in range(60):
        lines = random_lines(dice, dice.randint(1, 6), dice.randint(1, 4), dice.randint(1, 4), counts)
        hidden = hide_year(lines)
        assert {line.booking for line in lines if is_small(line.pupils)} <= hidden.lines
        assert exact_by_trying(lines, hidden) == [], lines


@pytest.mark.parametrize("number", [40, 150])
def test_no_small_count_is_a_combination_of_shown_sums(number):
    dice = random.Random(number)
    for share in (1, 3):
        counts = [*range(1, 5)] * share + [*range(8, 30)] * 2
        lines = random_lines(dice, number, 4, 6, counts)
        hidden = hide_year(lines)
        assert small_groups(lines)
        assert exact_by_algebra(lines, published(lines, hidden)[1]) == []


def test_the_attacks_find_what_is_hidden_too_little():
    """Attacks that never find anything prove nothing."""
    lines = lines_of(("a", 3), ("a", 20), ("b", 30))
    only_few = Hidden(lines=frozenset([0]))

    assert exact_by_trying(lines, only_few) == [frozenset([0])]
    assert exact_by_algebra(lines, published(lines, only_few)[1]) == [frozenset([0])]


def test_large_tables_lose_little():
    dice = random.Random(3)
    lines = random_lines(dice, 1000, 4, 5, [2, *range(8, 30)])

    hidden = hide_year(lines)

    few = sum(is_small(line.pupils) for line in lines)
    assert (hidden.total, hidden.classes) == (False, frozenset())
    assert few <= len(hidden.lines) <= 2 * few


# Earlier versions


def as_published(lines: list[Line], hidden: Hidden, girls: int | None = None) -> Published:
    """What a report that showed these lines told."""
    classes: dict[Any, int | None] = {}
    for line in lines:
        for name in line.classes:
            classes[name] = (classes.get(name) or 0) + line.pupils
    return Published(
        total=None if hidden.total else sum(line.pupils for line in lines),
        classes={name: None if name in hidden.classes else pupils for name, pupils in classes.items()},
        lines={line.booking: None if line.booking in hidden.lines else line.pupils for line in lines},
        classes_of={line.booking: line.classes for line in lines},
        girls=girls,
    )


def both(first: list[Line], second: list[Line], *hiddens: Hidden) -> list[tuple[frozenset[int], int]]:
    """What a reader has of two versions in which no visit changed: the sums of both, less what either one showed."""
    pupils = {line.booking: line.pupils for line in [*first, *second]}
    shown = {line.booking for line in first if line.booking not in hiddens[0].lines}
    shown |= {line.booking for line in second if line.booking not in hiddens[1].lines}
    sums = [*published(first, hiddens[0])[1], *published(second, hiddens[1])[1]]
    return [(left := members - shown, sum(pupils[booking] for booking in left)) for members, _rest in sums]


def test_a_small_visit_that_comes_to_it_is_not_the_difference_between_two_versions():
    first = lines_of(("a", 20), ("a", 25), ("b", 30))
    second = [*first, Line(9, (("kinds", "a"),), 3, 2)]
    before = hide_year(first)
    alone = hide_year(second)
    assert exact_by_algebra(second, both(first, second, before, alone)) == [frozenset([9])]

    hidden = hide_year(second, earlier=[as_published(first, before)])

    assert exact_by_algebra(second, both(first, second, before, hidden)) == []


def test_what_one_version_hid_the_next_one_hides_too():
    first = lines_of(("a", 3), ("a", 20), ("a", 25))
    second = [first[0]._replace(pupils=30), *first[1:]]

    hidden = hide_year(second, earlier=[as_published(first, hide_year(first))])

    assert 0 in hidden.lines


def test_a_small_visit_that_falls_away_is_not_the_difference_between_two_versions():
    first = lines_of(("a", 20), ("a", 25), ("a", 3), ("b", 30))
    second = [first[0], first[1], first[3]]
    before = hide_year(first)

    hidden = hide_year(second, earlier=[as_published(first, before)])

    assert ("kinds", "a") in hidden.classes or hidden.lines >= {0, 1}


def test_two_years_that_overlap_do_not_tell_together_what_each_hides():
    dice = random.Random(7)
    for _table in range(20):
        lines = random_lines(dice, 24, 3, 3, [2, 3, *range(8, 20)])
        school, calendar = lines[:16], lines[8:]
        before = hide_year(school)
        hidden = hide_year(calendar, earlier=[as_published(school, before)], others=school[:8])
        sums = both(school, calendar, before, hidden)
        assert exact_by_algebra(calendar, sums) == exact_by_algebra(school, sums) == []


def test_a_few_girls_are_not_the_difference_between_two_versions():
    first = [Line(1, (("kinds", "a"),), 20, 2, girls=9)]
    second = [*first, Line(2, (("kinds", "a"),), 22, 2, girls=3)]

    assert hide_year(second, earlier=[as_published(first, hide_year(first), girls=9)]).girls
    assert not hide_year(first, earlier=[as_published(first, hide_year(first), girls=9)]).girls


def test_a_partner_cannot_take_its_own_share_away_and_find_a_small_one():
    tables = {"regions": {"Finnmark": (3, 43), "Oslo": (9, 200), "Troms": (5, 90)}}

    hidden = hide_tables(tables, total=333, largest={("regions", "Finnmark"): 40, ("regions", "Oslo"): 120})

    assert hidden.classes == {("regions", "Finnmark"), ("regions", "Troms")}
