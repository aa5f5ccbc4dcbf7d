"""The shapes of the open data. Their words stand in the OpenAPI document, so they are written for who uses it.

Only what the public pages show: no contact persons, no addresses of mail, no video links of meetings, nothing about
classes or how many pupils came.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from ninja import Field, Schema


class Attribution(Schema):
    """Whose data it is and on what terms it may be used."""

    text: str = Field(description="What to write beside the data.")
    licence: str
    licence_url: str


class Links(Schema):
    """Addresses of this answer, of the ones before and after it, and of the page that people read."""

    self: str
    next: str | None = Field(None, description="Null on the last page.")
    prev: str | None = Field(None, description="Null on the first page.")
    page: str | None = Field(None, description="The same for people, where there is such a page.")


class ItemLinks(Schema):
    """Addresses of one thing: here, and the page that people read."""

    self: str
    page: str


class Named(Schema):
    """Something with a code and a name in the language of the answer."""

    code: str
    name: str


class County(Schema):
    """A county (fylke) by its official number."""

    number: str
    name: str


class Municipality(Schema):
    """A municipality (kommune) by its official number."""

    number: str
    name: str
    county: County


class Point(Schema):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


class Kind(Named):
    """A kind of activity."""

    help: str = Field(description="What it is, in a sentence; may be empty.")
    unit: str = Field(description="What places are counted in: groups or pupils.")


class Goal(Schema):
    """A competence goal of the curriculum (Grep)."""

    code: str
    plan: str = Field(description="Code of the curriculum that it stands in.")
    text: str
    after_grade: str
    valid_from: date | None
    valid_to: date | None = Field(description="The first day on which it is no longer in force.")
    successor: str | None = Field(description="Code of the goal that came after it.")


class GoalCode(Schema):
    """A competence goal by its code and its curriculum's."""

    code: str
    plan: str


class PartnerName(Schema):
    """Who offers it."""

    slug: str
    name: str
    links: ItemLinks


class Coming(Schema):
    """A date on which an activity is held."""

    starts_at: datetime
    ends_at: datetime
    places_left: int = Field(description="In the unit of the activity.")


class Session(Coming):
    """A date that is open for booking, also when it is full."""

    id: int
    where: str = Field(description="partner, school, video, or empty: as the activity says.")
    place: str


class Grades(Schema):
    """8 to 10 are lower secondary school, 11 to 13 stand for Vg1 to Vg3."""

    first: int
    last: int


class ActivityLinks(ItemLinks):
    """Addresses of an activity."""

    calendar: str = Field(description="Its dates as a calendar (iCalendar).")
    visit_pack: str = Field(description="Programme, preparation and safety to print (PDF/UA).")


class Activity(Schema):
    """What a partner offers to classes. Always free for schools and pupils."""

    id: int
    title: str
    summary: str
    kind: Named
    partner: PartnerName
    format: Literal["on_site", "at_school", "digital", "hybrid"]
    languages: list[str] = Field(description="Languages it can be held in: nb, nn, en, se.")
    grades: Grades
    subjects: list[Named]
    goals: list[GoalCode]
    duration_minutes: int
    group_max: int = Field(description="Pupils at most in a group.")
    unit: str = Field(description="What places are counted in: groups or pupils.")
    booking: Literal["instant", "confirm", "on_request"]
    reach: Literal["local", "county", "national"]
    counties_served: list[County] = Field(description="Where it comes to the schools of whole counties.")
    municipality: Municipality | None
    place: str
    point: Point | None
    season_months: list[int] = Field(description="Months (1-12) in which it is offered; empty: the whole year.")
    access_features: list[str] = Field(description="What the partner says is there for those who need it.")
    next_session: Coming | None = Field(description="The next date with free places.")
    published_at: datetime | None
    updated_at: datetime
    links: ActivityLinks


class RoleModelName(Schema):
    """A person with a page in the portal."""

    id: int
    name: str
    job_title: str
    links: ItemLinks


class ActivityWhole(Activity):
    """An activity with its texts (Markdown), its coming dates and the goals in full."""

    description: str
    learning: str
    preparation: str
    follow_up: str
    programme: str
    bring: str
    safety: str
    getting_there: str
    practical: str
    accessibility: str
    link: str = Field(description="The film, or a page with more; may be empty.")
    captions: list[str]
    transcript: str
    goal_texts: list[Goal]
    sessions: list[Session] = Field(description="The next 30 dates at most.")
    role_models: list[RoleModelName]


class Sector(Schema):
    """A code of the standard industrial classification."""

    code: str
    revision: str
    name: str


class Partner(Schema):
    """An approved partner."""

    slug: str
    name: str
    legal_name: str
    country: str
    organisation_number: str
    kind: Named
    sector: Sector | None
    website: str
    municipality: Municipality | None
    links: ItemLinks


class PartnerActivity(Schema):
    """One of a partner's activities."""

    id: int
    title: str
    kind: str
    links: ItemLinks


class PartnerWhole(Partner):
    """A partner with what it writes about itself (Markdown) and its newest activities, 100 at most."""

    about: str
    activities: list[PartnerActivity]


class RoleModel(Schema):
    """A person who tells pupils about a job and the way there, shown with the person's own consent.

    The consent is for being found here. The licence of the data is not one to use a person's name for anything else.
    """

    id: int
    name: str
    job_title: str
    intro: str
    partner: PartnerName
    subjects: list[Named]
    languages: list[str]
    counties: list[County]
    grades: Grades
    visits_schools: bool
    meets_online: bool
    activity: int | None = Field(description="What classes book.")
    links: ItemLinks


class _List(Schema):
    total: int = Field(description="How many there are in all, also beyond what pages reach.")
    links: Links
    attribution: Attribution


class _Page(_List):
    page: int
    limit: int


class Activities(_Page):
    """One page of a search."""

    items: list[Activity]


class Partners(_Page):
    """One page of partners, by name."""

    items: list[Partner]


class Goals(_Page):
    """One page of competence goals, by curriculum and code."""

    items: list[Goal]


class RoleModels(_Page):
    """One page of role models, the newest first."""

    items: list[RoleModel]


class Kinds(_List):
    """All kinds of activities in use."""

    items: list[Kind]


class Subjects(_List):
    """All subjects."""

    items: list[Named]


class Counties(_List):
    """All counties of today."""

    items: list[County]


class Municipalities(_List):
    """All municipalities of today."""

    items: list[Municipality]


class OneActivity(Schema):
    """An activity, with the terms on which it may be used."""

    item: ActivityWhole
    attribution: Attribution


class OnePartner(Schema):
    """A partner, with the terms on which it may be used."""

    item: PartnerWhole
    attribution: Attribution


class OneRoleModel(Schema):
    """A role model, with the terms on which it may be used."""

    item: RoleModel
    attribution: Attribution


class Index(Schema):
    """Where everything is."""

    name: str
    documentation: str
    openapi: str
    resources: dict[str, str]
    attribution: Attribution


class WrongValue(Schema):
    """One parameter that was not understood."""

    parameter: str
    message: str


class Problem(Schema):
    """Why there is no answer (RFC 9457, application/problem+json)."""

    type: str = Field("about:blank")
    title: str
    status: int
    detail: str = ""
    errors: list[WrongValue] = Field(default_factory=list)
