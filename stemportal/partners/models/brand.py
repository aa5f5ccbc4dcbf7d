"""Logos and texts that registered partners may use."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BrandMaterial(models.Model):
    """A logo to download or a text to copy, with a word on how it may be used. Texts are Markdown."""

    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("shown to partners"), default=True)
    title_nb = models.CharField(_("title, bokmål"), max_length=120)
    title_nn = models.CharField(_("title, nynorsk"), max_length=120)
    title_en = models.CharField(_("title, English"), max_length=120)
    text_nb = models.TextField(_("text, bokmål"), max_length=1500, blank=True)
    text_nn = models.TextField(_("text, nynorsk"), max_length=1500, blank=True)
    text_en = models.TextField(_("text, English"), max_length=1500, blank=True)
    file = models.FileField(_("file"), max_length=120, blank=True, upload_to="brand/")
    file_name = models.CharField(_("file name"), max_length=120, blank=True, editable=False)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("brand material")
        verbose_name_plural = _("brand material")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.title_nb
