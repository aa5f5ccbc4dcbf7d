"""The story of an address: every yes with its words, every no, and where each was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.newsletters.models import ConsentEvent, ConsentText, Subscriber

Status = Subscriber.Status
Kind = ConsentEvent.Kind
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

# Where a step was taken, when it was not on one of the portal's pages (then the source is the page's path).
ONE_CLICK = "one-click"
BY_MAIL = "mail"
CAME_BACK = "came-back"
COMPLAINT = "complaint"
SECRETARIAT = "secretariat"
SOURCES = {
    ONE_CLICK: _("The unsubscribe button of the mail program"),
    BY_MAIL: _("A mail to the address for leaving"),
    CAME_BACK: _("Mail came back"),
    COMPLAINT: _("Reported as spam"),
    SECRETARIAT: _("The secretariat, on request"),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a person says yes to, in one language."""

    text: str
    version: int


# The first version. Later ones are rows that the secretariat writes.
FIRST_VERSION = 1
FIRST_WORDS = _(
    "I would like the newsletter by e-mail, about six times a year. I can unsubscribe with one click at any time."
)


def words_now(language: str = "") -> Words:
    """Return the consent text in force, in the language given or active."""
    code = language or get_language() or "nb"
    text = ConsentText.objects.filter(in_force_from__lte=timezone.now()).order_by("-version").first()
    if text is None:
        with translation.override(code):
            return Words(text=str(FIRST_WORDS), version=FIRST_VERSION)
    return Words(text=getattr(text, f"text_{code}", "") or text.text_nb, version=text.version)


def new_words(*, text_nb: str, text_nn: str, text_en: str, by: User) -> ConsentText:
    """Put new words into force from now on. Who said yes before said it to the words of then."""
    with transaction.atomic():
        keep_first_words()
        return ConsentText.objects.create(
            version=ConsentText.next_version(), text_nb=text_nb, text_nn=text_nn, text_en=text_en, created_by=by
        )


def keep_first_words() -> None:
    """Make the first words a row, too, so that the list of versions is whole."""
    texts = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts[f"text_{code}"] = str(FIRST_WORDS)
    ConsentText.objects.get_or_create(version=FIRST_VERSION, defaults={"in_force_from": LONG_AGO, **texts})


def source_words(source: str) -> str:
    """Return where a step was taken in words; the path of a page stays as it is."""
    return str(SOURCES.get(source, source))


def record(
    subscriber: Subscriber, kind: ConsentEvent.Kind, *, source: str, newsletter_id: int | None = None
) -> ConsentEvent:
    """Write one step down. A question and a yes carry the words that were shown (those of the subscriber's row)."""
    has_words = kind in {Kind.ASKED, Kind.CONFIRMED}
    return ConsentEvent.objects.create(
        subscriber=subscriber,
        kind=kind,
        source=source[:200],
        newsletter_id=newsletter_id,
        text=subscriber.consent_text if has_words else "",
        version=subscriber.consent_version if has_words else None,
    )


def leave(subscriber: Subscriber, *, source: str, newsletter_id: int | None = None) -> bool:
    """Take the address off the list by its owner's wish; False when it is off already."""
    return _end(subscriber, Status.UNSUBSCRIBED, Kind.UNSUBSCRIBED, source, newsletter_id)


def stop(subscriber: Subscriber, *, source: str, newsletter_id: int | None = None) -> bool:
    """Take the address off the list because of what came back; False when it is off already."""
    return _end(subscriber, Status.STOPPED, Kind.STOPPED, source, newsletter_id)


def _end(
    subscriber: Subscriber, status: Subscriber.Status, kind: ConsentEvent.Kind, source: str, newsletter_id: int | None
) -> bool:
    """The newsletter that made somebody leave is the last one they got, where nothing tells."""
    ended = Subscriber.objects.filter(pk=subscriber.pk, status__in=[Status.PENDING, Status.ACTIVE]).update(
        status=status, unsubscribed_at=timezone.now()
    )
    if ended:
        last = subscriber.deliveries.order_by("-pk").values_list("newsletter_id", flat=True).first()
        record(subscriber, kind, source=source, newsletter_id=newsletter_id or last)
    return bool(ended)
