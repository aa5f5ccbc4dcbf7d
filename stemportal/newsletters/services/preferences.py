"""What a subscriber chooses: which language, about what, and from where."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from stemportal.newsletters.emails import subscribing as emails
from stemportal.newsletters.models import ConsentEvent, Interest, Subscriber
from stemportal.newsletters.services import consents
from stemportal.newsletters.services.subscribing import may_be_mailed
from stemportal.places.models import County


def change_choices(
    *, subscriber: Subscriber, language: str, county: County | None, interests: Collection[Interest], source: str
) -> bool:
    """Keep the choices of one who subscribes; True when something is different now."""
    with transaction.atomic():
        row = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber.pk)
        before = (row.language, row.county_id, set(row.interests.values_list("pk", flat=True)))
        after = (language, county.pk if county else None, {interest.pk for interest in interests})
        if before == after:
            return False
        row.language = language
        row.county = county
        row.save(update_fields=["language", "county"])
        row.interests.set(interests)
        consents.record(row, ConsentEvent.Kind.CHANGED, source=source)
        return True


def send_new_link(subscriber_id: int) -> bool:
    """Mail a fresh link to the choices to the subscriber's own address, at most once a day; True when it is sent."""
    with transaction.atomic():
        row = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber_id).first()
        if row is None or row.status != Subscriber.Status.ACTIVE or not may_be_mailed(row):
            return False
        emails.new_link(row)
        return True
