"""Forms about logins elsewhere."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.forms import DisconnectForm as BaseDisconnectForm
from allauth.socialaccount.forms import SignupForm as BaseSignupForm
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

EMAIL_LENGTH = 254


class FeideSignupForm(BaseSignupForm):
    """Asks for the e-mail address, which Feide did not tell. It is proved by a mailed code as at every sign-up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].widget.attrs.pop("placeholder", None)
        self.fields["email"].validators.append(MaxLengthValidator(EMAIL_LENGTH))
        self.fields.pop("password1", None)


class DisconnectForm(BaseDisconnectForm):
    """Ends the connection with a login elsewhere. A proved address is enough to log in with a code afterwards."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = forms.Form.clean(self) or self.cleaned_data
        if not EmailAddress.objects.filter(user=self.request.user, verified=True).exists():
            raise forms.ValidationError(_("Confirm your e-mail address first: you log in with it afterwards."))
        return cleaned
