"""From blocks, as the editor saved them, to pieces: the words and pictures of each in one language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from stemportal.activities.models import Activity, ActivityImage
from stemportal.lib.markdown import render_markdown
from stemportal.lib.templatetags.portal import localized, timespan
from stemportal.network.models import Meeting, Story, StoryPhoto
from stemportal.newsletters.models import Block, Newsletter
from stemportal.newsletters.rendering.links import with_whole_addresses
from stemportal.newsletters.rendering.plain import plain_text
from stemportal.outbox.letters import absolute_url
from stemportal.partners.models import Partner

# As wide as the text of a mail, in CSS pixels.
PICTURE_WIDTH = 536


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a mail shows: whole address, description, and size in CSS pixels as it is shown."""

    url: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One block in one language. ``html`` is safe and has whole addresses, ``text`` says the same in plain words.

    A card (offer, story, meeting) has ``kicker`` (what it is), ``title``, ``facts``, ``summary`` and a ``label`` for
    the link to ``url``; ``html`` is then what the editor wrote above it.
    """

    kind: str
    title: str = ""
    html: SafeString = field(default_factory=lambda: SafeString(""))
    text: str = ""
    url: str = ""
    label: str = ""
    kicker: str = ""
    facts: str = ""
    summary: str = ""
    picture: Picture | None = None
    # The language of a card's own words, where it is another than the newsletter's.
    language: str = ""

    @property
    def is_card(self) -> bool:
        return self.kind in CARDS


CARDS = {Block.Kind.ACTIVITY, Block.Kind.STORY, Block.Kind.EVENT}


def blocks_of(newsletter: Newsletter) -> list[Block]:
    """Return the blocks in order with everything that their pieces need, in a fixed number of questions."""
    return list(blocks_with_sources(newsletter.blocks.order_by("order", "pk")))


def blocks_with_sources(blocks: QuerySet[Block]) -> QuerySet[Block]:
    """Fetch what the cards show along with them."""
    return blocks.select_related(
        "activity__partner", "activity__kind", "activity__municipality", "story__partner", "story__school", "meeting"
    ).prefetch_related(
        Prefetch("activity__images", ActivityImage.objects.order_by("order", "pk")),
        Prefetch("story__photos", StoryPhoto.objects.order_by("order", "pk")),
    )


def pieces(blocks: Iterable[Block], language: str) -> list[Piece]:
    """Return what the blocks say in a language. A card whose offer, story or meeting is shown to nobody is left out."""
    with translation.override(language):
        return [piece for block in blocks if (piece := _piece(block, language))]


def has_words(block: Block, language: str) -> bool:
    """Whether a block has words of its own in this language."""
    return any(_own(block, part, language) for part in ("title", "text"))


def lacks_words(block: Block, language: str) -> bool:
    """Whether a block has words of its own, but none in this language."""
    parts = ("title", "text")
    return any(_own(block, part, settings.LANGUAGE_CODE) and not _own(block, part, language) for part in parts)


def shows_nothing(block: Block) -> bool:
    """Whether a card's offer, story or meeting is missing or is not (any more) shown to everybody."""
    return block.kind in CARDS and _card(block, settings.LANGUAGE_CODE) is None


def _own(block: Block, part: str, language: str) -> str:
    return str(getattr(block, f"{part}_{language}", "")).strip()


def _piece(block: Block, language: str) -> Piece | None:
    title, html = _own(block, "title", language), _markdown(_own(block, "text", language))
    match block.kind:
        case Block.Kind.HEADING if title:
            return Piece(kind=block.kind, title=title)
        case Block.Kind.TEXT if html:
            return Piece(kind=block.kind, html=html, text=plain_text(html))
        case Block.Kind.BUTTON if title and block.url:
            return Piece(kind=block.kind, label=title, url=block.url)
        case Block.Kind.IMAGE if block.file:
            return Piece(kind=block.kind, picture=_uploaded(block, title), url=block.url)
        case kind if kind in CARDS:
            return _card(block, language)
    return None


