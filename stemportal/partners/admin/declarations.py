"""The declarations: a text that somebody has signed stays as it is."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from stemportal.partners.models import Declaration
from stemportal.partners.queries.declarations import with_signature_count


@admin.register(Declaration)
class DeclarationAdmin(ModelAdmin):
    """A text that somebody has signed stays as it is; a new text is a new version."""

    list_display = ["__str__", "valid_from", "signed_by_count"]
    fieldsets = [
        (None, {"fields": [("version", "valid_from")]}),
        (_("Norwegian bokmål"), {"fields": ["text_nb"]}),
        (_("Norwegian nynorsk"), {"fields": ["text_nn"]}),
        (_("English"), {"fields": ["text_en"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Declaration]:
        return with_signature_count(super().get_queryset(request))

    @display(description=_("signatures"))
    def signed_by_count(self, declaration: Any) -> int:
        return declaration.signature_count

    def has_change_permission(self, request: HttpRequest, obj: Declaration | None = None) -> bool:
        is_open = obj is None or not obj.signatures.exists()
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Declaration | None = None) -> bool:
        """Only on its own page and only while nobody has signed it."""
        return obj is not None and not obj.signatures.exists() and super().has_delete_permission(request, obj)
