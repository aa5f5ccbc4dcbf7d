"""What pictures, files and unpublished changes add to a partner: its copy of the data, and what is forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from stemportal.activities.models import ActivityFile, ActivityImage, PendingEdit
from stemportal.activities.services.files import remove_file
from stemportal.activities.services.pictures import remove_picture
from stemportal.partners import extensions
from stemportal.partners.models import Partner
from stemportal.partners.own_data import who


def pictures(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every picture with what it is said to show; the pictures themselves are among the files."""
    for image in (
        ActivityImage.objects.filter(activity__partner=partner).order_by("activity_id", "order", "pk").iterator()
    ):
        yield {
            "listing": image.activity_id,
            "file": f"files/{_picture_name(image)}",
            "shows": image.alt_text,
            "order": image.order,
            "added_at": image.added_at,
        }


def picture_files(partner: Partner) -> Iterable[extensions.File]:
    """The pictures as they are kept."""
    for image in ActivityImage.objects.filter(activity__partner=partner).order_by("pk"):
        yield _picture_name(image), str(image.file.name)


def _picture_name(image: ActivityImage) -> str:
    return f"pictures/{image.activity_id}-{image.pk}.{str(image.file.name).rpartition('.')[2]}"


def files(partner: Partner) -> Iterator[dict[str, Any]]:
    """Every file that stands beside an offer."""
    for file in ActivityFile.objects.filter(activity__partner=partner).order_by("activity_id", "pk").iterator():
        yield {
            "listing": file.activity_id,
            "file": f"files/{_file_name(file)}",
            "purpose": file.purpose,
            "title": file.title,
            "size": file.size,
            "added_at": file.added_at,
        }


def kept_files(partner: Partner) -> Iterable[extensions.File]:
    """The files themselves."""
    for file in ActivityFile.objects.filter(activity__partner=partner).order_by("pk"):
        yield _file_name(file), str(file.file.name)


def _file_name(file: ActivityFile) -> str:
    return f"offer_files/{file.activity_id}-{file.pk}.{str(file.file.name).rpartition('.')[2]}"


def unpublished_changes(partner: Partner) -> Iterator[dict[str, Any]]:
    """What somebody has typed into a published offer and not published yet."""
    rows = PendingEdit.objects.filter(activity__partner=partner).select_related("saved_by")
    for pending in rows.order_by("activity_id").iterator():
        yield {
            "listing": pending.activity_id,
            "typed": pending.data.get("values", {}),
            "saved_at": pending.saved_at,
            "saved_by": who(pending.saved_by),
        }


def forget(partner: Partner, people: extensions.People) -> None:
    """Pictures may show people, files may name them, and nobody can look: all of them go, unpublished changes too.

    Somebody of another partner's room is taken out of what was typed there.
    """
    PendingEdit.objects.filter(activity__partner=partner).delete()
    PendingEdit.objects.filter(saved_by__in=people.pks).update(saved_by=None)
    for image in ActivityImage.objects.filter(activity__partner=partner):
        remove_picture(image=image)
    for file in ActivityFile.objects.filter(activity__partner=partner):
        remove_file(file=file)


def register() -> None:
    """Add these to what every partner has. Called once, by ``partner_ties``."""
    section = extensions.DataSection
    extensions.forget.append(forget)
    extensions.data_sections += [
        section(name="pictures", about=_("the pictures of your offers"), rows=pictures, files=picture_files),
        section(name="offer_files", about=_("the files beside your offers"), rows=files, files=kept_files),
        section(
            name="unpublished_changes",
            about=_("what you have changed in published offers and not published yet"),
            rows=unpublished_changes,
        ),
    ]
