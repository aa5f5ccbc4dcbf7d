"""Mails about teachers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.services import queue_mail

if TYPE_CHECKING:
    from stemportal.schools.models import Teacher


def teacher_waits(teacher: Teacher) -> None:
    """To the secretariat: a teacher whose address says nothing about the school. To the teacher: what happens now."""
    user = teacher.user
    with translation.override("nb"):
        letter = Letter(
            subject=_("A teacher waits for approval: %(name)s") % {"name": user},
            paragraphs=[
                _("The address %(email)s is not under a known domain of the school's owner.") % {"email": user.email}
            ],
            facts=[(_("School"), f"{teacher.school}, {teacher.school.place_name}")],
            action_url=absolute_url(reverse("admin:schools_teacher_change", args=[teacher.pk])),
            action_label=_("Look at it"),
            reason=_("the secretariat approves teachers"),
        )
    queue_mail(
        template="teacher_waits",
        to=settings.SECRETARIAT_EMAIL,
        language="nb",
        letter=letter,
        about=f"teacher:{teacher.pk}",
    )


def _to_teacher(teacher: Teacher, template: str, make: Callable[[], Letter]) -> None:
    user = teacher.user
    with translation.override(user.language):
        letter = make()
    queue_mail(template=template, to=user.email, language=user.language, letter=letter, about=f"teacher:{teacher.pk}")


def teacher_verified(teacher: Teacher) -> None:
    """To the teacher: you can book now."""
    _to_teacher(
        teacher,
        "teacher_verified",
        lambda: Letter(
            subject=_("You can book visits now"),
            paragraphs=[
                _("We have confirmed that you teach at %(school)s. Find a visit for your class.")
                % {"school": teacher.school}
            ],
            action_url=absolute_url(reverse("activities:search")),
            action_label=_("Find offers"),
            reason=_("you signed up as a teacher"),
        ),
    )


def teacher_declined(teacher: Teacher) -> None:
    """To the person: we could not confirm it, and whom to write to."""
    _to_teacher(
        teacher,
        "teacher_declined",
        lambda: Letter(
            subject=_("We could not confirm that you teach at %(school)s") % {"school": teacher.school},
            paragraphs=[
                _("If this is a mistake, please write to %(email)s from your address at the school.")
                % {"email": settings.SECRETARIAT_EMAIL}
            ],
            action_url=absolute_url(reverse("contact")),
            action_label=_("Contact us"),
            reason=_("you signed up as a teacher"),
        ),
    )
