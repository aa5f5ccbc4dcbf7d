"""Proof of work on public forms: honest work is taken once, everything else is refused without a crash."""

from __future__ import annotations

import base64
import json
import uuid

import altcha
import pytest
from django.http import QueryDict

from stemportal.lib.proof_of_work import GuardedForm, is_solved, new_challenge


@pytest.fixture(autouse=True)
def cheap_work(settings):
    default = {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}
    settings.CACHES = {**settings.CACHES, "default": default}
    settings.ALTCHA_COST = 1
    settings.ALTCHA_COUNTER = (1, 5)


def encode(what: object) -> str:
    return base64.b64encode(json.dumps(what).encode()).decode()


def solve(challenge: dict) -> dict:
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution is not None
    return {"challenge": challenge, "solution": solution.to_dict()}


def form(**fields: str) -> GuardedForm:
    data = QueryDict(mutable=True)
    data.update({"nickname": "", "altcha": "", **fields})
    return GuardedForm(data)


def test_honest_work_is_taken_once():
    payload = encode(solve(new_challenge()))
    assert is_solved(payload)
    assert not is_solved(payload)


def test_same_work_in_other_words_is_not_taken_again():
    work = solve(new_challenge())
    assert is_solved(encode(work))
    assert not is_solved(encode({**work, "more": 1}))


def test_each_challenge_is_different():
    assert len({new_challenge()["signature"] for _ in range(20)}) == 20


def test_work_on_an_expired_challenge_is_refused(settings):
    settings.ALTCHA_EXPIRES_SECONDS = -1
    assert not is_solved(encode(solve(new_challenge())))


def test_work_on_a_challenge_of_ones_own_is_refused():
    challenge = altcha.create_challenge("PBKDF2/SHA-256", 1, counter=1, hmac_secret="guess", hmac_key_secret="guess")
    assert not is_solved(encode(solve(challenge.to_dict())))


def test_challenge_made_easier_is_refused():
    challenge = new_challenge()
    challenge["parameters"]["keyPrefix"] = "0"
    assert not is_solved(encode(solve(challenge)))


@pytest.mark.parametrize(
    "payload",
    [
        "x",
        "%%%",
        "æøå",
        "A" * 100_000,
        encode([]),
        encode("x"),
        encode(5),
        encode(None),
        encode({}),
        encode({"challenge": 1}),
    ],
)
def test_nonsense_is_refused(payload):
    assert not is_solved(payload)


@pytest.mark.parametrize(
    "solution", [1, None, [], {}, {"counter": "a", "derivedKey": 5}, {"counter": -1, "derivedKey": "zz"}]
)
def test_nonsense_with_a_real_challenge_is_refused(solution):
    assert not is_solved(encode({"challenge": new_challenge(), "solution": solution}))


def test_form_with_work_has_proof():
    guarded = form(altcha=encode(solve(new_challenge())))
    assert guarded.is_valid()
    assert guarded.has_proof


def test_form_without_work_is_valid_but_has_no_proof():
    guarded = form()
    assert guarded.is_valid()
    assert not guarded.has_proof


def test_form_with_forged_work_is_an_error():
    guarded = form(altcha="forged")
    assert not guarded.is_valid()
    assert list(guarded.errors) == ["altcha"]


def test_form_with_the_honeypot_filled_is_an_error():
    guarded = form(nickname="Bot")
    assert not guarded.is_valid()
    assert list(guarded.errors) == ["nickname"]
