"""What a process remembers, and for how long."""

import time

from stemportal.lib.memo import forget_all, remember


def counting(seconds: float = 60, size: int = 256):
    calls: list[tuple] = []

    @remember(seconds, size=size)
    def double(number: int, *, plus: int = 0) -> int:
        calls.append((number, plus))
        return number * 2 + plus

    return double, calls


def test_answer_is_worked_out_once_for_the_same_arguments():
    double, calls = counting()
    assert [double(2), double(2), double(3), double(2, plus=1), double(2, plus=1)] == [4, 4, 6, 5, 5]
    assert calls == [(2, 0), (3, 0), (2, 1)]


def test_answer_is_worked_out_anew_after_its_time(monkeypatch):
    double, calls = counting(seconds=30)
    double(2)
    later = time.monotonic() + 31
    monkeypatch.setattr(time, "monotonic", lambda: later)
    double(2)
    assert len(calls) == 2


def test_no_more_is_remembered_than_allowed():
    double, _calls = counting(size=3)
    for number in range(10):
        double(number)
    assert len(double.answers) <= 3


def test_everything_can_be_forgotten():
    double, calls = counting()
    double(2)
    forget_all()
    double(2)
    double.forget()
    double(2)
    assert len(calls) == 3
