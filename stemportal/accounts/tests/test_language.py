"""Choosing a language: the same page in it, remembered for a person's mail."""

from __future__ import annotations

import pytest

from stemportal.testing.factories import UserFactory

pytestmark = pytest.mark.django_db


def choose(client, language, where="/"):
    return client.post("/account/language/", {"language": language, "next": where})


@pytest.mark.parametrize(
    ("where", "language", "expected"),
    [
        ("/", "nn", "/nn/"),
        ("/", "en", "/en/"),
        ("/en/partners/", "nb", "/partners/"),
        ("/nn/activities/?q=robot&grade=9", "en", "/en/activities/?q=robot&grade=9"),
        ("/en/partners/", "en", "/en/partners/"),
        ("/healthz", "nn", "/healthz"),
    ],
)
def test_language_leads_to_the_same_page(client, where, language, expected):
    response = choose(client, language, where)

    assert (response.status_code, response["Location"]) == (302, expected)
    assert response.cookies["django_language"].value == language


@pytest.mark.parametrize(
    "where",
    [
        "https://example.com/",
        "//example.com",
        "/\\example.com",
        "javascript:alert(1)",
        "http:///example.com",
        "\x00//x",
    ],
)
def test_language_does_not_lead_to_other_sites(client, where):
    assert choose(client, "nn", where)["Location"] == "/nn/"


def test_language_that_is_none_changes_nothing(client):
    for nonsense in ("", "xx", "../..", "<script>", "nb\r\nSet-Cookie: a=b"):
        response = choose(client, nonsense, "/partners/")
        assert response["Location"] == "/partners/"
        assert "django_language" not in response.cookies


def test_language_is_kept_for_the_persons_mail(client):
    user = UserFactory(language="nb")
    client.force_login(user)

    choose(client, "nn")

    user.refresh_from_db()
    assert user.language == "nn"


def test_language_is_not_changed_by_opening_a_page(client):
    user = UserFactory(language="nb")
    client.force_login(user)

    client.get("/en/about/")
    assert client.get("/account/language/?language=nn").status_code == 405

    user.refresh_from_db()
    assert user.language == "nb"


def test_language_without_a_page_leads_to_the_front(client):
    assert client.post("/en/account/language/", {"language": "nn"})["Location"] == "/nn/"
