"""Registers and lists that staff edit, remembered by each process for a while: pages ask for them all the time.

What is remembered is read only. A change shows after at most the given seconds; in tests nothing outlives a test.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Generic, ParamSpec, Protocol, TypeVar

Given = ParamSpec("Given")
Value = TypeVar("Value")


class Forgets(Protocol):
    """Something that remembers, and can be told to ask anew."""

    def forget(self) -> None: ...


_all: list[Forgets] = []


class Remembered(Generic[Given, Value]):
    """A function whose answers are kept for some seconds, at most ``size`` of them."""

    def __init__(self, function: Callable[Given, Value], seconds: float, size: int) -> None:
        self.function, self.seconds, self.size = function, seconds, size
        self.answers: dict[Hashable, tuple[float, Value]] = {}
        wraps(function)(self)
        _all.append(self)

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Value:
        key = (args, tuple(sorted(kwargs.items())))
        now = time.monotonic()
        known = self.answers.get(key)
        if known and known[0] > now:
            return known[1]
        value = self.function(*args, **kwargs)
        if len(self.answers) >= self.size:
            self.answers.clear()
        self.answers[key] = (now + self.seconds, value)
        return value

    def forget(self) -> None:
        """Ask anew next time."""
        self.answers.clear()


def remember(seconds: float, *, size: int = 256) -> Callable[[Callable[Given, Value]], Remembered[Given, Value]]:
    """Return a decorator that keeps the answers of a function; its arguments must be hashable."""
    return lambda function: Remembered(function, seconds, size)


def to_be_forgotten(what: Forgets) -> None:
    """Have ``forget_all`` clear this, too."""
    _all.append(what)


def forget_all() -> None:
    """Forget everything that this process remembers."""
    for remembered in _all:
        remembered.forget()
