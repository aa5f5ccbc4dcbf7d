"""The register client against a real server on loopback: every answer becomes a Unit, and a form never waits long."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import pytest
import structlog

from stemportal.lib import brreg
from stemportal.lib.brreg import Answer, look_up
from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.tests.fake_register import FakeRegister, number, running_register

UNKNOWN = synthetic(4321)


@pytest.fixture
def register(settings) -> Iterator[FakeRegister]:
    """The fake register, and a memory of the test's own in Valkey."""
    default = {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}
    settings.CACHES = {**settings.CACHES, "default": default}
    settings.BRREG_TIMEOUT_SECONDS = 0.3
    with running_register() as server:
        settings.BRREG_BASE_URL = server.url
        yield server


def test_unit_found_has_the_facts_the_form_needs(register):
    unit = look_up(number("unit"))
    assert unit.answer == Answer.FOUND
    assert unit.name == "POLARKYST SENSOR OG ROBOT AS"
    assert (unit.form, unit.sector_code, unit.employees) == ("AS", "26.510", 38)
    assert (unit.postal_code, unit.postal_place, unit.municipality_number) == ("9510", "ALTA", "5601")
    assert unit.website == "https://www.polarkyst-sensor.example.no"


def test_unit_leaves_out_care_of_lines_mail_and_phone(register):
    unit = look_up(number("unit"))
    assert unit.address == "Løkkeveien 41"
    assert "Kari" not in repr(unit)
    assert "post@" not in repr(unit)
    assert "99 99" not in repr(unit)


def test_branch_is_found_after_the_first_404(register):
    unit = look_up(number("branch"))
    assert unit.answer == Answer.FOUND
    assert (unit.form, unit.parent_number) == ("BEDR", number("unit"))
    assert (unit.address, unit.municipality_number) == ("Havnegata 48", "1813")
    assert register.asked == [f"/enheter/{number('branch')}", f"/underenheter/{number('branch')}"]


def test_unit_with_few_facts_has_empty_ones(register):
    unit = look_up(number("minimal"))
    assert unit.answer == Answer.FOUND
    assert unit.name == "VESLE FORENING"
    assert (unit.address, unit.website, unit.employees, unit.sector_code) == ("", "", None, "")


@pytest.mark.parametrize("name", ["deleted", "removed"])
def test_deleted_and_removed_units_are_deleted(register, name):
    assert look_up(number(name)).answer == Answer.DELETED


def test_bankrupt_unit_is_told_apart(register):
    unit = look_up(number("bankrupt"))
    assert unit.answer == Answer.BANKRUPT
    assert unit.name == "TOMME TANKER AS"


def test_number_that_neither_list_knows_is_unknown(register):
    assert look_up(UNKNOWN).answer == Answer.UNKNOWN
    assert len(register.asked) == 2


def test_answer_is_remembered(register):
    first = look_up(number("unit"))
    assert look_up(number("unit")) == first
    assert len(register.asked) == 1


def test_unknown_number_is_remembered_too(register):
    look_up(UNKNOWN)
    look_up(UNKNOWN)
    assert len(register.asked) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 403])
def test_error_is_unavailable_and_the_register_is_left_in_peace(register, status):
    register.status = status
    assert look_up(number("unit")).answer == Answer.UNAVAILABLE
    register.status = None
    assert look_up(number("minimal")).answer == Answer.UNAVAILABLE
    assert len(register.asked) == 1


def test_too_many_requests_waits_as_long_as_the_register_says(register):
    register.status, register.headers = 429, {"Retry-After": "1"}
    assert look_up(number("unit")).answer == Answer.UNAVAILABLE
    register.status, register.headers = None, {}
    assert look_up(number("unit")).answer == Answer.UNAVAILABLE
    assert len(register.asked) == 1
    time.sleep(1.2)
    assert look_up(number("unit")).answer == Answer.FOUND


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), ("86400", 600), ("0", 1), ("", 10), ("Wed, 21 Oct 2026 07:28:00 GMT", 10)]
)
def test_pause_is_bounded_whatever_the_register_says(register, said, seconds):
    from django.core.cache import cache

    register.status, register.headers = 429, {"Retry-After": said} if said else {}
    look_up(number("unit"))
    assert cache.get("brreg:away")
    left = cache._cache.get_client().pttl(cache.make_key("brreg:away")) / 1000  # type: ignore[attr-defined]
    assert seconds - 1 <= left <= seconds


def test_slow_register_costs_one_time_out_and_then_nothing(register):
    register.wait = 5
    start = time.monotonic()
    assert look_up(number("unit")).answer == Answer.UNAVAILABLE
    assert time.monotonic() - start < 2
    start = time.monotonic()
    assert look_up(number("minimal")).answer == Answer.UNAVAILABLE
    assert time.monotonic() - start < 0.1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>vedlikehold</html>",
        b"{",
        b"[]",
        b"null",
        b'"tekst"',
        b"{}",
        b'{"organisasjonsnummer": "999999999"}',
        b"\xff\xfe\x00",
    ],
)
def test_nonsense_is_unavailable_and_not_remembered(register, body):
    register.body = body
    assert look_up(number("unit")).answer == Answer.UNAVAILABLE
    register.body = None
    from django.core.cache import cache

    cache.delete("brreg:away")
    assert look_up(number("unit")).answer == Answer.FOUND


def test_connection_refused_is_unavailable(register, settings):
    with running_register() as gone:
        address = gone.url
    settings.BRREG_BASE_URL = address
    assert look_up(number("unit")).answer == Answer.UNAVAILABLE


def test_trouble_is_logged_without_the_number(register):
    register.status = 500
    with structlog.testing.capture_logs() as logs:
        look_up(number("unit"))
    assert logs
    assert number("unit") not in repr(logs)


@pytest.mark.parametrize("flag", ["konkurs", "underAvvikling", "underTvangsavviklingEllerTvangsopplosning"])
def test_every_kind_of_closing_down_is_trouble(flag):
    unit = brreg.read_unit(UNKNOWN, {"organisasjonsnummer": UNKNOWN, "navn": "X", flag: True})
    assert unit.answer == Answer.BANKRUPT
