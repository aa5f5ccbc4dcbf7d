"""A role model's profile is written, hidden, shown again, deleted. Saying yes and taking it back: services.consents.

Every change takes the profile's row lock first, so that a page that was read, a consent and an edit take turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Field
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.activities.emails import role_models as emails
from stemportal.activities.models import RoleModel, RoleModelConsent
from stemportal.activities.portraits import FOLDER
from stemportal.activities.rules import Missing
from stemportal.activities.search_index import refresh_search
from stemportal.activities.services.consent_links import kill_link, link_token
from stemportal.activities.services.role_model_offers import bring_in_step, forget_offer, hide_offer, show_offer
from stemportal.lib.images import Picture
from stemportal.outbox.models import Mail
from stemportal.partners.models import Partner

Status = RoleModel.Status

# More than any partner has people for it; it keeps a mistake or a program from filling the table.
MOST_A_PARTNER = 200
FIELDS = (
    "full_name",
    "email",
    "language",
    "job_title",
    "intro",
    "path",
    "steps",
    "languages",
    "visits_schools",
    "meets_online",
    "grade_from",
    "grade_to",
    "film_link",
    "photo_alt",
)
LISTS = ("subjects", "counties")
# Who it is: somebody else's yes does not hold for this person.
IDENTITY = {"full_name", "email"}
# Only the portal and the person see these, so nobody needs to hear that teachers see something new.
UNSEEN = {"language"}


class TooManyRoleModels(Exception):
    """The partner has as many profiles as one may have."""


class NotComplete(Exception):
    """The profile lacks something that it needs to be shown; ``missing`` says what and why."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(", ".join(str(item.what) for item in missing))
        self.missing = list(missing)


def column(name: str) -> Field[Any, Any]:
    """Return a column of the profile by its name."""
    found = RoleModel._meta.get_field(name)
    assert isinstance(found, Field)
    return found


def lock_role_model(pk: int) -> RoleModel:
    """Return the profile as it stands now, held until the transaction ends."""
    rows = RoleModel.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("partner__municipality", "offer").get(pk=pk)


def standing_consent(role_model: RoleModel) -> RoleModelConsent | None:
    """Return the person's yes that holds, None without one."""
    return role_model.consents.filter(given_at__isnull=False, withdrawn_at__isnull=True).first()


def missing_for_showing(role_model: RoleModel) -> list[Missing]:
    """Return what the profile needs before its person is asked and before it is shown. Two queries."""
    partner, found = role_model.partner, []

    def ask(is_missing: bool, field: str, what: str, why: str = "") -> None:
        if is_missing:
            found.append(Missing(field, what, why))

    ask(not role_model.intro.strip(), "intro", _("Say in one or two sentences what it is"))
    ask(
        not role_model.path.strip() and not role_model.steps,
        "path",
        _("Tell which choices led to the job, or write the steps"),
        _("It is what pupils ask about."),
    )
    ask(not role_model.languages, "languages", _("Choose at least one language"))
    ask(
        not role_model.subjects.exists(),
        "subjects",
        _("Choose at least one subject"),
        _("Teachers look for offers by subject."),
    )
    ask(
        not (role_model.visits_schools or role_model.meets_online),
        "visits_schools",
        _("Say whether the person visits schools, meets classes by video, or both"),
    )
    if role_model.visits_schools:
        ask(not role_model.counties.exists(), "counties", _("Choose the counties where the person visits schools"))
        ask(
            partner.municipality is None,
            "visits_schools",
            _("Only organisations in Norway can visit schools here. Choose meetings by video instead.")
            if partner.country != "NO"
            else _("Choose the municipality of your organisation first, on the page about it"),
        )
    ask(bool(role_model.photo) and not role_model.photo_alt.strip(), "photo_alt", _("Say what the photo shows"))
    ask(
        not partner.is_approved,
        "",
        _("Wait until your organisation is approved"),
        _("You can prepare everything now. We write to you as soon as you can publish."),
    )
    return found


