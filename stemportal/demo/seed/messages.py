"""Conversations of the demo world: an answer with a file that waits for the teacher, and a question to the partner."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from openpyxl import Workbook

from stemportal.accounts.models import User
from stemportal.demo.seed import world
from stemportal.lib.documents import Document
from stemportal.partners.models import Membership
from stemportal.schools.models import Attachment, Booking, BookingQuerySet, Message
from stemportal.schools.services.messages import FOLDER

DEMO_PARTNER = "nordlys-robotikk"


@dataclass(frozen=True)
class Line:
    """What one side wrote so many hours ago, and whether the other side has read it."""

    side: str
    text: str
    hours: float
    is_read: bool = True
    has_plan: bool = False


OF_THE_TEACHER = (
    Line("school", "Hei! Skal elevene ha med innesko eller vernebriller, eller har dere det hos dere?", 50),
    Line("partner", "Hei! Vi har vernebriller til alle. Lukkede sko holder, så ta gjerne på joggesko.", 46),
    Line(
        "partner",
        "Her er planen for dagen. Si fra hvis bussen kommer til en annen tid, så venter vi med omvisningen.",
        3,
        is_read=False,
        has_plan=True,
    ),
)
TO_THE_PARTNER = (
    Line(
        "school",
        "Vi har jobbet med styring av motorer i programmering. Kan elevene få se koden som styrer robotarmen?",
        5,
        is_read=False,
    ),
)
PLAN = (
    ("Klokka", "Hva vi gjør", "Hvor"),
    ("00:00", "Velkommen og sikkerhet", "Resepsjonen"),
    ("00:20", "Omvisning i to grupper", "Verkstedet"),
    ("01:00", "Elevene programmerer selv", "Møterommet"),
    ("01:45", "Spørsmål og hjemreise", "Resepsjonen"),
)


def seed_messages() -> None:
    """Two conversations on visits to come; runs once."""
    if Message.objects.exists():
        return
    visits = Booking.objects.upcoming().with_facts()
    _write(visits.filter(teacher__email=world.TEACHER_EMAIL), OF_THE_TEACHER)
    others = visits.filter(activity__partner__slug=DEMO_PARTNER).exclude(teacher__email=world.TEACHER_EMAIL)
    _write(others.exclude(teacher=None), TO_THE_PARTNER)


def _write(visits: BookingQuerySet, lines: tuple[Line, ...]) -> None:
    booking = visits.first()
    if booking is None:
        return
    now = timezone.now()
    owner = Membership.objects.filter(partner=booking.activity.partner_id, role=Membership.Role.OWNER).first()
    people: dict[str, User | None] = {"school": booking.teacher, "partner": owner.user if owner else None}
    for line in lines:
        at = now - timedelta(hours=line.hours)
        message = Message.objects.create(
            booking=booking,
            side=line.side,
            by=people[line.side],
            text=line.text,
            at=at,
            read_at=at + timedelta(hours=1) if line.is_read else None,
            told_at=at + timedelta(minutes=3),
            request_key=uuid.uuid4(),
        )
        if line.has_plan:
            _attach(message, Document(name="Plan for dagen.xlsx", content=_plan(), extension="xlsx"))


def _attach(message: Message, file: Document) -> None:
    name = default_storage.save(f"{FOLDER}/{file.random_name()}", ContentFile(file.content))
    Attachment.objects.create(message=message, name=file.name, file=name, size=len(file.content))


def _plan() -> bytes:
    book, target = Workbook(), BytesIO()
    for row in PLAN:
        book.active.append(row)
    book.save(target)
    return target.getvalue()
