"""allauth's adapters once more, with what a confirmed address and a login with Feide mean for a teacher."""

from __future__ import annotations

import time
from typing import Any

import structlog
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from stemportal.accounts.adapter import AccountAdapter, SocialAccountAdapter
from stemportal.accounts.models import User
from stemportal.lib.feide import FeideAnswer, FeideAway, ask_groups
from stemportal.schools.models import Teacher
from stemportal.schools.queries.teachers import teacher_record
from stemportal.schools.services.feide import schools_in_register, take_answer
from stemportal.schools.services.teachers import settle_teacher
from stemportal.settings.feide import PROVIDER_ID

logger = structlog.get_logger(__name__)

# In the session: what Feide said, until the login is through; the classes it named; a login that waits for its account.
ANSWER, CLASSES, WAITING_LOGIN = "feide_answer", "feide_classes", "feide_waiting_login"
# So long a login with Feide waits for the account it belongs to.
WAIT_SECONDS = 15 * 60


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
        take_kept_answer(request, user)
        response = super().post_login(request, user, **how)
        # Whoever logs in to prove an address goes on where that was asked for.
        return redirect("schools:feide_connect") if waiting_login(request) else response


class FeideAccountAdapter(SocialAccountAdapter):
    """Who may come in with Feide, and as what."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Ask Feide for schools and role before anything is written.

        Pupils and students are refused. A new person whose school is not here, or whose address has an account, is told
        so: an address from Feide may belong to somebody else, so no account is found by it.
        """
        answer = _ask(sociallogin)
        if answer is not None and answer.is_student:
            logger.info("feide_student_refused")
            raise ImmediateHttpResponse(render(request, "schools/feide_student.html", status=403))
        if sociallogin.state.get("process") == AuthProcess.LOGIN:
            if request.user.is_authenticated:
                # allauth does it later, and what is kept below would be lost with the session.
                get_account_adapter(request).logout(request)
            if not sociallogin.is_existing:
                _stop_newcomer(request, sociallogin, answer)
        _keep(request, sociallogin, answer)
        # It has done its work, and is kept nowhere.
        sociallogin.token = None

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Mail follows the school's målform where the page was in bokmål, as at every sign-up."""
        user: User = super().save_user(request, sociallogin, form)
        if (answer := _kept(request, sociallogin.account.uid)) is not None:
            known = schools_in_register(answer)
            first = next((known[said.number] for said in answer.schools if said.number in known), None)
            if first is not None and (translation.get_language() or "nb") == "nb":
                user.language = first.mail_language
                user.save(update_fields=["language"])
        return user


def waiting_login(request: HttpRequest) -> SocialLogin | None:
    """Return the login with Feide that waits for the account whose address it has, for a quarter of an hour."""
    kept = request.session.get(WAITING_LOGIN)
    if kept is None or kept["at"] < time.time() - WAIT_SECONDS:
        request.session.pop(WAITING_LOGIN, None)
        return None
    return SocialLogin.deserialize(kept["login"])


def take_kept_answer(request: HttpRequest, user: User) -> None:
    """Use what Feide said for the person who is now logged in with it, and say what came of it."""
    kept = request.session.get(ANSWER)
    if kept is None or not SocialAccount.objects.filter(user=user, provider=PROVIDER_ID, uid=kept["uid"]).exists():
        return
    del request.session[ANSWER]
    if kept["answer"] is None:
        _say_feide_was_away(request, user)
        return
    answer = FeideAnswer.from_json(kept["answer"])
    request.session[CLASSES] = kept["answer"]["classes"]
    outcome = take_answer(user=user, answer=answer)
    if outcome.unknown:
        text = _("Feide says that you work at %(schools)s, which this portal does not have.")
        messages.warning(request, text % {"schools": ", ".join(outcome.unknown)})
    if outcome.waiting:
        text = _("Feide knows you as an employee at %(schools)s. Somebody there confirms that you teach.")
        messages.info(request, text % {"schools": ", ".join(outcome.waiting)})
    if not answer.schools and teacher_record(user) is None:
        messages.info(request, _("Feide names no school of yours. Tell us where you teach."))


def feide_connected(request: HttpRequest, sociallogin: SocialLogin, **_signal: Any) -> None:
    """allauth's signal when a person joins Feide to an account; no adapter is asked then."""
    take_kept_answer(request, sociallogin.user)


def _say_feide_was_away(request: HttpRequest, user: User) -> None:
    if teacher_record(user) is None:
        messages.warning(request, _("Feide could not tell us your school just now. Tell us yourself where you teach."))


def _ask(sociallogin: SocialLogin) -> FeideAnswer | None:
    try:
        return ask_groups(sociallogin.token.token if sociallogin.token else "")
    except FeideAway:
        return None


def _stop_newcomer(request: HttpRequest, sociallogin: SocialLogin, answer: FeideAnswer | None) -> None:
    if answer is not None and answer.schools and not schools_in_register(answer):
        names = [said.name or said.number for said in answer.schools]
        raise ImmediateHttpResponse(render(request, "schools/feide_unknown_school.html", {"names": names}))
    email = sociallogin.user.email
    if email and (
        User.objects.filter(email__iexact=email).exists()
        or EmailAddress.objects.filter(email__iexact=email, verified=True).exists()
    ):
        _keep(request, sociallogin, answer)
        sociallogin.token = None
        request.session[WAITING_LOGIN] = {"at": time.time(), "login": sociallogin.serialize()}
        raise ImmediateHttpResponse(redirect("schools:feide_connect"))


def _keep(request: HttpRequest, sociallogin: SocialLogin, answer: FeideAnswer | None) -> None:
    said = answer.as_json() if answer is not None else None
    request.session[ANSWER] = {"uid": sociallogin.account.uid, "answer": said}


def _kept(request: HttpRequest, uid: str) -> FeideAnswer | None:
    kept = request.session.get(ANSWER)
    if kept is None or kept["uid"] != uid or kept["answer"] is None:
        return None
    return FeideAnswer.from_json(kept["answer"])


def _settle(user: User) -> None:
    waiting = Teacher.objects.filter(user=user, status=Teacher.Status.PENDING)
    for teacher in waiting.select_related("user", "school__municipality__county"):
        settle_teacher(teacher=teacher)