# Writing


def create_role_model(*, partner: Partner, facts: Mapping[str, Any], picture: Picture | None = None) -> RoleModel:
    """Save a draft. ``facts`` are values by field name (``FIELDS`` and ``LISTS``). Raises TooManyRoleModels."""
    photo = _store(picture)
    try:
        with transaction.atomic():
            Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
            if partner.role_models.exclude(email="").count() >= MOST_A_PARTNER:
                raise TooManyRoleModels
            role_model = RoleModel(partner=partner, photo=photo)
            _set_fields(role_model, facts)
            role_model.save()
            _set_lists(role_model, facts)
    except BaseException:
        _drop(photo)
        raise
    return role_model


def update_role_model(
    *,
    role_model: RoleModel,
    facts: Mapping[str, Any],
    picture: Picture | None = None,
    without_photo: bool = False,
) -> list[str]:
    """Change a profile; return the names of what is new.

    While the person's yes holds, the person is mailed what changed, and a profile that is shown must stay complete.
    Another name or address may be another person: the yes ends, the earlier links die, and the one who had said yes is
    told. Raises NotComplete, and changes nothing.
    """
    photo = _store(picture)
    try:
        with transaction.atomic():
            current = lock_role_model(role_model.pk)
            before, old_photo = (current.full_name, current.email, current.language), current.photo.name or ""
            changed = _set_fields(current, facts)
            if photo or (without_photo and old_photo):
                current.photo = photo
                changed.append("photo")
            if changed:
                current.save(update_fields=[*changed, "updated_at"])
            changed += _set_lists(current, facts)
            if "photo" in changed:
                _delete_later(old_photo)
            if IDENTITY & set(changed):
                _ask_anew(current, *before)
            elif changed:
                _tell_person(current, changed)
    except BaseException:
        _drop(photo)
        raise
    return changed


def _set_fields(role_model: RoleModel, facts: Mapping[str, Any]) -> list[str]:
    changed = [name for name in FIELDS if name in facts and getattr(role_model, name) != facts[name]]
    for name in changed:
        setattr(role_model, name, facts[name])
    return changed


def _set_lists(role_model: RoleModel, facts: Mapping[str, Any]) -> list[str]:
    changed = []
    for name in LISTS:
        if name not in facts:
            continue
        related, wanted = getattr(role_model, name), {item.pk for item in facts[name]}
        if set(related.values_list("pk", flat=True)) != wanted:
            related.set(wanted)
            changed.append(name)
    return changed


def _tell_person(current: RoleModel, changed: Sequence[str]) -> None:
    """After an edit: what is shown stays complete, its offer follows, and who said yes hears of it."""
    if current.is_published:
        if missing := [item for item in missing_for_showing(current) if item.field]:
            raise NotComplete(missing)
        bring_in_step(current)
        _search_again(current)
    consent = standing_consent(current)
    if consent is not None and set(changed) - UNSEEN:
        emails.profile_changed(role_model=current, token=link_token(consent), changed=changed)


def _ask_anew(current: RoleModel, name: str, email: str, language: str) -> None:
    """End every consent of the person that the profile was about; a request that is under way is taken back."""
    consent = standing_consent(current)
    if consent is not None:
        emails.no_longer_asked(role_model=current, name=name, email=email, language=language)
    current.consents.filter(given_at__isnull=True).delete()
    for old in current.consents.all():
        kill_link(old)
    current.consents.filter(withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())
    _take_down(current, Status.DRAFT)


def _take_down(current: RoleModel, status: str) -> None:
    """Show the profile no more. Without a consent that stands it cannot be published."""
    current.status, current.consented_at = status, None
    current.save(update_fields=["status", "consented_at", "updated_at"])
    hide_offer(current)
    _search_again(current)


def _search_again(current: RoleModel) -> None:
    """Have the search follow in the offers that the person takes part in."""
    refresh_search(list(current.activities.values_list("pk", flat=True)))


