"""What Feide's tokens prove, and what its groups mean."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone

from stemportal.lib.feide import FeideAnswer, FeideAway, FeideRefused, ask_groups, read_groups, read_id_token
from stemportal.testing.feide_server import ORG, Groups, org, teaching_group, unit

ISSUER, AUDIENCE = "https://auth.example.no", "stemportal"
HOSLE, LOMMEDALEN = "974552124", "974552132"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key=KEY, kid="k1") -> dict:
    return {"keys": [{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": kid}]}


def token(key=KEY, *, kid="k1", algorithm="RS256", **changes) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "kari", "iat": now, "exp": now + 300, **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def read(text, keys=None):
    return read_id_token(text, keys=public() if keys is None else keys, issuer=ISSUER, audience=AUDIENCE)


# --- Tokens


def test_token_that_feide_signed_names_its_person():
    assert read(token())["sub"] == "kari"


@pytest.mark.parametrize(
    "bad",
    [
        token(exp=int(time.time()) - 120),
        token(exp=None),
        token(iss="https://evil.example.org"),
        token(aud="another-portal"),
        token(aud=None),
        token(sub=None),
        token(OTHER_KEY),
        token(kid="k2"),
        token("", algorithm="none"),
        token("x" * 32, algorithm="HS256"),
        token() + "x",
        token().rpartition(".")[0] + ".",
        "not a token",
        "",
        None,
        17,
    ],
    ids=[
        "expired",
        "no end",
        "other issuer",
        "other audience",
        "no audience",
        "nobody",
        "other key",
        "unknown key",
        "unsigned",
        "shared secret",
        "longer",
        "no signature",
        "words",
        "empty",
        "nothing",
        "number",
    ],  # fmt: skip
)
def test_token_that_proves_nothing_is_refused(bad):
    with pytest.raises(FeideRefused):
        read(bad)


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": "x"}, [], None, "keys", {"keys": [{"kty": "?"}]}], ids=str)
def test_token_is_refused_where_the_keys_are_none(keys):
    with pytest.raises(FeideRefused):
        read_id_token(token(), keys=keys, issuer=ISSUER, audience=AUDIENCE)


# --- Schools and roles


def test_groups_of_the_sample_name_the_school_and_the_class():
    answer = read_groups(
        [
            org("member", "employee", "faculty"),
            unit(HOSLE, main=True),
            teaching_group(HOSLE, "10A naturfag", "10a", grep={"displayName": "Naturfag 10. årstrinn"}),
        ]
    )

    (school,) = answer.schools
    assert (school.number, school.name, school.is_main, school.teaches) == (HOSLE, "Hosle skole", True, True)
    (group,) = answer.classes
    assert (group.name, group.number, group.grade) == ("10A naturfag", HOSLE, 10)
    assert not answer.is_student


@pytest.mark.parametrize(
    ("affiliation", "teaches"),
    [("faculty", True), (["member", "faculty"], True), ("FACULTY ", True), ("employee", False), (["staff"], False)],
)
def test_affiliation_is_text_or_list(affiliation, teaches):
    group = org()
    group["membership"]["affiliation"] = affiliation

    (school,) = read_groups([group, unit(HOSLE)]).schools

    assert school.teaches is teaches


def test_school_says_itself_what_the_person_is_before_its_owner_does():
    answer = read_groups([org("employee"), unit(HOSLE, affiliation=["faculty"]), unit(LOMMEDALEN)])

    assert {school.number: school.teaches for school in answer.schools} == {HOSLE: True, LOMMEDALEN: False}


def test_doubled_groups_count_once_with_all_they_say():
    answer = read_groups([org("employee"), unit(HOSLE), unit(HOSLE, main=True), org("faculty"), unit(HOSLE)])

    (school,) = answer.schools
    assert school.is_main
    assert school.teaches


def test_role_at_one_owner_is_none_at_another():
    elsewhere = {**unit(LOMMEDALEN), "id": f"fc:org:annen.kommune.no:unit:NO{LOMMEDALEN}"}
    answer = read_groups([org("faculty"), unit(HOSLE), org("employee", group_id="fc:org:annen.kommune.no"), elsewhere])

    assert {school.number: school.teaches for school in answer.schools} == {HOSLE: True, LOMMEDALEN: False}


def test_student_is_known_by_the_primary_affiliation():
    assert read_groups([org("member", "student", primary="student"), unit(HOSLE)]).is_student
    assert read_groups([org("faculty", primary="student"), unit(HOSLE)]).is_student


def test_teacher_who_studies_elsewhere_is_a_teacher():
    answer = read_groups(
        [org("student", primary="student", group_id="fc:org:ntnu.no"), org("employee", "faculty"), unit(HOSLE)]
    )

    assert not answer.is_student
    assert answer.schools[0].teaches


@pytest.mark.parametrize(
    "odd",
    [
        None,
        7,
        "text",
        [],
        {},
        {"id": 3, "type": "fc:org"},
        {"type": "fc:org"},
        {"id": ORG, "type": "fc:org", "membership": "faculty"},
        {"id": ORG, "type": "fc:org", "membership": {"affiliation": {"a": 1}, "primaryAffiliation": ["student"]}},
        {"id": f"{ORG}:unit:NO12", "type": "fc:org"},
        {"id": f"{ORG}:unit:U00000001", "type": "fc:org"},
        {"id": "fc:adhoc:1", "type": "voot:ad-hoc", "membership": {"affiliation": "faculty"}},
        {"id": "fc:gogroup:x", "type": "fc:gogroup", "parent": None, "displayName": "9A"},
        {"id": "fc:gogroup:y", "type": "fc:gogroup", "parent": f"{ORG}:unit:NO{HOSLE}", "displayName": 9},
        {"id": "fc:gogroup:z", "type": "fc:gogroup", "parent": f"{ORG}:unit:NO{HOSLE}", "grep": 1, "notAfter": "nei"},
    ],
    ids=str,
)
def test_unknown_and_broken_groups_are_passed_over(odd):
    answer = read_groups([odd, org("faculty"), unit(HOSLE), odd])

    assert [(school.number, school.teaches) for school in answer.schools] == [(HOSLE, True)]
    assert not answer.classes


def test_no_groups_say_nothing():
    assert read_groups([]) == FeideAnswer()


def test_groups_of_last_year_are_no_classes():
    over = (timezone.now() - timedelta(days=1)).isoformat()
    coming = (timezone.now() + timedelta(days=100)).isoformat()
    answer = read_groups(
        [
            teaching_group(HOSLE, "9A", "old", notAfter=over),
            teaching_group(HOSLE, "10A", "new", notAfter=coming),
        ]
    )

    assert [group.name for group in answer.classes] == ["10A"]


@pytest.mark.parametrize(
    ("name", "grade"),
    [
        ("10A naturfag", 10),
        ("9B", 9),
        ("8. trinn", 8),
        ("Vg1 ST", 11),
        ("VG3 fysikk", 13),
        ("1STA", 11),
        ("Fysikk 1", 0),
    ],
)
def test_grade_is_guessed_from_the_name(name, grade):
    assert read_groups([teaching_group(HOSLE, name, "a")]).classes[0].grade == grade


def test_answer_is_the_same_after_the_session_has_kept_it():
    answer = read_groups([org("faculty"), unit(HOSLE, main=True), teaching_group(HOSLE, "9A", "a")])

    assert FeideAnswer.from_json(json.loads(json.dumps(answer.as_json()))) == answer


# --- The groups API


@pytest.fixture
def groups(settings):
    server = Groups()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.FEIDE_GROUPS_URL, settings.FEIDE_TIMEOUT_SECONDS = server.url, 0.3
    yield server
    server.shutdown()
    server.server_close()


def test_groups_are_asked_for_with_the_access_token(groups):
    groups.answer = [org("faculty"), unit(HOSLE)]

    assert ask_groups("abc").schools[0].teaches
    assert groups.asked == ["Bearer abc"]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, []),
        (401, []),
        (302, []),
        (200, b"<html>"),
        (200, b""),
        (200, {"error": "x"}),
        (200, None),
        (200, b"[" * 9999),
    ],
    ids=lambda value: str(value)[:12],
)
def test_groups_that_are_no_answer_are_away(groups, status, answer):
    groups.status, groups.answer = status, answer

    with pytest.raises(FeideAway):
        ask_groups("abc")


def test_groups_that_take_too_long_are_away(groups):
    groups.wait = 1.0

    with pytest.raises(FeideAway):
        ask_groups("abc")


def test_groups_that_nobody_serves_are_away(settings):
    settings.FEIDE_GROUPS_URL = "http://127.0.0.1:9/groups"

    with pytest.raises(FeideAway):
        ask_groups("abc")


def test_groups_without_end_are_away(groups):
    groups.answer = b"[" + b'"x",' * 700_000 + b"1]"

    with pytest.raises(FeideAway):
        ask_groups("abc")
