"""The forms beside an offer: a picture with what it shows, and a file with its title."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import ActivityFile
from stemportal.activities.services.files import MAX_BYTES, PDF_SIGNATURE
from stemportal.lib import images

# Pictures of offers stand wide on a page; logos are smaller.
LONGEST = 1600
PICTURE_BYTES = 10 * images.MEGABYTE
PICTURE_TYPES = "image/png,image/jpeg,image/webp"


class DescriptionForm(forms.Form):
    """What a picture shows, for those who do not see it."""

    alt_text = forms.CharField(
        max_length=250,
        label=gettext_lazy("What the picture shows"),
        help_text=gettext_lazy("For those who do not see it: “Three pupils hold a robot arm in the workshop.”"),
        error_messages={"required": gettext_lazy("Say what the picture shows. Without it, not everybody gets it.")},
    )


class PictureForm(DescriptionForm):
    """A new picture; ``picture`` is it, drawn anew (lib.images)."""

    file = forms.FileField(
        label=gettext_lazy("Choose a picture"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "PNG, JPEG or WebP, at most 10 MB. Show people only when they said yes; no pupils' names."
        ),
        error_messages={"required": gettext_lazy("Choose a picture first.")},
        widget=forms.FileInput(attrs={"accept": PICTURE_TYPES}),
    )
    field_order = ["file", "alt_text"]
    picture: images.Picture

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        """``too_large``: a file came that was so large that it was dropped on the way (lib.uploads)."""
        super().__init__(*args, **kwargs)
        if too_large:
            refusal = images.ImageRefused(images.Reason.TOO_HEAVY, max_bytes=PICTURE_BYTES)
            self.fields["file"].error_messages["required"] = str(refusal)

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            self.picture = images.prepare(upload, longest=LONGEST, max_bytes=PICTURE_BYTES)
        except images.ImageRefused as refused:
            raise forms.ValidationError(str(refused), code=refused.reason) from refused
        return upload


class FileForm(forms.Form):
    """A new file; ``content`` and ``extension`` are what is kept: a PDF as it is, a picture drawn anew."""

    purpose = forms.ChoiceField(
        label=gettext_lazy("What it is"), choices=ActivityFile.Purpose.choices, widget=forms.RadioSelect
    )
    title = forms.CharField(
        max_length=120,
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("What teachers see: “Risk assessment, visits to the workshop 2026”."),
    )
    file = forms.FileField(
        label=gettext_lazy("Choose a file"),
        allow_empty_file=True,
        help_text=gettext_lazy("PDF, PNG, JPEG or WebP, at most 10 MB. Everybody who sees the offer can open it."),
        error_messages={"required": gettext_lazy("Choose a file first.")},
        widget=forms.FileInput(attrs={"accept": f"application/pdf,{PICTURE_TYPES}"}),
    )
    content: bytes
    extension: str

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        """``too_large`` as in PictureForm."""
        super().__init__(*args, **kwargs)
        if too_large:
            self.fields["file"].error_messages["required"] = _too_large()

    def clean_file(self) -> UploadedFile:
        """Decide by the content what it is; its name only says what the person believed."""
        upload: UploadedFile = self.cleaned_data["file"]
        content = upload.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise forms.ValidationError(_too_large(), code="too_heavy")
        if content.startswith(PDF_SIGNATURE):
            self.content, self.extension = content, "pdf"
            return upload
        if PurePath(str(upload.name)).suffix.lower() == ".pdf":
            raise forms.ValidationError(_("This file is no PDF, although its name says so."), code="not_pdf")
        upload.seek(0)
        try:
            picture = images.prepare(upload, longest=LONGEST, max_bytes=MAX_BYTES)
        except images.ImageRefused as refused:
            if refused.reason in {images.Reason.OTHER_KIND, images.Reason.DRAWING}:
                raise forms.ValidationError(
                    _("Please save it as PDF, PNG or JPEG and try again."), code="kind"
                ) from refused
            raise forms.ValidationError(str(refused), code=refused.reason) from refused
        self.content, self.extension = picture.content, picture.extension
        return upload


def _too_large() -> str:
    return str(images.ImageRefused(images.Reason.TOO_HEAVY, max_bytes=MAX_BYTES))
