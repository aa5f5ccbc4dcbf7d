"""A line to the other side of a booking, with files."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stemportal.lib import documents, images
from stemportal.partners.forms.forgetting import forget_personal_numbers

MOST_AT_ONCE = 5


class FilesInput(forms.FileInput):
    """A file dialog that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each checked by its content; the cleaned value is a list of ``documents.Document``."""

    widget = FilesInput

    def clean(self, data: Sequence[UploadedFile] | None, initial: Any = None) -> list[documents.Document]:
        given = [file for file in data or [] if file]
        if len(given) > MOST_AT_ONCE:
            text = ngettext("Send at most %(number)s file at a time.", "Send at most %(number)s files at a time.", 5)
            raise forms.ValidationError(text % {"number": MOST_AT_ONCE}, code="too_many")
        checked, refused = [], []
        for file in given:
            try:
                checked.append(documents.prepare(file, max_bytes=settings.MESSAGE_FILE_MAX_BYTES))
            except documents.DocumentRefused as refusal:
                refused.append(f"{file.name}: {refusal}" if len(given) > 1 else str(refusal))
        if refused:
            raise forms.ValidationError([forms.ValidationError(text, code="refused") for text in refused])
        return checked


class MessageForm(forms.Form):
    """What to say, and files. Identity numbers are thrown away before anything else sees them."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=gettext_lazy("Your message"),
        help_text=gettext_lazy("No names of pupils, please."),
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("Write a few words first.")},
    )
    attachments = FilesField(label=gettext_lazy("Files"), required=False, allow_empty_file=True)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        too_large: bool = False,
    ) -> None:
        """``too_large``: a file came that was so large that it was dropped on the way (lib.uploads)."""
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, files)
        self.too_large = too_large
        megabytes = settings.MESSAGE_FILE_MAX_BYTES // images.MEGABYTE
        self.fields["request_key"].initial = uuid.uuid4
        self.fields["attachments"].widget.attrs |= {"accept": documents.ACCEPT, "multiple": "multiple"}
        self.fields["attachments"].help_text = _(
            "Up to %(number)s: PDF, Word, Excel, PowerPoint or pictures, at most %(megabytes)s MB each."
        ) % {"number": MOST_AT_ONCE, "megabytes": megabytes}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["request_key"] = data.get("request_key") or uuid.uuid4()
        if self.too_large and "attachments" not in self.errors:
            refusal = images.ImageRefused(images.Reason.TOO_HEAVY, max_bytes=settings.MESSAGE_FILE_MAX_BYTES)
            self.add_error("attachments", str(refusal))
        if "text" in self.forgotten and "text" not in self.errors:
            self.add_error(
                "text",
                _(
                    "Something here looked like a personal identity number, so we have thrown it away and sent "
                    "nothing. Please look at the text once more; nobody needs such a number to answer you."
                ),
            )
        return data
