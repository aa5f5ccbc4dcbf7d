"""The API against its own document: what schemathesis thinks of asking, and every check it has on the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from stemportal.activities.models import Activity, CurriculumPlan, Goal, RoleModel
from stemportal.activities.tests.conftest import session_in
from stemportal.testing.factories import RoleModelFactory
from stemportal.wsgi import application

pytestmark = pytest.mark.django_db

# Enough to try each parameter with values it may and may not have; the seed is fixed, so that a run can be repeated.
EXAMPLES = 8


def from_somewhere(environ: dict[str, Any], start_response: Any) -> Any:
    """The portal, asked by somebody with an address, which schemathesis leaves out."""
    return application({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The test's transaction outlives a request, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def document(offer: Any, settings: Any, one_connection: None) -> Any:
    """The document, with one of everything behind it."""
    settings.PORTAL_RATE_LIMITS = {**settings.PORTAL_RATE_LIMITS, "open_data": (100_000, 60)}
    cache.clear()
    activity = offer("Se robotene", days=7)
    session_in(activity, 9, capacity=1, places_taken=1)
    activity.role_models.add(RoleModelFactory(shown=True, partner=activity.partner))
    plan = CurriculumPlan.objects.create(code="NAT01-05", title="Naturfag")
    activity.goals.add(Goal.objects.create(plan=plan, code="KM1", text_nb="utforske"))
    config = SchemathesisConfig.from_dict({"seed": 5})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", from_somewhere, config=config)


def test_things_that_exist_are_told_as_the_document_says(document: Any) -> None:
    """Invented numbers find nothing, so these are asked by name."""
    activity, person = Activity.objects.get(), RoleModel.objects.get()
    for path, arguments in {
        "/api/v1/activities/{id}": {"id": activity.pk},
        "/api/v1/partners/{slug}": {"slug": activity.partner.slug},
        "/api/v1/role-models/{id}": {"id": person.pk},
    }.items():
        for language in ("nb", "nn", "en"):
            case = document[path]["GET"].Case(path_parameters=arguments, query={"lang": language})
            assert case.call_and_validate().status_code == 200


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_address_answers_as_the_document_says(case: Any) -> None:
    case.call_and_validate()
