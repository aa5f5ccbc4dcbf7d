"""Pictures of an offer: drawn anew like logos, always with words for those who do not see them."""

from __future__ import annotations

from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from stemportal.activities.models import Activity, ActivityImage
from stemportal.activities.pictures import FOLDER
from stemportal.activities.services.activities import lock_activity
from stemportal.lib.images import NAME, Picture

MOST_PICTURES = 6
STEP = 10


class TooMany(Exception):
    """The offer has as many as it may have."""


def add_picture(*, activity: Activity, picture: Picture, alt_text: str) -> ActivityImage:
    """Add a picture at the end. Raises TooMany."""
    name = default_storage.save(f"{FOLDER}/{picture.random_name()}", ContentFile(picture.content))
    try:
        return _add(activity, name, alt_text, picture.width, picture.height)
    except BaseException:
        default_storage.delete(name)
        raise


@transaction.atomic
def _add(activity: Activity, name: str, alt_text: str, width: int, height: int) -> ActivityImage:
    lock_activity(activity.pk)
    orders = list(ActivityImage.objects.filter(activity=activity).values_list("order", flat=True))
    if len(orders) >= MOST_PICTURES:
        raise TooMany
    order = max(orders, default=0) + STEP
    return ActivityImage.objects.create(
        activity=activity, file=name, alt_text=alt_text, width=width, height=height, order=order
    )


def copy_picture(*, image: ActivityImage, to: Activity) -> ActivityImage | None:
    """Copy a picture and its file to another offer; None when the file is gone."""
    found = NAME.fullmatch(str(image.file.name).removeprefix(f"{FOLDER}/"))
    if found is None or not default_storage.exists(str(image.file.name)):
        return None
    with default_storage.open(str(image.file.name)) as file:
        picture = Picture(content=file.read(), extension=found["extension"], width=image.width, height=image.height)
    copy = add_picture(activity=to, picture=picture, alt_text=image.alt_text)
    ActivityImage.objects.filter(pk=copy.pk).update(order=image.order)
    return copy


def describe_picture(*, image: ActivityImage, alt_text: str) -> None:
    """Say anew what a picture shows. ``alt_text`` is not empty; the database refuses it otherwise."""
    image.alt_text = alt_text
    image.save(update_fields=["alt_text"])


@transaction.atomic
def move_picture(*, image: ActivityImage, up: bool) -> None:
    """Change places with the picture before (``up``) or after; the first one stands on top of the offer."""
    lock_activity(image.activity_id)
    images = list(ActivityImage.objects.filter(activity_id=image.activity_id))
    at = next((number for number, other in enumerate(images) if other.pk == image.pk), None)
    if at is None:
        return
    other = at - 1 if up else at + 1
    if 0 <= other < len(images):
        images[at], images[other] = images[other], images[at]
    for number, item in enumerate(images, start=1):
        item.order = number * STEP
    ActivityImage.objects.bulk_update(images, ["order"])


def remove_picture(*, image: ActivityImage) -> None:
    """Remove a picture, and its file after the commit."""
    name = str(image.file.name)
    with transaction.atomic():
        image.delete()
        transaction.on_commit(partial(default_storage.delete, name))
