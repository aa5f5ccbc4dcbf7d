"""The open data, one function an address. What is found comes from the search that the pages use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import NinjaAPI, Query
from ninja.errors import ValidationError

from stemportal.activities.api import problems, reading, schemas
from stemportal.activities.api.document import described
from stemportal.activities.api.parameters import Asked, GoalsAsked, Paged, PartnersAsked, Spoken
from stemportal.activities.finding.filters import ActivityFilter, Choices, known_query
from stemportal.activities.finding.places import resolve_place
from stemportal.activities.finding.results import search_activities
from stemportal.activities.models import Activity, Goal, RoleModel
from stemportal.activities.queries import open_data
from stemportal.activities.queries.offers import coming_sessions
from stemportal.activities.search.engine import MOST_SHOWN
from stemportal.lib.public_answers import names
from stemportal.outbox.letters import absolute_url
from stemportal.partners.models import Partner
from stemportal.partners.queries.directory import norwegian_order
from stemportal.places.models import Municipality

PARTNER_ACTIVITIES = 100
# Registers that are not the programme's own, on their owners' terms.
GREP = {
    "text": "Inneholder data under Norsk lisens for offentlige data (NLOD) tilgjengeliggjort av Utdanningsdirektoratet",
    "licence": "Norsk lisens for offentlige data (NLOD)",
    "licence_url": "https://data.norge.no/nlod",
}
KARTVERKET = {
    "text": "© Kartverket",
    "licence": "CC BY 4.0",
    "licence_url": "https://creativecommons.org/licenses/by/4.0/",
}


class OpenData(NinjaAPI):
    """The API with its document as it answers: see ``document``."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        return described(super().get_openapi_schema(**kwargs))


api = OpenData(
    title="Open data",
    version="1",
    urls_namespace="api",
    docs_url=None,
    servers=[{"url": settings.PORTAL_BASE_URL}],
)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Exception) -> Any:
    return problems.not_found(request)


@api.exception_handler(ValidationError)
def _not_understood(request: HttpRequest, error: ValidationError) -> Any:
    return problems.not_understood(error.errors)


@api.get("/", url_name="api-root", response=schemas.Index, summary="Where everything is")
def index(request: HttpRequest, asked: Query[Spoken]) -> Any:
    parts = ["activities", "partners", "role_models", "kinds", "subjects", "goals", "counties", "municipalities"]
    return {
        "name": settings.PORTAL_NAME,
        "documentation": reading.address("activities:api_docs"),
        "openapi": reading.address("api:openapi-json"),
        "resources": {name: reading.address(f"api:{name}") for name in parts},
        "attribution": attribution(),
    }


@api.get("/activities", response=schemas.Activities, summary="Search activities")
def activities(request: HttpRequest, asked: Query[Asked]) -> Any:  # type: ignore[valid-type]  # made from the form
    search = ActivityFilter(request.GET, choices=Choices.load())
    result = search_activities(search, near=resolve_place(search.values["place"]))
    rows = open_data.published_activities(_rows(asked, result.ids))
    names(request, [row.pk for row in rows])
    coming = open_data.next_sessions([row.pk for row in rows])
    people = f"{reverse('activities:search')}?{known_query(result.values)}".rstrip("?")
    return {
        **_page(request, asked, total=result.total, reached=min(result.total, MOST_SHOWN), page=people),
        "items": [reading.activity(row, coming.get(row.pk)) for row in rows],
    }


@api.get("/activities/{int:id}", response=schemas.OneActivity, summary="One activity")
def activity(request: HttpRequest, id: int, asked: Query[Spoken]) -> Any:  # noqa: A002  # the name in the address
    row = open_data.published_activity(id)
    if row is None:
        raise Http404
    return {"item": reading.activity_whole(row, coming_sessions(row)), "attribution": attribution()}


@api.get("/partners", response=schemas.Partners, summary="Approved partners")
def partners(request: HttpRequest, asked: Query[PartnersAsked]) -> Any:
    rows = Partner.objects.approved().select_related("municipality__county").defer("about")
    if asked.county:
        rows = rows.filter(municipality__county__number=asked.county.replace("\x00", ""))
    rows = rows.order_by(norwegian_order("display_name"), "pk")
    return _listed(request, asked, rows, reading.partner, page="partners:directory")