# Hiding and showing


@transaction.atomic
def hide_role_model(*, role_model: RoleModel) -> bool:
    """Take the profile off the pages; the person's yes stands. Return whether it was shown."""
    current = lock_role_model(role_model.pk)
    if not current.is_published:
        return False
    current.status = Status.HIDDEN
    current.save(update_fields=["status", "updated_at"])
    hide_offer(current)
    _search_again(current)
    return True


@transaction.atomic
def show_role_model(*, role_model: RoleModel) -> bool:
    """Show a hidden profile again, whose person's yes still stands; without one, return False and change nothing.

    Raises NotComplete.
    """
    current = lock_role_model(role_model.pk)
    consent = standing_consent(current)
    if current.is_published or consent is None:
        return False
    if missing := missing_for_showing(current):
        raise NotComplete(missing)
    publish(current, consent)
    return True


def publish(current: RoleModel, consent: RoleModelConsent) -> None:
    """Show the profile and its offer, on the ground of this consent, which stands. Call it under the lock."""
    if not consent.stands or consent.role_model_id != current.pk:
        raise ValueError("nobody is shown without a consent")
    current.status, current.consented_at = Status.PUBLISHED, consent.given_at
    current.published_at = current.published_at or timezone.now()
    current.save(update_fields=["status", "consented_at", "published_at", "updated_at"])
    show_offer(current)
    _search_again(current)


def withdraw(current: RoleModel, consent: RoleModelConsent) -> None:
    """End a consent that stands: the profile and its offer are gone from the pages. Call it under the lock."""
    consent.withdrawn_at = timezone.now()
    consent.save(update_fields=["withdrawn_at"])
    _take_down(current, Status.HIDDEN)


# Deleting


@transaction.atomic
def delete_role_model(*, role_model: RoleModel) -> bool:
    """The partner deletes a profile. Who had said yes is told. False when it was deleted already."""
    current = lock_role_model(role_model.pk)
    if current.is_erased:
        return False
    name, email, language = current.full_name, current.email, current.language
    was_asked = current.consents.filter(given_at__isnull=False).exists()
    erase(current)
    if was_asked:
        emails.profile_deleted(partner=current.partner, name=name, email=email, language=language)
    else:
        RoleModel.objects.filter(pk=role_model.pk).delete()
        _history(role_model.pk).delete()
    return True


def erase(current: RoleModel) -> None:
    """Delete everything about the person: profile, photo, history, mails, the offer's texts. Call it under the lock.

    What stays is that there was a consent, its words and its times, and the visits without a name.
    """
    now, photo = timezone.now(), current.photo.name or ""
    current.consents.filter(given_at__isnull=True).delete()
    current.consents.filter(withdrawn_at__isnull=True).update(withdrawn_at=now)
    forget_offer(current)
    _search_again(current)
    empty = {name: column(name).get_default() for name in (*FIELDS, "photo")}
    for name, value in empty.items():
        setattr(current, name, value)
    current.status, current.consented_at = Status.HIDDEN, None
    current.save(update_fields=[*empty, "status", "consented_at", "updated_at"])
    for name in (*LISTS, "activities"):
        getattr(current, name).clear()
    # After all else: the triggers have written what was deleted down once more.
    _history(current.pk).update(**empty)
    Mail.objects.about(emails.about(current)).delete()
    _delete_later(photo)


def _history(pk: int) -> Any:
    return apps.get_model("activities", "RoleModelChange")._default_manager.filter(pgh_obj_id=pk)


# Photos


def _store(picture: Picture | None) -> str:
    if picture is None:
        return ""
    return default_storage.save(f"{FOLDER}/{picture.random_name()}", ContentFile(picture.content))


def _drop(name: str) -> None:
    if name:
        default_storage.delete(name)


def _delete_later(name: str) -> None:
    """Delete a file once the change stands."""
    if name:
        transaction.on_commit(partial(default_storage.delete, name))
