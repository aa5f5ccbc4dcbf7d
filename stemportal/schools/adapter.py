"""allauth's adapter once more, with what a confirmed address means for a teacher."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse

from stemportal.accounts.adapter import AccountAdapter
from stemportal.accounts.models import User
from stemportal.schools.models import Teacher
from stemportal.schools.services.teachers import settle_teacher


class TeacherAccountAdapter(AccountAdapter):
    """A confirmed address settles whether the teacher may book."""

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            _settle(email_address.user)
        return confirmed

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """A login code confirms the address too, for whoever never typed the one from the sign-up."""
        _settle(user)
        return super().post_login(request, user, **how)


def _settle(user: User) -> None:
    waiting = Teacher.objects.filter(user=user, status=Teacher.Status.PENDING)
    for teacher in waiting.select_related("user", "school__municipality__county"):
        settle_teacher(teacher=teacher)
