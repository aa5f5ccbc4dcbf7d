"""The register client against a real server on loopback: every answer becomes a Unit, and a form never waits long."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import structlog

from stemportal.lib import brreg
from stemportal.lib.brreg import Answer, RegisterAway, look_up
from stemportal.lib.organisation_numbers import synthetic
from stemportal.lib.pace import Pace
from stemportal.lib.tests.fake_register import FakeRegister, number, running_register, sample

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


def date(seconds: int) -> str:
    """A moment from now as HTTP writes it."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("86400", 600),
        ("9" * 5000, 600),
        ("0", 1),
        ("", 10),
        ("soon", 10),
        ("-5", 10),
        ("\u00b2", 10),
        (120, 120),
        (86_400, 600),
        ("Wed, 21 Oct 2020 07:28:00 GMT", 1),
        ("Wed, 99 Oct 2026 07:28:00 GMT", 10),
    ],
)
def test_pause_is_bounded_whatever_the_register_says(register, said, seconds):
    from django.core.cache import cache

    # A number stands for a date so many seconds from now.
    text = date(said) if isinstance(said, int) else said
    register.status, register.headers = 429, {"Retry-After": text} if text else {}
    look_up(number("unit"))
    assert cache.get("brreg:away")
    left = cache._cache.get_client().pttl(cache.make_key("brreg:away")) / 1000  # type: ignore[attr-defined]
    assert seconds - 20 <= left <= seconds


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
        b'{"organisasjonsnummer": "%s", "navn": {"nb": "Navn"}}' % number("unit").encode(),
        b'{"organisasjonsnummer": "%s", "antallAnsatte": "mange"}' % number("unit").encode(),
        b'{"organisasjonsnummer": "%s", "forretningsadresse": {"adresse": [1]}}' % number("unit").encode(),
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


def test_register_that_trickles_is_cut_off(register):
    register.trickle = 0.05  # each byte well within the time-out of a read, the whole answer would take a minute
    start = time.monotonic()
    assert look_up(number("unit")).answer == Answer.UNAVAILABLE
    assert time.monotonic() - start < 2


def test_endless_answer_is_cut_off(register):
    register.body = b'{"navn": "' + b"A" * 3 * brreg.MAX_BYTES + b'"}'
    assert look_up(number("unit")).answer == Answer.UNAVAILABLE


# --- Real answers of the register


def test_real_organisation_is_read(register):
    unit = look_up(sample("enhet")["organisasjonsnummer"])
    assert unit == brreg.Unit(
        number="991825827",
        answer=Answer.FOUND,
        name="DIGITALISERINGSDIREKTORATET",
        form="ORGL",
        sector_code="84.110",
        sector_name="Generell offentlig administrasjon",
        employees=433,
        address="Lørenfaret 1C",
        postal_code="0585",
        postal_place="OSLO",
        municipality_number="0301",
        website="https://www.digdir.no",
        parent_number="932384469",
    )


def test_real_branch_is_found_after_404(register):
    unit = look_up(sample("underenhet")["organisasjonsnummer"])
    assert (unit.answer, unit.form, unit.parent_number) == (Answer.FOUND, "BEDR", "991825827")
    assert (unit.address, unit.postal_place) == ("Havnegata 48", "BRØNNØYSUND")
    assert register.asked == ["/enheter/924203617", "/underenheter/924203617"]


@pytest.mark.parametrize("name", ["slettet_200", "fjernet_410"])
def test_real_deleted_and_removed_are_deleted(register, name):
    assert look_up(sample(name)["organisasjonsnummer"]).answer == Answer.DELETED


# --- Asking without memory, as the nightly comparison does


def test_asking_remembers_nothing_and_calls_before_each_request(register):
    turns = []
    with brreg.connect() as client:
        for _ in range(2):
            brreg.ask(number("branch"), client=client, before=lambda: turns.append(len(register.asked)))
    assert turns == [0, 1, 2, 3]
    assert Counter(register.asked) == {f"/enheter/{number('branch')}": 2, f"/underenheter/{number('branch')}": 2}


@pytest.mark.parametrize(
    ("status", "said", "rest"),
    [
        (429, "86400", 86_400),
        (429, "0", 0),
        (429, "", None),
        (503, "120", None),
        (500, "", None),
        (301, "", None),
    ],
)
def test_asking_says_how_long_the_register_wants_to_rest(register, status, said, rest):
    register.status, register.headers = status, {"Retry-After": said} if said else {}
    with brreg.connect() as client, pytest.raises(RegisterAway) as away:
        brreg.ask(number("unit"), client=client)
    assert away.value.rest == rest
    assert away.value.is_too_much == (status == 429)


def test_date_to_wait_for_becomes_seconds(register):
    register.status, register.headers = 429, {"Retry-After": date(7200)}
    with brreg.connect() as client, pytest.raises(RegisterAway) as away:
        brreg.ask(number("unit"), client=client)
    assert away.value.rest is not None
    assert 7100 <= away.value.rest <= 7200


def test_trouble_of_one_question_leaves_the_connection_good_for_the_next(register):
    with brreg.connect() as client:
        register.body = b"{"
        with pytest.raises(RegisterAway):
            brreg.ask(number("unit"), client=client)
        register.body, register.status = None, 500
        with pytest.raises(RegisterAway):
            brreg.ask(number("unit"), client=client)
        register.status = None
        assert brreg.ask(number("unit"), client=client).answer == Answer.FOUND


def most_in_a_second(moments: list[float]) -> int:
    """The largest number of moments in any second, however it is laid."""
    moments = sorted(moments)
    return max(sum(begin <= moment < begin + 1 for moment in moments) for begin in moments)


def test_turns_of_one_worker_are_never_too_many_in_a_second(register):
    pace = Pace(uuid.uuid4().hex, per_second=20)
    with brreg.connect() as client:
        for _ in range(30):
            brreg.ask(number("unit"), client=client, before=pace.wait)
    assert most_in_a_second(register.asked_at) <= 20


def test_a_delay_is_not_made_up_for_by_a_burst():
    pace = Pace(uuid.uuid4().hex, per_second=20)
    pace.wait()
    time.sleep(0.5)
    moments = []
    for _ in range(5):
        pace.wait()
        moments.append(time.monotonic())
    assert min(after - before for before, after in zip(moments, moments[1:], strict=False)) >= 0.045


def test_workers_share_one_pace():
    name, moments, start = uuid.uuid4().hex, [], time.monotonic()

    def work() -> None:
        pace = Pace(name, per_second=20)
        for _ in range(5):
            pace.wait()
            moments.append(time.monotonic())

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(moments) == 20
    assert max(moments) - start >= 19 / 20, "four workers at 20 a second each would need a quarter of that"


@pytest.mark.parametrize("flag", ["konkurs", "underAvvikling", "underTvangsavviklingEllerTvangsopplosning"])
def test_every_kind_of_closing_down_is_trouble(flag):
    unit = brreg.read_unit(UNKNOWN, {"organisasjonsnummer": UNKNOWN, "navn": "X", flag: True})
    assert unit.answer == Answer.BANKRUPT
