"""The permission table, the rows of schools: teachers, bookings and what goes with them, and the partner's side."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from stemportal.schools.attendance_links import attendance_token
from stemportal.schools.services.calendars import token_of
from tests.permissions.files import Upload, small_png
from tests.permissions.patterns import (
    AT_THE_SCHOOL,
    BOTH_SIDES_MOVE,
    BOTH_SIDES_SEE,
    EDITORS,
    EDITORS_CHANGE,
    EVERYBODY,
    EVERYBODY_CHANGES,
    EVERYBODY_IS_SENT_ON,
    LOGGED_IN,
    LOGGED_IN_CHANGES,
    MEMBERS,
    NOBODY_FINDS,
    OF_THE_BOOKING,
    OF_THE_PARTNER,
    OF_THE_SCHOOL,
    PARTNER_ANSWERS,
    POST_ONLY,
    SCHOOL_CHANGES,
    TEACHER_MOVES,
    TEACHERS,
    TEACHERS_BOOK,
    THE_TEACHER,
    VERIFIED,
    VERIFIED_CHANGE,
    WHO_EDIT,
    Row,
    day_from_now,
    only,
)
from tests.permissions.people import World


def _group(world: World) -> dict[str, Any]:
    return {"group_name": "9Z", "grade": 9, "pupils": 20}


def _another_time(world: World) -> dict[str, Any]:
    return {"day": day_from_now(40), "clock": "10:30"}


def _wished(world: World) -> dict[str, Any]:
    year, week, _weekday = (timezone.localdate() + timedelta(days=14)).isocalendar()
    weeks = dict.fromkeys(("first_week", "last_week"), f"{year}-W{week:02}")
    return {"text": "Roboter", "kind": world.activity.kind.pk, "where": "any", **weeks, **_group(world)}


def _wish_answer(world: World) -> dict[str, Any]:
    return {"activity": world.activity.pk, "day": world.wish.last_week.isoformat(), "clock": "09:00"}


def _one_week() -> dict[str, Any]:
    """Three places, nine weeks from now: a week that the calendars leave alone is not needed for that."""
    day = timezone.localdate() + timedelta(weeks=9)
    return {f"week-{(day - timedelta(days=day.weekday())).isoformat()}": 3}


def _moved(world: World) -> dict[str, Any]:
    return {"day": day_from_now(30), "begins": "10:00", "ends": "12:00", "capacity": 9, "place": "Porten"}


# fmt: off
ROWS = [
    # Schools: the teacher's side
    Row("schools:school_suggest", EVERYBODY),
    Row("schools:my_page", TEACHERS),
    Row("schools:my_school", LOGGED_IN, LOGGED_IN_CHANGES,
        data=lambda w: {"school_text": "ny", "school": w.new_school.pk}),
    Row("schools:school", AT_THE_SCHOOL),
    Row("schools:classes", VERIFIED),
    Row("schools:classes_carry", POST_ONLY, VERIFIED_CHANGE, data=lambda w: {"class": w.classes_to_carry}),
    # Several schools, and leaving one; coordinators stand in schools/tests/test_colleagues.py.
    Row("schools:my_schools", LOGGED_IN),
    Row("schools:school_choose", POST_ONLY, only("teacher", ok=302), args=lambda w: [w.record.pk]),
    Row("schools:leave_school", only("teacher"), only("teacher", ok=302), args=lambda w: [w.record.pk]),
    Row("schools:colleagues", VERIFIED),
    Row("schools:coordinator_ask", POST_ONLY, VERIFIED_CHANGE),
    Row("schools:coordinator_resign", POST_ONLY),
    Row("schools:colleague_approve", POST_ONLY, args=lambda w: [w.record.pk]),
    Row("schools:colleague_decline", POST_ONLY, args=lambda w: [w.record.pk]),
    Row("schools:colleague_coordinate", POST_ONLY, args=lambda w: [w.record.pk]),
    Row("schools:colleague_end", only(others=403), args=lambda w: [w.record.pk]),
    Row("schools:school_bookings", only(others=403)),
    Row("schools:booking_hand_over", THE_TEACHER, TEACHER_MOVES, args=lambda w: [w.requested.pk],
        data=lambda w: {"to": w.school_colleague.pk}),
    # Feide, where the portal has not set it up
    Row("feide_login", NOBODY_FINDS),
    Row("feide_callback", NOBODY_FINDS),
    Row("openid_connect_login", NOBODY_FINDS, args=lambda w: ["other"]),
    Row("openid_connect_callback", NOBODY_FINDS, args=lambda w: ["other"]),
    Row("schools:feide_connect", EVERYBODY_IS_SENT_ON),
    Row("schools:feide_classes", VERIFIED),
    Row("schools:class_add", VERIFIED, VERIFIED_CHANGE, data=lambda w: {"name": "8B", "grade": 8, "pupils": 25}),
    Row("schools:class_edit", OF_THE_SCHOOL, SCHOOL_CHANGES, args=lambda w: [w.school_class.pk],
        data=lambda w: {"name": "9C", "grade": 9, "pupils": 25}),
    Row("schools:class_delete", POST_ONLY, SCHOOL_CHANGES, args=lambda w: [w.school_class.pk]),
    Row("schools:book", LOGGED_IN, TEACHERS_BOOK, args=lambda w: [w.session.pk],
        data=lambda w: {"session": w.session.pk, **_group(w)}),
    Row("schools:waiting_join", LOGGED_IN, TEACHERS_BOOK, args=lambda w: [w.full_session.pk], data=_group),
    Row("schools:propose", LOGGED_IN, TEACHERS_BOOK, args=lambda w: [w.on_request.pk],
        data=lambda w: {"day": day_from_now(40), "clock": "09:00", **_group(w)}),

    # Wishes that partners answer
    Row("schools:wishes", TEACHERS),
    Row("schools:wish_add", LOGGED_IN, TEACHERS_BOOK, data=_wished),
    Row("schools:wish", only("teacher"), args=lambda w: [w.wish.pk]),
    Row("schools:wish_withdraw", POST_ONLY, only("teacher", ok=302), args=lambda w: [w.wish.pk]),
    Row("schools:offer_accept", POST_ONLY, only("teacher", ok=302), args=lambda w: [w.wish_offer.pk]),
    Row("schools:offer_decline", POST_ONLY, only("teacher", ok=302), args=lambda w: [w.wish_offer.pk]),
    Row("schools:partner_wishes", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("schools:wish_offer", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.partner.pk, w.wish.pk], data=_wish_answer),
    Row("schools:wish_not_now", POST_ONLY, EDITORS_CHANGE, args=lambda w: [w.partner.pk, w.wish.pk]),
    Row("schools:wish_offer_withdraw", POST_ONLY, EDITORS_CHANGE,
        args=lambda w: [w.partner.pk, w.wish.pk, w.wish_offer.pk]),

    # Schools: a booking
    Row("schools:booking", OF_THE_BOOKING, args=lambda w: [w.requested.pk]),
    Row("schools:agreement", OF_THE_BOOKING, args=lambda w: [w.placement.pk]),
    Row("schools:booking_ics", OF_THE_BOOKING, args=lambda w: [w.confirmed.pk]),
    Row("schools:booking_confirm", POST_ONLY, PARTNER_ANSWERS, args=lambda w: [w.requested.pk]),
    Row("schools:booking_decline", POST_ONLY, PARTNER_ANSWERS, args=lambda w: [w.requested.pk],
        data=lambda w: {"reply": "Vi er på messe"}),
    Row("schools:booking_withdraw", POST_ONLY, TEACHER_MOVES, args=lambda w: [w.requested.pk]),
    Row("schools:booking_cancel", POST_ONLY, BOTH_SIDES_MOVE, args=lambda w: [w.confirmed.pk],
        data=lambda w: {"note": "Syk"}),
    Row("schools:booking_offer", only(*EDITORS, forbidden=("teacher", "reader")), PARTNER_ANSWERS,
        args=lambda w: [w.requested.pk], data=_another_time),
    Row("schools:booking_accept", POST_ONLY, TEACHER_MOVES, args=lambda w: [w.offered.pk]),
    Row("schools:booking_propose", THE_TEACHER, TEACHER_MOVES, args=lambda w: [w.requested.pk], data=_another_time),
    Row("schools:booking_group", THE_TEACHER, TEACHER_MOVES, args=lambda w: [w.requested.pk], data=_group),
    Row("schools:booking_no_show", POST_ONLY, PARTNER_ANSWERS, args=lambda w: [w.held.pk]),
    Row("schools:attendance", THE_TEACHER, TEACHER_MOVES, args=lambda w: [w.held.pk],
        data=lambda w: {"pupils": 26, "girls": 12}),
    # Whoever holds the mailed link tells; a pupil has no account, and the class's code lets in.
    Row("schools:attendance_link", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [attendance_token(w.held)],
        data=lambda w: {"pupils": 26}),
    Row("schools:booking_pack", OF_THE_BOOKING, args=lambda w: [w.confirmed.pk]),
    Row("schools:feedback", BOTH_SIDES_SEE, BOTH_SIDES_MOVE, args=lambda w: [w.completed.pk],
        data=lambda w: {"rating": 5}),
    Row("schools:thanks", THE_TEACHER, args=lambda w: [w.completed.pk]),
    Row("schools:pulse_open", POST_ONLY, TEACHER_MOVES, args=lambda w: [w.held.pk]),
    Row("schools:pulse_board", THE_TEACHER, args=lambda w: [w.pulse.booking_id]),
    Row("schools:pulse_switch", POST_ONLY, TEACHER_MOVES, args=lambda w: [w.pulse.booking_id],
        data=lambda w: {"to": "close"}),
    Row("schools:pulse", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [w.pulse.token],
        data=lambda w: {"moment": "after", "q1": 3, "q2": 4, "q3": 5}),

    # What both sides write, and calendars
    Row("schools:booking_messages", OF_THE_BOOKING, BOTH_SIDES_MOVE, args=lambda w: [w.requested.pk],
        data=lambda w: {"text": "Når starter dere?"}),
    Row("schools:booking_messages_read", POST_ONLY, BOTH_SIDES_MOVE, args=lambda w: [w.talked_about.pk]),
    Row("schools:booking_file", OF_THE_BOOKING, args=lambda w: [w.message_file.message.booking_id, w.message_file.pk]),
    Row("schools:my_calendar", TEACHERS),
    Row("schools:partner_calendar", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("schools:calendar_renew", POST_ONLY, LOGGED_IN_CHANGES),
    # The address is the key.
    Row("schools:calendar_feed", EVERYBODY, args=lambda w: [token_of(w.people["teacher"])]),

    # Schools: money for the journey
    Row("schools:grant", THE_TEACHER, TEACHER_MOVES, args=lambda w: [w.confirmed.pk],
        data=lambda w: {"km": 9, "people": 28, "mode": "coach", "ore": "500", "why": "Langt"}),
    Row("schools:grant_withdraw", POST_ONLY, TEACHER_MOVES, args=lambda w: [w.grant.booking_id]),
    Row("schools:grant_share", POST_ONLY, TEACHER_MOVES, args=lambda w: [w.grant.booking_id],
        data=lambda w: {"with": w.other_grant.pk}),
    # The partner's own pot pays, and staff settle what a partner leaves lying.
    Row("schools:grant_receipt", only("teacher", *MEMBERS, "staff"), TEACHER_MOVES,
        args=lambda w: [w.claimed_grant.booking_id],
        data=lambda w: {"ore": "400", "file": Upload("kvittering.png", small_png())}),
    Row("schools:partner_pots", OF_THE_PARTNER, EDITORS_CHANGE, args=lambda w: [w.partner.pk],
        data=lambda w: {"name": "Skyss", "school_year": w.pot.school_year, "ore": "20 000"}),
    Row("schools:partner_grant", OF_THE_PARTNER, EDITORS_CHANGE, args=lambda w: [w.partner.pk, w.grant.pk],
        data=lambda w: {"do": "approve", "ore": "500"}),

    # Schools: the partner's room
    Row("schools:partner_today", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("schools:partner_bookings", OF_THE_PARTNER, args=lambda w: [w.partner.pk]),
    Row("schools:engagement", OF_THE_PARTNER, EDITORS_CHANGE, args=lambda w: [w.partner.pk],
        data=lambda w: {f"pledge_{w.activity.kind.code}": 4}),
    Row("schools:published_places", OF_THE_PARTNER, args=lambda w: [w.partner.pk, 2026, w.activity.kind.code]),
    Row("schools:weeks", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.work_week.pk],
        data=lambda w: {"begins": "08:30", **_one_week()}),
    Row("schools:session_change", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.session.pk], data=_moved),
    Row("schools:session_cancel", WHO_EDIT, EDITORS_CHANGE, args=lambda w: [w.session.pk],
        data=lambda w: {"note": "Maskinen er i stykker"}),
]
# fmt: on
