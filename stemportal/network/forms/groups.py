"""What is typed about a working group: joining, inviting, answering, a post, a document."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.lib import documents, images
from stemportal.network.models import GroupMember
from stemportal.partners.forms.forgetting import forget_personal_numbers
from stemportal.partners.models import Partner


class CarefulForm(forms.Form):
    """Identity numbers are thrown away before anything else sees them, and nothing is kept then."""

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        self.forgotten: frozenset[str] = frozenset()
        if data is not None:
            data, self.forgotten = forget_personal_numbers(data)
        super().__init__(data, *args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in self.forgotten & self.fields.keys():
            if name not in self.errors:
                self.add_error(
                    name,
                    _(
                        "Something here looked like a personal identity number, so we have thrown it away and kept "
                        "nothing. Please look at the text once more; nobody needs such a number here."
                    ),
                )
        return data


class ComeInForm(CarefulForm):
    """For whom somebody takes part, where there is a choice, and why where the lead decides."""

    partner = forms.ModelChoiceField(
        Partner.objects.none(), label=gettext_lazy("For whom do you take part?"), empty_label=None
    )
    message = forms.CharField(
        label=gettext_lazy("Why would you like to take part?"),
        help_text=gettext_lazy("Whoever decides reads it. A line or two is enough."),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, partners: list[Partner], asks_why: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(partners) < 2:  # noqa: PLR2004  # nothing to choose
            del self.fields["partner"]
        else:
            self.fields["partner"].queryset = Partner.objects.filter(  # type: ignore[attr-defined]
                pk__in=[partner.pk for partner in partners]
            )
        if not asks_why:
            del self.fields["message"]
        self.only = partners[0] if len(partners) == 1 else None

    @property
    def chosen(self) -> Partner | None:
        """The partner for whom the person comes; None for staff without one."""
        partner: Partner | None = self.cleaned_data.get("partner", self.only)
        return partner


class InviteForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Of somebody who acts for a partner in the portal."),
        max_length=254,
    )


class AnswerForm(CarefulForm):
    """The lead's answer to somebody who asked."""

    line = forms.CharField(max_length=1000, required=False)


class NotifyForm(forms.Form):
    """How a member hears of what is new."""

    notify = forms.ChoiceField(
        label=gettext_lazy("Mail about news"), choices=GroupMember.Notify, widget=forms.RadioSelect
    )


class TextForm(CarefulForm):
    """An answer in a thread."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        help_text=gettext_lazy("**bold**, lists with - and links work. No names of pupils, please."),
        max_length=6000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": gettext_lazy("Write a few words first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["request_key"].initial = uuid.uuid4

    def clean_request_key(self) -> uuid.UUID:
        key: uuid.UUID | None = self.cleaned_data["request_key"]
        return key or uuid.uuid4()


class ThreadForm(TextForm):
    """The beginning of a thread."""

    title = forms.CharField(
        label=gettext_lazy("What is it about?"),
        max_length=160,
        error_messages={"required": gettext_lazy("Give it a title, so that others find it.")},
    )
    field_order = ["request_key", "title", "text"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Text")


class VersionForm(CarefulForm):
    """A file, checked by its content; ``document`` is what is kept of it."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": documents.ACCEPT}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )
    note = forms.CharField(label=gettext_lazy("What changed?"), max_length=250, required=False)
    # The version that the person had before her or his eyes.
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    document: documents.Document

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        """``too_large``: a file came that was so large that it was dropped on the way (lib.uploads)."""
        super().__init__(*args, **kwargs)
        most = settings.GROUP_FILE_MAX_BYTES
        self.fields["file"].help_text = _(
            "PDF, Word, Excel, PowerPoint or a picture, at most %(megabytes)s MB. No names of pupils, please."
        ) % {"megabytes": most // images.MEGABYTE}
        if too_large:
            refusal = images.ImageRefused(images.Reason.TOO_HEAVY, max_bytes=most)
            self.fields["file"].error_messages["required"] = str(refusal)

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            self.document = documents.prepare(upload, max_bytes=settings.GROUP_FILE_MAX_BYTES)
        except documents.DocumentRefused as refused:
            raise forms.ValidationError(str(refused), code="refused") from refused
        return upload


class DocumentForm(VersionForm):
    """A document that the group has not seen yet."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=160,
        error_messages={"required": gettext_lazy("Give it a title, so that others find it.")},
    )
    field_order = ["title", "file", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("A line about it")
        del self.fields["seen"]
