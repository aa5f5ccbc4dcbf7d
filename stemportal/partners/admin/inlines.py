"""People of a partner in the admin: added, moved between roles and removed, but never the last owner."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from stemportal.partners.models import Membership, Partner

Role, Status = Membership.Role, Partner.Status
# In these the database refuses to be without an owner (models.members).
NEEDS_OWNER = {Status.APPLIED, Status.APPROVED, Status.PAUSED}


class MembershipFormSet(forms.BaseInlineFormSet):
    """Refuses to take the last owner away; what somebody else does at the same time the database catches."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or self.instance.status not in NEEDS_OWNER:
            return
        had = any(form.initial.get("role") == Role.OWNER for form in self.initial_forms)
        left = [form.cleaned_data for form in self.forms if form.cleaned_data and not self._goes(form)]
        if had and not any(data.get("role") == Role.OWNER for data in left):
            raise forms.ValidationError(_("Somebody must own the partner. Make another person owner first."))

    def _goes(self, form: Any) -> bool:
        return bool(self.can_delete and form.cleaned_data.get(DELETION_FIELD_NAME))


class MembershipForm(forms.ModelForm):
    """One person. Whose membership it is stays; somebody else gets one of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.fields.get("user")
        if person is not None and self.instance.pk:
            person.disabled = True
            # Only this one to choose, and no question to the database for each row.
            person.widget = UnfoldAdminSelectWidget(choices=[(self.instance.user_id, str(self.instance.user))])
        # In a table the column's heading is the label, which not every screen reader finds.
        for field in self.fields.values():
            field.widget.attrs.setdefault("aria-label", capfirst(str(field.label)))


class MembershipInline(TabularInline):
    """Who acts for the partner."""

    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    extra = 0
    tab = True
    autocomplete_fields = ["user"]
    fields = ["user", "role", "joined_at"]
    readonly_fields = ["joined_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "partner")
