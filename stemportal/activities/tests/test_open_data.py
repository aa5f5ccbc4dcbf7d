"""The open data as a program meets it: what it says, to whom, how often, and what it never tells."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import translation

from stemportal.activities.finding.form import SearchForm
from stemportal.activities.models import Activity, CurriculumPlan, Goal, RoleModel, Session
from stemportal.activities.search.store import SearchNotReady
from stemportal.activities.services.role_models import lock_role_model, standing_consent, withdraw
from stemportal.activities.tests.conftest import session_in
from stemportal.partners.models import Partner
from stemportal.testing.factories import PartnerFactory, RoleModelFactory

pytestmark = pytest.mark.django_db

API = "/api/v1"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """No answer and no count of another test."""
    cache.clear()


def get(path: str, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).get(f"{API}{path}", headers=headers)


def items(path: str, **headers: str) -> list[dict[str, Any]]:
    response = get(path, **headers)
    assert response.status_code == 200, response.content
    return response.json()["items"]


def titles(path: str) -> list[str]:
    return [item["title"] for item in items(path)]


# --- What it says


def test_search_finds_what_the_page_finds(offer, oslo):
    offer("Bygg en drone", kind="workshop", subjects=["MAT"], municipality=oslo, days=5)
    offer("Se robotene", kind="company_visit", subjects=["TEK"], municipality=oslo)

    assert titles("/activities?q=drone") == ["Bygg en drone"]
    assert titles("/activities?kind=company_visit") == ["Se robotene"]
    assert titles("/activities?subject=MAT&subject=TEK&free=on") == ["Bygg en drone"]
    assert sorted(titles("/activities?county=03")) == ["Bygg en drone", "Se robotene"]
    assert titles("/activities?county=56") == []


def test_activity_of_a_list_tells_the_public_facts(offer, alta):
    activity = offer("Se robotene", days=7, municipality=alta, group_max=28, season_months=[9, 10])
    plan = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag")
    activity.goals.add(Goal.objects.create(plan=plan, code="KM1", text_nb="utforske", text_nn="utforske"))
    session = activity.sessions.get()

    (found,) = items("/activities?lang=nn")

    assert found["id"] == activity.pk
    assert found["kind"] == {"code": "company_visit", "name": activity.kind.name_nn}
    assert found["municipality"] == {"number": "5601", "name": "Alta", "county": {"number": "56", "name": "Finnmark"}}
    assert found["goals"] == [{"code": "KM1", "plan": "NAT01-05"}]
    assert found["grades"] == {"first": 8, "last": 13}
    assert found["season_months"] == [9, 10]
    assert found["next_session"]["places_left"] == 2
    assert found["next_session"]["starts_at"] == session.starts_at.isoformat().replace("+00:00", "Z")
    assert found["links"]["page"].endswith(f"/nn/activities/{activity.pk}-se-robotene/")
    assert found["links"]["self"].endswith(f"/api/v1/activities/{activity.pk}")


def test_activity_has_its_texts_goals_and_dates(offer):
    activity = offer("Se robotene", days=7, description="Vi **bygger**.", bring="Varme klær")
    session_in(activity, 3, capacity=1, places_taken=1)
    session_in(activity, 5, status=Session.Status.CANCELLED)
    plan = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag")
    activity.goals.add(Goal.objects.create(plan=plan, code="KM1", text_nb="utforske", text_en="explore"))

    item = get(f"/activities/{activity.pk}?lang=en").json()["item"]

    assert item["description"] == "Vi **bygger**."
    assert item["bring"] == "Varme klær"
    assert [goal["text"] for goal in item["goal_texts"]] == ["explore"]
    assert [session["places_left"] for session in item["sessions"]] == [0, 2], "the full one, not the cancelled one"
    assert item["next_session"]["starts_at"] == item["sessions"][1]["starts_at"]


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_activity_that_is_not_published_is_not_there(offer, status):
    activity = offer()
    assert len(items("/activities")) == 1
    Activity.objects.filter(pk=activity.pk).update(status=status)

    assert get(f"/activities/{activity.pk}").status_code == 404
    assert items("/activities") == []


def test_partner_who_is_paused_is_not_there(offer):
    activity = offer()
    partner = activity.partner
    assert [item["slug"] for item in items("/partners")] == [partner.slug]
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.PAUSED)
    cache.clear()

    assert items("/partners") == []
    assert get(f"/partners/{partner.slug}").status_code == 404
    assert get(f"/activities/{activity.pk}").status_code == 404


def test_partners_come_by_name_with_their_activities(offer, oslo):
    activity = offer(
        "Se robotene", partner=PartnerFactory(display_name="Ås Energi", slug="as-energi", about="Vi *gjør*.")
    )
    PartnerFactory(display_name="Berg Data", municipality=oslo)

    assert [item["name"] for item in items("/partners")] == ["Berg Data", "Ås Energi"]
    assert [item["name"] for item in items("/partners?county=03")] == ["Berg Data"]
    item = get("/partners/as-energi").json()["item"]
    assert item["about"] == "Vi *gjør*."
    assert [(row["id"], row["title"]) for row in item["activities"]] == [(activity.pk, "Se robotene")]


def test_role_model_is_told_with_consent_and_gone_at_once_without(offer):
    person = RoleModelFactory(
        shown=True, full_name="Sunniva Varsola", email="sunniva@example.org", job_title="Ingeniør"
    )
    RoleModelFactory(full_name="Uten Samtykke")
    visit = offer("Møt Sunniva Varsola", kind="role_model_visit", policy="on_request", partner=person.partner)
    visit.role_models.add(person)
    RoleModel.objects.filter(pk=person.pk).update(offer=visit)

    (found,) = items("/role-models")
    assert (found["name"], found["job_title"], found["activity"]) == ("Sunniva Varsola", "Ingeniør", visit.pk)
    assert found["links"]["page"].endswith(f"/role-models/{person.pk}-sunniva-varsola/")
    assert get(f"/role-models/{person.pk}").json()["item"] == found
    assert [row["name"] for row in get(f"/activities/{visit.pk}").json()["item"]["role_models"]] == ["Sunniva Varsola"]
    assert titles("/activities") == ["Møt Sunniva Varsola"]
    for path in ("/role-models", f"/activities/{visit.pk}"):
        assert "sunniva@example.org" not in get(path).content.decode()
        assert "strøk i matte" not in get(path).content.decode(), "the way there stands on the person's page only"

    with transaction.atomic():
        current = lock_role_model(person.pk)
        withdraw(current, standing_consent(current))

    for path in ("/role-models", "/activities", f"/partners/{person.partner.slug}"):
        assert "Sunniva" not in get(path).content.decode()
    assert get(f"/role-models/{person.pk}").status_code == 404
    assert get(f"/activities/{visit.pk}").status_code == 404


def test_nothing_personal_and_nothing_internal_is_told(offer):
    activity = offer("Se robotene", days=7, format="digital", police_certificate_seen_by="Siri Hemmelig")
    activity.sessions.update(link="https://meet.example.no/hemmelig", pupil_capacity=61, pupils_taken=33)

    for path in ("/activities", f"/activities/{activity.pk}", "/partners", f"/partners/{activity.partner.slug}"):
        text = get(path).content.decode()
        assert "Siri Hemmelig" not in text
        assert "meet.example.no" not in text
        assert activity.partner.contact_email not in text
        assert activity.partner.contact_name not in text
        assert "views_count" not in text
        assert "pupils_taken" not in text


def test_registers_are_whole_and_named_in_the_language(kinds, oslo):
    assert {item["number"] for item in items("/counties")} == {"03"}
    assert items("/municipalities")[0]["county"] == {"number": "03", "name": "Oslo"}
    assert [item["code"] for item in items("/kinds")] == [kind.code for kind in kinds.values() if kind.is_active]
    names = {lang: items(f"/subjects?lang={lang}")[0]["name"] for lang in ("nb", "en")}
    assert names["nb"] != names["en"]


def test_goals_can_be_asked_by_curriculum(db):
    for code in ("NAT01-05", "MAT01-06"):
        plan = CurriculumPlan.objects.create(code=code, title=code, valid_to="2030-08-01")
        Goal.objects.create(plan=plan, code="KM1", text_nb=code)

    assert [(item["plan"], item["valid_to"]) for item in items("/goals?plan=NAT01-05")] == [("NAT01-05", "2030-08-01")]
    assert [item["plan"] for item in items("/goals")] == ["MAT01-06", "NAT01-05"]


def test_every_answer_says_on_what_terms(offer, settings):
    settings.OPEN_DATA_LICENCE = "CC BY 4.0"
    for path in ("/activities", "/kinds", "/", f"/activities/{offer().pk}"):
        assert get(path).json()["attribution"]["licence"] == "CC BY 4.0"
    assert "Utdanningsdirektoratet" in get("/goals").json()["attribution"]["text"]


def test_index_names_addresses_that_answer(client):
    found = get("/").json()

    for address in [*found["resources"].values(), found["openapi"], found["documentation"]]:
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200, address


# --- Pages


def test_pages_follow_each_other_and_end(offer):
    for number in range(5):
        offer(f"Tilbud {number}")

    seen, path, turns = [], "/activities?limit=2&q=tilbud", 0
    while path:
        answer = get(path).json()
        assert answer["total"] == 5
        seen += [item["title"] for item in answer["items"]]
        path = (answer["links"]["next"] or "").rpartition(API)[2]
        turns += 1
        assert turns < 9

    assert turns == 3
    assert sorted(seen) == [f"Tilbud {number}" for number in range(5)]
    assert answer["links"]["prev"].endswith("page=2")
    assert answer["links"]["page"].endswith("/activities/?q=tilbud")


def test_page_after_the_last_is_empty_and_leads_back(offer):
    offer()

    answer = get("/activities?page=9999").json()

    assert answer["items"] == []
    assert answer["links"]["next"] is None
    assert answer["links"]["prev"].endswith("page=1")


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99999999999", "limit=0", "limit=101", "lang=xx"])
def test_wrong_page_limit_or_language_is_a_problem_with_its_name(query):
    response = get(f"/activities?{query}")

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert [error["parameter"] for error in response.json()["errors"]] == [query.partition("=")[0]]


@pytest.mark.parametrize(
    "query",
    ["unknown=1", "kind=nothing", "grade=99", "radius=-5", "date_from=nope", "q=%00%F0%9F%A4%96'%22)", "pupils=1e9"],
)
def test_what_a_search_does_not_know_is_left_out_as_on_the_page(offer, query):
    offer("Se robotene")

    assert get(f"/activities?{query}").status_code == 200


# --- How it answers


def test_answer_that_is_known_is_not_sent_again(offer):
    activity = offer()
    first = get("/activities")

    again = get("/activities", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert "max-age" in again["Cache-Control"]
    assert get("/activities", **{"If-None-Match": f'"other", W/{first["ETag"]}'}).status_code == 304

    Activity.objects.filter(pk=activity.pk).update(title="Helt ny")
    cache.clear()
    assert get("/activities", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_answers_are_kept_and_ask_only_whether_they_may_still_be_shown(offer, django_assert_num_queries):
    offer()
    first = get("/activities?q=robot")

    with django_assert_num_queries(1):
        again = get("/activities?q=robot")

    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]


def test_answers_that_may_name_people_are_asked_for_each_time(offer):
    for path in (f"/activities/{offer().pk}", "/role-models"):
        assert get(path)["Cache-Control"] == "public, no-cache"


def test_head_has_the_headers_without_the_content(offer):
    offer()
    got, head = get("/activities"), Client().head(f"{API}/activities")

    assert head.status_code == 200
    assert head.content == b""
    assert head["ETag"] == got["ETag"]
    assert head["Content-Length"] == str(len(got.content))


def test_other_web_sites_may_read_it(db):
    asked = Client().options(
        f"{API}/activities", headers={"Origin": "https://kommune.example.no", "Access-Control-Request-Method": "GET"}
    )
    assert asked.status_code == 204
    assert "GET" in asked["Access-Control-Allow-Methods"]
    for response in (asked, get("/kinds"), get("/activities/1"), get("/activities?page=0")):
        assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_it_is_read_only(db, method):
    response = getattr(Client(enforce_csrf_checks=True), method)(f"{API}/activities")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["status"] == 405


def test_too_many_requests_are_told_to_wait(settings, kinds):
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "open_data": (2, 60)}

    codes = [get("/kinds").status_code for _ in range(3)]
    refused = get("/kinds")

    assert codes == [200, 200, 429]
    assert refused["Retry-After"] == "60"
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["title"] == "Too Many Requests"


@pytest.mark.parametrize("path", ["/nothing", "/activities/", "/activities/x", "/activities/1/x", "/partners/Ø"])
def test_unknown_address_is_a_problem_too(db, path):
    response = get(path)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_missing_index_is_told_as_a_problem(monkeypatch, db):
    from stemportal.activities.api import routes

    def not_ready(*args: Any, **kwargs: Any) -> None:
        raise SearchNotReady("no index")

    monkeypatch.setattr(routes, "search_activities", not_ready)

    response = get("/activities")

    assert response.status_code == 503
    assert response["Retry-After"]
    assert response.json()["status"] == 503


def test_no_session_is_read_and_no_cookie_set(offer, member, django_assert_num_queries):
    activity = offer()
    get("/activities", member)
    for path in ("/activities", f"/activities/{activity.pk}", "/kinds"):
        response = get(path, member)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
    with django_assert_num_queries(0):
        get("/kinds", member)


def test_language_follows_the_browser_where_none_is_named(kinds):
    english = kinds["workshop"].name_en
    assert english in {item["name"] for item in items("/kinds", **{"Accept-Language": "fr, en-GB;q=0.8, nb;q=0.1"})}
    response = get("/kinds?lang=nn", **{"Accept-Language": "en"})
    assert response["Content-Language"] == "nn"
    with translation.override("en"):
        assert get("/kinds")["Content-Language"] == "nb"


@pytest.mark.parametrize(("rows", "path"), [(rows, path) for path in ("list", "one") for rows in (1, 3)])
def test_number_of_queries_does_not_follow_the_rows(offer, django_assert_num_queries, rows, path):
    plan = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag")
    for number in range(rows):
        activity = offer(f"Tilbud {number}", days=7)
        activity.goals.add(Goal.objects.create(plan=plan, code=f"KM{number}", text_nb="utforske"))
        session_in(activity, 9 + number)
    address = "/activities" if path == "list" else f"/activities/{activity.pk}"
    get("/kinds")
    get(address + "?page=1")

    with django_assert_num_queries(6):
        response = get(address)
    assert response.status_code == 200


# --- The document


def test_document_knows_every_field_of_the_search_page(client):
    document = client.get(f"{API}/openapi.json").json()

    named = {parameter["name"] for parameter in document["paths"][f"{API}/activities"]["get"]["parameters"]}

    assert set(SearchForm().fields) - {"view"} <= named
    assert {"page", "limit", "lang", "If-None-Match"} <= named
    for item in document["paths"].values():
        assert {"200", "304", "422", "429", "503"} <= set(item["get"]["responses"])


def test_page_about_the_open_data_is_for_people(client, settings):
    settings.OPEN_DATA_LICENCE = "CC BY 4.0"

    text = client.get("/en/open-data/").content.decode()

    assert "CC BY 4.0" in text
    assert "/api/v1/openapi.json" in text
    assert "/en/activities/feed.ics" in text
