"""Mails about teachers and coordinators."""

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
    from stemportal.accounts.models import User
    from stemportal.schools.models import Teacher


def _send(teacher: Teacher, template: str, make: Callable[[], Letter], *, to: User | None = None) -> None:
    """Queue a mail about a teacher to the teacher, or to ``to``, in the receiver's language."""
    receiver = to or teacher.user
    with translation.override(receiver.language):
        letter = make()
    queue_mail(
        template=template,
        to=receiver.email,
        language=receiver.language,
        letter=letter,
        about=f"teacher:{teacher.pk}",
    )


def _send_to_secretariat(teacher: Teacher, template: str, make: Callable[[], Letter]) -> None:
    with translation.override("nb"):
        letter = make()
    about = f"teacher:{teacher.pk}"
    queue_mail(template=template, to=settings.SECRETARIAT_EMAIL, language="nb", letter=letter, about=about)


def _facts(teacher: Teacher) -> list[tuple[str, str]]:
    return [
        (_("School"), f"{teacher.school}, {teacher.school.place_name}"),
        (_("Name"), str(teacher.user)),
        (_("E-mail address"), teacher.user.email),
    ]


def teacher_waits(teacher: Teacher, coordinator: User) -> None:
    """To a coordinator: somebody says to teach at the school; is it so?"""
    _send(
        teacher,
        "teacher_waits",
        lambda: Letter(
            subject=_("A colleague waits for your approval: %(name)s") % {"name": teacher.user},
            paragraphs=[
                _("%(name)s has signed up as a teacher at your school. Approve it if you know the person.")
                % {"name": teacher.user},
                _("If nobody answers within some working days, the secretariat does."),
            ],
            facts=_facts(teacher),
            action_url=absolute_url(reverse("schools:colleagues")),
            action_label=_("Look at it"),
            reason=_("you are coordinator at %(school)s") % {"school": teacher.school},
        ),
        to=coordinator,
    )


def teacher_waits_for_secretariat(teacher: Teacher) -> None:
    """To the secretariat: a teacher whose address says nothing about the school, and whom no coordinator answers."""
    _send_to_secretariat(
        teacher,
        "teacher_waits",
        lambda: Letter(
            subject=_("A teacher waits for approval: %(name)s") % {"name": teacher.user},
            paragraphs=[
                _("Feide knows the person as an employee, but not as one who teaches.")
                if teacher.from_feide
                else _("The address %(email)s is not under a known domain of the school's owner.")
                % {"email": teacher.user.email}
            ],
            facts=[(_("School"), f"{teacher.school}, {teacher.school.place_name}")],
            action_url=absolute_url(reverse("admin:schools_teacher_change", args=[teacher.pk])),
            action_label=_("Look at it"),
            reason=_("the secretariat approves teachers"),
        ),
    )


def teacher_verified(teacher: Teacher) -> None:
    """To the teacher: you can book now."""
    _send(
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
    _send(
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


def teacher_ended(teacher: Teacher) -> None:
    """To the person: you are no longer registered at the school, and where to say that you are."""
    _send(
        teacher,
        "teacher_ended",
        lambda: Letter(
            subject=_("You are no longer registered at %(school)s") % {"school": teacher.school},
            paragraphs=[
                _("Your coming visits there went to a colleague, so that no class loses one."),
                _("Do you work at another school, or is this a mistake? Tell us where you teach."),
            ],
            action_url=absolute_url(reverse("schools:my_school")),
            action_label=_("Tell us where you teach"),
            reason=_("you signed up as a teacher"),
        ),
    )


def coordinator_made(teacher: Teacher) -> None:
    """To the teacher: you look after the school's bookings and colleagues from now on."""
    _send(
        teacher,
        "coordinator_made",
        lambda: Letter(
            subject=_("You are coordinator at %(school)s now") % {"school": teacher.school},
            paragraphs=[
                _("You see all bookings of your school, can hand them over, and approve colleagues who sign up."),
                _("You can step down at any time on the same page."),
            ],
            action_url=absolute_url(reverse("schools:colleagues")),
            action_label=_("See your colleagues"),
            reason=_("you are coordinator at %(school)s") % {"school": teacher.school},
        ),
    )


def coordinator_asked(teacher: Teacher, coordinators: list[User]) -> None:
    """To the coordinators, or the secretariat where there is none: a teacher would like to be coordinator."""

    def letter(page: str, reason: str) -> Letter:
        return Letter(
            subject=_("%(name)s would like to be coordinator at %(school)s")
            % {"name": teacher.user, "school": teacher.school},
            paragraphs=[_("A coordinator sees the school's bookings, hands them over and approves colleagues.")],
            facts=_facts(teacher),
            action_url=absolute_url(page),
            action_label=_("Look at it"),
            reason=reason,
        )

    for coordinator in coordinators:
        _send(
            teacher,
            "coordinator_asked",
            lambda: letter(
                reverse("schools:colleagues"), _("you are coordinator at %(school)s") % {"school": teacher.school}
            ),
            to=coordinator,
        )
    if not coordinators:
        _send_to_secretariat(
            teacher,
            "coordinator_asked",
            lambda: letter(
                reverse("admin:schools_teacher_change", args=[teacher.pk]), _("the secretariat approves teachers")
            ),
        )
