"""The forms of a story: for whom it is told, its words, and a picture with the word of those in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from stemportal.lib import images
from stemportal.network.access_stories import Voice
from stemportal.network.models import Story
from stemportal.network.photos import LONGEST, MAX_BYTES
from stemportal.network.services.stories import Words, consent_words
from stemportal.partners.forms.forgetting import without_personal_number

PICTURE_TYPES = "image/png,image/jpeg,image/webp"


class StoryForm(forms.Form):
    """The words of a story. A draft needs a title only; sending asks for the rest."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=140,
        help_text=gettext_lazy("What happened, in one line: “Seven tries to lift a rubber fish”."),
    )
    lead = forms.CharField(
        label=gettext_lazy("First lines"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands in lists and on the front page. Two sentences are plenty."),
    )
    text = forms.CharField(
        label=gettext_lazy("The story"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=gettext_lazy(
            "What did the pupils do, what surprised them, what did they learn? An empty line begins a new paragraph, "
            "## makes a heading. Never a pupil's name."
        ),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the story"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    byline = forms.CharField(
        label=gettext_lazy("Name below the story"),
        max_length=120,
        required=False,
        help_text=gettext_lazy(
            "Your own name, if you like. Left empty, the school's or the organisation's stands there."
        ),
    )

    def __init__(self, *args: Any, story: Story | None = None, language: str = "nb", **kwargs: Any) -> None:
        """``story`` is the one that is changed; ``language`` is what a new one is probably written in."""
        if story is not None:
            kwargs["initial"] = {name: getattr(story, name) for name in self.base_fields if hasattr(story, name)}
        else:
            kwargs.setdefault("initial", {}).setdefault("language", language)
        super().__init__(*args, **kwargs)

    def clean_title(self) -> str:
        return without_personal_number(" ".join(self.cleaned_data["title"].split()))

    def clean_lead(self) -> str:
        return without_personal_number(" ".join(self.cleaned_data["lead"].split()))

    def clean_text(self) -> str:
        return without_personal_number(self.cleaned_data["text"])

    def clean_byline(self) -> str:
        return without_personal_number(" ".join(self.cleaned_data["byline"].split()))

    @property
    def words(self) -> Words:
        """What was written, once the form is valid."""
        return Words(**{name: self.cleaned_data[name] for name in ("title", "lead", "text", "language", "byline")})


class NewStoryForm(StoryForm):
    """A new one: the person says for whom it is told."""

    voice = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what the story is about.")},
    )
    field_order = ["voice", "title", "lead", "text", "language", "byline"]

    def __init__(self, *args: Any, voices: list[Voice], chosen: str = "", **kwargs: Any) -> None:
        """``voices`` are all the person has, ``chosen`` the key of the one that the link was about."""
        super().__init__(*args, **kwargs)
        self.voices = {voice.key: voice for voice in voices}
        field = self.fields["voice"]
        field.choices = [(voice.key, voice.label) for voice in voices]  # type: ignore[attr-defined]  # a ChoiceField
        if chosen in self.voices:
            field.initial = chosen
        elif len(voices) == 1:
            field.initial = voices[0].key

    @property
    def teller(self) -> Voice:
        """For whom it is told, once the form is valid."""
        return self.voices[self.cleaned_data["voice"]]


class PhotoWordsForm(forms.Form):
    """What a picture shows and who took it."""

    alt_text = forms.CharField(
        max_length=250,
        label=gettext_lazy("What the picture shows"),
        help_text=gettext_lazy("For those who do not see it: “Three pupils hold a robot arm in the workshop.”"),
        error_messages={"required": gettext_lazy("Say what the picture shows. Without it, not everybody gets it.")},
    )
    photographer = forms.CharField(max_length=120, required=False, label=gettext_lazy("Who took it"))

    def clean_alt_text(self) -> str:
        return without_personal_number(self.cleaned_data["alt_text"])


class PhotoForm(PhotoWordsForm):
    """A new picture with the word of those in it; ``picture`` is it, drawn anew (lib.images)."""

    file = forms.FileField(
        label=gettext_lazy("Choose a picture"),
        allow_empty_file=True,
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 10 MB. Where it was taken is not kept."),
        error_messages={"required": gettext_lazy("Choose a picture first.")},
        widget=forms.FileInput(attrs={"accept": PICTURE_TYPES}),
    )
    consent = forms.BooleanField(
        error_messages={"required": gettext_lazy("A picture can be shown only when those in it have said yes.")}
    )
    field_order = ["file", "alt_text", "photographer", "consent"]
    picture: images.Picture

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        """``too_large``: a file came that was so large that it was dropped on the way (lib.uploads)."""
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = consent_words()
        if too_large:
            refusal = images.ImageRefused(images.Reason.TOO_HEAVY, max_bytes=MAX_BYTES)
            self.fields["file"].error_messages["required"] = str(refusal)

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            self.picture = images.prepare(upload, longest=LONGEST, max_bytes=MAX_BYTES)
        except images.ImageRefused as refused:
            raise forms.ValidationError(str(refused), code=refused.reason) from refused
        return upload
