"""The declarations: a new one is drafted from the newest, and a text that somebody has signed stays as it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from stemportal.partners.declaration_changes import compare
from stemportal.partners.models import Declaration
from stemportal.partners.queries.declarations import (
    partners_to_ask,
    unsigned_partners,
    version_before,
    with_signature_count,
)
from stemportal.partners.services import declarations as services

CODES = [code for code, _name in settings.LANGUAGES]
PAGE_SIZE = 50


class DeclarationForm(forms.ModelForm):
    """All languages are written; from version 2 on also what is new, for those who signed the one before."""

    class Meta:
        model = Declaration
        fields = [
            "version",
            "valid_from",
            *[f"text_{code}" for code in CODES],
            *[f"changes_{code}" for code in CODES],
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who may not change a text is shown it without fields.
        is_new_version = Declaration.objects.exclude(pk=self.instance.pk).exists()
        for name, field in self.fields.items():
            if name.startswith("text_"):
                field.widget.attrs["rows"] = 18
            elif name.startswith("changes_"):
                field.widget.attrs["rows"] = 4
                field.required = is_new_version
                field.help_text = _("For those who signed the version before; goes into the mail as well.")

    def clean_version(self) -> int:
        version: int = self.cleaned_data["version"]
        newest = Declaration.objects.exclude(pk=self.instance.pk).first()
        if newest and version <= newest.version:
            text = gettext("There is a version %(newest)s already. The next one is %(next)s.")
            raise forms.ValidationError(text % {"newest": newest.version, "next": newest.version + 1})
        if version < 1:
            raise forms.ValidationError(gettext("The first version is 1."))
        return version

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        before = version_before(Declaration(version=data["version"])) if data.get("version") else None
        if before and not self.errors and all(_is_same(before, data, code) for code in CODES):
            self.add_error(None, gettext("This is word for word the version before. Change it, or keep that one."))
        return data


def _is_same(before: Declaration, data: dict[str, Any], code: str) -> bool:
    words = getattr(before, f"text_{code}")
    return bool(words.split() == data[f"text_{code}"].split())


@admin.register(Declaration)
class DeclarationAdmin(ModelAdmin):
    form = DeclarationForm
    list_display = ["__str__", "valid_from", "state", "signed_by_count", "not_signed", "asked_at"]
    warn_unsaved_form = True
    actions_detail = ["preview", "unsigned", "ask"]
    fieldsets = [
        (None, {"fields": [("version", "valid_from")]}),
        (_("Norwegian bokmål"), {"fields": ["text_nb", "changes_nb"]}),
        (_("Norwegian nynorsk"), {"fields": ["text_nn", "changes_nn"]}),
        (_("English"), {"fields": ["text_en", "changes_en"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Declaration]:
        return with_signature_count(super().get_queryset(request))

    def has_change_permission(self, request: HttpRequest, obj: Declaration | None = None) -> bool:
        is_open = obj is None or not obj.signatures.exists()
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Declaration | None = None) -> bool:
        """Only on its own page and only while nobody has signed it."""
        return obj is not None and not obj.signatures.exists() and super().has_delete_permission(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version begins with the words of the newest one, and the next number."""
        newest = Declaration.objects.first()
        if newest is None:
            return {"version": 1, "valid_from": timezone.localdate()}
        texts = {f"text_{code}": getattr(newest, f"text_{code}") for code in CODES}
        return {"version": newest.version + 1, "valid_from": timezone.localdate(), **texts}

    def save_model(self, request: HttpRequest, obj: Declaration, form: forms.ModelForm, change: bool) -> None:
        """Somebody may have signed since the page was opened: then the words stay. Signing takes the same lock."""
        if not change:
            super().save_model(request, obj, form, change)
        elif form.changed_data:
            services.lock_text(obj.pk)
            if obj.signatures.exists():
                raise PermissionDenied
            obj.save(update_fields=form.changed_data)

    def response_add(
        self, request: HttpRequest, obj: Declaration, post_url_continue: str | None = None
    ) -> HttpResponse:
        """After writing comes looking: the preview is the next step."""
        response = super().response_add(request, obj, post_url_continue)
        return redirect(_url("preview", obj)) if "_save" in request.POST else response

    # Columns.

    @display(description=_("status"), label={"in_force": "success", "coming": "info", "replaced": None})
    def state(self, declaration: Any) -> tuple[str, Any]:
        if declaration.in_force:
            return "in_force", _("In force")
        if declaration.valid_from > timezone.localdate():
            return "coming", _("Coming")
        return "replaced", _("Replaced")

    @display(description=_("signatures"))
    def signed_by_count(self, declaration: Any) -> int:
        return int(declaration.signature_count)

    @display(description=_("not signed"))
    def not_signed(self, declaration: Any) -> SafeString | str:
        """How many approved partners have not signed the text in force, with the way to their list."""
        if not declaration.in_force:
            return "–"
        text = ngettext("%(count)s partner", "%(count)s partners", declaration.unsigned_count)
        address = _url("unsigned", declaration)
        return format_html(
            '<a class="underline" href="{}">{}</a>', address, text % {"count": declaration.unsigned_count}
        )

    # Pages of one declaration.

    @action(description=_("Preview"), url_path="preview", icon="visibility", permissions=["view"])
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The text in each language as partners read it, with what changed since the version before."""
        declaration = self._declaration(request, object_id)
        before = version_before(declaration)
        previews = [
            {
                "code": code,
                "name": name,
                "text": getattr(declaration, f"text_{code}"),
                "changes": getattr(declaration, f"changes_{code}"),
                "groups": compare(getattr(before, f"text_{code}"), getattr(declaration, f"text_{code}"))
                if before
                else [],
            }
            for code, name in settings.LANGUAGES
        ]
        context = self._context(request, declaration, gettext("Preview")) | {"previews": previews, "before": before}
        return TemplateResponse(request, "partners/admin/declaration_preview.html", context)

    @action(description=_("Who has not signed"), url_path="unsigned", icon="group", permissions=["view"])
    def unsigned(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Approved partners that have not signed this version."""
        declaration = self._declaration(request, object_id)
        page = Paginator(unsigned_partners(declaration), PAGE_SIZE).get_page(request.GET.get("page"))
        context = self._context(request, declaration, gettext("Who has not signed")) | {"page_obj": page}
        return TemplateResponse(request, "partners/admin/declaration_unsigned.html", context)

    def has_ask_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Whoever may write declarations may ask for signatures, also on a text that can no longer be changed."""
        return request.user.has_perm("partners.change_declaration")

    @action(description=_("Ask partners to sign"), url_path="ask", icon="send", permissions=["ask"])
    def ask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Before: how many get a mail, and a button. After: since when they are asked."""
        declaration = self._declaration(request, object_id)
        current = services.current_declaration()
        is_in_force = current is not None and current.pk == declaration.pk
        if request.method == "POST" and is_in_force:
            with transaction.atomic():
                began = services.begin_asking(declaration)
            if began:
                messages.success(request, gettext("The mails are being written. Everybody is asked once."))
            else:
                messages.info(
                    request, gettext("Partners have been asked already. Those who come later are asked at night.")
                )
            return redirect(_url("ask", declaration))
        context = self._context(request, declaration, gettext("Ask partners to sign")) | {
            "is_in_force": is_in_force,
            "is_coming": declaration.valid_from > timezone.localdate(),
            "to_ask": partners_to_ask(declaration).count() if is_in_force else 0,
            "asked": declaration.requests.count(),
        }
        return TemplateResponse(request, "partners/admin/declaration_ask.html", context)

    def _declaration(self, request: HttpRequest, object_id: str) -> Declaration:
        declaration = self.get_object(request, object_id)
        if declaration is None:
            raise Http404
        return declaration

    def _context(self, request: HttpRequest, declaration: Declaration, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "declaration": declaration,
            "title": f"{declaration}: {title}",
        }


def _url(name: str, declaration: Declaration) -> str:
    return reverse(f"admin:partners_declaration_{name}", args=[declaration.pk])
