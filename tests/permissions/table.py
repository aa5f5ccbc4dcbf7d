"""The permission table: one row for every address of the portal.

A row says who may open the page (``get``) and who may change something with it (``post``). Both are patterns: a status
for each role of ``people.ROLES``. Where ``post`` is empty, the address changes nothing for anybody.

A new address: add a row here, below the app it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.permissions import network, newsletters, reports, schools
from tests.permissions.files import Upload, small_png
from tests.permissions.patterns import (
    EDITORS_CHANGE,
    EDITORS_SAVE,
    EVERYBODY,
    EVERYBODY_CHANGES,
    EVERYBODY_IS_SENT_ON,
    LOGGED_IN,
    LOGGED_IN_ARE_SENT_ON,
    LOGGED_IN_CHANGES,
    LOGIN,
    MEMBERS,
    NOBODY_FINDS,
    OF_THE_PARTNER,
    OWNERS,
    OWNERS_CHANGE,
    POST_ONLY,
    POST_ONLY_FOR_ALL,
    WHO_EDIT,
    Row,
    allowed_in,
    day_from_now,
    only,
)
from tests.permissions.people import ROLES, World

__all__ = ["LOGIN", "OPEN_TO_VISITORS", "ROWS", "RULES", "Row", "allowed_in"]


def _written(world: World) -> dict[str, Any]:
    return {
        "kind": world.activity.kind.code,
        "title": "Bygg en drone",
        "grade_from": 8,
        "grade_to": 10,
        "format": "on_site",
        "reach": "county",
        "policy": "confirm",
        "group_max": 30,
        "duration_minutes": 120,
        "revision": 0,
    }


def _told_of(world: World) -> dict[str, Any]:
    day = day_from_now(-7)
    return {"title": "Stand", "kind": world.activity.kind_id, "held_on": day, "pupils": 40, "hours": "2.5"}


def _new_session(world: World) -> dict[str, Any]:
    row = {"date": day_from_now(20), "time": "09:00", "minutes": 120, "capacity": 1}
    return {"s-TOTAL_FORMS": 1, "s-INITIAL_FORMS": 0, **{f"s-0-{name}": value for name, value in row.items()}}


def _longer(world: World) -> dict[str, Any]:
    until = world.series.last_day + timedelta(days=7)
    return {"until": until.isoformat(), "days": [until.isoformat()], "repeat": "create"}


def _page(world: World) -> dict[str, Any]:
    return {
        "revision": world.partner.revision,
        "seen": 0,
        "display_name": "Nordlys Robotikk",
        "contact_name": "Ingrid Prøve",
        "contact_email": world.partner.contact_email,
    }


def _profile(world: World) -> dict[str, Any]:
    return {
        "full_name": "Rolf Prøve",
        "email": "rolf@nordlys.example.no",
        "language": "nb",
        "job_title": "Ingeniør",
        "intro": "Bygger roboter.",
        "path": "Strøk i matte først.",
        "grade_from": 8,
        "grade_to": 13,
        "languages": ["nb"],
        "subjects": [subject.pk for subject in world.role_model.subjects.all()],
        "meets_online": "on",
        "photo_alt": "Rolf ved en robot",
    }


# fmt: off
ROWS = [
    # The portal itself
    Row("healthz", EVERYBODY),
    Row("favicon.ico", EVERYBODY_IS_SENT_ON),
    Row("home", EVERYBODY),
    Row("my_start", LOGGED_IN_ARE_SENT_ON),
    Row("about", EVERYBODY),
    Row("privacy", EVERYBODY),
    Row("accessibility", EVERYBODY),
    Row("contact", EVERYBODY),
    Row("set_language", POST_ONLY_FOR_ALL, EVERYBODY_CHANGES, data=lambda w: {"language": "nn"}, changes=False),

    # For crawlers
    Row("robots", EVERYBODY),
    Row("sitemap", EVERYBODY),
    Row("sitemap_section", EVERYBODY, args=lambda w: ["pages"]),

    # Partners
    Row("partners:directory", EVERYBODY),
    Row("partners:become", EVERYBODY),
    Row("partners:signatories", EVERYBODY),
    Row("partners:register", EVERYBODY),
    Row("partners:registered", EVERYBODY),
    Row("partners:register_saved", EVERYBODY),
    Row("partners:register_resume", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [w.draft_token],
        data=lambda w: {"delete": "yes"}),
    Row("partners:confirm", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [w.application.confirm_token]),
    Row("partners:challenge", EVERYBODY),
    Row("partners:detail", EVERYBODY, args=lambda w: ["nordlys"]),
    Row("partners:logo", EVERYBODY, args=lambda w: [w.logo_name]),
    Row("partners:write", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: ["nordlys"],
        data=lambda w: {"name": "Kari", "email": "kari@example.org", "message": "Kan vi komme i mai?"}),

    # The page about the organisation, and what partners may use
    Row("partners:organisation", OF_THE_PARTNER, EDITORS_CHANGE, args=lambda w: [w.partner.pk], data=_page),
    Row("partners:logo_upload", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.partner.pk],
        data=lambda w: {"logo": Upload("logo.png", small_png())}),
    Row("partners:logo_remove", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.partner.pk if w.logo_name else 0]),
    Row("partners:brand", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    # The other member belongs to an approved partner too, and staff look after the material.
    Row("partners:brand_file", only(*MEMBERS, "other_member", "staff"), args=lambda w: [w.material.pk]),

    # A partner's members and its declaration
    Row("partners:members", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("partners:invite", POST_ONLY, OWNERS_CHANGE, args=lambda w: [w.partner.pk],
        data=lambda w: {"email": "kollega@example.org", "role": "editor"}),
    Row("partners:invitation_resend", POST_ONLY, OWNERS_CHANGE, args=lambda w: [w.partner.pk, w.invitation.pk]),
    Row("partners:invitation_revoke", POST_ONLY, OWNERS_CHANGE, args=lambda w: [w.partner.pk, w.invitation.pk]),
    Row("partners:member", OWNERS, OWNERS_CHANGE, args=lambda w: [w.partner.pk, w.colleague.pk],
        data=lambda w: {"role": "reader"}),
    Row("partners:member_remove", POST_ONLY, OWNERS_CHANGE, args=lambda w: [w.partner.pk, w.colleague.pk]),
    # Each of these is no member afterwards, but the only owner, who stays.
    Row("partners:members_leave", OF_THE_PARTNER, only(*MEMBERS, ok=302), args=lambda w: [w.partner.pk],
        changes=False),
    Row("partners:hand_over", OWNERS, OWNERS_CHANGE, args=lambda w: [w.partner.pk],
        data=lambda w: {"to": w.colleague.pk, "afterwards": "stay"}),
    # A visitor is sent on to type the mailed code; of the others only the one with the invited address accepts.
    Row("partners:invitation", EVERYBODY, {**EVERYBODY, "visitor": 302, "other_member": 302},
        args=lambda w: [w.invitation_token], changes=False),
    Row("partners:declaration", OF_THE_PARTNER, OWNERS_CHANGE, args=lambda w: [w.partner.pk],
        data=lambda w: {"read": w.declaration.fingerprint, "signed_name": "Ola Sjef", "signed": "on"}),
    Row("partners:declaration_pdf", OF_THE_PARTNER, args=lambda w: [w.signature.pk]),

    # Taking a partner's data along, and leaving
    Row("partners:data", OWNERS, OWNERS_CHANGE, args=lambda w: [w.partner.pk]),
    Row("partners:data_download", OWNERS, args=lambda w: [w.data_copy.pk]),
    Row("partners:leave", OWNERS, OWNERS_CHANGE, args=lambda w: [w.partner.pk],
        data=lambda w: {"name": w.partner.display_name}),

    # Activities
    Row("activities:search", EVERYBODY),
    Row("activities:favourites", LOGGED_IN),
    Row("activities:favourite", POST_ONLY, LOGGED_IN_CHANGES, args=lambda w: [w.activity.pk]),
    Row("activities:saved_searches", LOGGED_IN),
    Row("activities:search_save", LOGGED_IN, LOGGED_IN_CHANGES,
        data=lambda w: {"name": "Roboter", "frequency": "weekly"}),
    Row("activities:saved_search", only("teacher"), only("teacher", ok=302), args=lambda w: [w.saved_search.pk],
        data=lambda w: {"name": "Droner", "frequency": "never"}),
    Row("activities:search_delete", POST_ONLY, only("teacher", ok=302), args=lambda w: [w.saved_search.pk]),
    Row("activities:search_stop", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [w.saved_search.stop_token]),
    Row("activities_machine:one_click", EVERYBODY_IS_SENT_ON, EVERYBODY, args=lambda w: [w.saved_search.stop_token]),
    Row("activities:ask", EVERYBODY, EVERYBODY_CHANGES,
        data=lambda w: {"search": "q=robot", "email": "kari@example.org"}),
    Row("activities:asked", EVERYBODY),
    Row("activities:teach", EVERYBODY),
    Row("activities:teach_text", EVERYBODY, args=lambda w: [w.activity.pk]),
    Row("activities:detail_short", only(*ROLES, ok=301), args=lambda w: [w.activity.pk]),
    Row("activities:detail", EVERYBODY, args=lambda w: [w.activity.pk, w.activity.slug]),
    # Open data
    Row("activities:feed_rss", EVERYBODY),
    Row("activities:feed_atom", EVERYBODY),
    Row("activities:feed_ics", EVERYBODY),
    Row("activities:calendar", EVERYBODY, args=lambda w: [w.activity.pk]),
    Row("activities:embed", EVERYBODY),
    Row("activities:embed_make", EVERYBODY),
    Row("activities:api_docs", EVERYBODY),
    Row("api:openapi-json", EVERYBODY),
    Row("api:api-root", EVERYBODY),
    Row("api:activities", EVERYBODY),
    Row("api:activity", EVERYBODY, args=lambda w: [w.activity.pk]),
    Row("api:partners", EVERYBODY),
    Row("api:partner", EVERYBODY, args=lambda w: [w.partner.slug]),
    Row("api:role_models", EVERYBODY),
    Row("api:role_model", EVERYBODY, args=lambda w: [w.role_model.pk]),
    Row("api:kinds", EVERYBODY),
    Row("api:subjects", EVERYBODY),
    Row("api:goals", EVERYBODY),
    Row("api:counties", EVERYBODY),
    Row("api:municipalities", EVERYBODY),
    Row("api:nothing", NOBODY_FINDS, args=lambda w: ["nothing"]),
    Row("activities:listings", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("activities:create", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.partner.pk], data=_written),
    Row("activities:edit", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.draft.pk], data=_written),
    Row("activities:autosave", POST_ONLY, EDITORS_SAVE, args=lambda w: [w.draft.pk], data=_written),
    Row("activities:autosave_new", POST_ONLY, EDITORS_SAVE, args=lambda w: [w.partner.pk], data=_written),
    Row("activities:discard", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.pending.activity_id],
        data=lambda w: {"pending": w.pending.saved_at.isoformat()}),
    Row("activities:preview", OF_THE_PARTNER, args=lambda w: [w.draft.pk]),
    Row("activities:copy", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.activity.pk]),
    Row("activities:images", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.activity.pk],
        data=lambda w: {"file": Upload("bilde.png", small_png()), "alt_text": "En robot"}),
    Row("activities:image_change", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.picture.pk],
        data=lambda w: {"action": "remove"}),
    Row("activities:image", EVERYBODY, args=lambda w: [w.picture.file.name.removeprefix("offers/")]),
    Row("activities:files", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.activity.pk],
        data=lambda w: {"purpose": "tasks", "title": "Oppgaver", "file": Upload("a.png", small_png())}),
    Row("activities:file_remove", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.offer_file.pk]),
    Row("activities:file", EVERYBODY, args=lambda w: [w.offer_file.pk]),
    Row("activities:visit_pack", EVERYBODY, args=lambda w: [w.activity.pk]),
    Row("activities:publish", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.draft.pk]),
    Row("activities:unpublish", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.activity.pk]),
    Row("activities:archive", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.activity.pk]),
    Row("activities:restore", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.archived.pk]),
    Row("activities:session_add", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.activity.pk], data=_new_session),
    Row("activities:series", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.series.pk], data=_longer),
    Row("activities:availability", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.on_request.pk],
        data=lambda w: {"weekdays": [1, 3], "begins": "09:00", "ends": "14:00"}),

    # Role models
    Row("activities:role_models", EVERYBODY),
    Row("activities:role_model", EVERYBODY, args=lambda w: [w.role_model.pk, w.role_model.slug]),
    Row("activities:role_model_photo", EVERYBODY, args=lambda w: [w.role_model.portrait.url.rpartition("/")[2]]),
    # Whoever holds the link answers; the second answer of the same kind changes nothing.
    Row("activities:role_model_consent", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [w.consent_token],
        data=lambda w: {"answer": "withdraw"}),
    Row("activities:role_model_consent_photo", EVERYBODY, args=lambda w: [w.consent_token]),
    Row("activities:partner_role_models", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("activities:role_model_add", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.partner.pk], data=_profile),
    Row("activities:role_model_edit", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.role_model.pk], data=_profile),
    Row("activities:role_model_ask", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.role_model.pk]),
    Row("activities:role_model_show", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.hidden_role_model.pk]),
    Row("activities:role_model_hide", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.role_model.pk]),
    Row("activities:role_model_delete", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.role_model.pk]),

    # What a partner tells of itself
    Row("activities:own_words", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("activities:own_word_add", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.partner.pk], data=_told_of),
    Row("activities:own_word_edit", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.own_word.pk], data=_told_of),
    Row("activities:own_word_delete", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.own_word.pk]),

    *schools.ROWS,
    *network.ROWS,
    *newsletters.ROWS,

    # Reports
    *reports.ROWS,

    # Only in demo mode (tests/test_settings.py shows that production has none of these)
    Row("demo:mail", EVERYBODY),
    Row("demo:mail_detail", EVERYBODY, args=lambda w: [w.mail_name]),
    Row("demo:mail_html", EVERYBODY, args=lambda w: [w.mail_name]),
    Row("demo:styleguide", EVERYBODY),
]
# fmt: on


@dataclass(frozen=True)
class Rule:
    """Addresses of another package, by the beginning of their names: what a visitor and a person may get."""

    prefix: str
    visitor: set[Any]
    person: set[Any]
    except_for: tuple[str, ...] = ()


# allauth decides itself which of its pages need a login; the test asks that its answer is one of these.
OPEN_TO_VISITORS = (
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_email_verification_sent",
    "account_reset_password",
    "account_confirm_login_code",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "account_password_reset_completed",
    "account_request_login_code",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "socialaccount_login_cancelled",
    "socialaccount_signup",
)
RULES = [
    Rule("account_", visitor={LOGIN}, person={200, 302, 403, 405}, except_for=OPEN_TO_VISITORS),
    Rule("mfa_", visitor={LOGIN}, person={200, 302, 403, 404, 405}, except_for=OPEN_TO_VISITORS),
    Rule("socialaccount_", visitor={LOGIN}, person={200, 302, 401}, except_for=OPEN_TO_VISITORS),
    Rule("usersessions_", visitor={LOGIN}, person={200}),
]
