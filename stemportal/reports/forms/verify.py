"""Asking whether a report is genuine: by the code that stands in it, or by the file itself."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.reports.codes import CODE_LENGTH, letters_of, strange_letters, with_dashes

# Longer than any address with a code in it.
LONGEST = 300


class CodeForm(forms.Form):
    """The code as somebody types it from paper: small letters, spaces, no dashes, or the whole address."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        help_text=gettext_lazy("Twelve letters and digits, on the last pages of the report: K7MB-2QXD-9RTA."),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Type the code that stands in the report.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "size": 20}
        ),
    )

    def clean_code(self) -> str:
        """Return it as it is printed: three groups of four."""
        letters = letters_of(self.cleaned_data["code"])
        if strange := strange_letters(letters):
            raise forms.ValidationError(
                _("%(letters)s is in no code: I, L, O, 0 and 1 are left out, because they look alike. Look again.")
                % {"letters": ", ".join(strange)}
            )
        if len(letters) != CODE_LENGTH:
            raise forms.ValidationError(
                _("A code has %(length)s letters and digits; these are %(count)s.")
                % {"length": CODE_LENGTH, "count": len(letters)}
            )
        return with_dashes(letters)


class FileForm(forms.Form):
    """A file to compare; nothing of it is kept."""

    file = forms.FileField(
        label=gettext_lazy("The file you have"),
        help_text=gettext_lazy("The PDF, the spreadsheet or the data. It is compared and thrown away at once."),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file first.")},
        widget=forms.FileInput(attrs={"accept": ".pdf,.xlsx,.json"}),
    )

    def chosen(self) -> UploadedFile:
        """Return the file, after validation."""
        file: UploadedFile = self.cleaned_data["file"]
        return file
