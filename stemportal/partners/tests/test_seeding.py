"""The ready reasons the portal starts with."""

from __future__ import annotations

import pytest

from stemportal.partners.models import DeclineReason
from stemportal.partners.seeding import load_decline_reasons

pytestmark = pytest.mark.django_db


def test_loading_twice_adds_nothing():
    assert (load_decline_reasons(), load_decline_reasons()) == (5, 0)


def test_reasons_keep_what_staff_changed():
    load_decline_reasons()
    DeclineReason.objects.filter(code="sales").update(text_nb="Vi selger ikke.", is_active=False)
    load_decline_reasons()
    reason = DeclineReason.objects.get(code="sales")
    assert (reason.text_nb, reason.is_active) == ("Vi selger ikke.", False)


def test_reasons_are_complete_in_three_languages():
    load_decline_reasons()
    for reason in DeclineReason.objects.all():
        assert all(
            getattr(reason, f"{name}_{language}") for name in ("title", "text") for language in ("nb", "nn", "en")
        ), reason.code
