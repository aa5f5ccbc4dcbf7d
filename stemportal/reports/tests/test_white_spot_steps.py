"""Pupils in steps: nobody can work out a count from 1 to 4."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stemportal.reports.white_spots.steps import step_of, steps


def test_pupils_are_shown_in_steps():
    assert [str(step_of(number)) for number in (1, 24, 25, 499, 1_000_000)] == [
        "under 25", "under 25", "25–49", "250–499", "1,000,000 or more",
    ]  # fmt: skip


def test_steps_are_left_out_where_the_sum_leaves_no_choice():
    told = steps({"a": {1: 1}, "b": {1: 25}}, None)
    assert told == {"a": None, "b": None}
    assert all(steps({"a": {1: 2}, "b": {1: 25}}, None).values())
    # The same between the kinds of one area.
    assert steps({"a": {1: 1, 2: 50}, "b": {1: 30}}, 1)["a"] is None


PARTS = st.lists(
    st.one_of(st.integers(1, 4), st.sampled_from([5, 24, 25, 26, 49, 50, 99, 100])), min_size=2, max_size=4
)


COUNTS = st.one_of(st.integers(1, 4), st.sampled_from([5, 24, 25, 26, 49, 50, 99, 100]))


@given(st.lists(COUNTS, min_size=2, max_size=4))
def test_exact_sum_beside_steps_tells_no_small_count(counts):
    """Attack: every world that fits the steps shown and the exact sum; no count from 1 to 4 is the same in all."""
    shown = steps({number: {1: value} for number, value in enumerate(counts)}, None)
    bounds = [
        (step.low, step.high or sum(counts)) if (step := shown[number]) else (1, sum(counts))
        for number in range(len(counts))
    ]
    if not sum(counts) >= 5:
        return  # such a sum is shown nowhere
    for number, value in enumerate(counts):
        if value <= 4:
            others = [pair for other, pair in enumerate(bounds) if other != number]
            least = max(bounds[number][0], sum(counts) - sum(high for _low, high in others))
            most = min(bounds[number][1], sum(counts) - sum(low for low, _high in others))
            assert least < most