@api.get("/partners/{slug:slug}", response=schemas.OnePartner, summary="One partner")
def partner(request: HttpRequest, slug: str, asked: Query[Spoken]) -> Any:
    row = Partner.objects.approved().select_related("municipality__county").filter(slug=slug).first()
    if row is None:
        raise Http404
    offers = Activity.objects.published().filter(partner=row).select_related("kind").only("title", "kind__code")
    found = list(offers.order_by("-published_at", "-pk")[:PARTNER_ACTIVITIES])
    names(request, [offer.pk for offer in found])
    return {"item": reading.partner_whole(row, found), "attribution": attribution()}


@api.get("/role-models", response=schemas.RoleModels, summary="Role models")
def role_models(request: HttpRequest, asked: Query[Paged]) -> Any:
    return _listed(request, asked, _shown().order_by("-published_at", "-pk"), reading.role_model)


@api.get("/role-models/{int:id}", response=schemas.OneRoleModel, summary="One role model")
def role_model(request: HttpRequest, id: int, asked: Query[Spoken]) -> Any:  # noqa: A002  # the name in the address
    row = _shown().filter(pk=id).first()
    if row is None:
        raise Http404
    return {"item": reading.role_model(row), "attribution": attribution()}


def _shown() -> QuerySet[RoleModel]:
    rows = RoleModel.objects.published().select_related("partner", "offer").prefetch_related("subjects", "counties")
    return rows.defer("email", "path", "steps")


@api.get("/kinds", response=schemas.Kinds, summary="Kinds of activities")
def kinds(request: HttpRequest, asked: Query[Spoken]) -> Any:
    return _whole(request, [reading.kind(row) for row in Choices.load().kinds])


@api.get("/subjects", response=schemas.Subjects, summary="Subjects")
def subjects(request: HttpRequest, asked: Query[Spoken]) -> Any:
    return _whole(request, [reading.named(row) for row in Choices.load().subjects])


@api.get("/goals", response=schemas.Goals, summary="Competence goals")
def goals(request: HttpRequest, asked: Query[GoalsAsked]) -> Any:
    rows = Goal.objects.select_related("plan", "successor").order_by("plan__code", "code", "pk")
    if asked.plan:
        rows = rows.filter(plan__code=asked.plan.replace("\x00", ""))
    return _listed(request, asked, rows, reading.goal, terms=GREP)


@api.get("/counties", response=schemas.Counties, summary="Counties")
def counties(request: HttpRequest, asked: Query[Spoken]) -> Any:
    return _whole(request, [reading.county(row) for row in Choices.load().counties], terms=KARTVERKET)


@api.get("/municipalities", response=schemas.Municipalities, summary="Municipalities")
def municipalities(request: HttpRequest, asked: Query[Spoken]) -> Any:
    rows = Municipality.objects.filter(valid_to__isnull=True).select_related("county").order_by("number")
    return _whole(request, [reading.municipality(row) for row in rows], terms=KARTVERKET)


def attribution() -> dict[str, str]:
    """Return the terms of the programme's own data, and what to write beside it."""
    name, licence = settings.PORTAL_NAME, settings.OPEN_DATA_LICENCE
    return {"text": f"{name}, {licence}", "licence": licence, "licence_url": settings.OPEN_DATA_LICENCE_URL}


def _rows(asked: Any, rows: Any) -> Any:
    """Return the page's part of a list or of a query."""
    first = (asked.page - 1) * asked.limit
    return rows[first : first + asked.limit]


def _listed(
    request: HttpRequest,
    asked: Any,
    rows: QuerySet[Any],
    read: Callable[[Any], Any],
    *,
    page: str = "",
    terms: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return one page of a query. Two queries, and what is prefetched."""
    total = rows.count()
    people = reverse(page) if page else ""
    items = [read(row) for row in _rows(asked, rows)]
    return {**_page(request, asked, total=total, reached=total, page=people, terms=terms), "items": items}


def _whole(request: HttpRequest, items: Sequence[Any], *, terms: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a list without pages."""
    links = {"self": absolute_url(request.get_full_path())}
    return {"total": len(items), "links": links, "attribution": terms or attribution(), "items": items}


def _page(
    request: HttpRequest, asked: Any, *, total: int, reached: int, page: str, terms: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return what stands around one page of a list of which ``reached`` rows can be had."""
    last = max(-(-reached // asked.limit), 1)
    return {
        "total": total,
        "page": asked.page,
        "limit": asked.limit,
        "links": {
            "self": absolute_url(request.get_full_path()),
            "next": _turned(request, asked.page + 1) if asked.page < last else None,
            "prev": _turned(request, min(asked.page - 1, last)) if asked.page > 1 else None,
            "page": absolute_url(page) if page else None,
        },
        "attribution": terms or attribution(),
    }


def _turned(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return absolute_url(f"{request.path}?{query.urlencode()}")
