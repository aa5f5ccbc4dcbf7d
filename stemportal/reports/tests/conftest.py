"""Figures are kept in Valkey for ten minutes, and a page leaves its language on: each test starts afresh."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation


@pytest.fixture(autouse=True)
def fresh_start() -> Iterator[None]:
    cache.clear()
    with translation.override(settings.LANGUAGE_CODE):
        yield
    cache.clear()
