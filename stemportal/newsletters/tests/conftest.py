"""Limits are counted in Valkey, and a page in another language leaves that language on: each test starts
afresh, in English, which is the language of the words that tests look for."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import translation


@pytest.fixture(autouse=True)
def fresh_start() -> Iterator[None]:
    cache.clear()
    with translation.override("en"):
        yield
    cache.clear()