def _markdown(text: str) -> SafeString:
    return SafeString(with_whole_addresses(render_markdown(text)))


def _card(block: Block, language: str) -> Piece | None:
    html = _markdown(_own(block, "text", language))
    shown: Piece | None = None
    if block.kind == Block.Kind.ACTIVITY and block.activity:
        shown = _activity(block, block.activity, html)
    elif block.kind == Block.Kind.STORY and block.story:
        shown = _story(block, block.story, html, language)
    elif block.kind == Block.Kind.EVENT and block.meeting:
        shown = _meeting(block, block.meeting, html)
    return shown


def _activity(block: Block, activity: Activity, html: SafeString) -> Piece | None:
    if not (activity.is_published and activity.partner.status == Partner.Status.APPROVED):
        return None
    facts = [str(activity.partner), activity.where_label, activity.grades_label, activity.duration_label]
    return Piece(
        kind=block.kind,
        kicker=str(localized(activity.kind, "name")),
        title=activity.title,
        facts=" · ".join(fact for fact in facts if fact),
        summary=activity.summary,
        html=html,
        text=plain_text(html),
        url=absolute_url(activity.get_absolute_url()),
        label=_("See the offer"),
        picture=card_picture(block),
    )


def _story(block: Block, story: Story, html: SafeString, language: str) -> Piece | None:
    if story.status != Story.Status.PUBLISHED:
        return None
    by = story.byline or str(story.partner or story.school or "")
    return Piece(
        kind=block.kind,
        kicker=str(story.get_kind_display()),
        title=story.title,
        facts=by,
        summary=story.lead,
        html=html,
        text=plain_text(html),
        url=absolute_url(story.get_absolute_url()),
        label=_("Read the story"),
        picture=card_picture(block),
        language=story.language if story.language != language else "",
    )


def _meeting(block: Block, meeting: Meeting, html: SafeString) -> Piece | None:
    is_coming = meeting.status == Meeting.Status.PUBLISHED and meeting.ends_at > timezone.now()
    if not (is_coming and meeting.is_public):
        return None
    where = meeting.place or (_("Video meeting") if meeting.video_link else "")
    return Piece(
        kind=block.kind,
        kicker=str(meeting.get_kind_display()),
        title=str(localized(meeting, "title")),
        facts=" · ".join(part for part in (timespan(meeting.starts_at, meeting.ends_at), where) if part),
        html=html,
        text=plain_text(html),
        url=absolute_url(meeting.get_absolute_url()),
        label=_("See the programme and sign up"),
    )


def card_source(block: Block) -> ActivityImage | StoryPhoto | None:
    """Return the picture that a card shows: the first of its offer or story."""
    if block.kind == Block.Kind.ACTIVITY and block.activity:
        return next(iter(block.activity.images.all()), None)
    if block.kind == Block.Kind.STORY and block.story:
        return next(iter(block.story.photos.all()), None)
    return None


def card_picture(block: Block) -> Picture | None:
    """Return the picture of a card, at the portal's own address for mails."""
    source = card_source(block)
    if source is None or not source.file:
        return None
    address = absolute_url(reverse("newsletters_machine:card_picture", args=[block.pk]))
    return _sized(address, source.alt_text, source.width, source.height)


def uploaded_path(block: Block) -> str:
    """Return the path of the picture that the editor put into a block."""
    return reverse("newsletters_machine:picture", args=[str(block.file.name).rpartition("/")[2]])


def _uploaded(block: Block, alt: str) -> Picture:
    return _sized(absolute_url(uploaded_path(block)), alt, block.width, block.height)


def _sized(url: str, alt: str, width: int, height: int) -> Picture:
    """No picture is shown larger than it is, nor wider than the text."""
    shown = min(width, PICTURE_WIDTH) or PICTURE_WIDTH
    return Picture(url=url, alt=alt, width=shown, height=round(height * shown / width) if width else 0)
