"""A meeting from draft to minutes: announced, changed, called off, counted, and what is forgotten after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.documents import Document
from stemportal.network.models import Meeting, MeetingFile, Rsvp, WorkingGroup
from stemportal.network.models.meetings import MOST_GUESTS, WAS_THERE
from stemportal.network.services import meeting_mails
from stemportal.network.services.invitations import invite_everybody, side_of
from stemportal.network.services.rsvp import MeetingError, answer_of, fill_places, lock_meeting

logger = structlog.get_logger(__name__)

Status = Meeting.Status
FOLDER = "meetings"
MOST_FILES = 40
MOST_OF_A_GROUP = 20
# What stands in everybody's calendar: a change is sent to those who come.
IN_CALENDARS = (
    "title_nb",
    "title_nn",
    "title_en",
    "starts_at",
    "ends_at",
    "place",
    "address",
    "video_link",
)


class TooFewPlaces(MeetingError):
    """More people have said yes than the new number of places."""

    field = "capacity"

    def __init__(self, taken: int) -> None:
        super().__init__(
            _("%(count)s have said yes. Call some first, or keep so many places.") % {"count": taken},
        )


class TooManyFiles(MeetingError):
    """More files than one meeting may have."""

    def __init__(self) -> None:
        super().__init__(_("There are as many files here as a meeting can have. Delete one first."))


def publish_meeting(*, meeting_id: int) -> bool:
    """Announce a draft. Nobody is invited by that. False when somebody did it before."""
    drafts = Meeting.objects.filter(pk=meeting_id, status=Status.DRAFT)
    return bool(drafts.update(status=Status.PUBLISHED, published_at=timezone.now()))


@transaction.atomic
def plan_group_meeting(
    *,
    group: WorkingGroup,
    by: User,
    title: str,
    text: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    video_link: str,
) -> Meeting:
    """Announce a meeting of a working group and invite its members; nobody else sees it. Raises MeetingError.

    The lead writes in one language, which stands where bokmål does, so that everybody gets those words.
    """
    WorkingGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    if Meeting.objects.coming().filter(group=group).count() >= MOST_OF_A_GROUP:
        raise MeetingError(_("The group has as many meetings to come as it can have. Call one off first."))
    meeting = Meeting.objects.create(
        kind=Meeting.Kind.GROUP,
        group=group,
        status=Status.PUBLISHED,
        published_at=timezone.now(),
        is_public=False,
        audience=[Meeting.Audience.GROUP],
        organiser=by,
        title_nb=title,
        text_nb=text,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        video_link=video_link,
    )
    invite_everybody(meeting_id=meeting.pk)
    return meeting


def change_group_meeting(
    *,
    meeting: Meeting,
    title: str,
    text: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    video_link: str,
) -> bool:
    """Write what the lead of a working group changed. Returns whether those who come are told of it.

    New words stand where bokmål does, and take the place of translations that say the old ones.
    """
    changed: dict[str, datetime | str] = {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "place": place,
        "video_link": video_link,
    }
    for part, words in (("title", title), ("text", text)):
        if getattr(meeting, f"{part}_nb") != words:
            changed |= {f"{part}_nb": words, f"{part}_nn": "", f"{part}_en": ""}
    for name, value in changed.items():
        setattr(meeting, name, value)
    return change_meeting(meeting=meeting, fields=changed)


@transaction.atomic
def change_meeting(*, meeting: Meeting, fields: Collection[str]) -> bool:
    """Write changed fields of a meeting, as a form left them on ``meeting``; more places go to those who wait.

    What stands in calendars is told to those who come, by a worker, once for each change. Returns whether it will be.
    Raises TooFewPlaces; nothing is written then.
    """
    now = lock_meeting(meeting.pk)
    if "capacity" in fields and meeting.capacity is not None and meeting.capacity < now.places_taken:
        raise TooFewPlaces(now.places_taken)
    differing = [name for name in fields if getattr(now, name) != getattr(meeting, name)]
    moved = "starts_at" in differing
    for name in differing:
        setattr(now, name, getattr(meeting, name))
    announced = now.status == Status.PUBLISHED and not now.is_over
    news = announced and any(name in IN_CALENDARS for name in differing)
    if news:
        now.sequence += 1
        differing.append("sequence")
    if differing:
        now.save(update_fields=differing)
    if moved:  # it is reminded of anew
        now.rsvps.attending().update(reminded_at=None)
    fill_places(now)
    if news:
        transaction.on_commit(partial(meeting_mails.announce, now.pk))
    return news


@transaction.atomic
def cancel_meeting(*, meeting_id: int, reason: str) -> bool:
    """Call an announced meeting off; everybody who comes, waits or was invited is told. False when it was not on."""
    announced = Meeting.objects.filter(pk=meeting_id, status=Status.PUBLISHED)
    done = announced.update(
        status=Status.CANCELLED, cancelled_at=timezone.now(), cancel_reason=reason, sequence=F("sequence") + 1
    )
    if done:
        transaction.on_commit(partial(meeting_mails.announce, meeting_id))
    return bool(done)


@transaction.atomic
def publish_minutes(*, meeting_id: int) -> bool:
    """Show minutes and slides, and tell those who came. False without anything to show, or when it was done."""
    begun = Meeting.objects.filter(pk=meeting_id, status=Status.PUBLISHED, starts_at__lte=timezone.now())
    something = ~Q(minutes="") | Q(files__isnull=False)
    ready = begun.filter(something, minutes_at=None).values("pk")
    done = Meeting.objects.filter(pk__in=ready, minutes_at=None).update(minutes_at=timezone.now())
    if done:
        transaction.on_commit(partial(meeting_mails.announce, meeting_id))
    return bool(done)


@transaction.atomic
def record_attendance(*, meeting_id: int, came: Mapping[int, int | None]) -> int:
    """Note how many came on each answer (``Rsvp`` id -> people with guests, None: not told). Returns how many changed.

    Raises MeetingError before the meeting has begun.
    """
    meeting = lock_meeting(meeting_id)
    if meeting.starts_at > timezone.now():
        raise MeetingError(_("The meeting has not begun yet."))
    changed = []
    for rsvp in Rsvp.objects.filter(meeting=meeting, pk__in=list(came)):
        number = came[rsvp.pk]
        number = None if number is None else max(0, min(number, 1 + MOST_GUESTS))
        if rsvp.came != number:
            rsvp.came = number
            changed.append(rsvp)
    Rsvp.objects.bulk_update(changed, ["came"], batch_size=500)
    return len(changed)


@transaction.atomic
def note_walk_in(*, meeting_id: int, user: User, came: int) -> Rsvp:
    """Note somebody who came without a place, with how many. Raises MeetingError before the meeting has begun."""
    meeting = lock_meeting(meeting_id)
    if meeting.starts_at > timezone.now():
        raise MeetingError(_("The meeting has not begun yet."))
    rsvp = answer_of(meeting, user)
    if not (rsvp.partner_id or rsvp.school_id):  # a no is given for nobody
        side = side_of(user)
        rsvp.partner_id, rsvp.school_id = side.partner_id, side.school_id
    rsvp.came = max(1, min(came, 1 + MOST_GUESTS))
    rsvp.save()
    return rsvp


@transaction.atomic
def add_file(*, meeting_id: int, title: str, document: Document, is_public: bool) -> MeetingFile:
    """Keep a checked file (lib.documents) with a meeting. Raises TooManyFiles; nothing is kept then."""
    meeting = lock_meeting(meeting_id)
    if meeting.files.count() >= MOST_FILES:
        raise TooManyFiles
    stored = default_storage.save(f"{FOLDER}/{document.random_name()}", ContentFile(document.content))
    return MeetingFile.objects.create(
        meeting=meeting,
        title=title,
        file=stored,
        name=document.name,
        size=len(document.content),
        is_public=is_public,
    )


@transaction.atomic
def delete_file(*, file_id: int) -> bool:
    """Take a file away; it leaves the storage after the commit."""
    file = MeetingFile.objects.filter(pk=file_id).first()
    if file is None:
        return False
    transaction.on_commit(partial(default_storage.delete, str(file.file.name)))
    file.delete()
    return True


def forget_details() -> int:
    """Delete dietary needs and names of guests ``MEETING_RETENTION_DAYS`` after meetings. Returns of how many.

    It is done once a meeting: nobody answers when it is over.
    """
    before = timezone.now() - timedelta(days=settings.MEETING_RETENTION_DAYS)
    over = Meeting.objects.filter(Q(ends_at__lt=before) | Q(cancelled_at__lt=before), forgot_at=None)
    count = 0
    for meeting_id in list(over.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            lock_meeting(meeting_id)
            Rsvp.objects.filter(meeting=meeting_id).update(diet="", guest_names="")
            count += Meeting.objects.filter(pk=meeting_id, forgot_at=None).update(forgot_at=timezone.now())
    if count:
        logger.info("meetings_forgotten", count=count)
    return count


def forget_who_did_not_come() -> int:
    """Delete answers of people who were not there, ``MEETING_ANSWER_DAYS`` after the meeting. Returns how many.

    Who came stays: the yearly reports count it.
    """
    before = timezone.now() - timedelta(days=settings.MEETING_ANSWER_DAYS)
    counts = WAS_THERE & ~Q(meeting__status=Status.CANCELLED)
    count, _by_model = Rsvp.objects.filter(meeting__ends_at__lt=before).exclude(counts).delete()
    return count
