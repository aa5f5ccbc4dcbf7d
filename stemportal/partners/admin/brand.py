"""What the secretariat lays out for partners: logos and texts, in which order, and until when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from stemportal.lib.uploads import upload_was_too_large
from stemportal.partners.models import BrandMaterial
from stemportal.partners.services import brand

SNIFFED_BYTES = 64 * 1024


class BrandMaterialForm(forms.ModelForm):
    """A file, or a text in each language; the file must be what its name says."""

    upload = forms.FileField(
        required=False,
        label=gettext_lazy("new file"),
        help_text=gettext_lazy(
            "PNG, JPEG, WebP, SVG, PDF or ZIP, at most 20 MB. Without a file the text is one to copy."
        ),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ",".join(f".{extension}" for extension in brand.TYPES)}),
    )
    drop_file = forms.BooleanField(
        required=False, label=gettext_lazy("remove the file"), widget=UnfoldBooleanSwitchWidget
    )
    too_large = False

    class Meta:
        model = BrandMaterial
        fields = [
            "order",
            "is_active",
            "title_nb",
            "title_nn",
            "title_en",
            "text_nb",
            "text_nn",
            "text_en",
        ]

    def clean_upload(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["upload"]
        if self.too_large or (upload is not None and (upload.size or 0) > brand.MAX_BYTES):
            raise forms.ValidationError(
                _("The file is too large. It may have at most %(megabytes)s MB.") % {"megabytes": 20}
            )
        if upload is None:
            return None
        name = str(upload.name)
        if brand.extension_of(name) not in brand.TYPES:
            raise forms.ValidationError(_("Only PNG, JPEG, WebP, SVG, PDF and ZIP files can be laid out."))
        start = upload.read(SNIFFED_BYTES)
        upload.seek(0)
        if not brand.is_what_it_says(name, start):
            raise forms.ValidationError(_("The file is not what its name says. Please look at it once more."))
        return upload

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        has_file = bool(facts.get("upload")) or (bool(self.instance.file) and not facts.get("drop_file"))
        if not has_file and "upload" not in self.errors:
            for name in ("text_nb", "text_nn", "text_en"):
                if not facts.get(name) and name not in self.errors:
                    self.add_error(name, _("Without a file there must be a text to copy, in each language."))
        return facts


@admin.register(BrandMaterial)
class BrandMaterialAdmin(ModelAdmin):
    """Logos and texts that partners may use. What is not shown stays here."""

    form = BrandMaterialForm
    list_display = ["title_nb", "what", "order", "is_active", "updated_at"]
    list_editable = ["order", "is_active"]
    readonly_fields = ["current_file"]
    fieldsets = [
        (None, {"fields": [("order", "is_active"), "current_file", "upload", "drop_file"]}),
        (gettext_lazy("Norwegian bokmål"), {"fields": ["title_nb", "text_nb"]}),
        (gettext_lazy("Norwegian nynorsk"), {"fields": ["title_nn", "text_nn"]}),
        (gettext_lazy("English"), {"fields": ["title_en", "text_en"]}),
    ]

    @display(description=gettext_lazy("what"))
    def what(self, material: BrandMaterial) -> str:
        return material.file_name or _("Text to copy")

    @display(description=gettext_lazy("file"))
    def current_file(self, material: BrandMaterial) -> SafeString | str:
        if not material.file:
            return "–"
        url = reverse("partners:brand_file", args=[material.pk])
        return format_html(
            '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', url, material.file_name
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.too_large = upload_was_too_large(request)
        return form

    def save_model(self, request: HttpRequest, obj: BrandMaterial, form: Any, change: bool) -> None:
        facts = form.cleaned_data
        brand.keep_material(material=obj, upload=facts.get("upload") or None, drop_file=bool(facts.get("drop_file")))

    def delete_model(self, request: HttpRequest, obj: BrandMaterial) -> None:
        brand.delete_material(material=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BrandMaterial]) -> None:
        for material in queryset:
            brand.delete_material(material=material)
