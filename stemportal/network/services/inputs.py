"""Input from partners: sending it, standing behind it, withdrawing it, and what the secretariat does with it.

Every step is a compare-and-set with a line of history; the mails are made from that history (``input_telling``).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.redact import blank_words
from stemportal.lib.templatetags.portal import clock, weekdate
from stemportal.network.models import Hearing, Input, InputEvent, InputSupport
from stemportal.network.services import input_telling
from stemportal.outbox.models import Mail
from stemportal.partners.extensions import People
from stemportal.partners.models import Membership, Partner

Status = Input.Status
# What nobody has decided on yet, of one partner. More is not a voice among others any more.
MOST_UNDECIDED = 20
# From where to where the secretariat may move an input. What a partner has withdrawn stays withdrawn.
MOVES: dict[str, tuple[str, ...]] = {
    Status.RECEIVED: (Status.IN_WORK, Status.TAKEN_UP, Status.NOT_TAKEN_UP),
    Status.IN_WORK: (Status.TAKEN_UP, Status.NOT_TAKEN_UP),
    Status.TAKEN_UP: (Status.IN_WORK, Status.NOT_TAKEN_UP),
    Status.NOT_TAKEN_UP: (Status.IN_WORK, Status.TAKEN_UP),
    Status.WITHDRAWN: (),
}


class InputError(Exception):
    """Something a person can understand and act on; ``words`` says it in the language of the page."""

    @property
    def words(self) -> str:
        return str(self)


class HearingClosed(InputError):
    """The deadline has passed, or the hearing has not begun."""

    def __init__(self, hearing: Hearing) -> None:
        text = _("The hearing closed on %(day)s at %(clock)s.")
        super().__init__(text % {"day": weekdate(hearing.closes_at), "clock": clock(hearing.closes_at)})


class TooMuchWaiting(InputError):
    """The partner has as much undecided input as one may have."""

    def __init__(self) -> None:
        text = _("%(count)s of your inputs wait for an answer already. Withdraw one, or wait until some are answered.")
        super().__init__(text % {"count": MOST_UNDECIDED})


class MayNot(InputError):
    """The partner is not in the programme any more, or the person may not act for it any more."""

    def __init__(self) -> None:
        super().__init__(_("Only owners and editors of approved partners can do this."))


class OwnInput(InputError):
    """Nobody supports its own input."""

    def __init__(self) -> None:
        super().__init__(_("This is your own input. Other partners can support it."))


class NotOpen(InputError):
    """It is decided, withdrawn or not shared, or its hearing is over: nobody supports it any more."""

    def __init__(self) -> None:
        super().__init__(_("This input cannot be supported any more."))


class NotMoved(InputError):
    """Somebody else moved it meanwhile, or the move does not begin where it stands."""

    def __init__(self) -> None:
        super().__init__(_("This input has moved on meanwhile. Nothing was changed; please look at it again."))


class NeedsReason(InputError):
    """Who says no says why."""

    def __init__(self) -> None:
        super().__init__(_("Say why it is not taken up."))


# What partners do


def submit_input(
    *,
    partner: Partner,
    by: User,
    title: str,
    text: str,
    is_shared: bool,
    request_key: uuid.UUID,
    hearing: Hearing | None = None,
) -> Input:
    """Send input to the programme, to a hearing or freely. The same form sent twice gives one input.

    Raises HearingClosed from the second on at which the hearing closes, TooMuchWaiting, MayNot.
    """
    parts = [str(by.pk), str(partner.pk), str(hearing.pk if hearing else ""), str(is_shared), title, text]
    key = uuid.uuid5(request_key, "\n".join(parts))
    with transaction.atomic():
        # One after the other for each partner, so that the second click finds the first and nobody gets past the limit.
        _lock_writer(partner, by)
        if earlier := Input.objects.filter(request_key=key).first():
            return earlier
        if hearing is not None:
            # Whoever moves the deadline waits, or has moved it before this reads it.
            locked = Hearing.objects.select_for_update(no_key=True).get(pk=hearing.pk)
            if not locked.is_open():
                raise HearingClosed(locked)
        if Input.objects.undecided().filter(partner=partner).count() >= MOST_UNDECIDED:
            raise TooMuchWaiting
        found = Input.objects.create(
            partner=partner, by=by, hearing=hearing, title=title, text=text, is_shared=is_shared, request_key=key
        )
        _write_step(found, by=by, origin="")
    return found


def _lock_writer(partner: Partner, by: User) -> None:
    """Lock the partner's row; raises MayNot unless the person may act for it, now."""
    locked = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if not locked.is_approved or not locked.memberships.filter(user=by, role__in=Membership.EDITORS).exists():
        raise MayNot


def withdraw_input(*, found: Input, by: User) -> None:
    """Take input back as long as nothing is decided. Raises NotMoved."""
    with transaction.atomic():
        _move(found, Status.WITHDRAWN, by=by, recommendation=None)


