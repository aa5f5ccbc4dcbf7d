"""allauth's adapter once more, with what a confirmed address means for a teacher."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from stemportal.accounts.adapter import AccountAdapter
from stemportal.schools.models import Teacher
from stemportal.schools.services.teachers import settle_teacher


class TeacherAccountAdapter(AccountAdapter):
    """A confirmed address settles whether the teacher may book."""

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            waiting = Teacher.objects.filter(user=email_address.user, status=Teacher.Status.PENDING)
            for teacher in waiting.select_related("user", "school__municipality__county"):
                settle_teacher(teacher=teacher)
        return confirmed