@transaction.atomic
def support_input(*, found: Input, partner: Partner, by: User) -> bool:
    """Let a partner stand behind another one's input. False: it did already. Raises MayNot, OwnInput, NotOpen."""
    _lock_writer(partner, by)
    if found.partner_id == partner.pk:
        raise OwnInput
    _lock_supportable(found)
    _support, is_new = InputSupport.objects.get_or_create(input=found, partner=partner, defaults={"by": by})
    return is_new


@transaction.atomic
def take_support_back(*, found: Input, partner: Partner, by: User) -> bool:
    """Stand behind an input no more. False: the partner did not. Raises MayNot, NotOpen."""
    _lock_writer(partner, by)
    _lock_supportable(found)
    deleted, _rows = InputSupport.objects.filter(input=found, partner=partner).delete()
    return bool(deleted)


def can_be_supported(found: Input) -> bool:
    """Whether it is shared and undecided, and its hearing, if any, still open."""
    in_time = found.hearing is None or found.hearing.is_open()
    return found.is_shared and found.is_open and in_time


def _lock_supportable(found: Input) -> None:
    locked = Input.objects.select_for_update(no_key=True, of=("self",)).select_related("hearing").get(pk=found.pk)
    if not can_be_supported(locked):
        raise NotOpen


# What the secretariat does


def answer_input(
    *, found: Input, by: User, status: str, reason: str = "", answer: str = "", answer_is_public: bool = True
) -> bool:
    """Set status, reason and answer, and tell the partner. False: nothing is new, and nobody is told.

    Compare-and-set on the status that ``found`` was read with. Raises NotMoved, NeedsReason.
    """
    if status == Status.NOT_TAKEN_UP and not reason:
        raise NeedsReason
    with transaction.atomic():
        locked = Input.objects.select_for_update(no_key=True).get(pk=found.pk)
        known = (locked.status, *MOVES[locked.status])
        if locked.status != found.status or status not in known or locked.status == Status.WITHDRAWN:
            raise NotMoved
        now = timezone.now()
        new: dict[str, Any] = {"reason": reason, "answer": answer, "answer_is_public": answer_is_public}
        if answer != locked.answer:
            new |= {"answered_at": now, "answered_by": by} if answer else {"answered_at": None, "answered_by": None}
        elif status == locked.status and reason == locked.reason:
            # Who may read the answer is no news to the partner, which could read it all the time.
            rows = Input.objects.filter(pk=locked.pk).exclude(answer_is_public=answer_is_public)
            return bool(rows.update(answer_is_public=answer_is_public))
        _move(locked, status, by=by, at=now, **new)
    return True


def begin_work(*, inputs: Sequence[Input], by: User) -> int:
    """Mark what was received as being worked on, each in a transaction of its own. Returns how many moved."""
    moved = 0
    for found in inputs:
        if found.status != Status.RECEIVED:
            continue
        try:
            with transaction.atomic():
                _move(found, Status.IN_WORK, by=by)
        except NotMoved:
            continue
        moved += 1
    return moved


def _move(found: Input, status: str, *, by: User, at: datetime | None = None, **fields: Any) -> None:
    """Change the status, and fields with it, as long as it is what was read; write history. Raises NotMoved."""
    origin = found.status
    if status == Status.WITHDRAWN and not found.is_open:
        raise NotMoved
    changed = Input.objects.filter(pk=found.pk, status=origin).update(status=status, **fields)
    if not changed:
        raise NotMoved
    found.status = status
    _write_step(found, by=by, origin=origin, at=at)


def move_input(*, found: Input, status: str, by: User) -> None:
    """Move an input without an answer, inside a transaction of the caller's. Raises NotMoved."""
    _move(found, status, by=by)


def _write_step(found: Input, *, by: User, origin: str, at: datetime | None = None) -> None:
    InputEvent.objects.create(input=found, by=by, from_status=origin, to_status=found.status, at=at or timezone.now())
    input_telling.after_commit(found.pk)


# Forgetting


def forget_in_inputs(partner: Partner, people: People) -> None:
    """Take a partner's people out of its input; the input itself, its answer and what came of it stay."""
    mine = Input.objects.filter(partner=partner)
    mine.filter(by__in=people.pks).update(by=None)
    InputEvent.objects.filter(input__partner=partner, by__in=people.pks).update(by=None)
    InputSupport.objects.filter(partner=partner, by__in=people.pks).update(by=None)
    blank_words(mine, ["title", "text", "answer", "reason"], people.words)
    keys = [input_telling.about(pk) for pk in mine.order_by().values_list("pk", flat=True)]
    Mail.objects.filter(about__in=keys).delete()


def forget_person(user: User) -> None:
    """Take a person's name and address out of the input that the person wrote; the rest is the partner's."""
    blank_words(Input.objects.filter(by=user), ["title", "text"], [user.full_name, user.email])
